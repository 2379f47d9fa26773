import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { defineTable } from "../../src/schema/index.ts";
import type { ClientServer } from "./client-server.ts";
import { customers, customersName as TableName } from "./client-tables.ts";
import { guardedFixture, type Item, itemOf, N, S, update } from "./guarded-fixture.ts";

/** A server for the suite. */
export interface RewritingSuiteServer {
  readonly start: () => Promise<ClientServer>;
  /** dynalite finds no two maps equal. */
  readonly comparesMaps: boolean;
}

/** What guarded updates make of items that others wrote, over one server. */
export function rewritingSuite({ start, comparesMaps }: RewritingSuiteServer): void {
  const { server, wrap, put, get, raw, operations } = guardedFixture(start);

  describe("rewriting never weakens", () => {
    const ranked = (rank: "SIGN_ONLY" | "ENCRYPT_AND_SIGN"): DynamoDBClient =>
      wrap({ schemas: [defineTable({ ...customers, attributes: { ...customers.attributes, rank } })] });
    const strict = (): DynamoDBClient => ranked("ENCRYPT_AND_SIGN");
    const rankedItem = (id: string): Item => ({ ...itemOf(id), rank: S("secret rank") });

    test("a schema that says less than the item has", async () => {
      await strict().send(new PutItemCommand({ TableName, Item: rankedItem("sealed") }));
      const exposing = ranked("SIGN_ONLY").send(update("sealed", "SET email = :e", { ":e": S("x@y.z") }));
      const details = { tableName: "customers", attribute: "rank", stored: "ENCRYPT_AND_SIGN", planned: "SIGN_ONLY" };
      await expect(exposing).rejects.toMatchObject({ code: "ERR_WOULD_EXPOSE", details });
      expect(await get("sealed", strict())).toEqual(rankedItem("sealed"));
      // What is taken away is not exposed.
      await ranked("SIGN_ONLY").send(
        update("sealed", "SET email = :e REMOVE #r", { ":e": S("x@y.z") }, { ExpressionAttributeNames: { "#r": "rank" } }),
      );
      expect((await raw("sealed"))?.["rank"]).toBeUndefined();
    });

    test("an attribute that the schema does not name keeps its action", async () => {
      await strict().send(new PutItemCommand({ TableName, Item: rankedItem("kept") }));
      const lax = wrap({ schemas: [defineTable({ ...customers, otherAttributes: "SIGN_ONLY" })] });
      await lax.send(update("kept", "SET email = :e", { ":e": S("x@y.z") }));
      expect((await raw("kept"))?.["rank"]?.B).toBeInstanceOf(Uint8Array);
      expect(await get("kept", strict())).toEqual({ ...rankedItem("kept"), email: S("x@y.z") });
    });

    test("an attribute in the encryption context stays there", async () => {
      const context = { ...customers.attributes, tier: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" } as const;
      const bound = wrap({ schemas: [defineTable({ ...customers, attributes: context })] });
      await bound.send(new PutItemCommand({ TableName, Item: itemOf("bound") }));
      await wrap().send(update("bound", "SET email = :e", { ":e": S("x@y.z") }));
      expect((await raw("bound"))?.["aws_dbe_head"]?.B?.[0]).toBe(2);
      expect(await get("bound", bound)).toEqual({ ...itemOf("bound"), email: S("x@y.z") });
    });
  });

  describe("items with very many attributes", () => {
    const many = Object.fromEntries(Array.from({ length: 420 }, (_, index) => [`a${index}`, N(index)]));

    test("are replaced whole, with every unsigned attribute pinned", async () => {
      await put("many", many);
      server().proxy.requests.length = 0;
      const { Attributes } = await wrap().send(
        update("many", "SET a7 = :n ADD visits :n", { ":n": N(1) }, { ReturnValues: "UPDATED_NEW" }),
      );
      expect(Attributes).toEqual({ a7: N(1), visits: N(2) });
      expect(operations()).toEqual(["GetItem", "PutItem"]);
      const { ExpressionAttributeNames } = JSON.parse(server().proxy.requests[1]?.body ?? "");
      expect(Object.values(ExpressionAttributeNames).sort()).toEqual(["aws_dbe_foot", "seen", "visits"]);
      expect(await get("many")).toEqual({ ...itemOf("many"), ...many, a7: N(1), visits: N(2) });
    });

    test("are refused where unsigned attributes could be overwritten that nobody read", async () => {
      await put("prefixed", many);
      const prefixed = wrap({ schemas: [defineTable({ ...customers, unsignedAttributePrefix: ":" })] });
      server().proxy.requests.length = 0;
      const refused = prefixed.send(update("prefixed", "SET a7 = :n", { ":n": N(1) }));
      await expect(refused).rejects.toMatchObject({ code: "ERR_EXPRESSION_TOO_LARGE", details: { tableName: "customers" } });
      expect(operations()).toEqual(["GetItem"]);
    });
  });

  describe("a plaintext row", () => {
    const reading = { ...customers, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
    const migrating = (): DynamoDBClient => wrap({ schemas: [defineTable(reading)], acknowledgePlaintext: true });

    test.each([
      ["of unsigned attributes", "ADD visits :n", { visits: N(2) }],
      ["of encrypted attributes", "SET balance = balance + :n", { balance: N(11) }],
    ])("is encrypted by an update %s", async (name, expression, changed) => {
      const { address, ...flat } = itemOf(`plain row ${name}`);
      const Item = { ...flat, ...(comparesMaps && address !== undefined ? { address } : {}) };
      await server().plain.send(new PutItemCommand({ TableName, Item }));
      server().proxy.requests.length = 0;
      await migrating().send(update(`plain row ${name}`, expression, { ":n": N(1) }));
      const { ExpressionAttributeNames } = JSON.parse(server().proxy.requests.at(-1)?.body ?? "");
      // The guard: every signed attribute that was read, and that it is still in plaintext.
      expect(Object.values(ExpressionAttributeNames)).toEqual(expect.arrayContaining(["aws_dbe_head", "email", "tier", "balance"]));
      expect(await get(`plain row ${name}`)).toEqual({ ...Item, ...changed });
    });

    test("is refused where the schema reads none", async () => {
      await server().plain.send(new PutItemCommand({ TableName, Item: itemOf("refused plain") }));
      for (const expression of ["ADD visits :n", "SET balance = :n"]) {
        const updating = wrap().send(update("refused plain", expression, { ":n": N(1) }));
        await expect(updating).rejects.toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
      }
      expect(await raw("refused plain")).toEqual(itemOf("refused plain"));
    });
  });
}
