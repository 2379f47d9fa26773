import { inspect } from "node:util";
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import {
  QueryCommand as DocumentQueryCommand,
  DynamoDBDocument,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, keyring, customersName as TableName } from "../support/client-tables.ts";

let server: ClientServer;
/** Called with each request that arrives. */
let onRequest: (operation: string) => void = () => undefined;
beforeAll(async () => {
  server = await startClientServer(({ operation }) => {
    onRequest(operation);
    return undefined;
  });
});
afterAll(() => server.stop());

const Key = { customerId: { S: "contract" }, recordId: { S: "profile" } };
const Item = { ...Key, email: { S: "a@example.com" } };
const low = (more: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, ...more });
const documents = (options?: object): DynamoDBDocumentClient =>
  encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(server.config), options), clientOptions);
const refusalOf = (sent: Promise<unknown>): Promise<Record<string, unknown> & Error> =>
  sent.then(
    () => expect.fail("nothing was refused"),
    (error: unknown) => error as Record<string, unknown> & Error,
  );

describe("an aborted signal is an AbortError, whenever it fires", () => {
  const reasons: readonly (readonly [string, unknown])[] = [
    ["an Error", new Error("because")],
    ["a text", "because"],
    ["the standard one", undefined],
  ];
  const abort = (controller: AbortController, reason: unknown): void =>
    reason === undefined ? controller.abort() : controller.abort(reason);
  /** Aborts while the keyring is asked. */
  const abortingKeyring = (controller: AbortController, reason: unknown): Keyring => ({
    ...keyring,
    onEncrypt: async (...call) => {
      abort(controller, reason);
      throw new Error(`the keyring was stopped ${call.length}`);
    },
  });

  describe.each(reasons)("with %s as its reason", (_name, reason) => {
    const wanted = { name: "AbortError", code: "ERR_ABORTED", $fault: "client", $metadata: { attempts: 0 } };
    const check = (error: Error): void => {
      expect(error).toMatchObject(wanted);
      if (reason instanceof Error) expect(error.cause).toBe(reason);
      else if (reason === undefined) expect(error.cause).toBeInstanceOf(DOMException);
      else expect(error).not.toHaveProperty("cause");
    };

    test("before send", async () => {
      const controller = new AbortController();
      abort(controller, reason);
      const { signal: abortSignal } = controller;
      check(await refusalOf(low().send(new PutItemCommand({ TableName, Item }), { abortSignal })));
      check(await refusalOf(low().send(new GetItemCommand({ TableName: "notes", Key: { id: { S: "1" } } }), { abortSignal })));
    });

    test("in the turn of send", async () => {
      const controller = new AbortController();
      const sent = refusalOf(low().send(new PutItemCommand({ TableName, Item }), { abortSignal: controller.signal }));
      abort(controller, reason);
      check(await sent);
    });

    test("while the keyring is asked", async () => {
      const controller = new AbortController();
      const client = low({ keyring: abortingKeyring(controller, reason) });
      check(await refusalOf(client.send(new PutItemCommand({ TableName, Item }), { abortSignal: controller.signal })));
    });

    test("while the service is asked", async () => {
      const controller = new AbortController();
      onRequest = () => abort(controller, reason);
      try {
        check(await refusalOf(low().send(new PutItemCommand({ TableName, Item }), { abortSignal: controller.signal })));
      } finally {
        onRequest = () => undefined;
      }
    });
  });

  test("also one of the SDK's own old signals", async () => {
    const abortSignal = { aborted: true, onabort: null } as unknown as AbortSignal;
    expect(await refusalOf(low().send(new PutItemCommand({ TableName, Item }), { abortSignal }))).toMatchObject({ code: "ERR_ABORTED" });
  });
});

describe("errors that are decided here", () => {
  test.each<[string, () => Promise<unknown>, object]>([
    ["an unknown table", () => low().send(new GetItemCommand({ TableName: "unknown", Key })), { code: "ERR_TABLE_NOT_CONFIGURED" }],
    [
      "a broken expression",
      () => low().send(new GetItemCommand({ TableName, Key, ProjectionExpression: "(" })),
      { code: "ERR_EXPRESSION_INVALID", name: "ValidationException" },
    ],
    [
      "an item without its key",
      () => low().send(new PutItemCommand({ TableName, Item: { email: { S: "a" } } })),
      { code: "ERR_KEY_MISSING", name: "ValidationException" },
    ],
    [
      "a value that is none, of a document",
      () => documents().send(new PutCommand({ TableName, Item: { customerId: "a", recordId: "b", email: Symbol("s") } })),
      { code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE" },
    ],
  ])("carry $metadata and $fault: %s", async (_name, send, wanted) => {
    const error = await refusalOf(send());
    expect(error).toMatchObject({ ...wanted, $fault: "client", $metadata: { attempts: 0, totalRetryDelay: 0 } });
    expect(error).not.toHaveProperty("$metadata.httpStatusCode");
  });
});

describe("what a document client cannot convert", () => {
  const secret = "1234.5678.9012.3456";
  class Card {
    readonly number = secret;
    toString(): string {
      return this.number;
    }
  }
  const item = (email: unknown): object => ({ customerId: "contract", recordId: "converted", email });

  test.each<[string, unknown, RegExp]>([
    ["undefined in a map", { a: undefined, b: secret }, /removeUndefinedValues/],
    ["undefined in a set", new Set([undefined, secret]), /removeUndefinedValues/],
    ["an object of a class", new Card(), /convertClassInstanceToMap/],
    ["an empty set", new Set(), /convertEmptyValues/],
    ["a number too large", 2 ** 60, /allowImpreciseNumbers/],
    ["Infinity", [Infinity, secret], /NaN and Infinity/],
    ["a set of anything", new Set([{ secret }]), /members of a set/],
    ["a symbol", Symbol(secret), /no form in DynamoDB/],
  ])("going in, %s, is named without the value", async (_name, value, remedy) => {
    for (const send of [
      () => documents().send(new PutCommand({ TableName, Item: item(value) })),
      () => DynamoDBDocument.from(low()).put({ TableName, Item: item(value) }),
      () =>
        documents().send(
          new DocumentQueryCommand({ TableName, KeyConditionExpression: "a = :a", ExpressionAttributeValues: { ":a": value } }),
        ),
    ]) {
      const error = await refusalOf(send());
      expect(error).toMatchObject({ code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE" });
      expect(error).not.toHaveProperty("cause");
      expect(`${error.message} ${error["hint"]}`).toMatch(remedy);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/1234[.5]|1152921504606846976|convertToAttr|util-dynamodb/);
    }
  });

  test("coming out, a number that a JavaScript number does not hold, is named without the value", async () => {
    const Item = item(NumberValue.from("1234567890123456.789"));
    await documents().send(new PutCommand({ TableName, Item }));
    await documents().send(new PutCommand({ TableName, Item: { ...Item, email: NumberValue.from("12345678901234567890123456789.5") } }));
    const read = new GetCommand({ TableName, Key: { customerId: "contract", recordId: "converted" } });
    const error = await refusalOf(documents().send(read));
    expect(error).toMatchObject({ code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE", hint: expect.stringContaining("wrapNumbers: true") });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/12345|convertToNative|util-dynamodb/);
    const wrapped = await documents({ unmarshallOptions: { wrapNumbers: true } }).send(read);
    expect(wrapped.Item?.["email"]).toEqual({ value: "12345678901234567890123456789.5" });
  });

  test("errors of other steps pass as they are", async () => {
    const client = documents();
    const own = new Error("a step's own");
    client.middlewareStack.add(() => () => Promise.reject(own), { step: "serialize", priority: "high" });
    expect(await refusalOf(client.send(new PutCommand({ TableName, Item: item("x") })))).toBe(own);
  });
});

describe("options of one request", () => {
  const secretQuery = {
    TableName,
    KeyConditionExpression: "customerId = :c",
    FilterExpression: "email = :e",
    ExpressionAttributeValues: { ":c": { S: "contract" }, ":e": { S: "a@example.com" } },
  };
  const filter = requestOptions({ filterAfterDecrypt: true });

  test("are carried under one symbol, and frozen", () => {
    expect(Object.keys(filter)).toEqual([]);
    expect(JSON.stringify({ TableName, ...filter })).toBe(JSON.stringify({ TableName }));
    const [symbol, ...none] = Object.getOwnPropertySymbols(filter);
    expect(none).toEqual([]);
    expect(Object.isFrozen((filter as Record<symbol, unknown>)[symbol ?? Symbol()])).toBe(true);
  });

  test("reach the operation through inputs and through send, of low-level and document clients", async () => {
    await low().send(new PutItemCommand({ TableName, Item }));
    expect((await low().send(new QueryCommand({ ...secretQuery, ...filter }))).Items).toEqual([Item]);
    expect((await low().send(new QueryCommand(secretQuery), filter)).Items).toEqual([Item]);
    expect((await low().send(new QueryCommand({ ...secretQuery, filterAfterDecrypt: true } as never))).Items).toEqual([Item]);
    const native = { ...secretQuery, ExpressionAttributeValues: { ":c": "contract", ":e": "a@example.com" } };
    expect((await documents().send(new DocumentQueryCommand({ ...native, ...filter }))).Items).toHaveLength(1);
    expect((await documents().send(new DocumentQueryCommand(native), filter)).Items).toHaveLength(1);
    expect((await DynamoDBDocument.from(low()).query({ ...native, ...filter })).Items).toHaveLength(1);
    const refused = { code: "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE" };
    expect(await refusalOf(low().send(new QueryCommand(secretQuery)))).toMatchObject(refused);
    // The narrower one wins.
    const off = requestOptions({ filterAfterDecrypt: false });
    expect(await refusalOf(low().send(new QueryCommand({ ...secretQuery, ...off }), filter))).toMatchObject(refused);
  });

  test("unknown names are refused, with a suggestion", () => {
    expect(() => requestOptions({ filterAfterDecryption: true } as never)).toThrow(
      expect.objectContaining({ code: "ERR_OPTION_UNKNOWN", details: expect.objectContaining({ suggestion: "filterAfterDecrypt" }) }),
    );
    expect(() => requestOptions({ maxItemsEvaluated: 0 })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});

describe("the configuration of an encrypted client", () => {
  test("refuses another request handler, with a hint", () => {
    const client = low();
    const assign = (): void => {
      client.config.requestHandler = { handle: () => Promise.reject(new Error("never")) } as never;
    };
    expect(assign).toThrow(
      expect.objectContaining({
        code: "ERR_CONFIG_NOT_ASSIGNABLE",
        details: { property: "requestHandler" },
        hint: expect.stringContaining("the client that was given to encryptedClient"),
      }),
    );
    expect({ ...client.config }.requestHandler).toBe(client.config.requestHandler);
  });

  test("takes other assignments for itself: the client below keeps sending as it did", async () => {
    const base = new DynamoDBClient(server.config);
    const client = encryptedClient(base, clientOptions);
    client.config.region = async () => "eu-central-1";
    client.config.maxAttempts = async () => 9;
    expect(await base.config.region()).toBe("us-east-1");
    expect(await base.config.maxAttempts()).not.toBe(9);
    await client.send(new PutItemCommand({ TableName, Item }));
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item);
  });
});
