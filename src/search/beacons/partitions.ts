import type { AttributeMap, AttributeValue } from "../../attributes/index.ts";
import type { Randomness } from "../../crypto/index.ts";
import { DynasealError } from "../../errors/index.ts";
import type { StandardBeaconPlan, TablePlan } from "../../schema/index.ts";
import { isSearchable, type SearchableTable } from "./searchable-table.ts";

/**
 * Chooses the partition of an item: a number from 0 up to, but without, `numberOfPartitions`.
 *
 * @see specification/searchable-encryption/search-config.md "Partition Selector"
 */
export type PartitionSelector = (input: {
  readonly item: AttributeMap;
  readonly numberOfPartitions: number;
  readonly tableName: string;
}) => number | Promise<number>;

/** The placeholder in a query's values that picks one partition. */
export const partitionPlaceholder = ":aws_dbe_partition";

/**
 * How many queries find everything that a key condition with these beacons is true of.
 *
 * @see specification/dynamodb-encryption-client/ddb-get-number-of-queries.md "Input"
 */
export function queriesFor(hashed: readonly StandardBeaconPlan[], partitions: number): number {
  let queries = 1;
  for (const beacon of hashed) {
    queries = (queries * beacon.partitions) / greatestCommonDivisor(queries, beacon.partitions);
    if (queries >= partitions) return partitions;
  }
  return queries;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * The partitions whose items one of several queries finds; filters have to know all of them.
 *
 * @throws ERR_BEACON_PARTITION_INVALID
 */
export function partitionsToSearch(input: {
  readonly tableName: string;
  readonly partition: number;
  readonly queries: number;
  readonly partitions: number;
}): readonly number[] {
  const { tableName, partition, queries, partitions } = input;
  if (!Number.isSafeInteger(partition) || partition < 0 || partition >= queries) {
    throw invalid(tableName, `it is not one of ${queries === 1 ? "the one query" : `the ${queries} queries`} that find everything`);
  }
  const all: number[] = [];
  for (let number = partition; number < partitions; number += queries) all.push(number);
  return all;
}

/**
 * The partition of an item that is about to be written: the selector's, or a random one.
 *
 * @throws ERR_BEACON_PARTITION_INVALID, and what the selector throws
 */
export async function partitionOfItem(
  { tableName, search }: SearchableTable,
  item: AttributeMap,
  options: { readonly selector: PartitionSelector | undefined; readonly randomness: Randomness },
): Promise<number> {
  const numberOfPartitions = search.partitions;
  if (numberOfPartitions === 1) return 0;
  if (options.selector === undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = options.randomness.bytes(4);
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % numberOfPartitions;
  }
  const partition = await options.selector({ item, numberOfPartitions, tableName });
  if (Number.isSafeInteger(partition) && partition >= 0 && partition < numberOfPartitions) return partition;
  throw invalid(tableName, `the partition selector gave no whole number from 0 to ${numberOfPartitions - 1}`);
}

/**
 * Takes `:aws_dbe_partition` out of a request's values, which no expression uses.
 *
 * @throws ERR_BEACON_PARTITION_INVALID in a Scan, on a table without partitions, and where it is no whole number
 * @see specification/dynamodb-encryption-client/ddb-support.md "QueryInputForBeacons"
 */
export function takePartition<Input extends { ExpressionAttributeValues?: Record<string, AttributeValue> | undefined }>(
  plan: TablePlan,
  operation: "Query" | "Scan",
  input: Input,
): { readonly input: Input; readonly partition: number | undefined } {
  const values = input.ExpressionAttributeValues;
  if (values === undefined || !Object.hasOwn(values, partitionPlaceholder)) return { input, partition: undefined };
  const { [partitionPlaceholder]: given, ...others } = values;
  if (operation === "Scan") throw invalid(plan.tableName, `a Scan reads all partitions; leave ${partitionPlaceholder} out`);
  if (!isSearchable(plan) || plan.search.partitions === 1)
    throw invalid(plan.tableName, `the table has none; leave ${partitionPlaceholder} out`);
  const partition = /^\d{1,3}$/.test(given?.N ?? "") ? Number(given?.N) : Number.NaN;
  if (Number.isNaN(partition)) throw invalid(plan.tableName, `${partitionPlaceholder} is no whole number of type N`);
  const ExpressionAttributeValues = Object.keys(others).length === 0 ? undefined : others;
  return { input: { ...input, ExpressionAttributeValues }, partition };
}

function invalid(tableName: string, reason: string): DynasealError {
  return new DynasealError("ERR_BEACON_PARTITION_INVALID", { details: { tableName, reason } });
}
