import {
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { itemKey } from "../../src/tables/item-key.ts";
import type { ProtectedTable } from "../../src/tables/protected-tables.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customersName as TableName } from "../support/client-tables.ts";

const S = (text: string) => ({ S: text });
const key = { customerId: S("refused"), recordId: S("profile") };

let server: ClientServer;
let inner: DynamoDBClient;
let client: DynamoDBClient;

beforeAll(async () => {
  server = await startClientServer();
  inner = new DynamoDBClient(server.config);
  client = encryptedClient(inner, { ...clientOptions, filterAfterDecrypt: true });
});
afterAll(async () => {
  inner.destroy();
  await server.stop();
});

/** Refused by the name that the service would give, and nothing of it sent. */
async function expectRefused(send: () => Promise<unknown>, code: string): Promise<void> {
  const before = server.proxy.requests.length;
  await expect(send()).rejects.toMatchObject({ name: "ValidationException", code });
  expect(server.proxy.requests.length).toBe(before);
}

describe("values that no table stores are refused where they would be encrypted", () => {
  const values = [
    ["an empty string set", { SS: [] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["an empty number set", { NS: [] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["an empty binary set", { BS: [] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["an empty set in a list", { L: [{ SS: [] }] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["duplicates", { NS: ["1", "1.0"] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["39 digits", { N: "1".repeat(39) }, "ERR_NUMBER_INVALID"],
    ["a text for a number", { N: "one" }, "ERR_NUMBER_INVALID"],
  ] as const;
  const withEmail = (value: object): { [name: string]: never } => ({ ...key, email: value }) as never;

  it.each(values)("%s, by PutItem", async (_, value, code) => {
    await expectRefused(() => client.send(new PutItemCommand({ TableName, Item: withEmail(value) })), code);
  });

  it.each(values)("%s, although a condition fails as well", async (_, value, code) => {
    const condition = { ConditionExpression: "email = :a", ExpressionAttributeValues: { ":a": S("a") } };
    await expectRefused(() => client.send(new PutItemCommand({ TableName, Item: withEmail(value), ...condition })), code);
  });

  it("in batches and transactions", async () => {
    const Item = withEmail({ SS: [] });
    const code = "ERR_ATTRIBUTE_NOT_SERIALIZABLE";
    await expectRefused(() => client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item } }] } })), code);
    await expectRefused(() => client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }] })), code);
  });

  it("and an item without its key", async () => {
    await expectRefused(() => client.send(new PutItemCommand({ TableName, Item: { customerId: S("1") } })), "ERR_KEY_MISSING");
  });
});

it("an attribute called __proto__, which the SDK could not read again, is not written", async () => {
  const before = server.proxy.requests.length;
  const Item = Object.fromEntries([...Object.entries(key), ["__proto__", S("x")]]);
  const names = { ExpressionAttributeNames: { "#p": "__proto__" }, ExpressionAttributeValues: { ":x": S("x") } };
  const update = new UpdateItemCommand({ TableName, Key: key, UpdateExpression: "SET #p = :x", ...names });
  for (const sending of [client.send(new PutItemCommand({ TableName, Item })), client.send(update)]) {
    await expect(sending).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT", message: expect.stringContaining("__proto__") });
  }
  expect(server.proxy.requests.length).toBe(before);
});

describe("requests of which the service sees a part only", () => {
  it("two actions on one item are no lost race", async () => {
    const update = {
      TableName,
      Key: key,
      UpdateExpression: "SET email = :email",
      ExpressionAttributeValues: { ":email": S("a@example.com") },
    };
    const actions = [{ Put: { TableName, Item: { ...key, email: S("b@example.com") } } }, { Update: update }];
    await expectRefused(() => client.send(new TransactWriteItemsCommand({ TransactItems: actions })), "ERR_EXPRESSION_INVALID");
  });

  it("SPECIFIC_ATTRIBUTES without saying which", async () => {
    const query = { TableName, KeyConditionExpression: "customerId = :id", ExpressionAttributeValues: { ":id": S("1"), ":e": S("e") } };
    const input = { ...query, FilterExpression: "email = :e", Select: "SPECIFIC_ATTRIBUTES" as const };
    await expectRefused(() => client.send(new QueryCommand(input)), "ERR_EXPRESSION_INVALID");
  });
});

it("guarded writes of one item queue up however its number is spelled", () => {
  const write = (N: string): Parameters<typeof itemKey>[0] => ({
    table: { physicalName: "t" } as ProtectedTable,
    key: { id: { N }, at: S("1") },
  });
  expect(itemKey(write("1.50"))).toBe(itemKey(write("15e-1")));
  expect(itemKey(write("1.5"))).not.toBe(itemKey(write("15")));
});
