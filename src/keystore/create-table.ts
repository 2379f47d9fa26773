import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  type TableDescription,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import { pauseFor } from "./pause-for.ts";
import type { Storage } from "./storage.ts";

/** What `createTable` takes. */
export interface CreateTableInput {
  /** Further Regions that shall hold a replica. */
  readonly replicas?: readonly string[] | undefined;
  /** How long each step may take; default 600. */
  readonly timeoutSeconds?: number | undefined;
}

const keySchema: KeySchemaElement[] = [
  { AttributeName: "branch-key-id", KeyType: "HASH" },
  { AttributeName: "type", KeyType: "RANGE" },
];
const pauseMilliseconds = 500;

/** The waits and calls of one run. */
interface Run {
  readonly storage: Storage;
  readonly call: KeyringCall;
  readonly timeoutSeconds: number;
}

/**
 * Creates the table, or checks the one that is there: on-demand capacity, point-in-time recovery and deletion
 * protection, in every replica (a lost key store is lost data). A table that exists keeps its settings, but gets the
 * replicas it lacks.
 *
 * @see framework/branch-key-store.md "CreateKeyStore"
 * @see framework/branch-key-store.md "KeySchema"
 */
export async function createTable(storage: Storage, input: CreateTableInput, call: KeyringCall): Promise<{ readonly tableArn: string }> {
  const { replicas = [], timeoutSeconds = 600 } = input;
  const run: Run = { storage, call, timeoutSeconds };
  const existing = await describe(run);
  if (existing !== undefined) checkKeySchema(storage.tableName, existing);
  else await create(run, replicas.length > 0);
  let table = await untilActive(run);
  if (existing === undefined) await protect(run, undefined);
  const home = await storage.region(call);
  const present = new Set(table.Replicas?.map(({ RegionName }) => RegionName));
  for (const region of replicas) {
    if (region === home || present.has(region)) continue;
    // DynamoDB takes one new replica at a time.
    await addReplica(run, region);
    table = await untilActive(run, region);
    await protect(run, region);
  }
  return { tableArn: table.TableArn ?? "" };
}

async function create({ storage, call }: Run, withStream: boolean): Promise<void> {
  const command = new CreateTableCommand({
    TableName: storage.tableName,
    KeySchema: keySchema,
    AttributeDefinitions: keySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" })),
    BillingMode: "PAY_PER_REQUEST",
    DeletionProtectionEnabled: true,
    // Replication reads this stream.
    ...(withStream && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" as const } }),
  });
  await storage.run("CreateTable", call, (client, options) => client.send(storage.prepared(command), options));
}

async function addReplica({ storage, call }: Run, region: string): Promise<void> {
  const command = new UpdateTableCommand({ TableName: storage.tableName, ReplicaUpdates: [{ Create: { RegionName: region } }] });
  await storage.run("UpdateTable", call, (client, options) => client.send(storage.prepared(command), options));
}

/** Recovery and protection are settings of each replica; a new table has the protection from its creation. */
async function protect({ storage, call }: Run, replica: string | undefined): Promise<void> {
  const TableName = storage.tableName;
  const clientOf = async (own: DynamoDBClient): Promise<DynamoDBClient> => (replica === undefined ? own : storage.client(replica));
  if (replica !== undefined) {
    const command = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true });
    await storage.run("UpdateTable", call, async (own, options) => (await clientOf(own)).send(storage.prepared(command), options));
  }
  const command = new UpdateContinuousBackupsCommand({
    TableName,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  await storage.run("UpdateContinuousBackups", call, async (own, options) =>
    (await clientOf(own)).send(storage.prepared(command), options),
  );
}

async function describe({ storage, call }: Run): Promise<TableDescription | undefined> {
  try {
    const command = new DescribeTableCommand({ TableName: storage.tableName });
    const { Table } = await storage.run("DescribeTable", call, (client, options) => client.send(storage.prepared(command), options));
    return Table;
  } catch (error) {
    if (error instanceof DynasealError && error.code === "ERR_KEY_STORE_TABLE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** The table, once it and (where named) its replica are ready. */
async function untilActive(run: Run, replica?: string): Promise<TableDescription> {
  const deadline = performance.now() + run.timeoutSeconds * 1000;
  for (;;) {
    const table = await describe(run);
    const status = table?.Replicas?.find(({ RegionName }) => RegionName === replica)?.ReplicaStatus;
    if (table?.TableStatus === "ACTIVE" && (replica === undefined || status === "ACTIVE")) return table;
    if (performance.now() >= deadline) {
      const what = replica === undefined ? "the table" : `the replica in ${replica}`;
      const details = { tableName: run.storage.tableName, reason: `${what} did not become active within ${run.timeoutSeconds} s` };
      throw new DynasealError("ERR_KEY_STORE_TABLE_MISMATCH", { details });
    }
    await pauseFor(pauseMilliseconds, run.call.signal);
  }
}

function checkKeySchema(tableName: string, table: TableDescription): void {
  const { KeySchema = [], AttributeDefinitions = [] } = table;
  for (const { AttributeName, KeyType } of keySchema) {
    const role = KeySchema.find((key) => key.AttributeName === AttributeName)?.KeyType;
    const type = AttributeDefinitions.find((definition) => definition.AttributeName === AttributeName)?.AttributeType;
    if (role !== KeyType || type !== "S") {
      const details = { tableName, reason: `${AttributeName} is not its ${KeyType === "HASH" ? "partition" : "sort"} key of type S` };
      throw new DynasealError("ERR_KEY_STORE_TABLE_MISMATCH", { details });
    }
  }
}
