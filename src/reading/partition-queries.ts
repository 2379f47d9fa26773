import { type Condition, isTaken, or, parseExpressions } from "../expressions/index.ts";
import { withConditions } from "./conditions.ts";
import { encodeKey } from "./fan-out-cursor.ts";
import type { PageInput } from "./page-request.ts";

/** A query for one partition, or for several whose key conditions came out the same. */
export interface PartitionQuery<Input extends PageInput> {
  readonly input: Input;
  /** Its key condition with names and values: no two queries have the same. */
  readonly keyText: string;
}

/**
 * The queries for all partitions. Where a beacon is short, a value has the same hash in several partitions, and the same
 * rows would be found several times: those are asked for once, with a filter that holds for any of them.
 *
 * @param inputs by partition
 */
export function partitionQueries<Input extends PageInput>(inputs: readonly Input[]): readonly PartitionQuery<Input>[] {
  const byKey = new Map<string, Input[]>();
  for (const input of inputs) {
    const keyText = keyTextOf(input);
    const same = byKey.get(keyText);
    if (same === undefined) byKey.set(keyText, [input]);
    else same.push(input);
  }
  return [...byKey].map(([keyText, same]) => ({ keyText, input: joined(same) }));
}

/** Holds no value but those that the service sees. */
function keyTextOf({ KeyConditionExpression = "", ExpressionAttributeNames, ExpressionAttributeValues }: PageInput): string {
  const used = new Set(KeyConditionExpression.match(/[#:]\w+/g));
  const ofKey = <Value>(map: Readonly<Record<string, Value>> = {}): Record<string, Value> =>
    Object.fromEntries(Object.entries(map).filter(([placeholder]) => used.has(placeholder)));
  return JSON.stringify([KeyConditionExpression, ofKey(ExpressionAttributeNames), encodeKey(ofKey(ExpressionAttributeValues))]);
}

/** One query for several of the same key condition. */
function joined<Input extends PageInput>(same: readonly Input[]): Input {
  const [first, ...others] = same as readonly [Input, ...Input[]];
  if (others.length === 0) return first;
  const filters = same.map((input) => parseExpressions(input).filter);
  const { keyCondition } = parseExpressions(first);
  const input = withConditions(first, { keyCondition, filter: anyOf(filters) });
  // What is too long for the service is decided after decryption, like all of the filter.
  return isTaken(input) ? input : withConditions(first, { keyCondition, filter: undefined });
}

/** `undefined` where one of them asks for everything. */
function anyOf(filters: readonly (Condition | undefined)[]): Condition | undefined {
  const distinct = [...new Map(filters.map((filter) => [JSON.stringify(filter), filter])).values()];
  const [first, ...others] = distinct.filter((filter) => filter !== undefined);
  return first === undefined || others.length < distinct.length - 1 ? undefined : or(first, ...others);
}
