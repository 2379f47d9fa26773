import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, QueryCommand as DocumentQueryCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { DynasealError, type ErrorCode, type ErrorDetails } from "../../src/errors/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { undecryptableItems } from "../../src/reading/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { createPeopleTable, peopleOptions, peopleSchema } from "../support/people.ts";

const TableName = "people-undecryptable";
const region = "us-east-1";
const collect = requestOptions({ onUndecryptable: "collect" });

let server: LocalGlobalTable;
let plain: DynamoDBClient;
let client: DynamoDBClient;

const keyOf = (recordId: string) => marshall({ personId: "group", recordId });
const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(plain, { ...peopleOptions(TableName), ...options });
const group = { TableName, KeyConditionExpression: "personId = :p", ExpressionAttributeValues: marshall({ ":p": "group" }) };
const set = (recordId: string, UpdateExpression: string, value?: object): Promise<unknown> =>
  plain.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf(recordId),
      UpdateExpression,
      ...(value && { ExpressionAttributeValues: { ":v": value as never } }),
    }),
  );

/** By record, what each bad one fails with. */
const bad: readonly [string, ErrorCode][] = [
  ["b", "ERR_NOT_AUTHENTIC"],
  ["d", "ERR_ITEM_REMNANT"],
  ["f", "ERR_ITEM_NOT_ENCRYPTED"],
  ["g", "ERR_HEADER_MALFORMED"],
  ["h", "ERR_LEGEND_MISMATCH"],
  ["i", "ERR_NO_KEY_MATCHES"],
];
const undecryptable = bad.map(([recordId, code]) => ({ Key: keyOf(recordId), code }));

beforeAll(async () => {
  server = await startLocalGlobalTable({ regions: [region] });
  plain = new DynamoDBClient(server.clientConfig(region));
  await createPeopleTable(plain, TableName, "encrypted");
  client = wrap();
  const other = rawAesKeyring({ keyNamespace: "other", keyName: "other", wrappingKey: new Uint8Array(32).fill(9) });
  for (const recordId of ["a", "b", "c", "d", "e", "g", "h"]) {
    const Item = marshall({ personId: "group", recordId, email: `${recordId}@example.com`, phone: recordId, tier: "gold", joined: 1 });
    await client.send(new PutItemCommand({ TableName, Item }));
  }
  await plain.send(new PutItemCommand({ TableName, Item: marshall({ personId: "group", recordId: "f", email: "f@example.com" }) }));
  await wrap({ keyring: other }).send(new PutItemCommand({ TableName, Item: marshall({ personId: "group", recordId: "i" }) }));
  await set("b", "SET tier = :v", { S: "platinum" });
  await set("d", "REMOVE aws_dbe_head");
  await set("g", "SET aws_dbe_head = :v", { B: new Uint8Array(7) });
  await set("h", "REMOVE joined");
});
afterAll(async () => {
  plain.destroy();
  await server.stop();
});

const records = (items: readonly Record<string, { S?: string | undefined }>[] | undefined) => items?.map(({ recordId }) => recordId?.S);

describe("items that cannot be decrypted", () => {
  test("fail the request, unless it collects them", async () => {
    await expect(client.send(new QueryCommand(group))).rejects.toBeInstanceOf(DynasealError);
    const page = await client.send(new QueryCommand({ ...group, ...collect }));
    expect(records(page.Items)).toEqual(["a", "c", "e"]);
    expect([page.Count, page.ScannedCount]).toEqual([3, 9]);
    expect(undecryptableItems(page)).toEqual(undecryptable);
    const scan = await client.send(new ScanCommand({ TableName }), { onUndecryptable: "collect" } as object);
    expect(records(scan.Items)).toEqual(["a", "c", "e"]);
    expect(undecryptableItems(scan)).toEqual(undecryptable);
    const none = await client.send(new QueryCommand({ ...group, Limit: 1, ...collect }));
    expect(none).toMatchObject({ Count: 1, UndecryptableItems: [] });
    expect(undecryptableItems(await client.send(new QueryCommand({ ...group, Limit: 1 })))).toEqual([]);
  });

  test("are collected by a filter, a projection and a count too", async () => {
    const filtered = { ...group, FilterExpression: "phone <> :v", ExpressionAttributeValues: marshall({ ":p": "group", ":v": "c" }) };
    const options = requestOptions({ onUndecryptable: "collect", filterAfterDecrypt: true });
    const page = await client.send(new QueryCommand({ ...filtered, ProjectionExpression: "email", ...options }));
    expect(page.Items).toEqual([marshall({ email: "a@example.com" }), marshall({ email: "e@example.com" })]);
    expect(undecryptableItems(page)).toEqual(undecryptable);
    const counted = await client.send(new QueryCommand({ ...filtered, Select: "COUNT", ...options }));
    expect([counted.Items, counted.Count, undecryptableItems(counted).length]).toEqual([undefined, 2, 6]);
  });

  test("of a batch carry the name of their table", async () => {
    const requests = { [TableName]: { Keys: ["a", "b", "f", "nobody"].map(keyOf) } };
    await expect(client.send(new BatchGetItemCommand({ RequestItems: requests }))).rejects.toBeInstanceOf(DynasealError);
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: requests, ...collect }));
    expect(records(answer.Responses?.[TableName])).toEqual(["a"]);
    expect(undecryptableItems(answer)).toHaveLength(2);
    expect(undecryptableItems(answer)).toEqual(
      expect.arrayContaining([
        { TableName, Key: keyOf("b"), code: "ERR_NOT_AUTHENTIC" },
        { TableName, Key: keyOf("f"), code: "ERR_ITEM_NOT_ENCRYPTED" },
      ]),
    );
  });

  test("keep their keys as AttributeValues under a document client", async () => {
    const documents = encryptedClient(DynamoDBDocumentClient.from(plain), { ...peopleOptions(TableName), onUndecryptable: "collect" });
    const page = await documents.send(new DocumentQueryCommand({ ...group, ExpressionAttributeValues: { ":p": "group" } }));
    expect(page.Items?.map(({ recordId }) => recordId)).toEqual(["a", "c", "e"]);
    expect(undecryptableItems(page)).toEqual(undecryptable);
    const Keys = ["a", "b"].map((recordId) => ({ personId: "group", recordId }));
    const batch = await documents.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(undecryptableItems(batch)).toEqual([{ TableName, Key: keyOf("b"), code: "ERR_NOT_AUTHENTIC" }]);
  });

  test("fail reads of single items all the same", async () => {
    const Key = keyOf("b");
    await expect(client.send(new GetItemCommand({ TableName, Key, ...collect }))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    const TransactItems = [{ Get: { TableName, Key } }];
    await expect(client.send(new TransactGetItemsCommand({ TransactItems, ...collect }))).rejects.toMatchObject({
      code: "ERR_NOT_AUTHENTIC",
    });
  });
});

describe("what concerns more than one item fails the request all the same", () => {
  const call = { operation: "Decrypt", region, keyId: "arn:aws:kms:us-east-1:111122223333:key/1" };
  const failing = <Code extends ErrorCode>(code: Code, details: ErrorDetails[Code]): Keyring => ({
    onEncrypt: () => Promise.reject(new Error("not asked for")),
    onDecrypt: () => Promise.reject(new DynasealError(code, { details })),
  });
  test.each<[string, Keyring]>([
    ["ERR_KMS_UNREACHABLE", failing("ERR_KMS_UNREACHABLE", { ...call, reason: "down" })],
    ["ERR_KMS_ACCESS_DENIED", failing("ERR_KMS_ACCESS_DENIED", call)],
    ["ERR_KMS_THROTTLED", failing("ERR_KMS_THROTTLED", call)],
    ["ERR_KMS_KEY_DISABLED", failing("ERR_KMS_KEY_DISABLED", call)],
    ["ERR_KEY_STORE_UNAVAILABLE", failing("ERR_KEY_STORE_UNAVAILABLE", { tableName: "keys", action: "GetItem" })],
    ["ERR_MATERIALS_INVALID", failing("ERR_MATERIALS_INVALID", { reason: "the keyring is wrong" })],
    ["ERR_ABORTED", failing("ERR_ABORTED", {})],
  ])("%s", async (code, keyring) => {
    const reader = wrap({ keyring });
    await expect(reader.send(new QueryCommand({ ...group, ...collect }))).rejects.toMatchObject({ code });
    const RequestItems = { [TableName]: { Keys: [keyOf("a")] } };
    await expect(reader.send(new BatchGetItemCommand({ RequestItems, ...collect }))).rejects.toMatchObject({ code });
  });
});

describe("items under the application's floor", () => {
  const table = "people-fresh";
  const schema = { ...(peopleSchema({ length: 16, partitions: 1 }) as { attributes: object }) };
  const schemas = [{ ...schema, attributes: { ...schema.attributes, rev: "SIGN_ONLY" }, revision: "rev" }];
  const floors = new Map<string, number>();
  const asked: unknown[] = [];
  const options = {
    ...peopleOptions(table),
    schemas,
    freshness: {
      floor: ({ tableName, key }: { readonly tableName: string; readonly key: Readonly<Record<string, { S?: string }>> }) => {
        asked.push(key);
        return tableName === "people" ? floors.get(key["recordId"]?.S ?? "") : undefined;
      },
    },
  } as EncryptedClientOptions;
  const people = { ...group, TableName: table };

  beforeAll(async () => {
    await createPeopleTable(plain, table, "encrypted");
    for (const recordId of ["a", "b"]) {
      await encryptedClient(plain, options).send(new PutItemCommand({ TableName: table, Item: marshall({ personId: "group", recordId }) }));
    }
    floors.set("b", Date.now() + 60_000);
  });

  test("are refused by every consistent read, and by no other", async () => {
    const reader = encryptedClient(plain, options);
    const Key = keyOf("b");
    const rolledBack = { code: "ERR_ITEM_ROLLED_BACK" };
    const batch = (ConsistentRead: boolean) =>
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [Key, keyOf("a")], ConsistentRead } } });
    asked.length = 0;
    await expect(reader.send(new GetItemCommand({ TableName: table, Key }))).resolves.toHaveProperty("Item");
    await expect(reader.send(new QueryCommand(people))).resolves.toHaveProperty("Count", 2);
    await expect(reader.send(new ScanCommand({ TableName: table, ConsistentRead: false }))).resolves.toHaveProperty("Count", 2);
    await expect(reader.send(batch(false))).resolves.toBeDefined();
    expect(asked).toEqual([]);
    const get = reader.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true, ProjectionExpression: "email" }));
    await expect(get).rejects.toMatchObject({ ...rolledBack, details: { keyAttributes: ["personId", "recordId"] } });
    await expect(reader.send(new QueryCommand({ ...people, ConsistentRead: true }))).rejects.toMatchObject(rolledBack);
    await expect(reader.send(new ScanCommand({ TableName: table, ConsistentRead: true }))).rejects.toMatchObject(rolledBack);
    await expect(reader.send(batch(true))).rejects.toMatchObject(rolledBack);
    const transaction = new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: table, Key } }] });
    await expect(reader.send(transaction)).rejects.toMatchObject(rolledBack);
    expect(asked).toContainEqual(keyOf("b"));
    const page = await reader.send(new QueryCommand({ ...people, ConsistentRead: true, ...collect }));
    expect([records(page.Items), undecryptableItems(page)]).toEqual([["a"], [{ Key: keyOf("b"), code: "ERR_ITEM_ROLLED_BACK" }]]);
  });
});
