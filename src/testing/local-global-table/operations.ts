import { batchWriteItem, writeItem } from "./item-writes.ts";
import type { LocalRegion } from "./local-region.ts";
import type { TableOperations } from "./table-operations.ts";
import { describeContinuousBackups, describeTimeToLive, updateContinuousBackups, updateTimeToLive } from "./table-settings.ts";
import { transactGetItems } from "./transact-get-items.ts";
import { transactWriteItems } from "./transact-write-items.ts";
import type { WireBody } from "./wire.ts";

export type Operation = (region: LocalRegion, body: WireBody) => Promise<WireBody>;

const reads = ["BatchGetItem", "GetItem", "ListTables", "ListTagsOfResource", "Query", "Scan"] as const;
const tagWrites = ["TagResource", "UntagResource"] as const;

/** Every operation of DynamoDB that the local Global Table answers, by name. */
export function operationTable(regions: ReadonlyMap<string, LocalRegion>, tables: TableOperations): ReadonlyMap<string, Operation> {
  const read = (name: (typeof reads)[number]): [string, Operation] => [
    name,
    (region, body) => region.lock.shared(() => region.store.run(name, body)),
  ];
  const tagWrite = (name: (typeof tagWrites)[number]): [string, Operation] => [
    name,
    (region, body) => region.lock.exclusive(() => region.store.run(name, body)),
  ];
  return new Map<string, Operation>([
    ...reads.map(read),
    ...tagWrites.map(tagWrite),
    ["PutItem", (region, body) => writeItem(region, "PutItem", body)],
    ["UpdateItem", (region, body) => writeItem(region, "UpdateItem", body)],
    ["DeleteItem", (region, body) => writeItem(region, "DeleteItem", body)],
    ["BatchWriteItem", batchWriteItem],
    ["TransactWriteItems", transactWriteItems],
    ["TransactGetItems", transactGetItems],
    ["CreateTable", (region, body) => tables.createTable(region, body)],
    ["DeleteTable", (region, body) => tables.deleteTable(region, body)],
    ["UpdateTable", (region, body) => tables.updateTable(region, body)],
    ["DescribeTable", (region, body) => tables.describeTable(region, body)],
    ["UpdateContinuousBackups", updateContinuousBackups],
    ["DescribeContinuousBackups", describeContinuousBackups],
    ["UpdateTimeToLive", (region, body) => updateTimeToLive(regions.values(), region, body)],
    ["DescribeTimeToLive", describeTimeToLive],
  ]);
}
