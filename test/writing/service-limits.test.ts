import { PutItemCommand, TransactWriteItemsCommand, UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customersName as TableName } from "../support/client-tables.ts";
import { itemOf, keyOf, N, S } from "../support/guarded-fixture.ts";
import { hookedClient } from "../support/hooked-client.ts";
import { storedItem } from "../support/stored-item.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(async () => {
  await wrap().send(new PutItemCommand({ TableName, Item: itemOf("item") }));
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const wrap = () =>
  encryptedClient(
    hookedClient(server.config, () => undefined),
    clientOptions,
  );
const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);
const read = () => storedItem(wrap(), { TableName, Key: keyOf("item") });
/** So many operators: each term has one, and each AND between them. */
const terms = (operators: number): string => {
  const count = Math.ceil(operators / 2);
  const comparisons = Array.from({ length: count }, () => "visits < :max").join(" AND ");
  return operators % 2 === 0 ? `NOT ${comparisons}`.replace("NOT visits <", "NOT visits >") : comparisons;
};
const counting = (ConditionExpression: string): UpdateItemCommandInput => ({
  ...{ TableName, Key: keyOf("item"), UpdateExpression: "ADD visits :n", ConditionExpression },
  ExpressionAttributeValues: { ":n": N(1), ":max": N(1000) },
});

describe("a native update near the service's limits", () => {
  test.each([
    [297, ["UpdateItem"]],
    [298, ["UpdateItem"]],
    [299, ["GetItem", "UpdateItem"]],
    [300, ["GetItem", "UpdateItem"]],
  ])("with a condition of %i operators is done, as on a plain table", async (operators, expected) => {
    await wrap().send(new UpdateItemCommand(counting(terms(operators))));
    expect(operations()).toEqual(expected);
    expect(await read()).toMatchObject({ visits: N(2) });
  });

  test("with one operator more is refused, as on a plain table", async () => {
    const updating = wrap().send(new UpdateItemCommand(counting(terms(301))));
    await expect(updating).rejects.toMatchObject({ name: "ValidationException" });
    expect(operations()).toEqual([]);
  });

  test("with a condition of 4,096 bytes is done", async () => {
    const name = `#${"n".repeat(240)}`;
    const bytes = (text: string): number => Buffer.byteLength(text);
    const condition = Array.from({ length: 16 }, () => `${name} < :max`).join(" AND ");
    const padded = `${condition}${" ".repeat(4096 - bytes(condition))}`;
    const input = { ...counting(padded), ExpressionAttributeNames: { [name]: "visits" } };
    await wrap().send(new UpdateItemCommand(input));
    expect(await read()).toMatchObject({ visits: N(2) });
  });

  test("in a transaction is done", async () => {
    const { UpdateExpression, ...Update } = counting(terms(300));
    await wrap().send(new TransactWriteItemsCommand({ TransactItems: [{ Update: { ...Update, UpdateExpression } }] }));
    expect(operations()).toEqual(["TransactGetItems", "TransactWriteItems"]);
    expect(await read()).toMatchObject({ visits: N(2) });
  });

  test("keeps its own text where it has no condition", async () => {
    const UpdateExpression = "ADD visits :number_of_visits";
    await wrap().send(
      new UpdateItemCommand({ TableName, Key: keyOf("item"), UpdateExpression, ExpressionAttributeValues: { ":number_of_visits": N(1) } }),
    );
    expect(JSON.parse(server.proxy.requests[0]?.body ?? "")).toMatchObject({
      UpdateExpression,
      ConditionExpression: "attribute_exists(aws_dbe_foot)",
    });
  });
});

describe("an update of an item that is not there", () => {
  test.each([
    ["REMOVE email.host", {}],
    ["REMOVE visits.a", {}],
    ["REMOVE address.#l[0]", { ExpressionAttributeNames: { "#l": "lines" } }],
  ])("%s has nothing to remove, and creates the item, as the service does", async (UpdateExpression, more) => {
    await wrap().send(new UpdateItemCommand({ TableName, Key: keyOf(UpdateExpression), UpdateExpression, ...more }));
    expect(await storedItem(wrap(), { TableName, Key: keyOf(UpdateExpression) })).toEqual(keyOf(UpdateExpression));
  });

  test("does the rest of the update", async () => {
    const input = { UpdateExpression: "SET tier = :t REMOVE email.host", ExpressionAttributeValues: { ":t": S("gold") } };
    await wrap().send(new UpdateItemCommand({ TableName, Key: keyOf("rest"), ...input }));
    expect(await storedItem(wrap(), { TableName, Key: keyOf("rest") })).toEqual({ ...keyOf("rest"), tier: S("gold") });
  });

  test("SET inside an attribute that is not there is refused, as ever; so is REMOVE where the item is there", async () => {
    const SET = { UpdateExpression: "SET email.host = :t", ExpressionAttributeValues: { ":t": S("x") } };
    for (const input of [SET, { UpdateExpression: "REMOVE nickname.a" }]) {
      const Key = keyOf(input === SET ? "absent" : "item");
      await expect(wrap().send(new UpdateItemCommand({ TableName, Key, ...input }))).rejects.toMatchObject({ name: "ValidationException" });
    }
  });
});
