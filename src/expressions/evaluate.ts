import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { bytesBeginWith, compareValues, equalTo, setKeys, valuesEqual } from "./compare.ts";
import { bytesContain, textContains } from "./contains.ts";
import { type Item, valueAt } from "./document.ts";
import type { Comparator, Condition, Operand } from "./tree.ts";
import { typeOf } from "./value-type.ts";

/**
 * Whether the item fulfils the condition, as the service decides it. An attribute that is missing, or a type that does
 * not fit, makes a leaf false, but for `<>` and `attribute_not_exists`, which it makes true.
 *
 * @param item the stored item; `{}` where there is none
 * @throws ERR_EXPRESSION_INVALID where a number of the item is none
 * @see Amazon DynamoDB Developer Guide "Condition and filter expressions, operators, and functions"
 */
export function evaluateCondition(condition: Condition, item: Item): boolean {
  const at = (operand: Operand): AttributeValue | undefined => evaluateOperand(operand, item);
  switch (condition.kind) {
    case "and":
      return condition.terms.every((term) => evaluateCondition(term, item));
    case "or":
      return condition.terms.some((term) => evaluateCondition(term, item));
    case "not":
      return !evaluateCondition(condition.term, item);
    case "comparison":
      return holds(condition.comparator, at(condition.left), at(condition.right));
    case "between":
      return holds(">=", at(condition.operand), at(condition.lower)) && holds("<=", at(condition.operand), at(condition.upper));
    case "in":
      return condition.candidates.some((candidate) => holds("=", at(condition.operand), at(candidate)));
    case "attribute_exists":
      return at(condition.path) !== undefined;
    case "attribute_not_exists":
      return at(condition.path) === undefined;
    case "attribute_type": {
      const value = at(condition.operand);
      return value !== undefined && typeOf(value) === condition.type.value.S;
    }
    case "begins_with":
      return beginsWith(at(condition.operand), at(condition.argument));
    case "contains":
      return contains(at(condition.operand), at(condition.argument));
  }
}

function evaluateOperand(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case "path":
      return valueAt(item, operand);
    case "value":
      return operand.value;
    case "size": {
      const value = evaluateOperand(operand.operand, item);
      const size = value === undefined ? undefined : sizeOf(value);
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

/** UTF-16 code units of a string, bytes of binary, elements of a set, list or map; other types have no size. */
function sizeOf(value: AttributeValue): number | undefined {
  if (value.M !== undefined) return Object.keys(value.M).length;
  return (value.S ?? value.B ?? value.SS ?? value.NS ?? value.BS ?? value.L)?.length;
}

function holds(comparator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return comparator === "<>";
  if (comparator === "=") return valuesEqual(left, right);
  if (comparator === "<>") return !valuesEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S);
  return value?.B !== undefined && prefix?.B !== undefined && bytesBeginWith(value.B, prefix.B);
}

/** A part of a string or of binary, a member of a set of its type, an element of a list. */
function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if (value.L !== undefined) return value.L.some(equalTo(part));
  if (value.S !== undefined) return part.S !== undefined && textContains(value.S, part.S);
  if (value.B !== undefined) return part.B !== undefined && bytesContain(value.B, part.B);
  const single = singleton(part);
  if (single === undefined || typeOf(value) !== typeOf(single)) return false;
  const members = setKeys(value);
  return [...setKeys(single)].every((member) => members.has(member));
}

/** The set that holds just this string, number or binary. */
function singleton(value: AttributeValue): AttributeValue | undefined {
  if (value.S !== undefined) return { SS: [value.S] };
  if (value.N !== undefined) return { NS: [value.N] };
  return value.B === undefined ? undefined : { BS: [value.B] };
}
