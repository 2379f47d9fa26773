import { type AttributeValue, DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { defineTable } from "../../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../../support/client-tables.ts";
import { hookedClient } from "../../support/hooked-client.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(() => {
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

type Item = Record<string, AttributeValue>;
const wrap = (options: Partial<EncryptedClientOptions> = {}) =>
  encryptedClient(
    hookedClient(server.config, () => undefined),
    { ...clientOptions, ...options },
  );
const keyOf = (id: string): Item => ({ customerId: { S: id }, recordId: { S: "profile" } });
const many = Object.fromEntries(Array.from({ length: 420 }, (_, index) => [`a${index}`, { N: String(index) }]));
const tooLarge = { code: "ERR_EXPRESSION_TOO_LARGE", details: { tableName: "customers" } };
const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);

test("an item that is not there is created whole, also where a prefix names unsigned attributes: there are none to overwrite", async () => {
  const names = Array.from({ length: 500 }, (_, index) => `z${index.toString(36)}`);
  const client = wrap({ schemas: [defineTable({ ...customers, unsignedAttributePrefix: ":" })] });
  await client.send(
    new UpdateItemCommand({
      ...{ TableName, Key: keyOf("created") },
      UpdateExpression: `SET ${names.map((name) => `${name}=:v`).join(",")}`,
      ExpressionAttributeValues: { ":v": { N: "1" } },
    }),
  );
  expect(operations()).toEqual(["GetItem", "PutItem"]);
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf("created") }));
  expect(Object.keys(Item ?? {}).length).toBe(502);
});

describe("a condition on a plaintext row with very many attributes: the guard names those that it read", () => {
  const plaintextOverride = "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
  const migrating = () => wrap({ schemas: [defineTable({ ...customers, plaintextOverride })], acknowledgePlaintext: true });
  const condition = { ConditionExpression: "a1 = :v", ExpressionAttributeValues: { ":v": { N: "1" } } };

  test.each([
    ["Put", (id: string) => migrating().send(new PutItemCommand({ TableName, Item: keyOf(id), ...condition, ReturnValues: "ALL_OLD" }))],
    [
      "Delete",
      (id: string) => migrating().send(new DeleteItemCommand({ TableName, Key: keyOf(id), ...condition, ReturnValues: "ALL_OLD" })),
    ],
  ])("a %s", async (id, write) => {
    await server.plain.send(new PutItemCommand({ TableName, Item: { ...keyOf(id), ...many } }));
    expect((await write(id)).Attributes).toEqual({ ...keyOf(id), ...many });
    const { ExpressionAttributeNames } = JSON.parse(server.proxy.requests.at(-1)?.body ?? "");
    expect(Object.values(ExpressionAttributeNames).sort()).toEqual(["a1", "aws_dbe_foot", "aws_dbe_head", "customerId"]);
  });

  test("but a condition that reads more than a guard can hold is refused, and nothing sent", async () => {
    await server.plain.send(new PutItemCommand({ TableName, Item: { ...keyOf("wide"), ...many } }));
    const ConditionExpression = Array.from({ length: 150 }, (_, index) => `a${index} <> :v`).join(" AND ");
    const wide = { TableName, Key: keyOf("wide"), ConditionExpression, ExpressionAttributeValues: { ":v": { N: "-1" } } };
    await expect(migrating().send(new DeleteItemCommand(wide))).rejects.toMatchObject(tooLarge);
    expect(operations()).toEqual(["GetItem"]);
  });
});
