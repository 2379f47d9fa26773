import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTableJob, tableJob, UnitBucket } from "../../src/jobs/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";

const region = "eu-west-1";
const schema = defineTable({
  tableName: "people",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN", note: "ENCRYPT_AND_SIGN" },
  algorithmSuite: "HMAC",
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});
const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "units", wrappingKey: new Uint8Array(32) });

let tables: LocalGlobalTable;
beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: [region] });
});
afterAll(() => tables.stop());

async function newTable(TableName: string, items: number, bytes: number): Promise<DynamoDBClient> {
  const client = new DynamoDBClient(tables.clientConfig(region));
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  for (let index = 0; index < items; index++) {
    const Item = { id: { S: `p${index}` }, email: { S: `${index}@b.c` }, note: { S: "x".repeat(bytes) } };
    await client.send(new PutItemCommand({ TableName, Item }));
  }
  return client;
}

it.each([
  ["that stay below a kilobyte", 60, 100, 1],
  ["that grow over a kilobyte, which their size before does not tell", 60, 990, 2],
])("holds the rate that the service counts, within a tenth, for items %s", async (_, items, bytes, unitsEach) => {
  const TableName = `people-${bytes}`;
  const client = await newTable(TableName, items, bytes);
  let now = 0;
  let sent = 0;
  const seen: { readonly at: number; readonly units: number }[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName === "UpdateItemCommand") {
          sent++;
          const { ConsumedCapacity } = result.output as { readonly ConsumedCapacity?: { readonly CapacityUnits?: number } };
          seen.push({ at: now, units: ConsumedCapacity?.CapacityUnits ?? 0 });
        }
        return result;
      },
    { step: "initialize", name: "units" },
  );
  // Whoever waits wakes when its time has come: the clock goes on only while somebody waits.
  const sleep = async (milliseconds: number): Promise<void> => {
    const until = now + milliseconds;
    await new Promise((resolve) => setImmediate(resolve));
    now = Math.max(now, until);
  };
  const unitsPerSecond = 20;
  const writeUnits = new UnitBucket({ unitsPerSecond, clock: { now: () => now }, sleep });
  const job = tableJob({ job: "encrypt", client, schema, keyring, physicalTable: TableName, writeUnits, concurrency: 4 });
  expect(await runTableJob({ job, totalSegments: 2, preFlight: { noBackup: true } })).toMatchObject({
    outcome: "done",
    counts: { written: items },
  });
  const units = seen.reduce((sum, one) => sum + one.units, 0);
  expect({ sent, units }).toEqual({ sent: items, units: items * unitsEach });
  const seconds = Math.max(...seen.map(({ at }) => at)) / 1000;
  expect(units / seconds).toBeGreaterThan(unitsPerSecond * 0.9);
  expect(units / seconds).toBeLessThan(unitsPerSecond * 1.1);
  client.destroy();
});
