import { type Condition, or } from "../expressions/index.ts";
import { encodeKey } from "./fan-out-cursor.ts";
import type { PageInput } from "./page-request.ts";
import type { PageConditions } from "./sent-page.ts";

/**
 * The queries for all partitions. Where a beacon is short, a value has the same hash in several partitions, and the same
 * rows would be found several times: those are asked for once, with a filter that holds for any of them.
 *
 * @param byPartition the conditions for each partition
 */
export function partitionQueries(byPartition: readonly PageConditions[]): readonly PageConditions[] {
  const byKey = new Map<string, [PageConditions, ...PageConditions[]]>();
  for (const conditions of byPartition) {
    // Hashes are texts, and all else is the same object, so that equal conditions have equal JSON.
    const key = JSON.stringify(conditions.keyCondition);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [conditions]);
    else same.push(conditions);
  }
  return [...byKey.values()].map(([first, ...others]) => {
    return others.length === 0 ? first : { ...first, filter: anyOf([first, ...others].map(({ filter }) => filter)) };
  });
}

/** `undefined` where one of them asks for everything. */
function anyOf(filters: readonly (Condition | undefined)[]): Condition | undefined {
  const distinct = [...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values()];
  const [first, ...others] = distinct.filter((filter) => filter !== undefined);
  return first === undefined || others.length < distinct.length - 1 ? undefined : or(first, ...others);
}

/** A key condition with its names and values: no two queries of a request have the same. Holds no value but those that the service sees. */
export function keyTextOf({ KeyConditionExpression = "", ExpressionAttributeNames, ExpressionAttributeValues }: PageInput): string {
  const used = new Set(KeyConditionExpression.match(/[#:]\w+/g));
  const ofKey = <Value>(map: Readonly<Record<string, Value>> = {}): Record<string, Value> =>
    Object.fromEntries(Object.entries(map).filter(([placeholder]) => used.has(placeholder)));
  return JSON.stringify([KeyConditionExpression, ofKey(ExpressionAttributeNames), encodeKey(ofKey(ExpressionAttributeValues))]);
}
