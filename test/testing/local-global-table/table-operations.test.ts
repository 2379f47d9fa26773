import { type UpdateTableCommandOutput, waitUntilTableExists, waitUntilTableNotExists } from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, test } from "vitest";
import { customers, east, type Fixture, startFixture, west } from "./customers.ts";

const TableName = "keys";
const creation = {
  TableName,
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" as const }],
  BillingMode: "PAY_PER_REQUEST" as const,
};
let fixture: Fixture;
afterEach(() => fixture.stop());

describe("tables everywhere", () => {
  test("the tables of the options exist in every Region, on demand, with their indexes", async () => {
    fixture = await startFixture();
    for (const region of [east, west] as const) {
      const { Table } = await fixture.low[region].describeTable({ TableName: "customers" });
      expect(Table).toMatchObject({
        TableStatus: "ACTIVE",
        BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
        DeletionProtectionEnabled: false,
        GlobalTableVersion: "2019.11.21",
        Replicas: [{ RegionName: region === east ? west : east, ReplicaStatus: "ACTIVE" }],
        GlobalSecondaryIndexes: [{ IndexName: "by-city" }],
        LocalSecondaryIndexes: [{ IndexName: "by-age" }],
      });
    }
  });

  test("CreateTable and DeleteTable act in every Region, and the SDK's waiters see it at once", async () => {
    fixture = await startFixture();
    const start = performance.now();
    const { TableDescription } = await fixture.low[west].createTable(creation);
    expect(TableDescription).toMatchObject({ TableName, TableStatus: "CREATING" });
    await waitUntilTableExists({ client: fixture.low[east], maxWaitTime: 25 }, { TableName });
    expect((await fixture.low[east].listTables({})).TableNames).toEqual(["customers", TableName]);
    await expect(fixture.low[east].createTable(creation)).rejects.toMatchObject({ name: "ResourceInUseException" });
    await fixture.low[east].deleteTable({ TableName });
    await waitUntilTableNotExists({ client: fixture.low[west], maxWaitTime: 25 }, { TableName });
    expect((await fixture.low[west].listTables({})).TableNames).toEqual(["customers"]);
    // A waiter that does not find what it waits for at once looks again after 20 seconds.
    expect(performance.now() - start).toBeLessThan(10_000);
    await expect(fixture.low[west].deleteTable({ TableName })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("adding a replica that is there already is no error; a Region that is not served is", async () => {
    fixture = await startFixture();
    const add = (RegionName: string): Promise<UpdateTableCommandOutput> =>
      fixture.low[east].updateTable({ TableName: "customers", ReplicaUpdates: [{ Create: { RegionName } }] });
    expect((await add(west)).TableDescription?.Replicas).toEqual([{ RegionName: west, ReplicaStatus: "ACTIVE" }]);
    await expect(add("ap-south-1")).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("throughput changes in every Region; an update of nothing is refused", async () => {
    fixture = await startFixture();
    await fixture.low[east].updateTable({
      TableName: "customers",
      BillingMode: "PROVISIONED",
      ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 },
      GlobalSecondaryIndexUpdates: [
        { Update: { IndexName: "by-city", ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } } },
      ],
    });
    const { Table } = await fixture.low[west].describeTable({ TableName: "customers" });
    expect(Table).toMatchObject({ TableStatus: "ACTIVE", ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 } });
    await expect(fixture.low[east].updateTable({ TableName: "customers" })).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("tables in one Region, as in AWS", () => {
  test("a replica is added with the items, keeps up, and is removed", async () => {
    fixture = await startFixture({ tableScope: "one-region", tables: [] });
    await fixture.low[east].createTable(creation);
    const there = fixture.low[west].describeTable({ TableName });
    await expect(there).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect((await fixture.low[east].describeTable({ TableName })).Table).not.toHaveProperty("Replicas", expect.anything());
    await fixture.document[east].put({ TableName, Item: { id: "old" } });
    await fixture.document[east].put({ TableName, Item: { id: "deleted" } });
    await fixture.document[east].delete({ TableName, Key: { id: "deleted" } });
    await fixture.low[east].updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: west } }] });
    await waitUntilTableExists({ client: fixture.low[west], maxWaitTime: 25 }, { TableName });
    await fixture.document[west].put({ TableName, Item: { id: "new" } });
    await fixture.local.settled();
    for (const region of [east, west] as const) {
      const ids = (await fixture.local.rawItems(region, TableName)).map(({ id }) => id?.S);
      expect(ids.toSorted()).toEqual(["new", "old"]);
    }
    expect((await fixture.low[west].describeTable({ TableName })).Table?.Replicas).toEqual([{ RegionName: east, ReplicaStatus: "ACTIVE" }]);
    const again = fixture.low[east].updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: west } }] });
    await expect(again).rejects.toMatchObject({ name: "ValidationException" });

    await fixture.low[east].updateTable({ TableName, ReplicaUpdates: [{ Delete: { RegionName: west } }] });
    await expect(fixture.document[west].get({ TableName, Key: { id: "old" } })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await fixture.document[east].put({ TableName, Item: { id: "alone" } });
    await fixture.local.settled();
    expect((await fixture.low[east].describeTable({ TableName })).Table?.Replicas).toBeUndefined();
  });

  test("a replica takes over indexes and throughput; two tables of one name are not one table", async () => {
    fixture = await startFixture({ tableScope: "one-region", tables: [] });
    const { AttributeDefinitions, KeySchema, LocalSecondaryIndexes } = customers;
    const provisioned = { ReadCapacityUnits: 2, WriteCapacityUnits: 2 };
    const [byCity] = customers.GlobalSecondaryIndexes;
    const input = {
      TableName,
      AttributeDefinitions,
      KeySchema,
      LocalSecondaryIndexes,
      ProvisionedThroughput: provisioned,
      GlobalSecondaryIndexes: [{ ...byCity, ProvisionedThroughput: provisioned }],
    };
    await fixture.low[east].createTable(input as never);
    await fixture.low[east].updateTable({ TableName, ReplicaUpdates: [{ Create: { RegionName: west } }] });
    expect((await fixture.low[west].describeTable({ TableName })).Table).toMatchObject({
      ProvisionedThroughput: provisioned,
      GlobalSecondaryIndexes: [{ IndexName: "by-city", ProvisionedThroughput: provisioned }],
      LocalSecondaryIndexes: [{ IndexName: "by-age" }],
    });
    for (const region of [east, west] as const) await fixture.low[region].createTable({ ...creation, TableName: "apart" });
    await fixture.document[east].put({ TableName: "apart", Item: { id: "x" } });
    await fixture.local.settled();
    expect(await fixture.local.rawItems(west, "apart")).toEqual([]);
  });
});

describe("what a key store asks for", () => {
  test("deletion protection is shown and holds until it is taken off", async () => {
    fixture = await startFixture();
    const { TableDescription } = await fixture.low[east].createTable({ ...creation, DeletionProtectionEnabled: true });
    expect(TableDescription?.DeletionProtectionEnabled).toBe(true);
    for (const region of [east, west] as const) {
      await expect(fixture.low[region].deleteTable({ TableName })).rejects.toMatchObject({
        name: "ValidationException",
        message: expect.stringContaining("protected against deletion"),
      });
    }
    const update = await fixture.low[west].updateTable({ TableName, DeletionProtectionEnabled: false });
    expect(update.TableDescription?.DeletionProtectionEnabled).toBe(false);
    await fixture.low[east].deleteTable({ TableName });
  });

  test("point-in-time recovery is off, on with its dates, and off again; each Region has its own", async () => {
    fixture = await startFixture({ now: () => 1_700_000_000_000 });
    const recovery = async (region: typeof east | typeof west): Promise<unknown> =>
      (await fixture.low[region].describeContinuousBackups({ TableName: "customers" })).ContinuousBackupsDescription
        ?.PointInTimeRecoveryDescription;
    const set = (PointInTimeRecoveryEnabled: boolean): Promise<unknown> =>
      fixture.low[east].updateContinuousBackups({
        TableName: "customers",
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
      });
    expect(await recovery(east)).toEqual({ PointInTimeRecoveryStatus: "DISABLED" });
    await set(true);
    const moment = new Date(1_700_000_000_000);
    expect(await recovery(east)).toEqual({
      PointInTimeRecoveryStatus: "ENABLED",
      RecoveryPeriodInDays: 35,
      EarliestRestorableDateTime: moment,
      LatestRestorableDateTime: moment,
    });
    expect(await recovery(west)).toEqual({ PointInTimeRecoveryStatus: "DISABLED" });
    await set(false);
    expect(await recovery(east)).toEqual({ PointInTimeRecoveryStatus: "DISABLED" });
    await expect(fixture.low[east].describeContinuousBackups({ TableName: "nowhere" })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    const empty = fixture.low[east].updateContinuousBackups({ TableName: "customers", PointInTimeRecoverySpecification: {} as never });
    await expect(empty).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("time to live is one setting of all replicas; tags are kept", async () => {
    fixture = await startFixture();
    const TimeToLiveSpecification = { Enabled: true, AttributeName: "expires" };
    await fixture.low[east].updateTimeToLive({ TableName: "customers", TimeToLiveSpecification });
    expect((await fixture.low[west].describeTimeToLive({ TableName: "customers" })).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: "ENABLED",
      AttributeName: "expires",
    });
    const ResourceArn = (await fixture.low[east].describeTable({ TableName: "customers" })).Table?.TableArn;
    await fixture.low[east].tagResource({ ResourceArn, Tags: [{ Key: "team", Value: "keys" }] });
    expect((await fixture.low[east].listTagsOfResource({ ResourceArn })).Tags).toEqual([{ Key: "team", Value: "keys" }]);
    await fixture.low[east].untagResource({ ResourceArn, TagKeys: ["team"] });
    expect((await fixture.low[east].listTagsOfResource({ ResourceArn })).Tags).toEqual([]);
  });
});
