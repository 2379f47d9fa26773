import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { DynasealError } from "../../src/errors/index.ts";
import { clientOptions, notesName, customersName as TableName } from "../support/client-tables.ts";

type Item = Record<string, AttributeValue>;

const key: Item = { customerId: { S: "42" }, recordId: { S: "profile" } };
const good = { TableName, Key: key };
const put = { Item: { ...key, recordId: { S: "other" }, email: { S: "fine@example.com" } } };
const note = { id: { S: "a note" } };
const setVisits = { UpdateExpression: "SET visits = :v", ExpressionAttributeValues: { ":v": { N: "1" } } };
const setEmail = { UpdateExpression: "SET email = :v", ExpressionAttributeValues: { ":v": { S: "new" } } };
const exists = "attribute_exists(customerId)";
const query = { TableName, KeyConditionExpression: "customerId = :c", ExpressionAttributeValues: { ":c": { S: "42" } } };

/** Every request that names an item by its key, with what stands in the place of one key. */
const requests: Readonly<Record<string, (Key: Item) => object>> = {
  GetItem: (Key) => new GetItemCommand({ TableName, Key }),
  "GetItem, projected": (Key) => new GetItemCommand({ TableName, Key, ProjectionExpression: "email" }),
  DeleteItem: (Key) => new DeleteItemCommand({ TableName, Key }),
  "DeleteItem, guarded": (Key) =>
    new DeleteItemCommand({ TableName, Key, ConditionExpression: "email = :v", ExpressionAttributeValues: { ":v": { S: "x" } } }),
  "UpdateItem, native": (Key) => new UpdateItemCommand({ TableName, Key, ...setVisits }),
  "UpdateItem, guarded": (Key) => new UpdateItemCommand({ TableName, Key, ...setEmail }),
  "UpdateItem, empty": (Key) => new UpdateItemCommand({ TableName, Key }),
  BatchGetItem: (Key) => new BatchGetItemCommand({ RequestItems: { [notesName]: { Keys: [note] }, [TableName]: { Keys: [key, Key] } } }),
  BatchWriteItem: (Key) =>
    new BatchWriteItemCommand({
      RequestItems: { [notesName]: [{ PutRequest: { Item: note } }], [TableName]: [{ PutRequest: put }, { DeleteRequest: { Key } }] },
    }),
  TransactGetItems: (Key) =>
    new TransactGetItemsCommand({
      TransactItems: [{ Get: { TableName: notesName, Key: note } }, { Get: good }, { Get: { TableName, Key } }],
    }),
  ...Object.fromEntries(
    Object.entries({
      Delete: (Key: Item) => ({ Delete: { TableName, Key } }),
      "Update, native": (Key: Item) => ({ Update: { TableName, Key, ...setVisits } }),
      "Update, guarded": (Key: Item) => ({ Update: { TableName, Key, ...setEmail } }),
      ConditionCheck: (Key: Item) => ({ ConditionCheck: { TableName, Key, ConditionExpression: exists } }),
    }).map(([name, action]) => [
      `TransactWriteItems: ${name}`,
      (Key: Item) =>
        new TransactWriteItemsCommand({
          TransactItems: [{ Put: { TableName: notesName, Item: note } }, { Put: { TableName, ...put } }, action(Key)],
        }),
    ]),
  ),
};

/** Requests that go on behind a key. */
const pages: typeof requests = {
  Query: (ExclusiveStartKey) => new QueryCommand({ ...query, ExclusiveStartKey }),
  "Query, counted": (ExclusiveStartKey) => new QueryCommand({ ...query, Select: "COUNT", ExclusiveStartKey }),
  Scan: (ExclusiveStartKey) => new ScanCommand({ TableName, ExclusiveStartKey }),
  "Scan, counted": (ExclusiveStartKey) => new ScanCommand({ TableName, Select: "COUNT", ExclusiveStartKey }),
};

/** A client whose requests are noted, and all refused by the service. */
function recordedClient(): { readonly client: DynamoDBClient; readonly sent: string[] } {
  const sent: string[] = [];
  const base = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ body }: { body: string }) => {
        sent.push(body);
        throw Object.assign(new Error("refused"), { name: "Refused" });
      },
    } as never,
  });
  return { client: encryptedClient(base, clientOptions), sent };
}

/** Values that stand nowhere else. */
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.uuid().map((S) => ({ S })),
  fc.integer({ min: 10 ** 9 }).map((number) => ({ N: String(number) })),
  fc.uuid().map((text) => ({ M: { inner: { L: [{ S: text }] } } })),
  fc.uuid().map((text) => ({ B: new TextEncoder().encode(text) })),
);
const name = fc.oneof(fc.constantFrom("email", "address", "tier", "visits", "__proto__"), fc.stringMatching(/^[a-z]{1,12}$/));
const others = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 6 });

const withOthers = (entries: readonly (readonly [string, AttributeValue])[], base: Item): Item => {
  const item = Object.create(null) as Item;
  for (const [attribute, one] of [...Object.entries(base), ...entries]) item[attribute] = one;
  return item;
};

async function refusal(client: DynamoDBClient, command: object): Promise<unknown> {
  return client.send(command as GetItemCommand).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe.each([...Object.entries(requests), ...Object.entries(pages)])("%s", (operation, command) => {
  const parameter = operation in pages ? "ExclusiveStartKey" : operation === "BatchGetItem" ? "Keys" : "Key";

  test("a whole item in the place of a key is refused before anything is sent, whatever it holds", async () => {
    const { client, sent } = recordedClient();
    await fc.assert(
      fc.asyncProperty(others, async (entries) => {
        const error = await refusal(client, command(withOthers(entries, key)));
        expect(error).toBeInstanceOf(DynasealError);
        expect(error).toMatchObject({
          name: "ValidationException",
          code: "ERR_PRIMARY_KEY_MISMATCH",
          details: { tableName: "customers", parameter, missing: [] },
        });
        const { details } = error as DynasealError<"ERR_PRIMARY_KEY_MISMATCH">;
        expect(new Set(details.unexpected)).toEqual(new Set(entries.map(([attribute]) => attribute)));
        expect(sent).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("so is half a key, and one with a map in it", async () => {
    const { client, sent } = recordedClient();
    const bad: readonly [Item, readonly string[], readonly string[]][] = [
      [{ customerId: { S: "42" } }, [], ["recordId"]],
      [{}, [], ["customerId", "recordId"]],
      [{ customerId: { S: "42" }, id: { S: "profile" } }, ["id"], ["recordId"]],
      [{ ...key, recordId: { M: { email: { S: "a@example.com" } } } }, ["recordId"], []],
      [{ ...key, recordId: { L: [{ S: "a@example.com" }] } }, ["recordId"], []],
      [{ ...key, recordId: { BOOL: true } }, ["recordId"], []],
    ];
    for (const [given, unexpected, missing] of bad) {
      const error = await refusal(client, command(given));
      expect(error).toMatchObject({ code: "ERR_PRIMARY_KEY_MISMATCH", details: { parameter, unexpected, missing } });
      expect(JSON.stringify((error as DynasealError).details) + (error as Error).message).not.toContain("example.com");
    }
    expect(sent).toEqual([]);
  });

  test("a key passes", async () => {
    const { client, sent } = recordedClient();
    const Key = { ...key, recordId: { S: "third" } };
    expect(await refusal(client, command(Key))).toMatchObject({ name: "Refused" });
    expect(sent.length).toBeGreaterThan(0);
  });
});

test("names in the error are few and short", async () => {
  const { client } = recordedClient();
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${"x".repeat(300)}`, { S: "x" }]));
  const error = (await refusal(client, new GetItemCommand({ TableName, Key: { ...key, ...many } }))) as Error;
  // 32 names of 64 characters each, and what stands around them.
  expect(error.message.length).toBeLessThan(2500);
});
