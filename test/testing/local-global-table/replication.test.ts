import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { east, type Fixture, itemsOf, startFixture, west } from "./customers.ts";

const TableName = "customers";
const Key = { id: "a", sort: 1 };
let fixture: Fixture;
let clock: number;

const put = (region: typeof east | typeof west, name: string, key: { id: string; sort: number } = Key): Promise<unknown> =>
  fixture.document[region].put({ TableName, Item: { ...key, name } });
const nameIn = async (region: typeof east | typeof west): Promise<unknown> => (await itemsOf(fixture, region))["a#1"]?.name;

beforeEach(async () => {
  clock = 1_700_000_000_000;
  fixture = await startFixture({ now: () => clock });
});
afterEach(() => fixture.stop());

describe("copying", () => {
  test("every kind of write arrives in the other Region, both ways", async () => {
    await put(east, "put");
    await fixture.document[west].put({ TableName, Item: { id: "b", sort: 1, name: "west" } });
    await fixture.document[east].batchWrite({ RequestItems: { [TableName]: [{ PutRequest: { Item: { id: "c", sort: 1 } } }] } });
    await fixture.document[west].transactWrite({ TransactItems: [{ Put: { TableName, Item: { id: "d", sort: 1 } } }] });
    await fixture.local.settled();
    const both = ["a#1", "b#1", "c#1", "d#1"];
    expect(Object.keys(await itemsOf(fixture, east)).toSorted()).toEqual(both);
    expect(Object.keys(await itemsOf(fixture, west)).toSorted()).toEqual(both);

    await fixture.document[west].update({
      TableName,
      Key,
      UpdateExpression: "SET #n = :n",
      ExpressionAttributeNames: { "#n": "name" },
      ExpressionAttributeValues: { ":n": "updated" },
    });
    await fixture.document[east].delete({ TableName, Key: { id: "b", sort: 1 } });
    await fixture.document[east].batchWrite({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: { id: "c", sort: 1 } } }] } });
    await fixture.document[east].transactWrite({ TransactItems: [{ Delete: { TableName, Key: { id: "d", sort: 1 } } }] });
    await fixture.local.settled();
    for (const region of [east, west] as const) expect(await itemsOf(fixture, region)).toEqual({ "a#1": { ...Key, name: "updated" } });
  });

  test("indexes follow", async () => {
    await fixture.document[east].put({ TableName, Item: { ...Key, city: "Ulm" } });
    await fixture.local.settled();
    const query = { TableName, IndexName: "by-city", KeyConditionExpression: "city = :c", ExpressionAttributeValues: { ":c": "Ulm" } };
    expect((await fixture.document[west].query(query)).Count).toBe(1);
    await fixture.document[east].put({ TableName, Item: { ...Key, city: "Rom" } });
    await fixture.local.settled();
    expect((await fixture.document[west].query(query)).Count).toBe(0);
  });

  test("a lag delays, and settled waits for it", async () => {
    fixture.local.lag = 150;
    expect(fixture.local.lag).toBe(150);
    const start = performance.now();
    await put(east, "late");
    expect(await nameIn(west)).toBeUndefined();
    await fixture.local.settled();
    expect(performance.now() - start).toBeGreaterThanOrEqual(149);
    expect(await nameIn(west)).toBe("late");
  });

  test("a lag by item reorders what one transaction wrote", async () => {
    const seen: unknown[] = [];
    fixture.local.lag = ({ tableName, key, from, to }) => {
      seen.push([tableName, key.id?.S, from, to]);
      return key.id?.S === "first" ? 200 : 0;
    };
    const actions = ["first", "second"].map((id) => ({ Put: { TableName, Item: { id, sort: 1 } } }));
    await fixture.document[east].transactWrite({ TransactItems: actions });
    await expect.poll(async () => Object.keys(await itemsOf(fixture, west))).toEqual(["second#1"]);
    await fixture.local.settled();
    expect(Object.keys(await itemsOf(fixture, west)).toSorted()).toEqual(["first#1", "second#1"]);
    expect(seen).toEqual(["first", "second"].map((id) => [TableName, id, east, west]));
  });
});

describe("conflicts", () => {
  test("the last writer wins on both sides, whichever change travels longer", async () => {
    fixture.local.lag = ({ from }) => (from === east ? 60 : 0);
    await put(east, "older");
    clock += 1;
    await put(west, "newer");
    await fixture.local.settled();
    expect([await nameIn(east), await nameIn(west)]).toEqual(["newer", "newer"]);
  });

  test("at the same microsecond the Region that sorts last wins", async () => {
    fixture.local.pause();
    await put(east, "of the east");
    await put(west, "of the west");
    fixture.local.resume();
    await fixture.local.settled();
    expect([await nameIn(east), await nameIn(west)]).toEqual(["of the east", "of the east"]);
  });

  test("a deletion is a write: it beats an older put and loses to a newer one", async () => {
    await put(east, "original");
    await fixture.local.settled();
    fixture.local.pause();
    clock += 1;
    await put(east, "older than the deletion");
    clock += 1;
    await fixture.document[west].delete({ TableName, Key });
    fixture.local.resume();
    await fixture.local.settled();
    expect([await nameIn(east), await nameIn(west)]).toEqual([undefined, undefined]);

    fixture.local.pause();
    clock += 1;
    await fixture.document[west].delete({ TableName, Key });
    clock += 1;
    await put(east, "newer than the deletion");
    fixture.local.resume();
    await fixture.local.settled();
    expect([await nameIn(east), await nameIn(west)]).toEqual(["newer than the deletion", "newer than the deletion"]);
  });

  test("a write follows what it replaced, even on a clock that stands still or goes back", async () => {
    await put(east, "first");
    await fixture.local.settled();
    clock -= 60_000;
    await put(west, "second");
    await fixture.local.settled();
    expect([await nameIn(east), await nameIn(west)]).toEqual(["second", "second"]);
  });

  test("both Regions agree after 200 racing writes", async () => {
    fixture.local.lag = () => Math.floor((clock++ % 7) * 2);
    const writes = Array.from({ length: 200 }, (_, turn) => {
      const region = turn % 2 ? east : west;
      const key = { id: `k${turn % 5}`, sort: 1 };
      return turn % 11 === 0 ? fixture.document[region].delete({ TableName, Key: key }) : put(region, `write ${turn}`, key);
    });
    await Promise.all(writes);
    await fixture.local.settled();
    expect(await itemsOf(fixture, east)).toEqual(await itemsOf(fixture, west));
  });
});

describe("partitions", () => {
  test("one direction pauses while the other goes on; settled does not wait for what is held", async () => {
    fixture.local.pause({ from: east, to: west });
    await put(east, "held");
    await put(west, "through", { id: "b", sort: 1 });
    await fixture.local.settled();
    expect(Object.keys(await itemsOf(fixture, west))).toEqual(["b#1"]);
    expect(Object.keys(await itemsOf(fixture, east)).toSorted()).toEqual(["a#1", "b#1"]);
    fixture.local.resume({ to: west });
    await fixture.local.settled();
    expect(await nameIn(west)).toBe("held");
  });

  test("what is held does not enter a table that was deleted and created anew", async () => {
    fixture.local.pause();
    await put(east, "of the old table");
    const { Table } = await fixture.low[east].describeTable({ TableName });
    await fixture.low[east].deleteTable({ TableName });
    await fixture.low[east].createTable({
      TableName,
      KeySchema: Table?.KeySchema,
      AttributeDefinitions: Table?.AttributeDefinitions?.slice(0, 2),
      BillingMode: "PAY_PER_REQUEST",
    });
    fixture.local.resume();
    await fixture.local.settled();
    expect(await itemsOf(fixture, west)).toEqual({});
  });

  test("an unknown Region is refused", () => {
    expect(() => fixture.local.pause({ from: "us-west-9" })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
    expect(() => fixture.local.resume({ to: "us-west-9" })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
