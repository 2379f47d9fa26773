import type { GlobalSecondaryIndexUpdate, UpdateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test } from "vitest";
import { east, type Fixture, startFixture, west } from "./customers.ts";

const TableName = "customers";
const create = (AttributeName: string, IndexName = `by-${AttributeName}`): UpdateTableCommandInput => ({
  TableName,
  AttributeDefinitions: [{ AttributeName, AttributeType: "S" }],
  GlobalSecondaryIndexUpdates: [
    { Create: { IndexName, KeySchema: [{ AttributeName, KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } } },
  ],
});
const remove = (IndexName: string): UpdateTableCommandInput => ({
  TableName,
  GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }],
});

let fixture: Fixture;
afterEach(() => fixture.stop());

async function found(region: typeof east | typeof west, email: string, IndexName = "by-email"): Promise<readonly unknown[]> {
  const { Items = [] } = await fixture.document[region].query({
    TableName,
    IndexName,
    KeyConditionExpression: "email = :email",
    ExpressionAttributeValues: { ":email": email },
  });
  return Items.map(({ id }) => id).toSorted();
}

describe("UpdateTable adds a global secondary index", () => {
  test("filled with the items that are there, on all replicas, and kept from then on", async () => {
    fixture = await startFixture();
    const put = (id: string, email?: unknown): Promise<unknown> =>
      fixture.document[east].put({ TableName, Item: { id, sort: 1, email, city: "Lyon" } });
    await Promise.all([
      put("a", "x@example.com"),
      put("b", "x@example.com"),
      put("c", "y@example.com"),
      put("none"),
      put("gone", "x@example.com"),
    ]);
    await fixture.document[east].delete({ TableName, Key: { id: "gone", sort: 1 } });
    await fixture.local.settled();

    const { TableDescription } = await fixture.low[west].updateTable(create("email"));
    expect(TableDescription?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(["by-city", "by-email"]);
    for (const region of [east, west] as const) {
      const { Table } = await fixture.low[region].describeTable({ TableName });
      expect(Table?.GlobalSecondaryIndexes?.[1]).toMatchObject({
        IndexName: "by-email",
        IndexStatus: "ACTIVE",
        Projection: { ProjectionType: "ALL" },
      });
      expect(Table?.AttributeDefinitions?.map(({ AttributeName }) => AttributeName).toSorted()).toEqual([
        "age",
        "city",
        "email",
        "id",
        "sort",
      ]);
      expect(await found(region, "x@example.com")).toEqual(["a", "b"]);
      const { Items } = await fixture.document[region].scan({ TableName, IndexName: "by-email" });
      expect(Items).toHaveLength(3);
    }

    await put("a", "y@example.com");
    await put("new", "x@example.com");
    await fixture.local.settled();
    for (const region of [east, west] as const) {
      expect(await found(region, "x@example.com")).toEqual(["b", "new"]);
      expect(await found(region, "y@example.com")).toEqual(["a", "c"]);
    }
  });

  test("where no item holds its key with another type: dynalite would fail later", async () => {
    fixture = await startFixture();
    await fixture.document[east].put({ TableName, Item: { id: "number", sort: 1, email: 5 } });
    await expect(fixture.low[east].updateTable(create("email"))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("another type"),
    });
    await fixture.document[east].put({ TableName, Item: { id: "number", sort: 1, email: "now@example.com" } });
    await fixture.local.settled();
    await fixture.low[east].updateTable(create("email"));
    expect(await found(east, "now@example.com")).toEqual(["number"]);
  });

  test("in one Region as in AWS: a replica that comes later has it too", async () => {
    fixture = await startFixture({ tableScope: "one-region", tables: [] });
    const keys = { KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }], BillingMode: "PAY_PER_REQUEST" as const };
    await fixture.low[east].createTable({ TableName, ...keys, AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }] });
    await fixture.document[east].put({ TableName, Item: { id: "a", email: "x@example.com" } });
    await fixture.low[east].updateTable(create("email"));
    await fixture.low[east].updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: west } }] });
    expect(await found(west, "x@example.com")).toEqual(["a"]);
  });
});

describe("UpdateTable deletes a global secondary index", () => {
  test("on all replicas, with the definitions that nothing else uses; it may come back", async () => {
    fixture = await startFixture();
    await fixture.low[east].updateTable(create("email"));
    await fixture.document[east].put({ TableName, Item: { id: "a", sort: 1, email: "x@example.com" } });
    await fixture.local.settled();
    await fixture.low[east].updateTable(remove("by-email"));
    for (const region of [east, west] as const) {
      await expect(found(region, "x@example.com")).rejects.toMatchObject({ name: "ValidationException" });
      const { Table } = await fixture.low[region].describeTable({ TableName });
      expect(Table?.AttributeDefinitions?.map(({ AttributeName }) => AttributeName)).not.toContain("email");
    }
    await fixture.document[east].delete({ TableName, Key: { id: "a", sort: 1 } });
    await fixture.local.settled();
    await fixture.low[east].updateTable(create("email"));
    expect(await found(east, "x@example.com")).toEqual([]);
    await fixture.low[east].updateTable(remove("by-email"));
    await fixture.low[east].updateTable(remove("by-city"));
    expect((await fixture.low[west].describeTable({ TableName })).Table?.GlobalSecondaryIndexes).toBeUndefined();
  });
});

describe("UpdateTable refuses", () => {
  const [emailIndex] = create("email").GlobalSecondaryIndexUpdates as [GlobalSecondaryIndexUpdate];
  test.each<[string, UpdateTableCommandInput, string]>([
    ["an index that is there", create("email", "by-city"), "ValidationException"],
    ["an index that is not there", remove("by-nothing"), "ResourceNotFoundException"],
    ["keys without definitions", { TableName, GlobalSecondaryIndexUpdates: [emailIndex] }, "ValidationException"],
    [
      "another type for a key",
      { ...create("city", "by-city-2"), AttributeDefinitions: [{ AttributeName: "city", AttributeType: "N" }] },
      "ValidationException",
    ],
    [
      "two at a time",
      { ...create("email"), GlobalSecondaryIndexUpdates: [emailIndex, { Delete: { IndexName: "by-city" } }] },
      "LimitExceededException",
    ],
    ["a name that is too short", create("email", "x"), "ValidationException"],
    ["a table that is not there", { ...create("email"), TableName: "nowhere" }, "ResourceNotFoundException"],
  ])("%s, and changes nothing", async (_name, input, error) => {
    fixture = await startFixture();
    await expect(fixture.low[east].updateTable(input)).rejects.toMatchObject({ name: error });
    const { Table } = await fixture.low[east].describeTable({ TableName });
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(["by-city"]);
  });
});
