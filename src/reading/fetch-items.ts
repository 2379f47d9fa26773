import {
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  type ConsumedCapacity,
  type KeysAndAttributes,
} from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { keyAttributes } from "../item/index.ts";
import type { TablePlan } from "../schema/index.ts";
import {
  answeredKey,
  concurrencyLimit,
  keyOf,
  type OperationCall,
  type ProtectedTable,
  pause,
  requireAmong,
  type SdkItem,
} from "../tables/index.ts";
import type { PageInput } from "./page-request.ts";

/** BatchGetItem takes no more keys. */
const batchSize = 100;
const concurrentBatches = 4;
/** How often in a row a batch may come back without a single item before the request fails. */
const maximumAttempts = 10;

/** Items of the table in the order of the index's rows. */
export interface FetchedItems {
  /** `undefined` where the item is gone. */
  readonly items: readonly (AttributeMap | undefined)[];
  readonly capacities: readonly (ConsumedCapacity | undefined)[];
}

/**
 * The items that rows of an index stand for, read from the table. Consistently: an item that is in the index but not
 * yet in the replica that answers would be lost else.
 *
 * @throws ERR_INDEX_FETCH_THROTTLED, ERR_KEY_MISSING, ERR_ANSWER_MISMATCH
 */
export async function fetchItems(
  rows: readonly AttributeMap[],
  { table, input }: { readonly table: ProtectedTable; readonly input: PageInput },
  call: OperationCall,
): Promise<FetchedItems> {
  const textOf = (key: AttributeMap): string | undefined => answeredKey(table, key);
  const keys = rows.map((row) => requireRowKey(table.plan, row));
  const unique = [...new Map(keys.map((key) => [textOf(key), key])).values()];
  const batches = Array.from({ length: Math.ceil(unique.length / batchSize) }, (_, index) =>
    unique.slice(index * batchSize, (index + 1) * batchSize),
  );
  const bounded = concurrencyLimit(concurrentBatches);
  const answers = await Promise.all(batches.map((batch) => bounded(() => fetchBatch(batch, table, input, call))));
  const found = new Map(answers.flatMap(({ items }) => items.map((item) => [textOf(keyOf(table.plan, item)), item])));
  return { items: keys.map((key) => found.get(textOf(key))), capacities: answers.flatMap(({ capacities }) => capacities) };
}

interface FetchedBatch {
  readonly items: readonly AttributeMap[];
  readonly capacities: readonly (ConsumedCapacity | undefined)[];
}

async function fetchBatch(
  batch: SdkItem[],
  table: ProtectedTable,
  { TableName = table.physicalName, ReturnConsumedCapacity }: PageInput,
  call: OperationCall,
): Promise<FetchedBatch> {
  const items: AttributeMap[] = [];
  const capacities: ConsumedCapacity[] = [];
  let left: Record<string, KeysAndAttributes> | undefined = { [TableName]: { Keys: batch, ConsistentRead: true } };
  let failures = 0;
  for (;;) {
    const output: BatchGetItemCommandOutput = await call.send(new BatchGetItemCommand({ RequestItems: left, ReturnConsumedCapacity }));
    const arrived = Object.values(output.Responses ?? {}).flat();
    requireAmong({ table, keys: batch }, arrived);
    items.push(...arrived);
    capacities.push(...(output.ConsumedCapacity ?? []));
    left = output.UnprocessedKeys;
    if (left === undefined || Object.keys(left).length === 0) return { items, capacities };
    failures = arrived.length > 0 ? 0 : failures + 1;
    if (failures === maximumAttempts) {
      throw new DynasealError("ERR_INDEX_FETCH_THROTTLED", { details: { tableName: table.plan.tableName, attempts: failures } });
    }
    await pause(failures + 1, call);
  }
}

function requireRowKey(plan: TablePlan, row: AttributeMap): SdkItem {
  const key = keyOf(plan, row);
  for (const attribute of keyAttributes(plan)) {
    if (key[attribute] === undefined) throw new DynasealError("ERR_KEY_MISSING", { details: { tableName: plan.tableName, attribute } });
  }
  return { ...key };
}
