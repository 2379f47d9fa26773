import { type AttributeValue, DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../support/client-tables.ts";
import { hookedClient } from "../support/hooked-client.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(() => {
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

type Item = Record<string, AttributeValue>;
type Hook = Parameters<typeof hookedClient>[1];
const wrap = (options: Partial<EncryptedClientOptions> = {}, before: Hook = () => undefined) =>
  encryptedClient(hookedClient(server.config, before), { ...clientOptions, ...options });
const keyOf = (id: string): Item => ({ customerId: { S: id }, recordId: { S: "profile" } });
const visit = (id: string, more: object = {}): UpdateItemCommand =>
  new UpdateItemCommand({
    ...{ TableName, Key: keyOf(id), UpdateExpression: "ADD visits :n", ExpressionAttributeValues: { ":n": { N: "1" } } },
    ...more,
  });
const get = async (id: string): Promise<Item | undefined> =>
  (await wrap().send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);
/** Does something at the nth update that goes out. */
const atUpdate = (nth: number, act: () => Promise<unknown>): Hook => {
  let updates = 0;
  return (command) => {
    if (command !== "UpdateItemCommand") return undefined;
    updates++;
    return updates === nth ? act() : undefined;
  };
};

describe("an update of unsigned attributes where there is no item", () => {
  test("creates it with a second call: the first has shown that there is none", async () => {
    await wrap().send(visit("absent"));
    expect(operations()).toEqual(["UpdateItem", "UpdateItem"]);
    expect(await get("absent")).toEqual({ ...keyOf("absent"), visits: { N: "1" } });
  });

  test("decides its condition on no item, not on one that came afterwards", async () => {
    // Holds on no item, and on the one that comes.
    const more = { ConditionExpression: "attribute_not_exists(visits) OR visits < :n" };
    const rival = wrap();
    let sends = 0;
    const racer = wrap({}, () => (++sends === 2 ? rival.send(new PutItemCommand({ TableName, Item: keyOf("came") })) : undefined));
    await racer.send(visit("came", more));
    expect(await get("came")).toEqual({ ...keyOf("came"), visits: { N: "1" } });
  });

  test("shows no item with a condition that fails", async () => {
    const failing = visit("nothing", { ConditionExpression: "attribute_exists(visits)" });
    const error = await wrap()
      .send(failing)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ConditionalCheckFailedException" });
    expect((error as { Item?: Item }).Item).toBeUndefined();
  });

  test("by a writer, who may not read: whoever creates the item first", async () => {
    const rival = wrap();
    const reads: unknown[] = [];
    const onEvent = (event: unknown): number => reads.push(event);
    const writer = wrap(
      { role: "writer", onEvent },
      atUpdate(2, () => rival.send(visit("both"))),
    );
    await writer.send(visit("both"));
    expect(await get("both")).toEqual({ ...keyOf("both"), visits: { N: "2" } });
    expect(operations().filter((operation) => operation === "GetItem").length).toBe(1);
  });

  test("by a writer ends where the item comes and goes each time", async () => {
    const rival = wrap();
    let updates = 0;
    const writer = wrap({ role: "writer", maxUpdateAttempts: 3 }, (command) => {
      if (command !== "UpdateItemCommand") return undefined;
      updates++;
      return updates % 2 === 0 ? rival.send(visit("flickers")) : rival.send(new DeleteItemCommand({ TableName, Key: keyOf("flickers") }));
    });
    await expect(writer.send(visit("flickers"))).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 3 } });
  });
});

describe("an update of unsigned attributes on a row that is no whole item", () => {
  const remnant = async (id: string): Promise<void> => {
    await wrap().send(new PutItemCommand({ TableName, Item: { ...keyOf(id), visits: { N: "1" } } }));
    const REMOVE = { TableName, Key: keyOf(id), UpdateExpression: "REMOVE aws_dbe_foot" };
    await server.plain.send(new UpdateItemCommand(REMOVE));
  };

  test.each([
    ["without a condition", {}],
    ["with a condition that holds", { ConditionExpression: "visits = :n" }],
  ])("%s: the footer was taken away", async (name, more) => {
    await remnant(name);
    await expect(wrap().send(visit(name, more))).rejects.toMatchObject({ code: "ERR_ITEM_REMNANT" });
  });

  test("keeps an encrypted row encrypted where the schema writes plaintext", async () => {
    await wrap().send(new PutItemCommand({ TableName, Item: { ...keyOf("sealed"), email: { S: "a@b.c" }, visits: { N: "1" } } }));
    const plaintextOverride = "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
    const options = { schemas: [defineTable({ ...customers, plaintextOverride })], acknowledgePlaintext: true };
    await wrap(options).send(visit("sealed"));
    expect(await get("sealed")).toEqual({ ...keyOf("sealed"), email: { S: "a@b.c" }, visits: { N: "2" } });
  });
});
