import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  RestoreTableFromBackupCommand,
  RestoreTableToPointInTimeCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { clientOptions, createClientTables, customersName, notesName } from "../support/client-tables.ts";

const region = "us-east-1";
let tables: LocalGlobalTable;
let base: DynamoDBClient;

beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: [region] });
  base = new DynamoDBClient(tables.clientConfig(region));
  await createClientTables(base);
});
afterAll(async () => {
  base.destroy();
  await tables.stop();
});

const clientOf = (options: Partial<EncryptedClientOptions> = {}) => encryptedClient(base, { ...clientOptions, ...options });

/** Refused with these details, and nothing arrived at the service. */
async function expectContradiction(send: () => Promise<unknown>, operation: string, attribute: string): Promise<void> {
  const before = tables.countRequests();
  await expect(send()).rejects.toMatchObject({
    code: "ERR_TABLE_CONTRADICTS_SCHEMA",
    details: { tableName: "customers", operation, attribute, reason: expect.any(String), instead: expect.any(String) },
  });
  expect(tables.countRequests()).toBe(before);
}

const indexOn = (attribute: string, Projection: GlobalSecondaryIndex["Projection"] = { ProjectionType: "ALL" }): GlobalSecondaryIndex => ({
  IndexName: "added",
  KeySchema: [{ AttributeName: attribute, KeyType: "HASH" }],
  Projection,
});

const createTable = (change: Partial<CreateTableCommandInput>): CreateTableCommand =>
  new CreateTableCommand({
    TableName: customersName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: ["customerId", "recordId"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    KeySchema: [
      { AttributeName: "customerId", KeyType: "HASH" },
      { AttributeName: "recordId", KeyType: "RANGE" },
    ],
    ...change,
  });

describe("time to live", () => {
  const command = (AttributeName: string, Enabled: boolean): UpdateTimeToLiveCommand =>
    new UpdateTimeToLiveCommand({ TableName: customersName, TimeToLiveSpecification: { AttributeName, Enabled } });

  it.each(["email", "an attribute under otherAttributes"])("on an encrypted attribute is refused: %s", async (attribute) => {
    await expectContradiction(() => clientOf().send(command(attribute, true)), "UpdateTimeToLive", attribute);
  });

  it.each([
    ["email", false],
    ["tier", true],
    ["visits", true],
  ])("on %s, enabled %s, is sent", async (attribute, enabled) => {
    const before = tables.countRequests();
    await clientOf()
      .send(command(attribute, enabled))
      .catch((error: unknown) => expect(error).not.toHaveProperty("code", "ERR_TABLE_CONTRADICTS_SCHEMA"));
    expect(tables.countRequests()).toBeGreaterThan(before);
  });
});

describe("keys of a new table", () => {
  const cases: readonly (readonly [string, string, CreateTableCommandInput["KeySchema"]])[] = [
    ["another partition key", "id", [{ AttributeName: "id", KeyType: "HASH" }]],
    ["no sort key", "recordId", [{ AttributeName: "customerId", KeyType: "HASH" }]],
    [
      "both exchanged",
      "recordId",
      [
        { AttributeName: "recordId", KeyType: "HASH" },
        { AttributeName: "customerId", KeyType: "RANGE" },
      ],
    ],
  ];
  it.each(cases)("%s: refused", async (_name, attribute, KeySchema) => {
    await expectContradiction(() => clientOf().send(createTable({ KeySchema })), "CreateTable", attribute);
  });

  it("as the schema says, and of tables without a schema: sent", async () => {
    await expect(clientOf().send(createTable({}))).rejects.toMatchObject({ name: "ResourceInUseException" });
    await expect(clientOf().send(createTable({ TableName: notesName }))).rejects.toMatchObject({ name: "ResourceInUseException" });
  });
});

describe("an index that is added", () => {
  const senders: readonly (readonly [string, (index: GlobalSecondaryIndex) => Promise<unknown>])[] = [
    ["CreateTable", (index) => clientOf().send(createTable({ GlobalSecondaryIndexes: [index] }))],
    [
      "UpdateTable",
      (index) => clientOf().send(new UpdateTableCommand({ TableName: customersName, GlobalSecondaryIndexUpdates: [{ Create: index }] })),
    ],
    [
      "RestoreTableFromBackup",
      (index) =>
        clientOf().send(
          new RestoreTableFromBackupCommand({ TargetTableName: customersName, BackupArn: "arn", GlobalSecondaryIndexOverride: [index] }),
        ),
    ],
    [
      "RestoreTableToPointInTime",
      (index) =>
        clientOf().send(
          new RestoreTableToPointInTimeCommand({
            TargetTableName: customersName,
            SourceTableName: notesName,
            GlobalSecondaryIndexOverride: [index],
          }),
        ),
    ],
  ];

  it.each(senders)("%s: on an encrypted attribute without a beacon, or without header and footer, is refused", async (operation, send) => {
    await expectContradiction(() => send(indexOn("email")), operation, "email");
    await expectContradiction(() => send(indexOn("tier", { ProjectionType: "KEYS_ONLY" })), operation, "aws_dbe_head");
    const half = { ProjectionType: "INCLUDE" as const, NonKeyAttributes: ["aws_dbe_head"] };
    await expectContradiction(() => send(indexOn("tier", half)), operation, "aws_dbe_foot");
  });

  it("whose items are fetched may hold keys only", async () => {
    const command = createTable({ GlobalSecondaryIndexes: [indexOn("tier", { ProjectionType: "KEYS_ONLY" })] });
    const before = tables.countRequests();
    await expect(clientOf({ indexes: { added: "fetch" } }).send(command)).rejects.not.toHaveProperty("code");
    expect(tables.countRequests()).toBeGreaterThan(before);
  });
});

it("a reader defines no table", async () => {
  await expect(clientOf({ role: "reader" }).send(createTable({}))).rejects.toMatchObject({ code: "ERR_ROLE_FORBIDS" });
});
