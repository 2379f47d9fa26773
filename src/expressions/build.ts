import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Comparator, Comparison, Condition, Existence, Operand, Path, PathElement, Value } from "./tree.ts";

/** A path from resolved names: `path("a", 0, "b")` is `a[0].b`. */
export function path(attribute: string, ...rest: readonly PathElement[]): Path {
  const spelling = attribute + rest.map((element) => (typeof element === "number" ? `[${element}]` : `.${element}`)).join("");
  return { kind: "path", elements: [attribute, ...rest], spelling };
}

/** A value that gets its placeholder when it is printed. */
export function value(attributeValue: AttributeValue): Value {
  return { kind: "value", value: attributeValue, placeholder: "" };
}

export function compare(left: Operand, comparator: Comparator, right: Operand): Comparison {
  return { kind: "comparison", comparator, left, right };
}

export function attributeExists(of: Path): Existence {
  return { kind: "attribute_exists", path: of };
}

export function attributeNotExists(of: Path): Existence {
  return { kind: "attribute_not_exists", path: of };
}

export function not(term: Condition): Condition {
  return { kind: "not", term };
}

/** All of the conditions; terms that are ANDs themselves are merged. One condition stays itself. */
export function and(first: Condition, ...rest: readonly Condition[]): Condition {
  return junction("and", first, rest);
}

/** At least one of the conditions; terms that are ORs themselves are merged. One condition stays itself. */
export function or(first: Condition, ...rest: readonly Condition[]): Condition {
  return junction("or", first, rest);
}

function junction(kind: "and" | "or", first: Condition, rest: readonly Condition[]): Condition {
  if (rest.length === 0) return first;
  return { kind, terms: [first, ...rest].flatMap((term) => (term.kind === kind ? term.terms : [term])) };
}
