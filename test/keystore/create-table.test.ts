import { CreateTableCommand, DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { branchKeyStore, type DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { keyStoreTable } from "../support/key-store-servers.ts";

let tables: LocalGlobalTable;
beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: ["us-east-1", "eu-west-1", "ap-northeast-1"], tableScope: "one-region" });
});
afterAll(() => tables.stop());

const keyStore = (tableName: string): DynamoDbBranchKeyStore =>
  branchKeyStore({
    tableName,
    logicalKeyStoreName: "Logical",
    region: "us-east-1",
    clientSupplier: (region) => new DynamoDBClient(tables.clientConfig(region)),
    kms: { mrkArn: "arn:aws:kms:us-east-1:000000000000:key/mrk-00000000000000000000000000000000" },
  });

async function protection(region: string, TableName: string): Promise<unknown> {
  const client = new DynamoDBClient(tables.clientConfig(region));
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
  client.destroy();
  return {
    deletionProtection: Table?.DeletionProtectionEnabled,
    billing: Table?.BillingModeSummary?.BillingMode,
    recovery: ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
  };
}

const protectedTable = { deletionProtection: true, billing: "PAY_PER_REQUEST", recovery: "ENABLED" };

// @see framework/branch-key-store.md "CreateKeyStore", "KeySchema"
describe("createTable", () => {
  it("creates a protected table", async () => {
    const { tableArn } = await keyStore("One").createTable();
    expect(tableArn).toMatch(/^arn:aws:dynamodb:us-east-1:\d{12}:table\/One$/);
    expect(await protection("us-east-1", "One")).toEqual(protectedTable);
  });

  it("adds the replicas that are asked for, protected as well, and only those that are missing", async () => {
    await keyStore("Many").createTable({ replicas: ["us-east-1", "eu-west-1"] });
    const updates = (): number => tables.countRequests({ operation: "UpdateTable" });
    const before = updates();
    await keyStore("Many").createTable({ replicas: ["eu-west-1", "ap-northeast-1"] });
    expect(updates() - before).toBe(2);
    for (const region of ["us-east-1", "eu-west-1", "ap-northeast-1"]) expect(await protection(region, "Many")).toEqual(protectedTable);
  });

  it("accepts a table that is there", async () => {
    await keyStore("Twice").createTable();
    const before = tables.countRequests({ operation: "CreateTable" });
    await keyStore("Twice").createTable();
    expect(tables.countRequests({ operation: "CreateTable" })).toBe(before);
  });

  it("refuses a table with another key", async () => {
    const client = new DynamoDBClient(tables.clientConfig("us-east-1"));
    const { KeySchema } = keyStoreTable("Foreign");
    await client.send(
      new CreateTableCommand({
        TableName: "Foreign",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: KeySchema.slice(0, 1),
        AttributeDefinitions: [{ AttributeName: "branch-key-id", AttributeType: "S" }],
      }),
    );
    client.destroy();
    await expect(keyStore("Foreign").createTable()).rejects.toMatchObject({
      code: "ERR_KEY_STORE_TABLE_MISMATCH",
      details: { tableName: "Foreign" },
    });
  });
});
