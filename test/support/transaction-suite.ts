import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import type { ClientServer } from "./client-server.ts";
import { clientOptions, notesName, customersName as TableName } from "./client-tables.ts";

type Item = Record<string, AttributeValue>;
type Actions = NonNullable<TransactWriteItemsCommandInput["TransactItems"]>;

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before TransactWriteItems"
/** Transactions whose actions read before they write, over one server. */
export function transactionSuite(start: () => Promise<ClientServer>): void {
  let server: ClientServer;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(() => {
    server.proxy.requests.length = 0;
  });
  afterAll(() => server.stop());

  const wrap = (options: Partial<EncryptedClientOptions> = {}, base = new DynamoDBClient(server.config)): DynamoDBClient =>
    encryptedClient(base, { ...clientOptions, ...options });
  const S = (text: string): AttributeValue => ({ S: text });
  const N = (number: number): AttributeValue => ({ N: String(number) });
  const keyOf = (id: string): Item => ({ customerId: S(id), recordId: S("profile") });
  const itemOf = (id: string, balance = 10): Item => ({ ...keyOf(id), email: S(`${id}@b.c`), balance: N(balance), visits: N(1) });
  const put = (id: string): Promise<unknown> => wrap().send(new PutItemCommand({ TableName, Item: itemOf(id) }));
  const get = async (id: string): Promise<Item | undefined> =>
    (await wrap().send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
  const send = (client: DynamoDBClient, TransactItems: Actions, more: object = {}): Promise<unknown> =>
    client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));
  const canceled = async (client: DynamoDBClient, TransactItems: Actions): Promise<TransactionCanceledException> => {
    const error = await send(client, TransactItems).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "TransactionCanceledException" });
    return error as TransactionCanceledException;
  };
  const codes = ({ CancellationReasons }: TransactionCanceledException): unknown => CancellationReasons?.map(({ Code }) => Code);
  const raise = (id: string, n: number, more: object = {}) => ({
    Update: {
      ...{ TableName, Key: keyOf(id), UpdateExpression: "SET balance = balance + :n" },
      ...{ ExpressionAttributeValues: { ":n": N(n) } },
      ...more,
    },
  });
  const poor = (id: string, more: object = {}) => ({
    ConditionCheck: {
      ...{ TableName, Key: keyOf(id), ConditionExpression: "balance < :b", ExpressionAttributeValues: { ":b": N(5) } },
      ...more,
    },
  });
  const visit = (id: string) => ({
    Update: { TableName, Key: keyOf(id), UpdateExpression: "ADD visits :n", ExpressionAttributeValues: { ":n": N(1) } },
  });
  const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);

  describe("a transaction", () => {
    test("moves money between encrypted balances, beside actions of every kind", async () => {
      await Promise.all(["from", "to", "goes", "checked", "visited"].map(put));
      server.proxy.requests.length = 0;
      const rich = { ConditionExpression: "balance >= :n" };
      const deletion = {
        TableName,
        Key: keyOf("goes"),
        ConditionExpression: "email = :e",
        ExpressionAttributeValues: { ":e": S("goes@b.c") },
      };
      const check = { TableName, Key: keyOf("checked"), ConditionExpression: "balance = :b", ExpressionAttributeValues: { ":b": N(10) } };
      await send(wrap(), [
        raise("from", -7, { ...rich, UpdateExpression: "SET balance = balance - :n", ExpressionAttributeValues: { ":n": N(7) } }),
        raise("to", 7),
        { Delete: deletion },
        { ConditionCheck: check },
        visit("visited"),
        { Put: { TableName, Item: itemOf("comes"), ConditionExpression: "attribute_not_exists(email)" } },
        { Put: { TableName: notesName, Item: { id: S("plain note") } } },
      ]);
      expect(operations()).toEqual(["TransactGetItems", "TransactWriteItems"]);
      expect(await get("from")).toMatchObject({ balance: N(3) });
      expect(await get("to")).toMatchObject({ balance: N(17) });
      expect(await get("goes")).toBeUndefined();
      expect(await get("visited")).toMatchObject({ visits: N(2) });
      expect(await get("comes")).toEqual(itemOf("comes"));
    });

    test("reads nothing where the service can decide all of it", async () => {
      await put("native");
      server.proxy.requests.length = 0;
      await send(wrap(), [visit("native"), { Put: { TableName, Item: itemOf("native too") } }]);
      expect(operations()).toEqual(["TransactWriteItems"]);
    });

    test("creates the item that an update of unsigned attributes does not find", async () => {
      await send(wrap(), [visit("not there yet")]);
      expect(await get("not there yet")).toEqual({ ...keyOf("not there yet"), visits: N(1) });
    });

    test("reports every reason in the order of its actions, with decrypted items where they are asked for", async () => {
      await Promise.all(["good", "bad", "worse"].map(put));
      const shown = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
      const native = { Delete: { TableName, Key: keyOf("native bad"), ConditionExpression: "attribute_exists(email)" } };
      const error = await canceled(wrap(), [raise("good", 1), poor("bad"), poor("worse", shown), native]);
      expect(codes(error)).toEqual(["None", "ConditionalCheckFailed", "ConditionalCheckFailed", "ConditionalCheckFailed"]);
      expect(error.CancellationReasons?.[2]?.Item).toEqual(itemOf("worse"));
      expect(Object.keys(error.CancellationReasons?.[1]?.Item ?? {})).toEqual([]);
      expect(await get("good")).toMatchObject({ balance: N(10) });
    });

    test("that does not fit an item fails as on a plain table", async () => {
      // AWS documents a reason ValidationError; DynamoDB Local answers with a ValidationException.
      const failure = async (client: DynamoDBClient, action: Actions[number]): Promise<unknown> => {
        const error = await send(client, [action]).catch((thrown: unknown) => thrown);
        return [(error as Error).name, codes(error as TransactionCanceledException)];
      };
      await put("misfit");
      const missing = { UpdateExpression: "SET balance = nowhere + :n" };
      const note = { ...raise("misfit", 1, missing).Update, TableName: notesName, Key: { id: S("misfit") } };
      const plain = await failure(server.plain, { Update: note });
      expect(plain).not.toEqual(["Error", undefined]);
      expect(await failure(wrap(), raise("misfit", 1, missing))).toEqual(plain);
    });

    test("shows no item of an update that was not asked to", async () => {
      await put("hidden");
      const Update = { ...visit("hidden").Update, ConditionExpression: "attribute_not_exists(email)" };
      const [reason] = (await canceled(wrap(), [{ Update }])).CancellationReasons ?? [];
      expect(reason?.Code).toBe("ConditionalCheckFailed");
      expect(Object.keys(reason?.Item ?? {})).toEqual([]);
    });
  });

  describe("a transaction that loses a race", () => {
    /** Another process raises the balance before each of the first transactions. */
    const raced = (id: string, times: number, options: Partial<EncryptedClientOptions> = {}): DynamoDBClient => {
      const base = new DynamoDBClient(server.config);
      const rival = wrap();
      let done = 0;
      const middleware = base.middlewareStack;
      middleware.add(
        (next, context) => async (args) => {
          if (context["commandName"] === "TransactWriteItemsCommand" && done < times) {
            done++;
            const { Update } = raise(id, 1);
            await rival.send(new UpdateItemCommand(Update));
          }
          return next(args);
        },
        { step: "initialize" },
      );
      return wrap(options, base);
    };

    test("is run again as a whole", async () => {
      await Promise.all(["raced", "beside"].map(put));
      // The second of the transactions that somebody runs ahead of is the one that spends the token.
      await send(raced("raced", 3), [raise("raced", 100), raise("beside", 1)], { ClientRequestToken: "raced" });
      expect(await get("raced")).toMatchObject({ balance: N(113) });
      expect(await get("beside")).toMatchObject({ balance: N(11) });
      const tokens = server.proxy.requests
        .filter(({ operation }) => operation === "TransactWriteItems")
        .map(({ body }) => JSON.parse(body).ClientRequestToken);
      expect(new Set(tokens).size).toBe(3);
      expect(tokens[0]).toBe("raced");
    });

    test("too often ends, with nothing written", async () => {
      await put("hopeless");
      const sending = send(raced("hopeless", 100, { maxUpdateAttempts: 2 }), [raise("hopeless", 100)]);
      await expect(sending).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 2 } });
      expect(await get("hopeless")).toMatchObject({ balance: N(12) });
    });
  });

  describe("a ClientRequestToken", () => {
    const ClientRequestToken = "token-1";

    test("makes a repeated request one, byte for byte", async () => {
      await put("once");
      server.proxy.requests.length = 0;
      const client = wrap();
      const actions: Actions = [raise("once", 1), { Put: { TableName, Item: itemOf("once too") } }];
      await Promise.all([send(client, actions, { ClientRequestToken }), send(client, actions, { ClientRequestToken })]);
      await send(client, actions, { ClientRequestToken });
      expect(await get("once")).toMatchObject({ balance: N(11) });
      const bodies = server.proxy.requests.filter(({ operation }) => operation === "TransactWriteItems").map(({ body }) => body);
      expect(bodies.length).toBe(3);
      expect(new Set(bodies).size).toBe(1);
    });

    test("with another request is a mismatch, as the service says it", async () => {
      await put("mismatch");
      const client = wrap();
      await send(client, [raise("mismatch", 1)], { ClientRequestToken: "token-2" });
      const other = send(client, [raise("mismatch", 2)], { ClientRequestToken: "token-2" });
      await expect(other).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
      expect(await get("mismatch")).toMatchObject({ balance: N(11) });
    });

    test("of a request whose answer was lost finds it done", async () => {
      await put("lost answer");
      const base = new DynamoDBClient(server.config);
      let lost = false;
      base.middlewareStack.add(
        (next, context) => async (args) => {
          const output = await next(args);
          if (context["commandName"] !== "TransactWriteItemsCommand" || lost) return output;
          lost = true;
          throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
        },
        { step: "initialize" },
      );
      const client = wrap({}, base);
      const action = raise("lost answer", 1);
      await expect(send(client, [action], { ClientRequestToken: "token-3" })).rejects.toMatchObject({ name: "TimeoutError" });
      await send(client, [action], { ClientRequestToken: "token-3" });
      expect(await get("lost answer")).toMatchObject({ balance: N(11) });
    });

    test("of a request that failed begins anew", async () => {
      await put("anew");
      const client = wrap();
      const check = { ConditionExpression: "balance > :n", ExpressionAttributeValues: { ":n": N(15) } };
      await expect(send(client, [raise("anew", 15, check)], { ClientRequestToken: "token-4" })).rejects.toMatchObject({
        name: "TransactionCanceledException",
      });
      await wrap().send(new UpdateItemCommand(raise("anew", 10).Update));
      await send(client, [raise("anew", 15, check)], { ClientRequestToken: "token-4" });
      expect(await get("anew")).toMatchObject({ balance: N(35) });
    });

    test("in another process is a mismatch: safe", async () => {
      await put("elsewhere");
      await send(wrap(), [raise("elsewhere", 1)], { ClientRequestToken: "token-5" });
      const elsewhere = send(wrap(), [raise("elsewhere", 1)], { ClientRequestToken: "token-5" });
      await expect(elsewhere).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
      expect(await get("elsewhere")).toMatchObject({ balance: N(11) });
    });
  });
}
