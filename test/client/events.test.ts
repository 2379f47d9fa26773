import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ImportTableCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import { type DynasealEvent, eventChannelName } from "../../src/materials/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, customersName, keyring, notesName } from "../support/client-tables.ts";
import { itemOf, keyOf, S } from "../support/guarded-fixture.ts";

let server: ClientServer;
let events: DynasealEvent[] = [];
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(() => {
  events = [];
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, onEvent: (event) => events.push(event), ...options });
const note = { id: S("1"), text: S("readable") };
const toPlainTable = { type: "plaintext-write", tableName: notesName, reason: "plain-table" };

describe("a write to a plain table is an event", () => {
  const SET = { UpdateExpression: "SET #t = :t", ExpressionAttributeNames: { "#t": "text" }, ExpressionAttributeValues: { ":t": S("x") } };
  const Put = { TableName: notesName, Item: note };
  const Update = { TableName: notesName, Key: { id: S("1") }, ...SET };

  test.each([
    ["PutItem", () => new PutItemCommand(Put)],
    ["UpdateItem", () => new UpdateItemCommand(Update)],
    [
      "BatchWriteItem, once",
      () =>
        new BatchWriteItemCommand({
          RequestItems: {
            [notesName]: ["2", "3"].map((id) => ({ PutRequest: { Item: { ...note, id: S(id) } } })),
            [customersName]: [{ PutRequest: { Item: itemOf("batch") } }],
          },
        }),
    ],
    ["TransactWriteItems", () => new TransactWriteItemsCommand({ TransactItems: [{ Put }] })],
    [
      "TransactWriteItems beside a protected table",
      () => new TransactWriteItemsCommand({ TransactItems: [{ Update }, { Put: { TableName: customersName, Item: itemOf("beside") } }] }),
    ],
  ])("%s", async (_, command) => {
    await wrap().send(command() as PutItemCommand);
    expect(events).toEqual([toPlainTable]);
  });

  test("not what only deletes, and not what failed", async () => {
    const client = wrap();
    await client.send(new DeleteItemCommand({ TableName: notesName, Key: { id: S("1") } }));
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [notesName]: [{ DeleteRequest: { Key: { id: S("2") } } }],
          [customersName]: [{ PutRequest: { Item: itemOf("only") } }],
        },
      }),
    );
    const ConditionExpression = "attribute_exists(id)";
    await expect(client.send(new PutItemCommand({ ...Put, Item: { ...note, id: S("none") }, ConditionExpression }))).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
    });
    expect(events).toEqual([]);
  });
});

describe("the diagnostics channel dynaseal.event", () => {
  test("carries the very objects that onEvent gets, from clients and encryptors", async () => {
    const published: unknown[] = [];
    const listener = (message: unknown): number => published.push(message);
    subscribe(eventChannelName, listener);
    try {
      await wrap().send(new PutItemCommand({ TableName: notesName, Item: note }));
      const schema = defineTable({ ...customers, plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" });
      const options = { schema, keyring, acknowledgePlaintext: true };
      await itemEncryptor({ ...options, onEvent: (event) => events.push(event) }).encryptItem(itemOf("encryptor"));
      await itemEncryptor(options).decryptItem(itemOf("nobody listens"));
    } finally {
      unsubscribe(eventChannelName, listener);
    }
    expect(eventChannelName).toBe("dynaseal.event");
    expect(published).toEqual([
      toPlainTable,
      { type: "plaintext-write", tableName: "customers", reason: "schema" },
      { type: "plaintext-read", tableName: "customers" },
    ]);
    expect(events).toHaveLength(2);
    for (const [index, event] of events.entries()) expect(published[index]).toBe(event);
  });
});

describe("a protected table by its logical name, which tableNames maps to another, is never taken for a plain one", () => {
  const TableName = "customers";
  const Key = keyOf("leak");
  const operations: Record<string, () => object> = {
    GetItem: () => new GetItemCommand({ TableName, Key }),
    PutItem: () => new PutItemCommand({ TableName, Item: itemOf("leak") }),
    UpdateItem: () => new UpdateItemCommand({ TableName, Key }),
    DeleteItem: () => new DeleteItemCommand({ TableName, Key }),
    Query: () => new QueryCommand({ TableName }),
    Scan: () => new ScanCommand({ TableName }),
    BatchGetItem: () => new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } }),
    BatchWriteItem: () => new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: itemOf("leak") } }] } }),
    TransactGetItems: () => new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key } }] }),
    TransactWriteItems: () => new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: itemOf("leak") } }] }),
    ImportTable: () =>
      new ImportTableCommand({
        S3BucketSource: { S3Bucket: "b" },
        InputFormat: "DYNAMODB_JSON",
        TableCreationParameters: { TableName, AttributeDefinitions: [], KeySchema: [] },
      }),
  };

  test.each(Object.entries(operations))("%s, with every other table plain", async (_, command) => {
    const sending = wrap({ plainTables: "all" }).send(command() as PutItemCommand);
    await expect(sending).rejects.toMatchObject({ code: "ERR_TABLE_NOT_CONFIGURED", details: { physicalName: customersName } });
    expect(server.proxy.requests).toEqual([]);
  });

  test("by its ARN", async () => {
    const byArn = { TableName: `arn:aws:dynamodb:us-east-1:111122223333:table/${TableName}`, Item: itemOf("leak") };
    const sending = wrap({ plainTables: "all" }).send(new PutItemCommand(byArn));
    await expect(sending).rejects.toMatchObject({ code: "ERR_TABLE_NOT_CONFIGURED" });
    expect(server.proxy.requests).toEqual([]);
  });

  test("in a list of plain tables: when the client is made", () => {
    const details = { physicalName: TableName, logicalNames: ["customers"] };
    expect(() => wrap({ plainTables: [notesName, TableName] })).toThrow(
      expect.objectContaining({ code: "ERR_TABLE_CONFIGURED_TWICE", details }),
    );
  });

  test("but two tables may exchange names", async () => {
    const other = defineTable({ tableName: customersName, partitionKey: "id", attributes: {}, algorithmSuite: "HMAC" });
    const tableNames = { customers: customersName, [customersName]: "customers" };
    const client = wrap({ schemas: [customers, other], tableNames, plainTables: "all" });
    await client.send(new PutItemCommand({ TableName: customersName, Item: itemOf("exchanged") }));
    const { Item } = await client.send(new GetItemCommand({ TableName: customersName, Key: keyOf("exchanged") }));
    expect(Item).toEqual(itemOf("exchanged"));
    expect(events).toEqual([]);
  });
});
