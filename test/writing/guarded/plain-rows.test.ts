import { type DynamoDBClient, PutItemCommand, TransactWriteItemsCommand, type UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import type { DynasealEvent } from "../../../src/materials/index.ts";
import { defineTable } from "../../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../../support/client-tables.ts";
import { type Item, keyOf, N, S, update, itemOf as wholeItem } from "../../support/guarded-fixture.ts";
import { hookedClient } from "../../support/hooked-client.ts";
import { storedItem } from "../../support/stored-item.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(() => {
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const reading = { plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
const forced = { plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
const at = (step: typeof reading | typeof forced): Partial<EncryptedClientOptions> => ({
  schemas: [defineTable({ ...customers, ...step })],
  acknowledgePlaintext: true,
});
const wrap = (options: Partial<EncryptedClientOptions> = {}, before: (command: string) => Promise<unknown> | undefined = () => undefined) =>
  encryptedClient(hookedClient(server.config, before), { ...clientOptions, ...options });
/** dynalite finds no two maps equal. */
const itemOf = (id: string): Item => {
  const { address: _map, ...flat } = wholeItem(id);
  return flat;
};
const plainPut = (Item: Item): Promise<unknown> => server.plain.send(new PutItemCommand({ TableName, Item }));
const plainSet = (id: string, name: string, value: string): Promise<unknown> =>
  server.plain.send(update(id, "SET #n = :v", { ":v": S(value) }, { ExpressionAttributeNames: { "#n": name } }));
const stored = (id: string): Promise<Item | undefined> => storedItem(server.plain, { TableName, Key: keyOf(id) });
const read = (id: string, client: DynamoDBClient = wrap()): Promise<Item | undefined> => storedItem(client, { TableName, Key: keyOf(id) });
const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);

describe("an update that encrypts a plain row", () => {
  test("guards the absence of what the schema signs, and that the row is there", async () => {
    await plainPut(itemOf("guard"));
    server.proxy.requests.length = 0;
    await wrap(at(reading)).send(update("guard", "SET email = :e", { ":e": S("x") }));
    const { ConditionExpression, ExpressionAttributeNames } = JSON.parse(server.proxy.requests.at(-1)?.body ?? "");
    const names = ExpressionAttributeNames as Record<string, string>;
    const guarded = [...ConditionExpression.matchAll(/(attribute_\w+)\((#\d+)\)/g)].map(([, test, name]) => `${test} ${names[name ?? ""]}`);
    expect(guarded.sort()).toEqual([
      "attribute_exists customerId",
      "attribute_not_exists address",
      "attribute_not_exists aws_dbe_foot",
      "attribute_not_exists aws_dbe_head",
      "attribute_not_exists city",
    ]);
    expect(operations()).toEqual(["GetItem", "UpdateItem"]);
  });

  test("that others add to at every turn ends, and names what is left", async () => {
    await plainPut(itemOf("never"));
    let added = 0;
    const client = wrap({ ...at(reading), maxUpdateAttempts: 2 }, (command) =>
      command === "UpdateItemCommand" ? plainSet("never", `added${++added}`, "x") : undefined,
    );
    const updating = client.send(update("never", "SET email = :e", { ":e": S("x") }));
    const details = { tableName: "customers", attempts: 2, attributes: ["added3"] };
    await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details });
    await expect(read("never")).rejects.toThrow();
    // The remedy that the error names.
    await server.plain.send(update("never", "REMOVE added3"));
    expect(await read("never")).toEqual({ ...itemOf("never"), email: S("x"), added1: S("x"), added2: S("x") });
  });

  test("names what is left where the second write fails, with its cause", async () => {
    await plainPut(itemOf("fails"));
    let updates = 0;
    const client = wrap(at(reading), async (command) => {
      if (command === "GetItemCommand") return;
      if (++updates === 1) await plainSet("fails", "nickname", "Al");
      else throw new Error("no route to the service");
    });
    const updating = client.send(update("fails", "SET email = :e", { ":e": S("x") }, { ReturnValues: "NONE" }));
    await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attributes: ["nickname"] } });
    await expect(updating).rejects.toHaveProperty("cause.message", "no route to the service");
  });

  test.each([
    ["few attributes, added to", {}, "nickname"],
    ["many attributes, added to", many(), "nickname"],
  ])("whose answer is lost, of an item of %s", async (name, more, theirs) => {
    const id = `lost ${name}`;
    await plainPut({ ...itemOf(id), ...more });
    const base = hookedClient(server.config, () => undefined);
    let lost = false;
    base.middlewareStack.add(
      (next, context) => async (args) => {
        if (context["commandName"] !== "UpdateItemCommand" || lost) return next(args);
        lost = true;
        await plainSet(id, theirs, "theirs");
        await next(args);
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      },
      { step: "initialize" },
    );
    const client = encryptedClient(base, { ...clientOptions, ...at(reading) });
    const updating = client.send(update(id, "SET email = :e", { ":e": S("x") }));
    // The guard could not name all of the row, and the old row that would show what it overwrote is lost.
    if (Object.keys(more).length > 0) await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_OUTCOME_UNKNOWN" });
    else await updating;
    expect(await read(id)).toEqual({ ...itemOf(id), ...more, email: S("x"), [theirs]: S("theirs") });
  });

  test("in a transaction is refused where the guard cannot hold the row, as nothing would show what it overwrote", async () => {
    await plainPut({ ...itemOf("transaction"), ...many() });
    const Update = {
      TableName,
      Key: keyOf("transaction"),
      UpdateExpression: "SET email = :e",
      ExpressionAttributeValues: { ":e": S("x") },
    };
    const sending = wrap(at(reading)).send(new TransactWriteItemsCommand({ TransactItems: [{ Update }] }));
    await expect(sending).rejects.toMatchObject({ code: "ERR_EXPRESSION_TOO_LARGE" });
  });
});

function many(): Item {
  return Object.fromEntries(Array.from({ length: 180 }, (_, index) => [`a${index}`, N(index)]));
}

describe("a process of step 1, which writes plaintext", () => {
  test.each([
    ["UpdateItem of an encrypted attribute", (id: string) => update(id, "SET email = :e", { ":e": S("x") })],
    [
      "UpdateItem with a condition on one",
      (id: string) => update(id, "SET email = :e", { ":e": S("x"), ":t": S("gold") }, { ConditionExpression: "tier = :t" }),
    ],
    [
      "TransactWriteItems",
      (id: string) =>
        new TransactWriteItemsCommand({
          TransactItems: [
            { Update: { TableName, Key: keyOf(id), UpdateExpression: "SET email = :e", ExpressionAttributeValues: { ":e": S("x") } } },
          ],
        }),
    ],
  ])("keeps an item encrypted that step 2 wrote: %s", async (id, command) => {
    await wrap(at(reading)).send(new PutItemCommand({ TableName, Item: wholeItem(id) }));
    await wrap(at(forced)).send(command(id) as UpdateItemCommand);
    expect(await read(id)).toEqual({ ...wholeItem(id), email: S("x") });
    expect((await stored(id))?.["email"]?.B).toBeInstanceOf(Uint8Array);
  });

  test("encrypts what it adds to such an item", async () => {
    await wrap(at(reading)).send(new PutItemCommand({ TableName, Item: wholeItem("adds") }));
    await wrap(at(forced)).send(update("adds", "SET nickname = :v", { ":v": S("Al") }));
    expect(await read("adds")).toEqual({ ...wholeItem("adds"), nickname: S("Al") });
    expect((await stored("adds"))?.["nickname"]?.B).toBeInstanceOf(Uint8Array);
  });

  test("tells of each Put that takes the place of an encrypted item", async () => {
    const events: DynasealEvent[] = [];
    const client = wrap({ ...at(forced), onEvent: (event) => events.push(event) });
    const condition = { ConditionExpression: "email = :e", ExpressionAttributeValues: { ":e": S("replaced@b.c") } };
    const replaced = { type: "plaintext-write", tableName: "customers", reason: "schema", replacedEncrypted: true };
    const written = { type: "plaintext-write", tableName: "customers", reason: "schema" };
    for (const more of [{}, condition, { ReturnValues: "ALL_OLD" } as const]) {
      await wrap(at(reading)).send(new PutItemCommand({ TableName, Item: wholeItem("replaced") }));
      events.length = 0;
      const { Attributes } = await client.send(new PutItemCommand({ TableName, Item: wholeItem("replaced"), ...more }));
      expect(Attributes).toEqual("ReturnValues" in more ? wholeItem("replaced") : undefined);
      expect(events).toEqual([written, replaced]);
      events.length = 0;
      expect((await client.send(new PutItemCommand({ TableName, Item: wholeItem("replaced") }))).Attributes).toBeUndefined();
      expect(events).toEqual([written]);
    }
  });

  test("updates a plain row in place, however many attributes it has, where a condition is decided here", async () => {
    await plainPut({ ...itemOf("in place"), ...many() });
    server.proxy.requests.length = 0;
    const more = { ConditionExpression: "email <> :v", ReturnValues: "UPDATED_NEW" } as const;
    const { Attributes } = await wrap(at(forced)).send(
      update("in place", "SET tier = :v ADD visits :n", { ":v": S("x"), ":n": N(1) }, more),
    );
    expect(Attributes).toEqual({ tier: S("x"), visits: N(2) });
    expect(operations()).toEqual(["GetItem", "UpdateItem"]);
    expect(await stored("in place")).toEqual({ ...itemOf("in place"), ...many(), tier: S("x"), visits: N(2) });
  });
});
