import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import type { ClientServer } from "./client-server.ts";
import { clientOptions, customers, customersName as TableName } from "./client-tables.ts";
import { guardedFixture, type Item, itemOf, keyOf, N, S, update } from "./guarded-fixture.ts";
import { hookedClient } from "./hooked-client.ts";

/** The bookkeeping that a Global Table of version 2017 keeps in each item. */
const bookkeeping = (updatetime: string): Item => ({
  "aws:rep:deleting": { BOOL: false },
  "aws:rep:updateregion": S("us-east-1"),
  "aws:rep:updatetime": { N: updatetime },
});

/** Guarded writes on rows that a Global Table of version 2017 keeps its books in, over one server. */
export function replicatedRowSuite(start: () => Promise<ClientServer>): void {
  const { server, wrap, put, get, raw, operations } = guardedFixture(start);

  /** What the service itself does to a row. */
  const replicate = (id: string, updatetime: string): Promise<unknown> => {
    const entries = Object.entries(bookkeeping(updatetime));
    return server().plain.send(
      new UpdateItemCommand({
        ...{ TableName, Key: keyOf(id), UpdateExpression: `SET ${entries.map((_, index) => `#${index} = :${index}`).join(", ")}` },
        ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
        ExpressionAttributeValues: Object.fromEntries(entries.map(([, value], index) => [`:${index}`, value])),
      }),
    );
  };
  const putReplicated = async (id: string, more: Item = {}): Promise<void> => {
    await put(id, more);
    await replicate(id, "1.1");
    server().proxy.requests.length = 0;
  };
  const sent = (): string =>
    server()
      .proxy.requests.map(({ body }) => body)
      .join("\n");
  /** The service changes its books between the read and the write. */
  const replicatedMeanwhile = (id: string, command: string): DynamoDBClient => {
    let done = false;
    const base = hookedClient(server().config, async (name) => {
      if (done || name !== command) return;
      done = true;
      await replicate(id, "2.2");
    });
    return encryptedClient(base, clientOptions);
  };
  const raise = (id: string): UpdateItemCommand => update(id, "SET balance = balance + :n ADD visits :n", { ":n": N(1) });
  const richer = { ConditionExpression: "balance > :b", ExpressionAttributeValues: { ":b": N(5) } };

  describe("an update", () => {
    test("neither pins nor writes nor removes them, and the item verifies", async () => {
      await putReplicated("updated");
      await replicatedMeanwhile("updated", "UpdateItemCommand").send(raise("updated"));
      expect(operations()).toEqual(["GetItem", "UpdateItem"]);
      expect(sent()).not.toContain("aws:rep");
      expect(await get("updated")).toEqual({ ...itemOf("updated"), balance: N(11), visits: N(2), ...bookkeeping("2.2") });
    });

    test("does not pin what its condition reads of them", async () => {
      await putReplicated("conditional");
      const condition = { ConditionExpression: "balance = :n OR #u > :n", ExpressionAttributeNames: { "#u": "aws:rep:updatetime" } };
      const updating = update("conditional", "SET balance = :n", { ":n": N(1) }, condition);
      await replicatedMeanwhile("conditional", "UpdateItemCommand").send(updating);
      expect(operations()).toEqual(["GetItem", "UpdateItem"]);
      expect(sent()).not.toContain("aws:rep");
      expect(await get("conditional")).toMatchObject({ balance: N(1), ...bookkeeping("2.2") });
    });

    test("of unsigned attributes leaves them", async () => {
      await putReplicated("native");
      await wrap().send(update("native", "ADD visits :n", { ":n": N(1) }));
      expect(operations()).toEqual(["UpdateItem"]);
      expect(await get("native")).toEqual({ ...itemOf("native"), visits: N(2), ...bookkeeping("1.1") });
    });

    test("returns them as a plain table does", async () => {
      await putReplicated("returned");
      const { Attributes } = await wrap().send(update("returned", "SET balance = :n", { ":n": N(1) }, { ReturnValues: "ALL_NEW" }));
      expect(Attributes).toEqual({ ...itemOf("returned"), balance: N(1), ...bookkeeping("1.1") });
    });

    test("that would have to replace the whole item is refused, and nothing sent", async () => {
      const many = Object.fromEntries(Array.from({ length: 420 }, (_, index) => [`a${index}`, N(index)]));
      await putReplicated("large", many);
      const refused = wrap().send(raise("large"));
      await expect(refused).rejects.toMatchObject({ code: "ERR_EXPRESSION_TOO_LARGE", details: { tableName: "customers" } });
      expect(operations()).toEqual(["GetItem"]);
      expect(await raw("large")).toMatchObject(bookkeeping("1.1"));
    });

    test("encrypts a plaintext row without pinning them", async () => {
      const { address: _map, ...flat } = itemOf("plaintext");
      await server().plain.send(new PutItemCommand({ TableName, Item: flat }));
      await replicate("plaintext", "1.1");
      server().proxy.requests.length = 0;
      const schema = defineTable({ ...customers, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" });
      await wrap({ schemas: [schema], acknowledgePlaintext: true }).send(raise("plaintext"));
      expect(sent()).not.toContain("aws:rep");
      expect(await get("plaintext")).toEqual({ ...flat, balance: N(11), visits: N(2), ...bookkeeping("1.1") });
    });
  });

  describe("a Put on a condition", () => {
    test("replaces the item and leaves the service to keep its books; they are no race", async () => {
      await putReplicated("put");
      const Item = { ...itemOf("put"), balance: N(50) };
      await replicatedMeanwhile("put", "PutItemCommand").send(new PutItemCommand({ TableName, Item, ...richer }));
      expect(operations()).toEqual(["GetItem", "PutItem"]);
      expect(sent()).not.toContain("aws:rep");
      expect(await get("put")).toEqual(Item);
    });

    test("of an item that was read takes them along, unsigned", async () => {
      await putReplicated("put back");
      const read = await get("put back");
      await wrap().send(new PutItemCommand({ TableName, Item: { ...read, balance: N(50) }, ...richer }));
      await replicate("put back", "3.3");
      expect(await get("put back")).toEqual({ ...itemOf("put back"), balance: N(50), ...bookkeeping("3.3") });
    });
  });

  test("a Delete on a condition does not pin them", async () => {
    await putReplicated("deleted");
    await replicatedMeanwhile("deleted", "DeleteItemCommand").send(new DeleteItemCommand({ TableName, Key: keyOf("deleted"), ...richer }));
    expect(operations()).toEqual(["GetItem", "DeleteItem"]);
    expect(sent()).not.toContain("aws:rep");
    expect(await raw("deleted")).toBeUndefined();
  });

  test("a transaction does not pin them", async () => {
    await putReplicated("transacted");
    const { input } = raise("transacted");
    const Update = { ...input, UpdateExpression: input.UpdateExpression, ReturnValues: undefined };
    const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Update }] });
    await replicatedMeanwhile("transacted", "TransactWriteItemsCommand").send(transaction);
    expect(operations()).toEqual(["TransactGetItems", "TransactWriteItems"]);
    expect(sent()).not.toContain("aws:rep");
    expect(await get("transacted")).toEqual({ ...itemOf("transacted"), balance: N(11), visits: N(2), ...bookkeeping("2.2") });
  });
}
