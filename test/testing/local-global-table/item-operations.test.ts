import { randomBytes } from "node:crypto";
import { paginateQuery, paginateScan } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { east, type Fixture, itemsOf, startFixture, west } from "./customers.ts";

const TableName = "customers";
const Key = { id: "a", sort: 1 };
let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.stop());

describe("single items", () => {
  test("put, get, update, delete with returned values and capacity", async () => {
    const client = fixture.document[east];
    const put = await client.put({ TableName, Item: { ...Key, name: "first" }, ReturnConsumedCapacity: "TOTAL" });
    expect(put.ConsumedCapacity).toMatchObject({ TableName, CapacityUnits: 1 });
    const update = await client.update({
      TableName,
      Key,
      UpdateExpression: "SET #n = :n, tags = :t ADD visits :one",
      ExpressionAttributeNames: { "#n": "name" },
      ExpressionAttributeValues: { ":n": "second", ":one": 1, ":t": new Set(["x", "y"]) },
      ReturnValues: "ALL_NEW",
    });
    expect(update.Attributes).toEqual({ ...Key, name: "second", visits: 1, tags: new Set(["x", "y"]) });
    expect((await client.get({ TableName, Key, ProjectionExpression: "visits" })).Item).toEqual({ visits: 1 });
    expect((await client.delete({ TableName, Key, ReturnValues: "ALL_OLD" })).Attributes).toMatchObject({ name: "second" });
    expect((await client.get({ TableName, Key })).Item).toBeUndefined();
  });

  test.each(["put", "update", "delete"] as const)("a failed condition of %s returns the item when asked", async (operation) => {
    const client = fixture.document[east];
    await client.put({ TableName, Item: { ...Key, name: "there", blob: Uint8Array.of(1, 2) } });
    const condition = {
      TableName,
      ConditionExpression: "#n = :n",
      ExpressionAttributeNames: { "#n": "name" },
      ExpressionAttributeValues: { ":n": "not this" },
    };
    const send = (choice: "ALL_OLD" | "NONE"): Promise<unknown> => {
      const input = { ...condition, ReturnValuesOnConditionCheckFailure: choice };
      if (operation === "put") return client.put({ ...input, Item: { ...Key } });
      if (operation === "delete") return client.delete({ ...input, Key });
      return client.update({ ...input, Key, UpdateExpression: "SET visits = :n" });
    };
    const item = { id: { S: "a" }, sort: { N: "1" }, name: { S: "there" }, blob: { B: Uint8Array.of(1, 2) } };
    await expect(send("ALL_OLD")).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: item });
    await expect(send("NONE")).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: undefined });
  });

  test("a failed condition on no item returns none", async () => {
    const failure = fixture.document[east].delete({
      TableName,
      Key: { id: "nobody", sort: 1 },
      ConditionExpression: "attribute_exists(id)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await expect(failure).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: undefined });
  });

  test("an unknown ReturnValuesOnConditionCheckFailure is refused", async () => {
    const put = fixture.low[east].putItem({
      TableName,
      Item: { id: { S: "a" }, sort: { N: "1" } },
      ReturnValuesOnConditionCheckFailure: "ALL_NEW" as never,
    });
    await expect(put).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("400 KB and not a byte more", async () => {
    const overhead = "id".length + 1 + "sort".length + 2 + "blob".length;
    const item = (bytes: number): Record<string, unknown> => ({ id: "b", sort: 2, blob: new Uint8Array(bytes) });
    await fixture.document[west].put({ TableName, Item: item(400 * 1024 - overhead) });
    await expect(fixture.document[west].put({ TableName, Item: item(400 * 1024 - overhead + 1) })).rejects.toMatchObject({
      name: "ValidationException",
      message: "Item size has exceeded the maximum allowed size",
    });
    await fixture.document[west].delete({ TableName, Key: { id: "b", sort: 2 } });
  });

  test("an attribute called __proto__ is kept, read, updated, replicated", async () => {
    const item = JSON.parse('{"id":{"S":"p"},"sort":{"N":"1"},"__proto__":{"M":{"__proto__":{"S":"__proto__"}}}}');
    await fixture.low[east].putItem({ TableName, Item: item });
    await fixture.low[east].updateItem({
      TableName,
      Key: { id: { S: "p" }, sort: { N: "1" } },
      UpdateExpression: "SET copied = #p",
      ExpressionAttributeNames: { "#p": "__proto__" },
    });
    await fixture.local.settled();
    const [raw] = (await fixture.local.rawItems(west, TableName)).filter(({ id }) => id?.S === "p");
    expect(Object.keys(raw ?? {}).toSorted()).toEqual(["__proto__", "copied", "id", "sort"]);
    expect(Object.entries(raw?.copied?.M ?? {})).toEqual([["__proto__", { S: "__proto__" }]]);
    await fixture.document[east].delete({ TableName, Key: { id: "p", sort: 1 } });
  });

  test("service errors arrive by name", async () => {
    const client = fixture.document[east];
    await expect(client.get({ TableName: "nowhere", Key })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 400, requestId: expect.any(String) },
    });
    await expect(client.get({ TableName, Key: { id: "a" } })).rejects.toMatchObject({
      name: "ValidationException",
      message: "The provided key element does not match the schema",
    });
    await expect(fixture.low[east].executeStatement({ Statement: "SELECT * FROM customers" })).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });

  test("a table may be named by its ARN, in its own Region", async () => {
    const arn = (await fixture.low[west].describeTable({ TableName })).Table?.TableArn ?? "";
    expect(arn).toBe("arn:aws:dynamodb:eu-west-1:000000000000:table/customers");
    await fixture.document[west].put({ TableName: arn, Item: { ...Key, name: "by ARN" } });
    const batch = await fixture.document[west].batchGet({ RequestItems: { [arn]: { Keys: [Key] } } });
    expect(batch.Responses).toEqual({ [arn]: [{ ...Key, name: "by ARN" }] });
    const got = await fixture.document[west].transactGet({ TransactItems: [{ Get: { TableName: arn, Key } }] });
    expect(got.Responses).toEqual([{ Item: { ...Key, name: "by ARN" } }]);
    await expect(fixture.document[east].get({ TableName: arn, Key })).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("many items", () => {
  test("batch write and get; paginators over table, GSI and LSI", async () => {
    const items = Array.from({ length: 60 }, (_, sort) => ({
      id: "many",
      sort,
      city: sort % 2 ? "Rom" : "Ulm",
      age: 99 - sort,
      pad: randomBytes(8),
    }));
    for (let start = 0; start < items.length; start += 25) {
      const requests = items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
      expect((await fixture.document[west].batchWrite({ RequestItems: { [TableName]: requests } })).UnprocessedItems).toEqual({});
    }
    await fixture.local.settled();
    const client = fixture.document[east];
    const keys = items.map(({ id, sort }) => ({ id, sort }));
    expect((await client.batchGet({ RequestItems: { [TableName]: { Keys: keys } } })).Responses?.[TableName]).toHaveLength(60);

    const query = { TableName, KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": "many" } };
    const sorts: unknown[] = [];
    let pages = 0;
    for await (const page of paginateQuery({ client, pageSize: 7 }, { ...query })) {
      pages++;
      sorts.push(...(page.Items ?? []).map(({ sort }) => sort));
    }
    expect(sorts).toEqual(items.map(({ sort }) => sort));
    expect(pages).toBeGreaterThanOrEqual(9);

    const byAge = await client.query({ ...query, IndexName: "by-age", Limit: 1 });
    expect(byAge.Items).toEqual([{ id: "many", sort: 59, age: 40 }]);
    const rome = { TableName, IndexName: "by-city", KeyConditionExpression: "city = :c", ExpressionAttributeValues: { ":c": "Rom" } };
    expect((await client.query(rome)).Count).toBe(30);

    const scanned: unknown[] = [];
    for await (const page of paginateScan(
      { client, pageSize: 11 },
      { TableName, FilterExpression: "begins_with(id, :m)", ExpressionAttributeValues: { ":m": "many" } },
    )) {
      scanned.push(...(page.Items ?? []));
    }
    expect(scanned).toHaveLength(60);

    const deletes = keys.slice(0, 25).map((Key) => ({ DeleteRequest: { Key } }));
    await client.batchWrite({ RequestItems: { [TableName]: deletes } });
    await fixture.local.settled();
    const left = Object.keys(await itemsOf(fixture, west)).filter((key) => key.startsWith("many"));
    expect(left).toHaveLength(35);
  });

  test("a query ends its page at 1 MB", async () => {
    const client = fixture.document[east];
    for (let sort = 0; sort < 4; sort++) await client.put({ TableName, Item: { id: "big", sort, blob: new Uint8Array(390_000) } });
    const query = { TableName, KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": "big" } };
    expect((await client.query(query)).LastEvaluatedKey).toEqual({ id: "big", sort: 2 });
    const raw = await fixture.local.rawItems(east, TableName);
    expect(raw.filter(({ id }) => id?.S === "big")).toHaveLength(4);
  });

  test("the same key twice in a batch is refused", async () => {
    const requests = [{ PutRequest: { Item: Key } }, { DeleteRequest: { Key } }];
    await expect(fixture.document[east].batchWrite({ RequestItems: { [TableName]: requests } })).rejects.toMatchObject({
      name: "ValidationException",
      message: "Provided list of item keys contains duplicates",
    });
  });
});
