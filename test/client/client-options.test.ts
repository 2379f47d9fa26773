import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { clientOptions, customers, customersName, keyring } from "../support/client-tables.ts";

const base = (): DynamoDBClient => new DynamoDBClient({ region: "us-east-1" });
const other = defineTable({ tableName: "other", partitionKey: "id", attributes: { secret: "ENCRYPT_AND_SIGN" } });
const override = defineTable({
  tableName: "migrating",
  partitionKey: "id",
  attributes: { secret: "ENCRYPT_AND_SIGN" },
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});

// Each stands for what an application without types could pass.
const refused: readonly (readonly [string, Record<string, unknown>, object])[] = [
  ["a misspelt option", { plainTable: [] }, { code: "ERR_OPTION_UNKNOWN", details: { option: "plainTable", suggestion: "plainTables" } }],
  ["an option far from any", { xyz: 1 }, { code: "ERR_OPTION_UNKNOWN", details: { suggestion: undefined } }],
  [
    "an option that is no truth value",
    { verifyConditions: "yes" },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "verifyConditions" } },
  ],
  ["no attempts", { maxUpdateAttempts: 0 }, { code: "ERR_INVALID_ARGUMENT", details: { argument: "maxUpdateAttempts" } }],
  [
    "an unknown way with bad items",
    { onUndecryptable: "skip" },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "onUndecryptable" } },
  ],
  [
    "an unknown way with an index",
    { indexes: { byCity: true } },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "indexes.byCity" } },
  ],
  [
    "a partition selector for a table without beacons",
    { partitionSelectors: { customers: () => 0 } },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "partitionSelectors.customers" } },
  ],
  [
    "beacon keys for a table without beacons",
    { beaconKeys: { customers: { keyStore: {} } } },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "beaconKeys.customers" } },
  ],
  ["schemas that are no list", { schemas: customers }, { code: "ERR_INVALID_ARGUMENT", details: { argument: "schemas" } }],
  ["a broken schema", { schemas: [{ tableName: "x" }] }, { code: "ERR_SCHEMA_INVALID" }],
  ["no keyring", { keyring: undefined }, { code: "ERR_INVALID_ARGUMENT", details: { argument: "keyring" } }],
  ["half a keyring", { keyring: { onEncrypt: () => undefined } }, { code: "ERR_INVALID_ARGUMENT" }],
  [
    "a keyring for an unknown table",
    { keyring: { costumers: keyring } },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "keyring.costumers" } },
  ],
  [
    "a table without a keyring",
    { schemas: [customers, other], keyring: { customers: keyring } },
    { details: { argument: "keyring.other" } },
  ],
  [
    "a name that no table can have, without a mapping",
    { schemas: [customers, { ...other, tableName: "t" }] },
    { code: "ERR_INVALID_ARGUMENT", details: { argument: "tableNames.t" } },
  ],
  ["a mapping for an unknown table", { tableNames: { costumers: "x-y-z" } }, { details: { argument: "tableNames.costumers" } }],
  [
    "a mapping to an ARN",
    { tableNames: { customers: "arn:aws:dynamodb:us-east-1:111122223333:table/customers" } },
    { details: { argument: "tableNames.customers" } },
  ],
  [
    "a plain table by its ARN",
    { plainTables: ["arn:aws:dynamodb:us-east-1:111122223333:table/notes"] },
    { details: { argument: "plainTables" } },
  ],
  ["plainTables that are no list", { plainTables: "notes" }, { details: { argument: "plainTables" } }],
  [
    "one schema twice",
    { schemas: [customers, customers] },
    { code: "ERR_TABLE_CONFIGURED_TWICE", details: { physicalName: customersName } },
  ],
  [
    "two schemas for one physical table",
    { schemas: [customers, other], tableNames: { customers: "same", other: "same" } },
    { code: "ERR_TABLE_CONFIGURED_TWICE", details: { physicalName: "same", logicalNames: ["customers", "other"] } },
  ],
  ["a protected table that is to stay plain", { plainTables: [customersName] }, { code: "ERR_TABLE_CONFIGURED_TWICE" }],
  ["no KMS calls at all", { kmsConcurrency: 0 }, { details: { argument: "kmsConcurrency" } }],
  ["an event listener that is none", { onEvent: {} }, { details: { argument: "onEvent" } }],
  ["plaintext that nobody acknowledged", { schemas: [override], tableNames: {} }, { code: "ERR_PLAINTEXT_NOT_ACKNOWLEDGED" }],
];

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "DynamoDb Table Encryption Configs"
// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "DynamoDB Table Name", "Logical Table Name"
test.each(refused)("refuses %s", (_name, change, error) => {
  const options = { ...clientOptions, ...change } as unknown as EncryptedClientOptions;
  expect(errorOf(() => encryptedClient(base(), options))).toMatchObject(error);
});

function errorOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

test("takes parsed JSON, keyrings by table, and acknowledged plaintext", () => {
  const json = { tableName: "json", partitionKey: "id", attributes: { secret: "ENCRYPT_AND_SIGN" } };
  const options = { schemas: [json, override], keyring: { json: keyring, migrating: keyring }, acknowledgePlaintext: true };
  expect(encryptedClient(base(), options)).toBeInstanceOf(DynamoDBClient);
});

test("refuses to wrap twice, also by way of a document client", () => {
  const wrapped = encryptedClient(base(), clientOptions);
  const error = expect.objectContaining({ code: "ERR_CLIENT_ALREADY_WRAPPED" });
  expect(() => encryptedClient(wrapped, clientOptions)).toThrow(error);
  expect(() => encryptedClient(DynamoDBDocumentClient.from(wrapped), clientOptions)).toThrow(error);
});

test("refuses what is no DynamoDB client", () => {
  for (const client of [undefined, {}, { ...base(), config: { serviceId: "S3" } }]) {
    expect(() => encryptedClient(client as DynamoDBClient, clientOptions)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
    );
  }
});

test.each(["serializerMiddleware", "deserializerMiddleware"])("refuses a client without the step %s", (step) => {
  const client = base();
  client.middlewareStack.remove(step);
  expect(() => encryptedClient(client, clientOptions)).toThrow(expect.objectContaining({ code: "ERR_SDK_UNSUPPORTED" }));
});
