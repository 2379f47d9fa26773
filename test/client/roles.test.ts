import * as sdk from "@aws-sdk/client-dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { operationTable } from "../../src/operations/index.ts";
import { commandOf, type Sender } from "../support/dialects.ts";

// Nobody listens there: what is not refused fails with the connection's own error.
const base = new DynamoDBClient({
  endpoint: "http://127.0.0.1:1",
  region: "us-east-1",
  credentials: { accessKeyId: "roles", secretAccessKey: "roles" },
  maxAttempts: 1,
});
afterAll(() => base.destroy());

const reader = encryptedClient(base, {
  schemas: [{ tableName: "customers", partitionKey: "id", attributes: {} }],
  tableNames: { customers: "customers-prod" },
  plainTables: ["notes"],
  keyring: rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32) }),
  role: "reader",
}) as unknown as Sender;

async function codeOf(operation: string, input: object): Promise<unknown> {
  return (reader.send(new (commandOf(sdk, operation))(input as never)) as Promise<unknown>).then(
    () => "answered",
    (error: { code?: unknown }) => error.code,
  );
}

const passed = [...operationTable].filter(([, { kind }]) => kind === "passed" || kind === "defining");
const changing = passed.filter(([, { access }]) => access === "write").map(([operation]) => operation);
const reading = passed.filter(([, { access }]) => access === "read").map(([operation]) => operation);
const arnOf = (table: string): string => `arn:aws:dynamodb:us-east-1:111122223333:table/${table}`;

describe("a reader", () => {
  it("knows which operations change something", () => {
    expect(changing).toEqual(
      expect.arrayContaining(["CreateTable", "DeleteBackup", "DeleteTable", "RestoreTableFromBackup", "UpdateTable", "UpdateTimeToLive"]),
    );
    expect(reading.every((operation) => /^(Describe|List|Get)/.test(operation))).toBe(true);
  });

  const named: readonly object[] = [
    { TableName: "customers-prod" },
    { TableName: "customers" },
    { TableName: "nobody-knows" },
    { TableName: arnOf("customers-prod") },
    { ResourceArn: arnOf("customers-prod") },
    { ResourceArn: `${arnOf("customers-prod")}/index/byEmail` },
    { BackupArn: `${arnOf("customers-prod")}/backup/01` },
    { SourceTableName: "customers-prod", TargetTableName: "notes" },
    { SourceTableName: "notes", TargetTableName: "customers-prod" },
    { SourceTableArn: arnOf("customers-prod"), TargetTableName: "notes" },
    { TableArn: arnOf("customers-prod") },
    { GlobalTableName: "customers-prod" },
    {},
  ];
  it.each(changing)("is refused %s, whatever names the table, before any call", async (operation) => {
    for (const input of named) expect(await codeOf(operation, input), JSON.stringify(input)).toBe("ERR_ROLE_FORBIDS");
  });

  it("may do everything to tables that are plain", async () => {
    for (const operation of changing) {
      expect(await codeOf(operation, { TableName: "notes" }), operation).not.toBe("ERR_ROLE_FORBIDS");
      expect(await codeOf(operation, { ResourceArn: arnOf("notes") }), operation).not.toBe("ERR_ROLE_FORBIDS");
    }
  });

  it("may read whatever is no item", async () => {
    for (const operation of reading) {
      expect(await codeOf(operation, { TableName: "customers-prod" }), operation).not.toBe("ERR_ROLE_FORBIDS");
    }
  });
});
