import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { requestOptions } from "../../src/operations/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import type { ClientServer } from "./client-server.ts";
import { clientOptions, customers, customersName as TableName } from "./client-tables.ts";

type Item = Record<string, AttributeValue>;

/** A server for the suite. */
export interface GuardedSuiteServer {
  start(): Promise<ClientServer>;
  /** dynalite finds no two maps equal. */
  readonly comparesMaps: boolean;
}

/** Writes that read before they write, over one server. */
export function guardedSuite({ start, comparesMaps }: GuardedSuiteServer): void {
  let server: ClientServer;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(() => {
    server.proxy.requests.length = 0;
  });
  afterAll(() => server.stop());

  const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
    encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, ...options });
  const S = (text: string): AttributeValue => ({ S: text });
  const N = (number: number): AttributeValue => ({ N: String(number) });
  const keyOf = (id: string): Item => ({ customerId: S(id), recordId: S("profile") });
  const itemOf = (id: string): Item => ({
    ...keyOf(id),
    email: S(`${id}@b.c`),
    address: { M: { street: S("Main Street"), lines: { L: [S("a"), S("b")] } } },
    balance: N(10),
    tier: S("gold"),
    visits: N(1),
  });
  const put = (id: string, more: Item = {}): Promise<unknown> =>
    wrap().send(new PutItemCommand({ TableName, Item: { ...itemOf(id), ...more } }));
  const get = async (id: string, client = wrap()): Promise<Item | undefined> =>
    (await client.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
  const raw = async (id: string): Promise<Item | undefined> =>
    (await server.plain.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
  const update = (id: string, expression: string, values: Item = {}, more: Partial<UpdateItemCommandInput> = {}): UpdateItemCommand =>
    new UpdateItemCommand({
      TableName,
      Key: keyOf(id),
      UpdateExpression: expression,
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
      ...more,
    });
  const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);

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
      server.proxy.requests.length = 0;
      await wrap().send(update("travels", "SET balance = balance + :n ADD visits :n", { ":n": N(3) }));
      expect(operations()).toEqual(["GetItem", "UpdateItem"]);
      const { UpdateExpression, ConditionExpression } = JSON.parse(server.proxy.requests[1]?.body ?? "");
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
      server.proxy.requests.length = 0;
      const ConditionExpression = "balance > :b OR visits > :b";
      await wrap().send(update("pinned", "SET balance = :b", { ":b": N(5) }, { ConditionExpression }));
      const { ConditionExpression: guard, ExpressionAttributeNames } = JSON.parse(server.proxy.requests[1]?.body ?? "");
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
        server.proxy.requests.length = 0;
        await client.send(new UpdateItemCommand({ ...visit, ...more }));
        expect(operations()).toEqual(expected);
        expect(server.proxy.requests.every(({ body }) => !body.includes("verifyConditions"))).toBe(true);
      }
      expect(await get("verified")).toMatchObject({ visits: N(4) });
    });

    test("are refused to a writer, who may not decrypt, before any call", async () => {
      await put("writer");
      server.proxy.requests.length = 0;
      const client = wrap({ role: "writer" });
      const forbidden = { code: "ERR_ROLE_FORBIDS", details: { role: "writer", operation: "PutItem" } };
      await expect(client.send(new PutItemCommand({ TableName, Item: itemOf("writer"), ...richer }))).rejects.toMatchObject(forbidden);
      await expect(client.send(update("writer", "SET email = :v", { ":v": S("x") }))).rejects.toMatchObject({ code: "ERR_ROLE_FORBIDS" });
      expect(operations()).toEqual([]);
      await client.send(update("writer creates", "ADD visits :n", { ":n": N(1) }));
      expect(await get("writer creates")).toEqual({ ...keyOf("writer creates"), visits: N(1) });
    });
  });

  describe("a lost race", () => {
    const raise = (id: string, more: Partial<UpdateItemCommandInput> = {}): UpdateItemCommand =>
      update(id, "SET balance = balance + :n", { ":n": N(1) }, more);
    /** Somebody else writes between the read and the write, as often as told. */
    const rivals = (id: string, times: number): (() => number) => {
      let done = 0;
      const rival = wrap();
      intercepted = async () => {
        if (done >= times) return;
        done++;
        await rival.send(raise(id));
      };
      return () => done;
    };
    let intercepted: (() => Promise<void>) | undefined;
    /** A client of another process: no queue is shared. */
    const racer = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient => {
      const base = new DynamoDBClient(server.config);
      base.middlewareStack.add(
        (next, context) => async (args) => {
          if (context["commandName"] === "UpdateItemCommand") await intercepted?.();
          return next(args);
        },
        { step: "initialize" },
      );
      return encryptedClient(base, { ...clientOptions, ...options });
    };

    test("is run again on what the other one wrote", async () => {
      await put("raced");
      const count = rivals("raced", 3);
      await racer().send(raise("raced"));
      expect(count()).toBe(3);
      expect(await get("raced")).toMatchObject({ balance: N(14) });
    });

    test("again and again ends, with nothing written", async () => {
      await put("contended");
      rivals("contended", 100);
      const client = racer({ maxUpdateAttempts: 2 });
      await expect(client.send(raise("contended"))).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 2 } });
      const patient = raise("contended", requestOptions({ maxUpdateAttempts: 3 }));
      await expect(client.send(patient)).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 3 } });
      intercepted = undefined;
      expect(await get("contended")).toMatchObject({ balance: N(15) });
    });

    test("does not happen inside one client", async () => {
      await put("queued");
      server.proxy.requests.length = 0;
      const client = wrap();
      await Promise.all(Array.from({ length: 20 }, () => client.send(raise("queued"))));
      expect(await get("queued")).toMatchObject({ balance: N(30) });
      expect(operations().filter((operation) => operation === "UpdateItem").length).toBe(20);
    });
  });

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
      server.proxy.requests.length = 0;
      const { Attributes } = await wrap().send(
        update("many", "SET a7 = :n ADD visits :n", { ":n": N(1) }, { ReturnValues: "UPDATED_NEW" }),
      );
      expect(Attributes).toEqual({ a7: N(1), visits: N(2) });
      expect(operations()).toEqual(["GetItem", "PutItem"]);
      const { ExpressionAttributeNames } = JSON.parse(server.proxy.requests[1]?.body ?? "");
      expect(Object.values(ExpressionAttributeNames).sort()).toEqual(["aws_dbe_foot", "seen", "visits"]);
      expect(await get("many")).toEqual({ ...itemOf("many"), ...many, a7: N(1), visits: N(2) });
    });

    test("are refused where unsigned attributes could be overwritten that nobody read", async () => {
      await put("prefixed", many);
      const prefixed = wrap({ schemas: [defineTable({ ...customers, unsignedAttributePrefix: ":" })] });
      server.proxy.requests.length = 0;
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
      await server.plain.send(new PutItemCommand({ TableName, Item }));
      server.proxy.requests.length = 0;
      await migrating().send(update(`plain row ${name}`, expression, { ":n": N(1) }));
      const { ExpressionAttributeNames } = JSON.parse(server.proxy.requests.at(-1)?.body ?? "");
      // The guard: every signed attribute that was read, and that it is still in plaintext.
      expect(Object.values(ExpressionAttributeNames)).toEqual(expect.arrayContaining(["aws_dbe_head", "email", "tier", "balance"]));
      expect(await get(`plain row ${name}`)).toEqual({ ...Item, ...changed });
    });

    test("is refused where the schema reads none", async () => {
      await server.plain.send(new PutItemCommand({ TableName, Item: itemOf("refused plain") }));
      for (const expression of ["ADD visits :n", "SET balance = :n"]) {
        const updating = wrap().send(update("refused plain", expression, { ":n": N(1) }));
        await expect(updating).rejects.toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
      }
      expect(await raw("refused plain")).toEqual(itemOf("refused plain"));
    });
  });

  describe("a write whose answer is lost", () => {
    /** Lets writes through, or not, and loses the answers; then runs what others do. */
    const losing = (lands: boolean, meanwhile: () => Promise<unknown>): DynamoDBClient => {
      const base = new DynamoDBClient(server.config);
      let lost = false;
      base.middlewareStack.add(
        (next, context) => async (args) => {
          if (context["commandName"] !== "UpdateItemCommand" || lost) return next(args);
          lost = true;
          if (lands) await next(args);
          await meanwhile();
          throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
        },
        { step: "initialize" },
      );
      return encryptedClient(base, clientOptions);
    };
    const raise = (id: string): UpdateItemCommand =>
      update(id, "SET balance = balance + :n", { ":n": N(1) }, { ReturnValues: "UPDATED_NEW" });

    test("is found done", async () => {
      await put("landed");
      const { Attributes } = await losing(true, async () => undefined).send(raise("landed"));
      expect(Attributes).toEqual({ balance: N(11) });
      expect(await get("landed")).toMatchObject({ balance: N(11) });
    });

    test("is found not done, and repeated", async () => {
      await put("dropped");
      expect((await losing(false, async () => undefined).send(raise("dropped"))).Attributes).toEqual({ balance: N(11) });
      expect(await get("dropped")).toMatchObject({ balance: N(11) });
    });

    test.each([true, false])("is not repeated where others have written since (landed: %s)", async (lands) => {
      const id = `overwritten ${lands}`;
      await put(id);
      const updating = losing(lands, () => wrap().send(raise(id))).send(raise(id));
      await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_OUTCOME_UNKNOWN", details: { tableName: "customers" } });
      expect(await get(id)).toMatchObject({ balance: N(lands ? 12 : 11) });
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
