import { type AttributeMap, attributeMap } from "../attributes/index.ts";
import { DynasealError, isDynasealError } from "../errors/index.ts";
import { keyAttributes } from "../item/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { itemKey } from "./item-key.ts";
import type { ProtectedTable } from "./protected-tables.ts";

/** One item of a protected table, as a request names it. */
export interface AskedItem {
  readonly table: ProtectedTable;
  /** Exactly the key. */
  readonly key: AttributeMap;
}

/**
 * The `Key` of a request: the table's key attributes and nothing else. A whole item in its place would reach the service
 * in clear, whose refusal comes too late.
 *
 * @param parameter as errors name it
 * @throws ERR_PRIMARY_KEY_MISMATCH
 */
export function requirePrimaryKey(table: ProtectedTable, key: AttributeMap | undefined, parameter: "Key" | "Keys"): AttributeMap {
  const { plan, indexes } = table;
  return requireExactKey({ plan, parameter, expected: keyAttributes(plan), typeOf: (name) => indexes.typeOf(name) }, key);
}

/** What a key has to be. */
export interface ExactKey {
  readonly plan: TablePlan;
  readonly parameter: "Key" | "Keys" | "ExclusiveStartKey";
  readonly expected: readonly string[];
  /** The type that the table's definition gives an attribute, where it is known. */
  readonly typeOf: (attribute: string) => string | undefined;
}

/**
 * A map of exactly these attributes, each with one text, number or binary.
 *
 * @throws ERR_PRIMARY_KEY_MISMATCH
 */
export function requireExactKey({ plan, parameter, expected, typeOf }: ExactKey, given: AttributeMap | undefined): AttributeMap {
  const members = Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const unexpected = members.filter(([name, value]) => !expected.includes(name) || !isKeyValue(value, typeOf(name))).map(([name]) => name);
  const missing = expected.filter((name) => !members.some(([member]) => member === name));
  if (unexpected.length === 0 && missing.length === 0) return attributeMap(members);
  throw keyMismatch({ plan, parameter, unexpected, missing });
}

export function keyMismatch(parts: {
  readonly plan: TablePlan;
  readonly parameter: string;
  readonly unexpected: readonly string[];
  readonly missing: readonly string[];
}): DynasealError<"ERR_PRIMARY_KEY_MISMATCH"> {
  const { plan, parameter, unexpected, missing } = parts;
  return new DynasealError("ERR_PRIMARY_KEY_MISMATCH", { details: { tableName: plan.tableName, parameter, unexpected, missing } });
}

const keyTypes: readonly string[] = ["S", "N", "B"];

/** Lists and maps are never keys, and could hold anything. */
export function isKeyValue(value: object, type: string | undefined): boolean {
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  const [name] = members[0] ?? [];
  return members.length === 1 && name !== undefined && (type === undefined ? keyTypes.includes(name) : name === type);
}

/** The key of an item or row; without attributes that it lacks. */
export function keyOf(plan: TablePlan, item: AttributeMap): AttributeMap {
  const members = keyAttributes(plan).flatMap((name) => {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    return value === undefined || value === null ? [] : [[name, value] as const];
  });
  return attributeMap(members);
}

/**
 * Refuses a row that is another item's than the one that was asked for, whose key is valid and whose signature too: a
 * cache or a proxy may have answered with it. Numbers are compared by value. A row without its key is left to those who
 * decrypt.
 *
 * @throws ERR_ANSWER_MISMATCH
 */
export function requireAnswered({ table, key }: AskedItem, row: AttributeMap): void {
  const answered = keyOf(table.plan, row);
  if (Object.keys(answered).length < keyAttributes(table.plan).length) return;
  if (answeredKey(table, answered) !== itemKey({ table, key: keyOf(table.plan, key) })) throw answerMismatch(table);
}

/**
 * As {@link requireAnswered}, for an answer to several keys.
 *
 * @throws ERR_ANSWER_MISMATCH
 */
export function requireAmong(
  { table, keys }: { readonly table: ProtectedTable; readonly keys: readonly AttributeMap[] },
  rows: readonly AttributeMap[],
): void {
  const asked = new Set(keys.map((key) => itemKey({ table, key: keyOf(table.plan, key) })));
  for (const row of rows) {
    const answered = keyOf(table.plan, row);
    if (Object.keys(answered).length < keyAttributes(table.plan).length) continue;
    const key = answeredKey(table, answered);
    if (key === undefined || !asked.has(key)) throw answerMismatch(table);
  }
}

/** As `itemKey` of a key in a request; `undefined` for one that no item can have. */
export function answeredKey(table: ProtectedTable, key: AttributeMap): string | undefined {
  try {
    return itemKey({ table, key });
  } catch (error) {
    if (isDynasealError(error, "ERR_NUMBER_INVALID")) return undefined;
    throw error;
  }
}

export function answerMismatch({ plan }: ProtectedTable): DynasealError<"ERR_ANSWER_MISMATCH"> {
  return new DynasealError("ERR_ANSWER_MISMATCH", { details: { tableName: plan.tableName } });
}
