import {
  type AttributeValue,
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { ScanCommand as DocumentScanCommand, DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, notesName, customersName as TableName } from "../support/client-tables.ts";
import { type Item, itemOf, keyOf, N, S } from "../support/guarded-fixture.ts";
import type { RecordingProxyOptions } from "../support/recording-proxy.ts";
import { storedItem } from "../support/stored-item.ts";

let server: ClientServer;
let intercept: NonNullable<RecordingProxyOptions["intercept"]> = () => undefined;
beforeAll(async () => {
  server = await startClientServer((request) => intercept(request));
});
beforeEach(async () => {
  intercept = () => undefined;
  await wrap().send(new PutItemCommand({ TableName, Item: itemOf("item") }));
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, ...options });
const Key = keyOf("item");
const read = (): Promise<Item | undefined> => storedItem(wrap(), { TableName, Key });
const bodies = (): readonly Record<string, unknown>[] => server.proxy.requests.map(({ body }) => JSON.parse(body));
const comparing = (ComparisonOperator: string, ...AttributeValueList: AttributeValue[]) =>
  ({ ComparisonOperator, AttributeValueList }) as never;

describe("a request that encryption does not change goes out as it came", () => {
  const expected = { Expected: { tier: { Value: S("gold") }, visits: comparing("GE", N(1)) } };

  test("PutItem", async () => {
    await wrap().send(new PutItemCommand({ TableName, Item: itemOf("item"), ...expected }));
    expect(bodies()).toEqual([expect.objectContaining({ Expected: { tier: { Value: S("gold") }, visits: comparing("GE", N(1)) } })]);
    expect(bodies()[0]).not.toHaveProperty("ConditionExpression");
  });

  test("DeleteItem", async () => {
    const more = { ...expected, ConditionalOperator: "OR" as const };
    await wrap().send(new DeleteItemCommand({ TableName, Key, ...more }));
    expect(bodies()).toEqual([{ TableName, Key, ...more }]);
  });

  test("Scan and Query on readable attributes", async () => {
    const filter = { tier: comparing("EQ", S("gold")) };
    const KeyConditions = { customerId: comparing("EQ", S("item")) };
    expect((await wrap().send(new ScanCommand({ TableName, ScanFilter: filter }))).Items).toEqual([itemOf("item")]);
    expect((await wrap().send(new QueryCommand({ TableName, KeyConditions, QueryFilter: filter }))).Items).toEqual([itemOf("item")]);
    expect(bodies()).toEqual([
      expect.objectContaining({ ScanFilter: filter }),
      expect.objectContaining({ KeyConditions, QueryFilter: filter }),
    ]);
    for (const body of bodies()) expect(Object.keys(body).filter((name) => name.includes("Expression"))).toEqual([]);
  });

  test("on a plain table whatever it is, mistakes included", async () => {
    const noteKey = { id: S("1") };
    const updates = { text: { Value: S("x") } };
    await wrap().send(new UpdateItemCommand({ TableName: notesName, Key: noteKey, AttributeUpdates: updates }));
    expect(bodies()).toEqual([{ TableName: notesName, Key: noteKey, AttributeUpdates: updates }]);
  });
});

describe("conditions on encrypted attributes are decided here", () => {
  test.each([
    ["Value", { balance: { Value: N(10) } }, true],
    ["Exists", { nickname: { Exists: false } }, true],
    ["an order", { balance: comparing("GT", N(10)) }, false],
    ["NOT_CONTAINS, which wants the attribute to be there", { nickname: comparing("NOT_CONTAINS", S("x")) }, false],
    ["NOT_CONTAINS", { email: comparing("NOT_CONTAINS", S("nobody")) }, true],
    ["IN", { email: comparing("IN", S("x"), S("item@b.c")) }, true],
    ["BETWEEN", { balance: comparing("BETWEEN", N(1), N(10)) }, true],
  ])("%s", async (_, Expected, holds) => {
    const put = wrap().send(new PutItemCommand({ TableName, Item: { ...itemOf("item"), balance: N(11) }, Expected }));
    if (holds) await put;
    else await expect(put).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect(await read()).toMatchObject({ balance: N(holds ? 11 : 10) });
  });

  test("either of two", async () => {
    const Expected = { balance: { Value: N(0) }, email: { Value: S("item@b.c") } };
    await wrap().send(new DeleteItemCommand({ TableName, Key, Expected, ConditionalOperator: "OR" }));
    expect(await read()).toBeUndefined();
  });
});

describe("AttributeUpdates", () => {
  test("sets, adds, appends and takes away, each attribute by its whole name", async () => {
    const AttributeUpdates = {
      email: { Action: "PUT" as const, Value: S("new@b.c") },
      balance: { Action: "ADD" as const, Value: N(5) },
      visits: { Action: "ADD" as const, Value: N(1) },
      "address.street": { Value: S("no path") },
      log: { Action: "ADD" as const, Value: { L: [S("first")] } },
      tier: { Action: "DELETE" as const },
    };
    const { Attributes } = await wrap().send(new UpdateItemCommand({ TableName, Key, AttributeUpdates, ReturnValues: "UPDATED_NEW" }));
    const updated = { email: S("new@b.c"), balance: N(15), visits: N(2), "address.street": S("no path"), log: { L: [S("first")] } };
    expect(Attributes).toEqual(updated);
    const { tier: _gone, ...rest } = itemOf("item");
    expect(await read()).toEqual({ ...rest, ...updated });
    await wrap().send(new UpdateItemCommand({ TableName, Key, AttributeUpdates: { log: { Action: "ADD", Value: { L: [S("second")] } } } }));
    expect(await read()).toMatchObject({ log: { L: [S("first"), S("second")] } });
    const stored = await storedItem(server.plain, { TableName, Key });
    expect([stored?.["log"]?.B, stored?.["address.street"]?.B].every((bytes) => bytes instanceof Uint8Array)).toBe(true);
  });

  test("of unsigned attributes are done by the service", async () => {
    await wrap().send(new UpdateItemCommand({ TableName, Key, AttributeUpdates: { visits: { Action: "ADD", Value: N(1) } } }));
    expect(server.proxy.requests.map(({ operation }) => operation)).toEqual(["UpdateItem"]);
    expect(await read()).toMatchObject({ visits: N(2) });
  });

  test("never expose an encrypted value, and never write the key", async () => {
    const key = wrap().send(new UpdateItemCommand({ TableName, Key, AttributeUpdates: { recordId: { Value: S("x") } } }));
    await expect(key).rejects.toMatchObject({ name: "ValidationException" });
    const reserved = wrap().send(new UpdateItemCommand({ TableName, Key, AttributeUpdates: { aws_dbe_head: { Action: "DELETE" } } }));
    await expect(reserved).rejects.toMatchObject({ code: "ERR_RESERVED_NAME" });
    expect(server.proxy.requests).toEqual([]);
  });

  test("through the document client", async () => {
    const documents = DynamoDBDocumentClient.from(wrap({ filterAfterDecrypt: true }));
    const key = { customerId: "item", recordId: "profile" };
    await documents.send(new UpdateCommand({ TableName, Key: key, AttributeUpdates: { email: { Action: "PUT", Value: "document@b.c" } } }));
    const ScanFilter = { email: { ComparisonOperator: "EQ" as const, AttributeValueList: ["document@b.c"] } };
    const { Items } = await documents.send(new DocumentScanCommand({ TableName, ScanFilter, AttributesToGet: ["email"] }));
    expect(Items).toEqual([{ email: "document@b.c" }]);
  });
});

describe("AttributesToGet", () => {
  test("cuts the decrypted item", async () => {
    const { Item } = await wrap().send(new GetItemCommand({ TableName, Key, AttributesToGet: ["email", "address.street"] }));
    expect(Item).toEqual({ email: S("item@b.c") });
  });

  test("comes back with what a batch left unprocessed", async () => {
    intercept = ({ operation }) => {
      if (operation !== "BatchGetItem") return undefined;
      const answer = (text: string): string => {
        const { RequestItems: _none, ...rest } = JSON.parse(text);
        return JSON.stringify({ ...rest, Responses: {}, UnprocessedKeys: { [TableName]: { Keys: [Key] } } });
      };
      return { answer };
    };
    const RequestItems = { [TableName]: { Keys: [Key], AttributesToGet: ["email"], ConsistentRead: true } };
    const { UnprocessedKeys } = await wrap().send(new BatchGetItemCommand({ RequestItems }));
    expect(UnprocessedKeys).toEqual({ [TableName]: { Keys: [Key], AttributesToGet: ["email"] } });
    intercept = () => undefined;
    const { Responses } = await wrap().send(new BatchGetItemCommand({ RequestItems: UnprocessedKeys }));
    expect(Responses).toEqual({ [TableName]: [{ email: S("item@b.c") }] });
  });
});

describe("what the service refuses is refused as such, and nothing sent", () => {
  const mixed = { ConditionExpression: "attribute_exists(tier)" };
  test.each([
    ["both kinds of parameters", new PutItemCommand({ TableName, Item: itemOf("item"), Expected: { tier: { Exists: false } }, ...mixed })],
    ["an operator without conditions", new ScanCommand({ TableName, ConditionalOperator: "OR" })],
    ["an operator for one condition", new ScanCommand({ TableName, ConditionalOperator: "OR", ScanFilter: { tier: comparing("NULL") } })],
    ["the same name twice", new GetItemCommand({ TableName, Key, AttributesToGet: ["email", "email"] })],
    ["no name", new GetItemCommand({ TableName, Key, AttributesToGet: [] })],
    ["an unknown comparison", new ScanCommand({ TableName, ScanFilter: { tier: comparing("LIKE", S("x")) } })],
    ["too many values", new ScanCommand({ TableName, ScanFilter: { tier: comparing("EQ", S("x"), S("y")) } })],
    ["values of two types", new ScanCommand({ TableName, ScanFilter: { tier: comparing("IN", S("x"), N(1)) } })],
    ["an order of sets", new ScanCommand({ TableName, ScanFilter: { tier: comparing("LT", { SS: ["x"] }) } })],
    ["bounds in the wrong order", new ScanCommand({ TableName, ScanFilter: { tier: comparing("BETWEEN", S("b"), S("a")) } })],
    ["a value that has to be absent", new DeleteItemCommand({ TableName, Key, Expected: { tier: { Exists: false, Value: S("x") } } })],
    ["no value", new DeleteItemCommand({ TableName, Key, Expected: { tier: { Exists: true } } })],
    ["an addition of text", new UpdateItemCommand({ TableName, Key, AttributeUpdates: { tier: { Action: "ADD", Value: S("x") } } })],
    ["a value that is missing", new UpdateItemCommand({ TableName, Key, AttributeUpdates: { tier: { Action: "PUT" } } })],
    [
      "three key conditions",
      new QueryCommand({
        TableName,
        KeyConditions: { a: comparing("EQ", S("x")), b: comparing("EQ", S("x")), c: comparing("EQ", S("x")) },
      }),
    ],
  ] as const)("%s", async (_, command) => {
    await expect(wrap().send(command as ScanCommand)).rejects.toMatchObject({
      name: "ValidationException",
      code: "ERR_EXPRESSION_INVALID",
    });
    expect(server.proxy.requests).toEqual([]);
  });

  test("values stay out of the message", async () => {
    const secret = new ScanCommand({ TableName, ScanFilter: { tier: comparing("IN", S("secret"), N(1)) } });
    await expect(wrap().send(secret)).rejects.not.toMatchObject({ message: expect.stringContaining("secret") });
  });
});
