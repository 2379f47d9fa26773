import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { displayName } from "../errors/index.ts";
import { invalid } from "./invalid.ts";
import { isJunction, leafOperands } from "./references.ts";
import type { Comparator, Condition, Leaf, Value } from "./tree.ts";

/** The key attributes of a table or an index, in order: a global secondary index has up to four of each sort. */
export interface KeySchema {
  readonly partition: readonly string[];
  readonly sort: readonly string[];
}

/** One condition on one key attribute, with the attribute on the left-hand side. */
export interface KeyTerm {
  readonly attribute: string;
  readonly operator: Exclude<Comparator, "<>"> | "BETWEEN" | "begins_with";
  /** Two for BETWEEN, else one. */
  readonly values: readonly [Value, ...Value[]];
}

export interface KeyCondition {
  /** The value of every partition key attribute. The map has no prototype. */
  readonly partition: Readonly<Record<string, AttributeValue>>;
  /** In the order of the key schema: equalities, then at most one other operator. */
  readonly sort: readonly KeyTerm[];
}

/**
 * Reads a key condition expression against the keys it is for: equality on every partition key attribute, and
 * optionally conditions on sort key attributes from the left, of which only the last may be other than equality.
 *
 * @throws ERR_EXPRESSION_INVALID with the service's wording
 * @see Amazon DynamoDB Developer Guide "Key condition expressions for the Query operation"
 */
export function readKeyCondition(condition: Condition, keys: KeySchema): KeyCondition {
  const terms = new Map<string, KeyTerm>();
  for (const term of keyTerms(condition)) {
    if (terms.has(term.attribute)) fail("KeyConditionExpressions must only contain one condition per key");
    terms.set(term.attribute, term);
  }
  const partition = Object.create(null) as Record<string, AttributeValue>;
  for (const attribute of keys.partition) {
    const term = terms.get(attribute) ?? fail(`Query condition missed key schema element: ${displayName(attribute)}`);
    if (term.operator !== "=") fail("Query key condition not supported");
    partition[attribute] = term.values[0].value;
    terms.delete(attribute);
  }
  return { partition, sort: sortTerms(terms, keys.sort) };
}

function sortTerms(terms: Map<string, KeyTerm>, attributes: readonly string[]): readonly KeyTerm[] {
  const sort: KeyTerm[] = [];
  for (const attribute of attributes) {
    const term = terms.get(attribute);
    if (term === undefined) break;
    if (sort.some(({ operator }) => operator !== "=")) fail("Query key condition not supported");
    sort.push(term);
    terms.delete(attribute);
  }
  const next = attributes[sort.length];
  if (terms.size > 0)
    fail(next === undefined ? "Query key condition not supported" : `Query condition missed key schema element: ${displayName(next)}`);
  return sort;
}

function keyTerms(condition: Condition): readonly KeyTerm[] {
  if (isJunction(condition)) {
    return condition.kind === "and" ? condition.terms.flatMap(keyTerms) : fail(operatorReason("OR"));
  }
  return condition.kind === "not" ? fail(operatorReason("NOT")) : [keyTerm(condition)];
}

/** The same condition with its operands exchanged. */
const mirrored: Readonly<Record<Exclude<Comparator, "<>">, Exclude<Comparator, "<>">>> = {
  "=": "=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function keyTerm(leaf: Leaf): KeyTerm {
  const operator = keyOperator(leaf);
  const operands = leafOperands(leaf);
  if (operands.some(({ kind }) => kind === "size")) fail("KeyConditionExpressions cannot contain nested operations");
  const [path, ...others] = operands.filter((operand) => operand.kind === "path");
  if (path === undefined) return fail("Invalid condition in KeyConditionExpression: No key attribute specified");
  if (others.length > 0) fail("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
  if (path.elements.length > 1) {
    fail(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: ${displayName(path.elements[0])}`,
    );
  }
  const [first, ...rest] = operands.filter((operand) => operand.kind === "value");
  if (first === undefined) return fail("Invalid condition in KeyConditionExpression: No key attribute specified");
  const swapped = operands[0] !== path;
  if (swapped && (operator === "BETWEEN" || operator === "begins_with")) {
    return fail(`Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`);
  }
  const facing = swapped && operator !== "BETWEEN" && operator !== "begins_with" ? mirrored[operator] : operator;
  return { attribute: path.elements[0], operator: facing, values: [first, ...rest] };
}

function keyOperator(leaf: Leaf): KeyTerm["operator"] {
  if (leaf.kind === "comparison") return leaf.comparator === "<>" ? fail(operatorReason("<>")) : leaf.comparator;
  if (leaf.kind === "between") return "BETWEEN";
  if (leaf.kind === "begins_with") return leaf.kind;
  return fail(operatorReason(leaf.kind === "in" ? "IN" : leaf.kind));
}

function operatorReason(operator: string): string {
  return `Invalid operator used in KeyConditionExpression: ${operator}`;
}

function fail(reason: string): never {
  throw invalid(reason);
}
