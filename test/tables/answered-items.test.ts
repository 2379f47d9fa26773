import {
  type AttributeValue,
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { clientOptions, createClientTables, keyring, notesName, customersName as TableName } from "../support/client-tables.ts";
import { createPeopleTable, peopleOptions } from "../support/people.ts";

type Row = Record<string, AttributeValue>;
type Answer = Record<string, unknown> & { Item?: Row; Items?: Row[] };
type Tamper = (command: string, answer: Answer) => Answer | undefined;

const numbered = "numbered";
const peopleName = "people";
const key = (id: string) => ({ customerId: { S: id }, recordId: { S: "profile" } });
const customer = (id: string) =>
  marshall({ customerId: id, recordId: "profile", email: `${id}@example.com`, tier: id, city: id, visits: 1 });

let server: LocalGlobalTable;
let base: DynamoDBClient;
let client: DynamoDBClient;
/** What stands between the client and the service: a cache that mixes answers up. */
let tamper: Tamper = () => undefined;
/** A valid row of another customer. */
let other: Row;

const swapItem: Tamper = (command, answer) =>
  command === "GetItemCommand" && answer.Item !== undefined ? { ...answer, Item: other } : undefined;

beforeAll(async () => {
  server = await startLocalGlobalTable({ regions: ["us-east-1"] });
  base = new DynamoDBClient({ ...server.clientConfig("us-east-1"), maxAttempts: 1 });
  await createClientTables(base);
  await createPeopleTable(base, peopleName, "encrypted");
  await base.send(
    new CreateTableCommand({
      TableName: numbered,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  const between = new DynamoDBClient({ ...server.clientConfig("us-east-1"), maxAttempts: 1 });
  between.middlewareStack.add(
    (next, context) => async (args) => {
      const command = String(context["commandName"]);
      try {
        const result = await next(args);
        return { ...result, output: (tamper(command, result.output as unknown as Answer) ?? result.output) as typeof result.output };
      } catch (error) {
        throw Object.assign(error as Error, tamper(command, error as Answer));
      }
    },
    { step: "initialize", name: "cache" },
  );
  client = encryptedClient(between, clientOptions);
  const people = encryptedClient(between, { ...peopleOptions(peopleName), indexes: { keysByCity: "fetch" } });
  searching = people;
  for (const id of ["alice", "bob"]) await client.send(new PutItemCommand({ TableName, Item: customer(id) }));
  const { Item = {} } = await base.send(new GetItemCommand({ TableName, Key: key("bob") }));
  other = Item;
  for (const [personId, city] of [
    ["anna", "Ulm"],
    ["ben", "Bern"],
    ["carl", "Ulm"],
  ]) {
    const person = { personId, recordId: "profile", city, email: `${personId}@example.com`, joined: 1, tier: "gold" };
    await people.send(new PutItemCommand({ TableName: peopleName, Item: marshall(person) }));
  }
});
let searching: DynamoDBClient;
beforeEach(() => {
  tamper = () => undefined;
});
afterAll(async () => {
  base.destroy();
  await server.stop();
});

const mismatch = { code: "ERR_ANSWER_MISMATCH", name: "DynasealError" };
const update = (id: string, more: object = {}) =>
  new UpdateItemCommand({
    TableName,
    Key: key(id),
    UpdateExpression: "SET email = :e",
    ExpressionAttributeValues: { ":e": { S: "new" } },
    ...more,
  });

describe("another customer's valid item is refused", () => {
  test("by GetItem, with a projection too", async () => {
    tamper = swapItem;
    for (const more of [{}, { ConsistentRead: true }, { ProjectionExpression: "email" }]) {
      await expect(client.send(new GetItemCommand({ TableName, Key: key("alice"), ...more }))).rejects.toMatchObject({
        ...mismatch,
        details: { tableName: "customers" },
      });
    }
    expect((await client.send(new GetItemCommand({ TableName, Key: key("bob") }))).Item).toEqual(customer("bob"));
  });

  test("by BatchGetItem, whether its key or its whole table was not asked for, and where bad items are collected", async () => {
    const asked = new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key("alice")] } } });
    tamper = (_command, answer) => ({ ...answer, Responses: { [TableName]: [other] } });
    await expect(client.send(asked)).rejects.toMatchObject(mismatch);
    const notes = new BatchGetItemCommand({ RequestItems: { [notesName]: { Keys: [{ id: { S: "x" } }] } } });
    await expect(client.send(notes)).rejects.toMatchObject(mismatch);
    const collecting = { RequestItems: { [TableName]: { Keys: [key("alice")] } }, onUndecryptable: "collect" };
    await expect(client.send(new BatchGetItemCommand(collecting))).rejects.toMatchObject(mismatch);
  });

  test("by TransactGetItems, by the place of each", async () => {
    const asked = new TransactGetItemsCommand({ TransactItems: ["alice", "bob"].map((id) => ({ Get: { TableName, Key: key(id) } })) });
    tamper = (_command, answer) => ({ ...answer, Responses: [...(answer["Responses"] as object[])].reverse() });
    await expect(client.send(asked)).rejects.toMatchObject(mismatch);
    tamper = (_command, answer) => ({ ...answer, Responses: [...(answer["Responses"] as object[]), { Item: other }] });
    await expect(client.send(asked)).rejects.toMatchObject(mismatch);
  });

  test("by a Query, on the table, on an index and with a filter", async () => {
    const add: Tamper = (command, answer) =>
      command === "QueryCommand" ? { ...answer, Items: [...(answer.Items ?? []), other] } : undefined;
    const values = { ":v": { S: "alice" } };
    const queries = [
      { KeyConditionExpression: "customerId = :v", ExpressionAttributeValues: values },
      {
        KeyConditionExpression: "customerId = :v AND begins_with(recordId, :r)",
        ExpressionAttributeValues: { ...values, ":r": { S: "p" } },
      },
      { IndexName: "byTier", KeyConditionExpression: "tier = :v", ExpressionAttributeValues: values },
      {
        KeyConditionExpression: "customerId = :v",
        FilterExpression: "email <> :e",
        ExpressionAttributeValues: { ...values, ":e": { S: "" } },
        filterAfterDecrypt: true,
      },
    ];
    for (const query of queries) {
      tamper = () => undefined;
      expect((await client.send(new QueryCommand({ TableName, ...query }))).Count).toBe(1);
      tamper = add;
      await expect(client.send(new QueryCommand({ TableName, ...query }))).rejects.toMatchObject(mismatch);
    }
  });

  test("by a Query on a beacon, and among the items of an index that holds keys", async () => {
    const Key = { personId: { S: "ben" }, recordId: { S: "profile" } };
    const { Item: ben = {} } = await base.send(new GetItemCommand({ TableName: peopleName, Key }));
    const inUlm = { TableName: peopleName, KeyConditionExpression: "city = :c", ExpressionAttributeValues: { ":c": { S: "Ulm" } } };
    for (const [IndexName, command] of [
      ["byCity", "QueryCommand"],
      ["keysByCity", "QueryCommand"],
      ["keysByCity", "BatchGetItemCommand"],
    ] as const) {
      tamper = () => undefined;
      expect((await searching.send(new QueryCommand({ ...inUlm, IndexName }))).Count).toBe(2);
      tamper = (name, answer) => {
        if (name !== command) return undefined;
        if (command === "QueryCommand") return { ...answer, Items: [...(answer.Items ?? []), ben] };
        return { ...answer, Responses: { [peopleName]: [ben] } };
      };
      await expect(searching.send(new QueryCommand({ ...inUlm, IndexName }))).rejects.toMatchObject(mismatch);
    }
  });

  test("by the read of a guarded write, and what is written then is nothing", async () => {
    tamper = swapItem;
    const before = server.countRequests();
    await expect(client.send(update("alice"))).rejects.toMatchObject(mismatch);
    expect(server.countRequests()).toBe(before + 1);
    tamper = (command, answer) => (command === "TransactGetItemsCommand" ? { ...answer, Responses: [{ Item: other }] } : undefined);
    const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Update: update("alice").input as never }] });
    await expect(client.send(transaction)).rejects.toMatchObject(mismatch);
    expect(server.countRequests()).toBe(before + 2);
  });

  test("where a condition failed, and in what a write returns", async () => {
    const failing = {
      ConditionExpression: "tier = :t",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
      ExpressionAttributeValues: { ":t": { S: "none" } },
    };
    const visits = {
      ...failing,
      UpdateExpression: "SET visits = :v",
      ExpressionAttributeValues: { ":t": { S: "none" }, ":v": { N: "5" } },
    };
    tamper = (_command, answer) => (answer.Item === undefined ? undefined : { ...answer, Item: other });
    const sends = [
      () => client.send(new PutItemCommand({ TableName, Item: customer("alice"), ...failing })),
      () => client.send(new DeleteItemCommand({ TableName, Key: key("alice"), ...failing })),
      () => client.send(new UpdateItemCommand({ TableName, Key: key("alice"), ...visits })),
    ];
    for (const send of sends) await expect(send()).rejects.toMatchObject(mismatch);
    tamper = (_command, answer) => {
      const reasons = answer["CancellationReasons"] as Answer[] | undefined;
      return reasons && { ...answer, CancellationReasons: reasons.map((reason) => ({ ...reason, Item: other })) };
    };
    const transaction = new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key: key("alice"), ...failing } }] });
    await expect(client.send(transaction)).rejects.toMatchObject(mismatch);
    tamper = (_command, answer) => (answer["Attributes"] === undefined ? undefined : { ...answer, Attributes: other });
    const put = new PutItemCommand({ TableName, Item: customer("alice"), ReturnValues: "ALL_OLD" });
    await expect(client.send(put)).rejects.toMatchObject(mismatch);
  });
});

test("numbers in keys are compared by value", async () => {
  const schema = { tableName: numbered, partitionKey: "id", attributes: { note: "ENCRYPT_AND_SIGN" }, algorithmSuite: "HMAC" };
  const numbers = encryptedClient(base, { schemas: [schema], keyring });
  await numbers.send(new PutItemCommand({ TableName: numbered, Item: { id: { N: "1.50" }, note: { S: "hello" } } }));
  for (const spelling of ["1.5", "15E-1", "001.500"]) {
    const Key = { id: { N: spelling } };
    expect((await numbers.send(new GetItemCommand({ TableName: numbered, Key }))).Item?.["note"]).toEqual({ S: "hello" });
    const batch = await numbers.send(new BatchGetItemCommand({ RequestItems: { [numbered]: { Keys: [Key] } } }));
    expect(batch.Responses?.[numbered]).toHaveLength(1);
    const query = { KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": { N: spelling } } };
    expect((await numbers.send(new QueryCommand({ TableName: numbered, ...query }))).Count).toBe(1);
    const transaction = await numbers.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName: numbered, Key } }] }));
    expect(transaction.Responses?.[0]?.Item?.["note"]).toEqual({ S: "hello" });
    const set = { UpdateExpression: "SET note = :n", ExpressionAttributeValues: { ":n": { S: "hello" } } };
    await numbers.send(new UpdateItemCommand({ TableName: numbered, Key, ...set }));
  }
});
