import { leafOperands } from "./references.ts";
import type { Condition, Operand, SetValue, Update } from "./tree.ts";

/** How many operators and functions an expression holds, as the service counts them: at most 300 are allowed. */
export function operatorCount(tree: Condition | Update): number {
  switch (tree.kind) {
    case "update":
      return sum(tree.set.map(({ value }) => setValueCount(value)));
    case "and":
    case "or":
      return tree.terms.length - 1 + sum(tree.terms.map(operatorCount));
    case "not":
      return 1 + operatorCount(tree.term);
    default:
      return 1 + sum(leafOperands(tree).map(operandCount));
  }
}

function operandCount(operand: Operand): number {
  return operand.kind === "size" ? 1 + operandCount(operand.operand) : 0;
}

function setValueCount(value: SetValue): number {
  switch (value.kind) {
    case "path":
    case "value":
      return 0;
    case "if_not_exists":
      return 1 + setValueCount(value.fallback);
    case "list_append":
      return 1 + setValueCount(value.first) + setValueCount(value.second);
    case "arithmetic":
      return 1 + setValueCount(value.left) + setValueCount(value.right);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
