import { valuesEqual } from "../../expressions/index.ts";
import type { PreparedInput } from "./dynalite-types.ts";
import { attributesOfWire, isRecord, type WireItem, type WireValue } from "./wire.ts";

/**
 * The input with those comparisons of its condition decided that have a list or a map on their left: dynalite compares
 * these by identity, so that no two are ever equal.
 *
 * @param item as it is stored
 */
export function decideDocuments(input: PreparedInput, item: WireItem | undefined): PreparedInput {
  const condition = input["_condition"];
  if (!isRecord(condition)) return input;
  return { ...input, _condition: { ...condition, expression: decided(condition["expression"], item ?? {}) } };
}

function decided(node: unknown, item: WireItem): unknown {
  if (!isRecord(node) || !Array.isArray(node["args"])) return node;
  const args: readonly unknown[] = node["args"];
  if (node["type"] === "and" || node["type"] === "or" || node["type"] === "not") {
    return { ...node, args: args.map((arg) => decided(arg, item)) };
  }
  if (node["type"] !== "=" && node["type"] !== "<>" && node["type"] !== "in") return node;
  const [first, ...others] = args.map((arg) => (Array.isArray(arg) ? valueAt(arg, item) : isRecord(arg) ? arg : undefined));
  if (first === undefined || !("L" in first || "M" in first)) return node;
  const isEqual = others.some((other) => other !== undefined && areEqual(first, other));
  return constant(isEqual !== (node["type"] === "<>"));
}

/** A comparison of dynalite's that holds, or does not. */
function constant(holds: boolean): object {
  return { type: holds ? "=" : "<>", args: [{ BOOL: true }, { BOOL: true }] };
}

function areEqual(one: WireValue, other: WireValue): boolean {
  const { first, second } = attributesOfWire({ first: one, second: other });
  return first !== undefined && second !== undefined && valuesEqual(first, second);
}

/** What a path names: its first element an attribute, then members of maps and places in lists. */
function valueAt(path: readonly unknown[], item: WireItem): WireValue | undefined {
  let value: unknown = { M: item };
  for (const element of path) {
    const inner: unknown = isRecord(value) ? value[typeof element === "number" ? "L" : "M"] : undefined;
    if (Array.isArray(inner) && typeof element === "number") value = inner[element];
    else if (isRecord(inner) && typeof element === "string" && Object.hasOwn(inner, element)) value = inner[element];
    else return undefined;
  }
  return isRecord(value) ? value : undefined;
}
