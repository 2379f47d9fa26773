import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { type DynasealError, isDynasealError } from "../../src/errors/index.ts";
import type { DynasealEvent, Keyring, KeyringCall } from "../../src/materials/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, keyring, customersName as TableName } from "../support/client-tables.ts";
import type { RecordingProxyOptions } from "../support/recording-proxy.ts";

let server: ClientServer;
let intercept: NonNullable<RecordingProxyOptions["intercept"]>;
beforeAll(async () => {
  server = await startClientServer((request) => intercept(request));
});
beforeEach(() => {
  intercept = () => undefined;
});
afterAll(() => server.stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, ...options });
const keyOf = (customerId: string, recordId = "profile"): { customerId: { S: string }; recordId: { S: string } } => ({
  customerId: { S: customerId },
  recordId: { S: recordId },
});
const itemOf = (customerId: string, recordId?: string): Record<string, { S: string } | { N: string }> => ({
  ...keyOf(customerId, recordId),
  email: { S: `${customerId}@b.c` },
  visits: { N: "1" },
});

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before BatchWriteItem", "Decrypt after BatchWriteItem"
describe("what the service leaves unprocessed", () => {
  test("comes back as the application wrote it, and can be sent again", async () => {
    const client = wrap();
    const writes: WriteRequest[] = ["unprocessed 1", "unprocessed 2"].map((id) => ({ PutRequest: { Item: itemOf(id) } }));
    const RequestItems = { [TableName]: [...writes, { DeleteRequest: { Key: keyOf("unprocessed 3") } }] };
    intercept = ({ operation, body }) => {
      if (operation !== "BatchWriteItem") return undefined;
      const { [TableName]: requests } = JSON.parse(body).RequestItems as Record<string, unknown[]>;
      const [first, ...others] = requests ?? [];
      const answer = (text: string): string => JSON.stringify({ ...JSON.parse(text), UnprocessedItems: { [TableName]: others } });
      return { body: JSON.stringify({ RequestItems: { [TableName]: [first] } }), answer };
    };
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    expect(UnprocessedItems).toEqual({ [TableName]: RequestItems[TableName]?.slice(1) });
    intercept = () => undefined;
    await client.send(new BatchWriteItemCommand({ RequestItems: UnprocessedItems }));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf("unprocessed 2") }));
    expect(Item).toEqual(itemOf("unprocessed 2"));
  });

  test("keys come back as they were given", async () => {
    const Keys = [keyOf("key 1"), keyOf("key 2")];
    intercept = () => ({ answer: () => JSON.stringify({ Responses: {}, UnprocessedKeys: { [TableName]: { Keys } } }) });
    const { UnprocessedKeys } = await wrap().send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(UnprocessedKeys).toEqual({ [TableName]: { Keys } });
  });
});

describe("one bad item", () => {
  test("fails its request with table, key names and a key that no log holds", async () => {
    const client = wrap();
    for (const recordId of ["a", "b", "c"]) await client.send(new PutItemCommand({ TableName, Item: itemOf("bad", recordId) }));
    const tamper = { ExpressionAttributeNames: { "#e": "email" }, ExpressionAttributeValues: { ":v": { B: new Uint8Array(40) } } };
    await server.plain.send(new UpdateItemCommand({ TableName, Key: keyOf("bad", "b"), UpdateExpression: "SET #e = :v", ...tamper }));
    const query = { KeyConditionExpression: "customerId = :c", ExpressionAttributeValues: { ":c": { S: "bad" } } };
    const error = (await client.send(new QueryCommand({ TableName, ...query })).catch((e: unknown) => e)) as DynasealError;
    expect(error).toMatchObject({
      code: "ERR_NOT_AUTHENTIC",
      details: { tableName: "customers", keyAttributes: ["customerId", "recordId"] },
      message: expect.stringContaining('"customerId", "recordId"'),
    });
    expect(error.revealKey?.()).toEqual(keyOf("bad", "b"));
    expect(Object.keys(error)).not.toContain("revealKey");
    expect(JSON.stringify(error) + error.message).not.toContain('"bad"');
    await server.plain.send(new DeleteItemCommand({ TableName, Key: keyOf("bad", "b") }));
    expect((await client.send(new QueryCommand({ TableName, ...query }))).Items?.map(({ recordId }) => recordId?.S)).toEqual(["a", "c"]);
  });
});

describe("calls of the keyring", () => {
  test("run concurrently within kmsConcurrency, with Region, abort signal and events", async () => {
    let running = 0;
    let most = 0;
    const calls: KeyringCall[] = [];
    const bounded = <Result>(call: KeyringCall, task: () => Promise<Result>): Promise<Result> => {
      calls.push(call);
      const slow = async (): Promise<Result> => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running--;
        return task();
      };
      return call.limit === undefined ? slow() : call.limit(slow);
    };
    const slowKeyring: Keyring = {
      onEncrypt: (materials, call) => bounded(call, () => keyring.onEncrypt(materials, call)),
      onDecrypt: (materials, keys, call) => bounded(call, () => keyring.onDecrypt(materials, keys, call)),
    };
    const { signal: abortSignal } = new AbortController();
    const events: DynasealEvent[] = [];
    const onEvent = (event: DynasealEvent): number => events.push(event);
    const client = wrap({ keyring: slowKeyring, kmsConcurrency: 4, onEvent });
    const writes = Array.from({ length: 12 }, (_, index) => ({ PutRequest: { Item: itemOf(`bounded ${index}`) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: writes } }), { abortSignal });
    expect(most).toBe(4);
    most = 0;
    const Keys = writes.map((_, index) => keyOf(`bounded ${index}`));
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }), { abortSignal });
    expect(Responses?.[TableName]).toHaveLength(12);
    expect(most).toBe(4);
    expect(calls).toHaveLength(24);
    for (const call of calls) expect(call).toMatchObject({ region: "us-east-1", signal: abortSignal });
    for (const call of calls) call.onEvent?.({ type: "plaintext-read", tableName: "customers" });
    expect(events).toHaveLength(24);
  });
});

describe("indexes", () => {
  const denied =
    (answers: { describes: number }): typeof intercept =>
    ({ operation }) => {
      if (operation !== "DescribeTable") return undefined;
      answers.describes++;
      return { body: "not JSON", answer: () => JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#AccessDeniedException" }) };
    };
  const byIndex = (IndexName: string, attribute: string, value: string): QueryCommand =>
    new QueryCommand({
      TableName,
      IndexName,
      KeyConditionExpression: `${attribute} = :v`,
      ExpressionAttributeValues: { ":v": { S: value } },
    });

  test("are looked up once, and again before one is refused", async () => {
    const client = wrap();
    const before = server.proxy.requests.length;
    await client.send(byIndex("byTier", "tier", "none"));
    await client.send(new ScanCommand({ TableName, IndexName: "byTier" }));
    await expect(client.send(byIndex("byCity", "city", "none"))).rejects.toMatchObject({ code: "ERR_INDEX_NOT_WHOLE" });
    const operations = server.proxy.requests.slice(before).map(({ operation }) => operation);
    expect(operations).toEqual(["DescribeTable", "Query", "Scan", "DescribeTable"]);
  });

  test("count without being whole", async () => {
    const client = wrap();
    const { Count } = await client.send(new ScanCommand({ TableName, IndexName: "byCity", Select: "COUNT" }));
    expect(Count).toBe(0);
  });

  test("tell by their rows where DescribeTable is denied", async () => {
    const client = wrap();
    await client.send(new PutItemCommand({ TableName, Item: { ...itemOf("index"), tier: { S: "rare" }, city: { S: "Ulm" } } }));
    const answers = { describes: 0 };
    intercept = denied(answers);
    expect((await client.send(byIndex("byTier", "tier", "rare"))).Items).toHaveLength(1);
    const error = await client.send(byIndex("byCity", "city", "Ulm")).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "ERR_INDEX_NOT_WHOLE", details: { indexName: "byCity" } });
    expect(answers.describes).toBeGreaterThan(0);
  });
});

describe("plaintext override", () => {
  const forced = { plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
  const reading = { plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
  const schemaOf = (override: object): object => ({
    ...JSON.parse(JSON.stringify(customers)),
    ...override,
  });

  test("plaintext is written, updated and read with an event each", async () => {
    const events: DynasealEvent[] = [];
    const client = wrap({ schemas: [schemaOf(forced)], acknowledgePlaintext: true, onEvent: (event) => events.push(event) });
    await client.send(new PutItemCommand({ TableName, Item: itemOf("plain") }));
    const update = { UpdateExpression: "SET email = :e", ExpressionAttributeValues: { ":e": { S: "new@b.c" } } };
    await client.send(new UpdateItemCommand({ TableName, Key: keyOf("plain"), ...update }));
    await client.send(new UpdateItemCommand({ TableName, Key: keyOf("plain created"), ...update }));
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf("plain") }));
    expect(Item).toEqual({ ...itemOf("plain"), email: { S: "new@b.c" } });
    expect(events.map(({ type }) => type)).toEqual(["plaintext-write", "plaintext-write", "plaintext-write", "plaintext-read"]);
    const strict = wrap();
    await expect(strict.send(new GetItemCommand({ TableName, Key: keyOf("plain") }))).rejects.toMatchObject({
      code: "ERR_ITEM_NOT_ENCRYPTED",
    });
    const visit = { UpdateExpression: "ADD visits :n", ExpressionAttributeValues: { ":n": { N: "1" } } };
    const updating = strict.send(new UpdateItemCommand({ TableName, Key: keyOf("plain"), ...visit }));
    await expect(updating).rejects.toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
  });

  test("an update under forced plaintext keeps an encrypted item encrypted", async () => {
    await wrap().send(new PutItemCommand({ TableName, Item: itemOf("sealed") }));
    const client = wrap({ schemas: [schemaOf(forced)], acknowledgePlaintext: true });
    const update = { UpdateExpression: "SET email = :e", ExpressionAttributeValues: { ":e": { S: "new@b.c" } } };
    await client.send(new UpdateItemCommand({ TableName, Key: keyOf("sealed"), ...update }));
    // A strict reader, to whom a plain item is none.
    const { Item } = await wrap().send(new GetItemCommand({ TableName, Key: keyOf("sealed") }));
    expect(Item).toEqual({ ...itemOf("sealed"), email: { S: "new@b.c" } });
  });

  test("a part of an item in an index is not taken for plaintext", async () => {
    await wrap().send(new PutItemCommand({ TableName, Item: { ...itemOf("part"), city: { S: "Bern" } } }));
    const client = wrap({ schemas: [schemaOf(reading)], acknowledgePlaintext: true });
    const scan = new ScanCommand({ TableName, IndexName: "byCity" });
    await expect(client.send(scan)).rejects.toMatchObject({ code: "ERR_INDEX_NOT_WHOLE" });
  });
});

describe("updates", () => {
  const visit = { TableName, UpdateExpression: "ADD visits :n", ExpressionAttributeValues: { ":n": { N: "1" } } };

  test("give up when others create and delete the item all the time", async () => {
    // To the Put it is there, to the Update and the Get it is not.
    const unlucky = new DynamoDBClient(server.config);
    unlucky.middlewareStack.add((next, context) => async (args) => {
      if (context["commandName"] === "GetItemCommand") return next(args);
      throw Object.assign(new Error("The conditional request failed"), { name: "ConditionalCheckFailedException" });
    });
    const client = encryptedClient(unlucky, clientOptions);
    const updating = client.send(new UpdateItemCommand({ ...visit, Key: keyOf("contended") }));
    await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 8 } });
  });

  test("concurrent ones on an item that is not there yet all count", async () => {
    const client = wrap();
    const Key = keyOf("counted");
    await Promise.all(Array.from({ length: 10 }, () => client.send(new UpdateItemCommand({ ...visit, Key }))));
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual({ ...Key, visits: { N: "10" } });
  });

  test("UPDATED_NEW of a created item holds what was written", async () => {
    const { Attributes } = await wrap().send(new UpdateItemCommand({ ...visit, Key: keyOf("created"), ReturnValues: "UPDATED_NEW" }));
    expect(Attributes).toEqual({ visits: { N: "1" } });
  });
});

test("an action of a transaction with two parts is refused", async () => {
  const Put = { TableName, Item: itemOf("two parts") };
  const sending = wrap().send(new TransactWriteItemsCommand({ TransactItems: [{ Put, Delete: { TableName, Key: keyOf("x") } }] }));
  const error = await sending.catch((e: unknown) => e);
  expect(isDynasealError(error, "ERR_INVALID_ARGUMENT")).toBe(true);
});

test("with plainTables: all, protected tables stay protected, by index ARN too", async () => {
  const other = defineTable({ tableName: "others", partitionKey: "id", attributes: { secret: "ENCRYPT_AND_SIGN" } });
  const client = wrap({ schemas: [customers, other], plainTables: "all" });
  await client.send(new PutItemCommand({ TableName, Item: itemOf("all") }));
  const { Item } = await server.plain.send(new GetItemCommand({ TableName, Key: keyOf("all") }));
  expect(Item?.["email"]).toEqual({ B: expect.any(Uint8Array) });
  const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}/index/byTier`;
  await expect(client.send(new ScanCommand({ TableName: arn }))).rejects.toMatchObject({ code: "ERR_TABLE_NOT_CONFIGURED" });
  await client.send(new PutItemCommand({ TableName: "notes", Item: { id: { S: "all" } } }));
});
