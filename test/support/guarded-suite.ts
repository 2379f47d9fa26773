import { ConditionalCheckFailedException, DeleteItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { defineTable } from "../../src/schema/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import type { ClientServer } from "./client-server.ts";
import { customers, customersName as TableName } from "./client-tables.ts";
import { guardedFixture, type Item, itemOf, keyOf, N, S, update } from "./guarded-fixture.ts";

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after UpdateItem", "Validate Before UpdateItem"
/** Writes that read before they write, over one server. */
export function guardedSuite(start: () => Promise<ClientServer>): void {
  const { server, wrap, put, get, raw, operations } = guardedFixture(start);

  describe("an update of encrypted and signed attributes", () => {
    test("changes what it names, deep inside too, and leaves the rest", async () => {
      await put("nested");
      const values = { ":s": S("Side Street"), ":l": { L: [S("c")] }, ":n": N(5), ":t": S("silver") };
      const expression =
        "SET address.street = :s, address.#l = list_append(address.#l, :l), balance = balance - :n, tier = :t REMOVE email";
      await wrap().send(update("nested", expression, values, { ExpressionAttributeNames: { "#l": "lines" } }));
      const { email: _gone, ...rest } = itemOf("nested");
      const address = { M: { street: S("Side Street"), lines: { L: [S("a"), S("b"), S("c")] } } };
      expect(await get("nested")).toEqual({ ...rest, address, balance: N(5), tier: S("silver") });
      const row = await raw("nested");
      expect(row?.["email"]).toBeUndefined();
      expect([row?.["address"]?.B, row?.["balance"]?.B].every((bytes) => bytes instanceof Uint8Array)).toBe(true);
    });

    test("creates the item where there is none", async () => {
      const values = { ":e": S("new@b.c"), ":n": N(2) };
      const { Attributes } = await wrap().send(update("created", "SET email = :e ADD visits :n", values, { ReturnValues: "ALL_NEW" }));
      const created = { ...keyOf("created"), email: S("new@b.c"), visits: N(2) };
      expect(Attributes).toEqual(created);
      expect(await get("created")).toEqual(created);
      expect((await raw("created"))?.["email"]?.B).toBeInstanceOf(Uint8Array);
    });

    test("leaves what it does of unsigned attributes to the service", async () => {
      await put("travels");
      server().proxy.requests.length = 0;
      await wrap().send(update("travels", "SET balance = balance + :n ADD visits :n", { ":n": N(3) }));
      expect(operations()).toEqual(["GetItem", "UpdateItem"]);
      const { UpdateExpression, ConditionExpression } = JSON.parse(server().proxy.requests[1]?.body ?? "");
      expect(UpdateExpression).toMatch(/ ADD #\d+ :\d+$/);
      expect(ConditionExpression).toMatch(/^#\d+ = :\d+$/);
      expect(await get("travels")).toMatchObject({ balance: N(13), visits: N(4) });
    });

    test.each([
      ["NONE", undefined],
      ["ALL_OLD", (old: Item) => old],
      ["UPDATED_OLD", () => ({ balance: N(10), address: { M: { lines: { L: [S("b")] } } }, visits: N(1) })],
      [
        "ALL_NEW",
        (old: Item) => ({
          ...old,
          balance: N(11),
          visits: N(2),
          address: { M: { street: S("Main Street"), lines: { L: [S("a"), S("z")] } } },
        }),
      ],
      ["UPDATED_NEW", () => ({ balance: N(11), address: { M: { lines: { L: [S("z")] } } }, visits: N(2) })],
    ] as const)("ReturnValues %s", async (ReturnValues, expected) => {
      const id = `returns ${ReturnValues}`;
      await put(id);
      const more = { ReturnValues, ExpressionAttributeNames: { "#l": "lines" } };
      const expression = "SET balance = balance + :n, address.#l[1] = :z ADD visits :n";
      const { Attributes } = await wrap().send(update(id, expression, { ":n": N(1), ":z": S("z") }, more));
      expect(Attributes).toEqual(expected?.(itemOf(id)));
    });

    test("sums the capacity of its requests", async () => {
      await put("capacity");
      const { ConsumedCapacity } = await wrap().send(
        update("capacity", "SET balance = :n", { ":n": N(1) }, { ReturnConsumedCapacity: "TOTAL" }),
      );
      expect(ConsumedCapacity).toMatchObject({ TableName });
      expect(ConsumedCapacity?.CapacityUnits).toBeGreaterThan(1);
    });

    test("refuses names that are not the application's, and the key, as the service does", async () => {
      const client = wrap();
      const one = { ":v": S("x") };
      await expect(client.send(update("names", "SET aws_dbe_foot = :v", one))).rejects.toMatchObject({ code: "ERR_RESERVED_NAME" });
      const key = client.send(update("names", "SET recordId = :v", one));
      await expect(key).rejects.toMatchObject({ code: "ERR_EXPRESSION_INVALID", name: "ValidationException" });
      const { otherAttributes: _none, ...closed } = customers;
      const unknown = wrap({ schemas: [defineTable(closed)] }).send(update("names", "SET nickname = :v", one));
      await expect(unknown).rejects.toMatchObject({ code: "ERR_ATTRIBUTE_NOT_CONFIGURED", details: { attribute: "nickname" } });
      expect(operations()).toEqual([]);
    });

    test("an expression that does not fit the item is a ValidationException", async () => {
      await put("misfit");
      const failing = wrap().send(update("misfit", "SET email = email + :n", { ":n": N(1) }));
      await expect(failing).rejects.toMatchObject({ code: "ERR_EXPRESSION_INVALID", name: "ValidationException" });
      expect(await get("misfit")).toEqual(itemOf("misfit"));
    });
  });

  describe("conditions on encrypted attributes", () => {
    const richer = { ConditionExpression: "balance > :b", ExpressionAttributeValues: { ":b": N(5) } };
    const poorer = { ConditionExpression: "balance < :b", ExpressionAttributeValues: { ":b": N(5) } };

    test("decide a Put and a Delete", async () => {
      await put("decided");
      const client = wrap();
      const Item = { ...itemOf("decided"), balance: N(100) };
      const { Attributes } = await client.send(new PutItemCommand({ TableName, Item, ...richer, ReturnValues: "ALL_OLD" }));
      expect(Attributes).toEqual(itemOf("decided"));
      await expect(client.send(new DeleteItemCommand({ TableName, Key: keyOf("decided"), ...poorer }))).rejects.toBeInstanceOf(
        ConditionalCheckFailedException,
      );
      expect(await get("decided")).toEqual(Item);
      const deleted = await client.send(new DeleteItemCommand({ TableName, Key: keyOf("decided"), ...richer, ReturnValues: "ALL_OLD" }));
      expect(deleted.Attributes).toEqual(Item);
      expect(await get("decided")).toBeUndefined();
    });

    test("that fail show the item, decrypted, where the request asks for it", async () => {
      await put("shown");
      const failing = { TableName, Item: itemOf("shown"), ...poorer };
      const plain = await wrap()
        .send(new PutItemCommand(failing))
        .catch((error: unknown) => error);
      expect(plain).toMatchObject({ name: "ConditionalCheckFailedException", message: "The conditional request failed" });
      expect((plain as ConditionalCheckFailedException).Item).toBeUndefined();
      const asked = wrap().send(new PutItemCommand({ ...failing, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
      await expect(asked).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: itemOf("shown") });
    });

    test("pin the unsigned attributes that they read beside", async () => {
      await put("pinned");
      server().proxy.requests.length = 0;
      const ConditionExpression = "balance > :b OR visits > :b";
      await wrap().send(update("pinned", "SET balance = :b", { ":b": N(5) }, { ConditionExpression }));
      const { ConditionExpression: guard, ExpressionAttributeNames } = JSON.parse(server().proxy.requests[1]?.body ?? "");
      expect(guard).toMatch(/^#\d+ = :\d+ AND #\d+ = :\d+$/);
      expect(Object.values(ExpressionAttributeNames)).toContain("visits");
    });

    test("on signed attributes are verified where the client, or the request, says so", async () => {
      await put("verified");
      const condition = { ConditionExpression: "tier = :t", ExpressionAttributeValues: { ":t": S("gold"), ":n": N(1) } };
      const visit = { TableName, Key: keyOf("verified"), UpdateExpression: "ADD visits :n", ...condition };
      for (const [client, more, expected] of [
        [wrap(), {}, ["UpdateItem"]],
        [wrap({ verifyConditions: true }), {}, ["GetItem", "UpdateItem"]],
        [wrap(), requestOptions({ verifyConditions: true }), ["GetItem", "UpdateItem"]],
      ] as const) {
        server().proxy.requests.length = 0;
        await client.send(new UpdateItemCommand({ ...visit, ...more }));
        expect(operations()).toEqual(expected);
        expect(server().proxy.requests.every(({ body }) => !body.includes("verifyConditions"))).toBe(true);
      }
      expect(await get("verified")).toMatchObject({ visits: N(4) });
    });

    test("are refused to a writer, who may not decrypt, before any call", async () => {
      await put("writer");
      server().proxy.requests.length = 0;
      const client = wrap({ role: "writer" });
      const forbidden = { code: "ERR_ROLE_FORBIDS", details: { role: "writer", operation: "PutItem" } };
      await expect(client.send(new PutItemCommand({ TableName, Item: itemOf("writer"), ...richer }))).rejects.toMatchObject(forbidden);
      await expect(client.send(update("writer", "SET email = :v", { ":v": S("x") }))).rejects.toMatchObject({ code: "ERR_ROLE_FORBIDS" });
      expect(operations()).toEqual([]);
      await client.send(update("writer creates", "ADD visits :n", { ":n": N(1) }));
      expect(await get("writer creates")).toEqual({ ...keyOf("writer creates"), visits: N(1) });
    });
  });

  describe("a revision", () => {
    const schema = defineTable({ ...customers, attributes: { ...customers.attributes, rev: "SIGN_ONLY" }, revision: "rev" });
    const raise = (id: string): UpdateItemCommand => update(id, "SET balance = balance + :n", { ":n": N(1) });
    const revisionOf = async (id: string): Promise<number> => Number((await get(id, wrap({ schemas: [schema] })))?.["rev"]?.N);

    test("is the clock on a blind Put, and rises with every guarded write", async () => {
      const client = wrap({ schemas: [schema] });
      const before = Date.now();
      await client.send(new PutItemCommand({ TableName, Item: { ...itemOf("revised"), rev: N(1) } }));
      const first = await revisionOf("revised");
      expect(first).toBeGreaterThanOrEqual(before);
      const ahead = { ...itemOf("ahead"), rev: N(before + 1e9) };
      await wrap({ schemas: [defineTable({ ...schema, revision: undefined } as never)] }).send(
        new PutItemCommand({ TableName, Item: ahead }),
      );
      for (const [id, old] of [
        ["revised", first],
        ["ahead", before + 1e9],
      ] as const) {
        await client.send(raise(id));
        expect(await revisionOf(id)).toBeGreaterThan(old);
      }
      expect(await revisionOf("ahead")).toBe(before + 1e9 + 1);
    });

    test("under the application's floor stops a guarded write", async () => {
      await wrap({ schemas: [schema] }).send(new PutItemCommand({ TableName, Item: itemOf("rolled back") }));
      const floor = Date.now() + 1e6;
      const client = wrap({ schemas: [schema], freshness: { floor: () => floor } });
      await expect(client.send(raise("rolled back"))).rejects.toMatchObject({ code: "ERR_ITEM_ROLLED_BACK" });
      expect(await get("rolled back", wrap({ schemas: [schema] }))).toMatchObject({ balance: N(10) });
    });
  });
}
