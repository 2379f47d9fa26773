import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Condition, Leaf, Operand, Path, Projection, SetValue, Update } from "./tree.ts";

/** What goes into a request beside the printed expressions; a map that would be empty is left out, as the service demands. */
export interface PrintedPlaceholders {
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/**
 * Hands out placeholders while the expressions of one request are printed: `#0`, `#1`, … one for each name, and
 * `:0`, `:1`, … one for each value, which may stand in several places. No name is ever printed bare, so none can be reserved or
 * mistaken for syntax.
 */
export class PlaceholderWriter {
  readonly #names = new Map<string, string>();
  /** By identity: what one placeholder of the application stood for goes out once, however large it is. */
  readonly #values = new Map<AttributeValue, string>();

  name(name: string): string {
    const placeholder = this.#names.get(name) ?? `#${this.#names.size}`;
    this.#names.set(name, placeholder);
    return placeholder;
  }

  value(value: AttributeValue): string {
    const placeholder = this.#values.get(value) ?? `:${this.#values.size}`;
    this.#values.set(value, placeholder);
    return placeholder;
  }

  /** The maps for all that was printed so far. */
  placeholders(): PrintedPlaceholders {
    const names = Object.fromEntries([...this.#names].map(([name, placeholder]) => [placeholder, name]));
    const values = Object.fromEntries([...this.#values].map(([value, placeholder]) => [placeholder, value]));
    return {
      ...(this.#names.size === 0 ? {} : { ExpressionAttributeNames: names }),
      ...(this.#values.size === 0 ? {} : { ExpressionAttributeValues: values }),
    };
  }
}

/** The text of a condition, filter or key condition expression. Parsing it gives the same tree again. */
export function printCondition(condition: Condition, writer: PlaceholderWriter): string {
  switch (condition.kind) {
    case "and":
      return condition.terms.map((term) => printTerm(term, ["and", "or"], writer)).join(" AND ");
    case "or":
      return condition.terms.map((term) => printTerm(term, ["or"], writer)).join(" OR ");
    case "not":
      return `NOT ${printTerm(condition.term, ["and", "or"], writer)}`;
    default:
      return printLeaf(condition, (operand) => printOperand(operand, writer));
  }
}

function printTerm(term: Condition, inParentheses: readonly string[], writer: PlaceholderWriter): string {
  const text = printCondition(term, writer);
  return inParentheses.includes(term.kind) ? `(${text})` : text;
}

function printLeaf(leaf: Leaf, print: (operand: Operand) => string): string {
  switch (leaf.kind) {
    case "comparison":
      return `${print(leaf.left)} ${leaf.comparator} ${print(leaf.right)}`;
    case "between":
      return `${print(leaf.operand)} BETWEEN ${print(leaf.lower)} AND ${print(leaf.upper)}`;
    case "in":
      return `${print(leaf.operand)} IN (${leaf.candidates.map(print).join(", ")})`;
    case "attribute_exists":
    case "attribute_not_exists":
      return `${leaf.kind}(${print(leaf.path)})`;
    case "attribute_type":
      return `attribute_type(${print(leaf.operand)}, ${print(leaf.type)})`;
    case "begins_with":
    case "contains":
      return `${leaf.kind}(${print(leaf.operand)}, ${print(leaf.argument)})`;
  }
}

function printOperand(operand: Operand, writer: PlaceholderWriter): string {
  if (operand.kind === "size") return `size(${printOperand(operand.operand, writer)})`;
  return operand.kind === "path" ? printPath(operand, writer) : writer.value(operand.value);
}

/** The text of one document path. */
export function printPath({ elements }: Path, writer: PlaceholderWriter): string {
  const parts = elements.map((element) => (typeof element === "number" ? `[${element}]` : `.${writer.name(element)}`));
  return parts.join("").slice(1);
}

/** The text of an update expression; one without any action is the empty string, which no request may carry. */
export function printUpdate(update: Update, writer: PlaceholderWriter): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["SET", update.set.map(({ path, value }) => `${printPath(path, writer)} = ${printSetValue(value, writer)}`)],
    ["REMOVE", update.remove.map((path) => printPath(path, writer))],
    ["ADD", update.add.map(({ path, value }) => `${printPath(path, writer)} ${writer.value(value.value)}`)],
    ["DELETE", update.delete.map(({ path, value }) => `${printPath(path, writer)} ${writer.value(value.value)}`)],
  ];
  return sections
    .filter(([, actions]) => actions.length > 0)
    .map(([section, actions]) => `${section} ${actions.join(", ")}`)
    .join(" ");
}

function printSetValue(value: SetValue, writer: PlaceholderWriter): string {
  const print = (operand: SetValue): string => printSetValue(operand, writer);
  switch (value.kind) {
    case "path":
      return printPath(value, writer);
    case "value":
      return writer.value(value.value);
    case "if_not_exists":
      return `if_not_exists(${print(value.path)}, ${print(value.fallback)})`;
    case "list_append":
      return `list_append(${print(value.first)}, ${print(value.second)})`;
    case "arithmetic":
      return `${print(value.left)} ${value.operator} ${print(value.right)}`;
  }
}

/** The text of a projection expression. */
export function printProjection({ paths }: Projection, writer: PlaceholderWriter): string {
  return paths.map((path) => printPath(path, writer)).join(", ");
}
