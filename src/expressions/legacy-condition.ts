import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { and, attributeExists, attributeNotExists, compare, not, or, path, value } from "./build.ts";
import { checkValue } from "./check-value.ts";
import { compareValues } from "./compare.ts";
import { invalid } from "./invalid.ts";
import { limits } from "./limits.ts";
import type { AttributeType, Comparator, Condition, In, Path } from "./tree.ts";
import { typeOf } from "./value-type.ts";

/** One attribute of `Expected`, `KeyConditions`, `QueryFilter` or `ScanFilter`. */
export interface LegacyCondition {
  readonly ComparisonOperator?: string | undefined;
  readonly AttributeValueList?: readonly AttributeValue[] | undefined;
  /** The one value, in `Expected`. */
  readonly Value?: AttributeValue | undefined;
  /** In `Expected`, without a comparison. */
  readonly Exists?: boolean | undefined;
}

/** How many values an operator takes, and of which types; `undefined` for any. */
interface OperatorRule {
  readonly least: number;
  readonly most: number;
  readonly types?: readonly AttributeType[];
  tree(of: Path, values: readonly AttributeValue[]): Condition;
}

const ordered: readonly AttributeType[] = ["S", "N", "B"];
const contained: readonly AttributeType[] = ["S", "N", "B", "BOOL", "NULL"];

function comparing(comparator: Comparator, types?: readonly AttributeType[]): OperatorRule {
  return {
    least: 1,
    most: 1,
    ...(types === undefined ? {} : { types }),
    tree: (of, [only]) => compare(of, comparator, value(only ?? { NULL: true })),
  };
}

function searching(kind: "begins_with" | "contains", types: readonly AttributeType[]): OperatorRule {
  return { least: 1, most: 1, types, tree: (operand, [only]) => ({ kind, operand, argument: value(only ?? { NULL: true }) }) };
}

const contains = searching("contains", contained);

const operators: ReadonlyMap<string, OperatorRule> = new Map<string, OperatorRule>([
  ["EQ", comparing("=")],
  ["NE", comparing("<>")],
  ["LT", comparing("<", ordered)],
  ["LE", comparing("<=", ordered)],
  ["GT", comparing(">", ordered)],
  ["GE", comparing(">=", ordered)],
  ["NULL", { least: 0, most: 0, tree: (of) => attributeNotExists(of) }],
  ["NOT_NULL", { least: 0, most: 0, tree: (of) => attributeExists(of) }],
  ["CONTAINS", contains],
  // Of an attribute that is missing it is false, unlike NOT contains(…).
  ["NOT_CONTAINS", { ...contains, tree: (of, values) => and(attributeExists(of), not(contains.tree(of, values))) }],
  ["BEGINS_WITH", searching("begins_with", ["S", "B"])],
  ["IN", { least: 1, most: Number.POSITIVE_INFINITY, types: ordered, tree: oneOf }],
  ["BETWEEN", { least: 2, most: 2, types: ordered, tree: between }],
]);

/**
 * The conditions of a legacy parameter as one tree. Names are whole attributes, never paths.
 *
 * @returns `undefined` without any condition
 * @throws ERR_EXPRESSION_INVALID as the service refuses them
 * @see Amazon DynamoDB Developer Guide "Legacy conditional parameters"
 */
export function legacyCondition(
  conditions: Readonly<Record<string, LegacyCondition>>,
  operator: "AND" | "OR" = "AND",
): Condition | undefined {
  const [first, ...rest] = Object.entries(conditions).map(([name, condition]) => conditionOf(name, condition));
  if (first === undefined) return undefined;
  return operator === "AND" ? and(first, ...rest) : or(first, ...rest);
}

function conditionOf(name: string, condition: LegacyCondition): Condition {
  const { ComparisonOperator, AttributeValueList, Value, Exists } = condition;
  if (ComparisonOperator === undefined) return expectedOf(name, condition);
  if (Exists !== undefined) throw wrong(`Exists and ComparisonOperator cannot be used together for Attribute: ${name}`);
  if (Value !== undefined && AttributeValueList !== undefined) {
    throw wrong(`Value and AttributeValueList cannot be used together for Attribute: ${name}`);
  }
  const rule = operators.get(ComparisonOperator);
  if (rule === undefined) throw invalid("Comparison type does not exist in DynamoDB");
  const values = AttributeValueList ?? (Value === undefined ? [] : [Value]);
  if (values.length < rule.least || values.length > rule.most) {
    throw wrong(`Invalid number of argument(s) for the ${ComparisonOperator} ComparisonOperator`);
  }
  for (const given of values) {
    checkValue(given);
    const type = typeOf(given);
    if (rule.types !== undefined && !rule.types.includes(type)) {
      throw wrong(`ComparisonOperator ${ComparisonOperator} is not valid for ${type} AttributeValue type`);
    }
  }
  if (new Set(values.map(typeOf)).size > 1) throw wrong("AttributeValues inside AttributeValueList must be of same type");
  return rule.tree(path(name), values);
}

/** The oldest form: a value that is there, or an attribute that is not. */
function expectedOf(name: string, { AttributeValueList, Value, Exists }: LegacyCondition): Condition {
  if (AttributeValueList !== undefined) {
    throw wrong(`AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`);
  }
  if (Exists === false) {
    if (Value !== undefined) throw wrong(`Value cannot be used when Exists is false for Attribute: ${name}`);
    return attributeNotExists(path(name));
  }
  if (Value === undefined) throw wrong(`Value must be provided when Exists is ${Exists ?? "null"} for Attribute: ${name}`);
  checkValue(Value);
  return compare(path(name), "=", value(Value));
}

/** Legacy lists may be longer than those of IN. */
function oneOf(operand: Path, values: readonly AttributeValue[]): Condition {
  const candidates = values.map(value);
  const parts = Array.from({ length: Math.ceil(candidates.length / limits.inOperands) }, (_, index): In => {
    const start = index * limits.inOperands;
    return { kind: "in", operand, candidates: candidates.slice(start, start + limits.inOperands) };
  });
  const [first, ...rest] = parts;
  return first === undefined ? attributeExists(operand) : or(first, ...rest);
}

function between(operand: Path, [lower = { NULL: true }, upper = { NULL: true }]: readonly AttributeValue[]): Condition {
  if ((compareValues(lower, upper) ?? 0) > 0) {
    throw invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
  }
  return { kind: "between", operand, lower: value(lower), upper: value(upper) };
}

function wrong(reason: string): Error {
  return invalid(`One or more parameter values were invalid: ${reason}`);
}
