import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../../src/client/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import { defineTable } from "../../../src/schema/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../../src/testing/index.ts";

const region = "eu-west-1";
const TableName = "documents";
const document = { M: { pieces: { L: [{ S: "a" }, { N: "1.0" }, { B: new Uint8Array([1]) }] }, tags: { SS: ["x", "y"] } } } as const;
/** The same value, written otherwise. */
const same: AttributeValue = { M: { tags: { SS: ["y", "x"] }, pieces: { L: [{ S: "a" }, { N: "1" }, { B: new Uint8Array([1]) }] } } };
const other: AttributeValue = { M: { tags: { SS: ["y", "x"] }, pieces: { L: [{ S: "b" }, { N: "1" }, { B: new Uint8Array([1]) }] } } };
const key = { id: { S: "a" } };
const item: Record<string, AttributeValue> = {
  ...key,
  doc: document as unknown as AttributeValue,
  marks: { L: [{ BOOL: true }] },
  memo: { S: "t" },
};

let tables: LocalGlobalTable;
let client: DynamoDBClient;
beforeAll(async () => {
  tables = await startLocalGlobalTable({
    regions: [region],
    tables: [
      {
        TableName,
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      },
    ],
  });
  client = new DynamoDBClient(tables.clientConfig(region));
});
afterAll(async () => {
  client.destroy();
  await tables.stop();
});

type Holds = (ConditionExpression: string, values: Record<string, AttributeValue>) => Promise<boolean>;

async function holds(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && /ConditionalCheckFailed/.test(`${error.name} ${error.message}`)) return false;
    throw error;
  }
}

const transact = (action: TransactWriteItem): Promise<boolean> =>
  holds(() => client.send(new TransactWriteItemsCommand({ TransactItems: [action] })));

const writes: Readonly<Record<string, Holds>> = {
  PutItem: (ConditionExpression, ExpressionAttributeValues) =>
    holds(() => client.send(new PutItemCommand({ TableName, Item: item, ConditionExpression, ExpressionAttributeValues }))),
  UpdateItem: (ConditionExpression, ExpressionAttributeValues) =>
    holds(() => client.send(new UpdateItemCommand({ TableName, Key: key, ConditionExpression, ExpressionAttributeValues }))),
  DeleteItem: (ConditionExpression, ExpressionAttributeValues) =>
    holds(() => client.send(new DeleteItemCommand({ TableName, Key: key, ConditionExpression, ExpressionAttributeValues }))),
  "TransactWriteItems, as ConditionCheck": (ConditionExpression, ExpressionAttributeValues) =>
    transact({ ConditionCheck: { TableName, Key: key, ConditionExpression, ExpressionAttributeValues } }),
  "TransactWriteItems, as Put": (ConditionExpression, ExpressionAttributeValues) =>
    transact({ Put: { TableName, Item: item, ConditionExpression, ExpressionAttributeValues } }),
  "TransactWriteItems, as Update": (ConditionExpression, ExpressionAttributeValues) =>
    transact({ Update: { TableName, Key: key, UpdateExpression: "SET memo = memo", ConditionExpression, ExpressionAttributeValues } }),
  "TransactWriteItems, as Delete": (ConditionExpression, ExpressionAttributeValues) =>
    transact({ Delete: { TableName, Key: key, ConditionExpression, ExpressionAttributeValues } }),
};

describe.each(Object.entries(writes))("a condition of %s on lists and maps", (_, conditionHolds) => {
  it.each<[string, Record<string, AttributeValue>, boolean]>([
    ["doc = :v", { ":v": same }, true],
    ["doc = :v", { ":v": other }, false],
    ["doc = :v", { ":v": { S: "t" } }, false],
    ["doc <> :v", { ":v": same }, false],
    ["doc <> :v", { ":v": other }, true],
    [":v = doc", { ":v": same }, true],
    ["doc.pieces = :v", { ":v": { L: [{ S: "a" }, { N: "1" }, { B: new Uint8Array([1]) }] } }, true],
    ["doc.pieces[0] = :v", { ":v": { S: "a" } }, true],
    ["marks IN (:v, :w)", { ":v": other, ":w": { L: [{ BOOL: true }] } }, true],
    ["marks IN (:v)", { ":v": { L: [{ BOOL: false }] } }, false],
    ["NOT doc = :v AND memo = :t", { ":v": other, ":t": { S: "t" } }, true],
    ["doc = :v OR memo = :t", { ":v": other, ":t": { S: "u" } }, false],
    ["nowhere = :v", { ":v": same }, false],
  ])("%s", async (condition, values, expected) => {
    await client.send(new PutItemCommand({ TableName, Item: item }));
    expect(await conditionHolds(condition, values)).toBe(expected);
  });

  it("does not hold without an item", async () => {
    await client.send(new DeleteItemCommand({ TableName, Key: key }));
    expect(await conditionHolds("doc = :v", { ":v": same })).toBe(false);
  });
});

it("lets an encrypted client update a plain item that holds a map, as the service does", async () => {
  const schema = defineTable({
    tableName: TableName,
    partitionKey: "id",
    attributes: { doc: "ENCRYPT_AND_SIGN", marks: "SIGN_ONLY", memo: "ENCRYPT_AND_SIGN" },
    algorithmSuite: "HMAC",
    plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
  });
  const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "documents", wrappingKey: new Uint8Array(32) });
  const service = encryptedClient(client, { schemas: [schema], keyring, acknowledgePlaintext: true });
  await client.send(new PutItemCommand({ TableName, Item: item }));
  const input = { UpdateExpression: "SET #memo = :t", ExpressionAttributeNames: { "#memo": "memo" } };
  await service.send(new UpdateItemCommand({ TableName, Key: key, ...input, ExpressionAttributeValues: { ":t": { S: "new" } } }));
  const [row] = await tables.rawItems(region, TableName);
  expect(Object.keys(row ?? {})).toContain("aws_dbe_head");
});
