import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { binaryKey, numberKey } from "./compare.ts";
import { addDecimals, formatDecimal, parseDecimal, subtractDecimals } from "./decimal.ts";
import { type Item, indexBranches, keyBranches, mapOf, ownValue, type PathTree, pathTree, valueAt } from "./document.ts";
import { invalid } from "./invalid.ts";
import { writtenPaths } from "./references.ts";
import type { Path, SetValue, Update } from "./tree.ts";
import { typeOf } from "./value-type.ts";

/** What an update makes of an item. */
export interface UpdatedItem {
  /** The new item, without prototype; it shares with the old one what did not change. */
  readonly item: Record<string, AttributeValue>;
  /** The paths that the update names on its left-hand sides, whether or not they changed. */
  readonly paths: readonly Path[];
}

/** Makes the new value at a path, or `undefined` for none. It is asked once the path has proved to fit the item. */
type Change = () => AttributeValue | undefined;

/**
 * Applies an update as the service does. All right-hand sides, and all indexes of lists, mean the item as it was; an
 * index beyond a list's end appends, in the order of the indexes.
 *
 * @param item the stored item; the key alone where there is none
 * @throws ERR_EXPRESSION_INVALID where a path, an operand's type or a number's size does not fit this item
 * @see Amazon DynamoDB Developer Guide "Using update expressions in DynamoDB"
 */
export function applyUpdate(update: Update, item: Item): UpdatedItem {
  const changes: (readonly [Path, Change])[] = [
    ...update.set.map(({ path, value }) => [path, () => evaluateSetValue(value, item)] as const),
    ...update.remove.map((path) => [path, () => undefined] as const),
    ...update.add.map(({ path, value }) => [path, () => added(valueAt(item, path), value.value)] as const),
    ...update.delete.map(({ path, value }) => [path, () => deleted(valueAt(item, path), value.value)] as const),
  ];
  return { item: changeMap(item, pathTree(changes)), paths: writtenPaths(update) };
}

/**
 * The value that the right-hand side of a SET has on an item.
 *
 * @throws ERR_EXPRESSION_INVALID as `applyUpdate` does
 */
export function evaluateSetValue(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case "value":
      return value.value;
    case "path":
      return valueAt(item, value) ?? fail("The provided expression refers to an attribute that does not exist in the item");
    case "if_not_exists": {
      // The service evaluates the fallback in any case: one that names a missing attribute is refused.
      const fallback = evaluateSetValue(value.fallback, item);
      return valueAt(item, value.path) ?? fallback;
    }
    case "list_append": {
      const [first, second] = [evaluateSetValue(value.first, item), evaluateSetValue(value.second, item)];
      return first.L === undefined || second.L === undefined ? wrongType() : { L: [...first.L, ...second.L] };
    }
    case "arithmetic": {
      const [left, right] = [evaluateSetValue(value.left, item), evaluateSetValue(value.right, item)];
      if (left.N === undefined || right.N === undefined) return wrongType();
      const operation = value.operator === "+" ? addDecimals : subtractDecimals;
      return { N: formatDecimal(operation(parseDecimal(left.N), parseDecimal(right.N))) };
    }
  }
}

function added(old: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (old === undefined) return value;
  if (old.N !== undefined && value.N !== undefined) {
    return { N: formatDecimal(addDecimals(parseDecimal(old.N), parseDecimal(value.N))) };
  }
  return combineSets(old, value, "union") ?? wrongType();
}

/** Absent stays absent; a set that is emptied goes. */
function deleted(old: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (old === undefined) return undefined;
  const rest = combineSets(old, value, "difference") ?? wrongType();
  return (rest.SS ?? rest.NS ?? rest.BS)?.length === 0 ? undefined : rest;
}

type SetOperation = "union" | "difference";

function combineSets(old: AttributeValue, value: AttributeValue, operation: SetOperation): AttributeValue | undefined {
  if (typeOf(old) !== typeOf(value)) return undefined;
  if (old.SS !== undefined && value.SS !== undefined) return { SS: combine(old.SS, value.SS, operation, (text) => text) };
  if (old.NS !== undefined && value.NS !== undefined) return { NS: combine(old.NS, value.NS, operation, numberKey) };
  if (old.BS !== undefined && value.BS !== undefined) return { BS: combine(old.BS, value.BS, operation, binaryKey) };
  return undefined;
}

function combine<T>(old: readonly T[], value: readonly T[], operation: SetOperation, key: (member: T) => string): T[] {
  const members = new Map(old.map((member) => [key(member), member]));
  for (const member of value) {
    if (operation === "difference") members.delete(key(member));
    else if (!members.has(key(member))) members.set(key(member), member);
  }
  return [...members.values()];
}

function changeMap(map: Item, tree: PathTree<Change>): Record<string, AttributeValue> {
  const changed = mapOf(Object.entries(map));
  for (const [name, branch] of keyBranches(tree)) {
    const value = changeValue(ownValue(map, name), branch);
    if (value === undefined) delete changed[name];
    else changed[name] = value;
  }
  return changed;
}

function changeList(list: readonly AttributeValue[], tree: PathTree<Change>): AttributeValue[] {
  const slots: (AttributeValue | undefined)[] = [...list];
  for (const [index, branch] of indexBranches(tree)) {
    const value = changeValue(list[index], branch);
    if (index < list.length) slots[index] = value;
    else slots.push(value);
  }
  return slots.filter((slot) => slot !== undefined);
}

function changeValue(old: AttributeValue | undefined, branch: PathTree<Change>): AttributeValue | undefined {
  if (branch.end !== undefined) return branch.end();
  const [[element] = []] = branch.children;
  if (old?.M !== undefined && typeof element === "string") return { M: changeMap(old.M, branch) };
  if (old?.L !== undefined && typeof element === "number") return { L: changeList(old.L, branch) };
  return fail("The document path provided in the update expression is invalid for update");
}

function wrongType(): never {
  return fail("An operand in the update expression has an incorrect data type");
}

function fail(reason: string): never {
  throw invalid(reason);
}
