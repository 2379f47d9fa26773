import { randomUUID } from "node:crypto";
import { type AttributeValue, type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { type ItemActor, isLostConnection, type PlannedOperation } from "./item-actors.ts";
import { type ItemAnswer, type ItemValue, itemAfter } from "./item-model.ts";
import { itemsTable, keyOf, listOf, valueOf } from "./items-table.ts";

/**
 * How a read-modify-write may be wrong: it writes whatever others wrote meanwhile; it takes every failed guard for a lost race,
 * also its own write's after a lost answer; it forgets, once it has found the old version, that the lost write may still come.
 */
export type Flaw = "unguarded" | "reapplies" | "forgets";

const maximumAttempts = 20;

interface Row {
  readonly version: string | undefined;
  readonly value: ItemValue | undefined;
}

/**
 * Updates by hand on a plain table: read, change, write on condition that the version is the one read. What guarded updates of
 * the encrypted client are compared with, and, with a flaw, what the checker has to find out.
 */
export function plainActor(client: DynamoDBClient, flaw?: Flaw): ItemActor {
  return async (id, planned) => {
    try {
      if (planned.kind === "read") return { outcome: "done", item: (await read(client, id)).value };
      return await update(client, id, planned, flaw);
    } catch (error) {
      if (isLostConnection(error)) return { outcome: "unknown" };
      throw error;
    }
  };
}

async function update(
  client: DynamoDBClient,
  id: string,
  planned: PlannedOperation,
  flaw: Flaw | undefined,
): Promise<ItemAnswer | undefined> {
  /** Versions of writes that may have landed or may yet land, on top of `base`. */
  let ours = new Set<string>();
  let base: string | undefined;
  let before: ItemValue | undefined;
  for (let attempt = 0; attempt < maximumAttempts; attempt++) {
    const row = await read(client, id);
    if (ours.size > 0 && flaw !== "reapplies") {
      if (row.version !== undefined && ours.has(row.version)) return answered(planned, before);
      if (row.version !== base) return { outcome: "unknown" };
      if (flaw === "forgets") ours = new Set();
    }
    ({ version: base, value: before } = row);
    const failed = itemAfter({ item: before }, { ...planned, answer: { outcome: "failed", item: before } });
    // A lost write on this version would have to be told apart first; its condition held, as the version is the same.
    if (failed !== undefined) return { outcome: "failed", item: before };
    const version = randomUUID();
    const outcome = await write(client, id, { planned, row, version, guarded: flaw !== "unguarded" });
    if (outcome === "done") return answered(planned, before);
    // Also after a definite failure: an earlier write of ours may be the one that came in between.
    if (outcome === "unknown") ours.add(version);
  }
  return ours.size > 0 ? { outcome: "unknown" } : undefined;
}

function answered(planned: PlannedOperation, before: ItemValue | undefined): ItemAnswer {
  const { returns, change = {} } = planned;
  if (returns === "ALL_OLD") return { outcome: "done", item: before };
  if (returns !== "ALL_NEW") throw new Error("plain updates give ALL_OLD or ALL_NEW");
  const after = itemAfter({ item: before }, { kind: "update", change, answer: { outcome: "unknown" } });
  return { outcome: "done", item: after?.item };
}

async function write(
  client: DynamoDBClient,
  id: string,
  options: { readonly planned: PlannedOperation; readonly row: Row; readonly version: string; readonly guarded: boolean },
): Promise<"done" | "lost" | "unknown"> {
  const { planned, row, version, guarded } = options;
  const after = itemAfter({ item: row.value }, { ...planned, answer: { outcome: "unknown" } })?.item ?? {};
  const values: Record<string, AttributeValue> = {
    ":version": { S: version },
    ":count": { N: String(after.count ?? 0) },
    ":open": { N: String(after.open ?? 0) },
    ":last": { S: after.last ?? "" },
    ":log": listOf(after.log),
  };
  const condition = row.version === undefined ? "attribute_not_exists(id)" : "version = :read";
  if (guarded && row.version !== undefined) values[":read"] = { S: row.version };
  const command = new UpdateItemCommand({
    TableName: itemsTable,
    Key: keyOf(id),
    UpdateExpression: "SET version = :version, #count = :count, #open = :open, #last = :last, #log = :log",
    ExpressionAttributeNames: { "#count": "count", "#open": "open", "#last": "last", "#log": "log" },
    ExpressionAttributeValues: values,
    ...(guarded ? { ConditionExpression: condition } : {}),
  });
  try {
    await client.send(command);
    return "done";
  } catch (error) {
    if (isLostConnection(error)) return "unknown";
    if (!(error instanceof Error) || error.name !== "ConditionalCheckFailedException") throw error;
    const { attempts = 1 } = (error as Error & { readonly $metadata?: { readonly attempts?: number } }).$metadata ?? {};
    return attempts > 1 ? "unknown" : "lost";
  }
}

async function read(client: DynamoDBClient, id: string): Promise<Row> {
  const { Item } = await client.send(new GetItemCommand({ TableName: itemsTable, Key: keyOf(id), ConsistentRead: true }));
  return { version: Item?.["version"]?.S, value: valueOf(Item) };
}
