import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { TransactWriteCommandInput, TransactWriteCommandOutput } from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { east, type Fixture, itemsOf, startFixture, west } from "./customers.ts";

const TableName = "customers";
type Actions = NonNullable<TransactWriteCommandInput["TransactItems"]>;
let fixture: Fixture;
let clock: number;

const key = (id: string): { id: string; sort: number } => ({ id, sort: 1 });
const putNew = (id: string): Actions[number] => ({
  Put: { TableName, Item: { ...key(id), made: true }, ConditionExpression: "attribute_not_exists(id)" },
});
const transact = (TransactItems: Actions, more: Partial<TransactWriteCommandInput> = {}): Promise<TransactWriteCommandOutput> =>
  fixture.document[east].transactWrite({ TransactItems, ...more });

beforeEach(async () => {
  clock = 1_700_000_000_000;
  fixture = await startFixture({ now: () => clock });
  for (const id of ["a", "b"]) await fixture.document[east].put({ TableName, Item: { ...key(id), balance: 100 } });
});
afterEach(() => fixture.stop());

describe("all or nothing", () => {
  test("put, update, delete and check succeed together and replicate", async () => {
    const answer = await transact(
      [
        putNew("c"),
        { Update: { TableName, Key: key("a"), UpdateExpression: "ADD balance :n", ExpressionAttributeValues: { ":n": 5 } } },
        { Update: { TableName, Key: key("new"), UpdateExpression: "SET balance = :n", ExpressionAttributeValues: { ":n": 1 } } },
        { ConditionCheck: { TableName, Key: key("nobody"), ConditionExpression: "attribute_not_exists(id)" } },
        { Delete: { TableName, Key: key("b"), ConditionExpression: "balance = :h", ExpressionAttributeValues: { ":h": 100 } } },
      ],
      { ReturnConsumedCapacity: "TOTAL" },
    );
    expect(answer.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 10, WriteCapacityUnits: 10 }]);
    await fixture.local.settled();
    const expected = { "a#1": { ...key("a"), balance: 105 }, "c#1": { ...key("c"), made: true }, "new#1": { ...key("new"), balance: 1 } };
    expect(await itemsOf(fixture, east)).toEqual(expected);
    expect(await itemsOf(fixture, west)).toEqual(expected);
  });

  test("the reasons of a cancelled transaction keep the order of its actions; nothing is changed or replicated", async () => {
    const before = await itemsOf(fixture, east);
    await fixture.local.settled();
    const failure: unknown = await transact([
      putNew("c"),
      { ...putNew("a"), Put: { ...putNew("a").Put, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as never },
      { Update: { TableName, Key: key("b"), UpdateExpression: "SET balance = absent + :n", ExpressionAttributeValues: { ":n": 1 } } },
      { Delete: { TableName, Key: key("gone") } },
      {
        ConditionCheck: {
          TableName,
          Key: key("nobody"),
          ConditionExpression: "attribute_exists(id)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
      { Put: { TableName, Item: { id: "no sort key" } } },
    ]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransactionCanceledException);
    expect(failure).toMatchObject({
      name: "TransactionCanceledException",
      message:
        "Transaction cancelled, please refer cancellation reasons for specific reasons " +
        "[None, ConditionalCheckFailed, ValidationError, None, ConditionalCheckFailed, ValidationError]",
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ConditionalCheckFailed",
          Message: "The conditional request failed",
          Item: { id: { S: "a" }, sort: { N: "1" }, balance: { N: "100" } },
        },
        { Code: "ValidationError", Message: "The provided expression refers to an attribute that does not exist in the item" },
        { Code: "None" },
        { Code: "ConditionalCheckFailed", Message: "The conditional request failed" },
        { Code: "ValidationError" },
      ],
    });
    // What does not exist cannot be returned.
    expect((failure as TransactionCanceledException).CancellationReasons?.[4]?.Item).toBeUndefined();
    expect(await itemsOf(fixture, east)).toEqual(before);
    await fixture.local.settled();
    expect(await itemsOf(fixture, west)).toEqual(before);
  });

  test("a cancelled transaction restores indexes too", async () => {
    await fixture.document[east].put({ TableName, Item: { ...key("a"), city: "Ulm" } });
    await expect(transact([{ Put: { TableName, Item: { ...key("a"), city: "Rom" } } }, putNew("b")])).rejects.toThrow();
    const query = { TableName, IndexName: "by-city", KeyConditionExpression: "city = :c" };
    expect((await fixture.document[east].query({ ...query, ExpressionAttributeValues: { ":c": "Ulm" } })).Count).toBe(1);
    expect((await fixture.document[east].query({ ...query, ExpressionAttributeValues: { ":c": "Rom" } })).Count).toBe(0);
  });

  test("a table that does not exist changes nothing", async () => {
    await expect(transact([putNew("c"), { Put: { TableName: "nowhere", Item: key("x") } }])).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(Object.keys(await itemsOf(fixture, east)).toSorted()).toEqual(["a#1", "b#1"]);
  });

  test("50 concurrent transfers: every read of both accounts sees the same sum", async () => {
    const transfers = Array.from({ length: 50 }, (_, turn) => {
      const [from, to] = turn % 2 ? ["a", "b"] : ["b", "a"];
      const amount = { ":n": turn + 1 };
      return transact([
        {
          Update: {
            TableName,
            Key: key(from ?? ""),
            UpdateExpression: "SET balance = balance - :n",
            ConditionExpression: "balance >= :n",
            ExpressionAttributeValues: amount,
          },
        },
        { Update: { TableName, Key: key(to ?? ""), UpdateExpression: "SET balance = balance + :n", ExpressionAttributeValues: amount } },
      ]).then(
        () => "done",
        (error: { name: string }) => error.name,
      );
    });
    const sums = Array.from({ length: 50 }, async (_, turn) => {
      const Keys = [key("a"), key("b")];
      const items =
        turn % 2 === 0
          ? (await fixture.document[east].transactGet({ TransactItems: Keys.map((Key) => ({ Get: { TableName, Key } })) })).Responses?.map(
              ({ Item }) => Item,
            )
          : (await fixture.document[east].scan({ TableName })).Items;
      return (items ?? []).reduce((sum, item) => sum + Number(item?.balance), 0);
    });
    expect(new Set(await Promise.all(sums))).toEqual(new Set([200]));
    const outcomes = new Set(await Promise.all(transfers));
    expect([...outcomes].every((outcome) => outcome === "done" || outcome === "TransactionCanceledException")).toBe(true);
    await fixture.local.settled();
    for (const region of [east, west] as const) {
      const items = Object.values(await itemsOf(fixture, region));
      expect(items.reduce((sum, { balance }) => sum + Number(balance), 0)).toBe(200);
      expect(items.every(({ balance }) => Number(balance) >= 0)).toBe(true);
    }
  });
});

describe("refused before anything is touched", () => {
  test("an empty list, 101 actions, the same item twice", async () => {
    await expect(transact([])).rejects.toMatchObject({ name: "ValidationException" });
    const hundred = Array.from({ length: 100 }, (_, index) => putNew(`n${index}`));
    await expect(transact([...hundred, putNew("one more")])).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Member must have length less than or equal to 100"),
    });
    await expect(transact([putNew("c"), { Delete: { TableName, Key: key("c") } }])).rejects.toMatchObject({
      name: "ValidationException",
      message: "Transaction request cannot include multiple operations on one item",
    });
    const spelledTwice = ["1", "1.0"].map((N) => ({ Put: { TableName, Item: { id: { S: "c" }, sort: { N } } } }));
    await expect(fixture.low[east].transactWriteItems({ TransactItems: spelledTwice })).rejects.toMatchObject({
      message: "Transaction request cannot include multiple operations on one item",
    });
    expect(Object.keys(await itemsOf(fixture, east)).toSorted()).toEqual(["a#1", "b#1"]);
    await transact(hundred);
    expect(Object.keys(await itemsOf(fixture, east))).toHaveLength(102);
  });

  test.each<[string, Actions[number]]>([
    ["two actions in one entry", { ...putNew("c"), Delete: { TableName, Key: { id: "d", sort: 1 } } }],
    ["no action in an entry", {}],
    ["an update without expression", { Update: { TableName, Key: { id: "a", sort: 1 }, UpdateExpression: undefined } }],
    ["a check without condition", { ConditionCheck: { TableName, Key: { id: "a", sort: 1 }, ConditionExpression: undefined } }],
    ["a broken expression", { Delete: { TableName, Key: { id: "a", sort: 1 }, ConditionExpression: "not an expression" } }],
    ["an unused value", { Put: { TableName, Item: { id: "c", sort: 1 }, ExpressionAttributeValues: { ":v": 1 } } }],
  ])("%s", async (_, action) => {
    await expect(transact([putNew("e"), action])).rejects.toMatchObject({ name: "ValidationException" });
    expect(Object.keys(await itemsOf(fixture, east)).toSorted()).toEqual(["a#1", "b#1"]);
  });

  test("items of more than 4 MB together", async () => {
    const actions = Array.from({ length: 12 }, (_, sort) => ({
      Put: { TableName, Item: { id: "big", sort, blob: new Uint8Array(390_000) } },
    }));
    await expect(transact(actions)).rejects.toMatchObject({ name: "ValidationException", message: expect.stringContaining("4 MB") });
    expect(Object.keys(await itemsOf(fixture, east)).toSorted()).toEqual(["a#1", "b#1"]);
  });
});

describe("client request tokens", () => {
  const add = (amount: number): Actions => [
    { Update: { TableName, Key: { id: "a", sort: 1 }, UpdateExpression: "ADD balance :n", ExpressionAttributeValues: { ":n": amount } } },
  ];
  const balance = async (): Promise<unknown> => (await itemsOf(fixture, east))["a#1"]?.balance;

  test("the same request under the same token is carried out once, also when sent at the same time", async () => {
    await Promise.all([transact(add(1), { ClientRequestToken: "token" }), transact(add(1), { ClientRequestToken: "token" })]);
    const again = await transact(add(1), { ClientRequestToken: "token", ReturnConsumedCapacity: "TOTAL" });
    expect(again.ConsumedCapacity).toEqual([{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
    expect(await balance()).toBe(101);
  });

  test("the token with other parameters is refused; other tokens, and other Regions, are not concerned", async () => {
    await transact(add(1), { ClientRequestToken: "token" });
    await expect(transact(add(2), { ClientRequestToken: "token" })).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
    await transact(add(2), { ClientRequestToken: "other" });
    await fixture.local.settled();
    await fixture.document[west].transactWrite({ TransactItems: add(3), ClientRequestToken: "token" });
    await fixture.local.settled();
    expect(await balance()).toBe(106);
  });

  test("a token is forgotten after ten minutes, not before", async () => {
    await transact(add(1), { ClientRequestToken: "token" });
    clock += 10 * 60 * 1000 - 1;
    await transact(add(1), { ClientRequestToken: "token" });
    expect(await balance()).toBe(101);
    clock += 1;
    await transact(add(2), { ClientRequestToken: "token" });
    expect(await balance()).toBe(103);
  });

  test("a cancelled transaction leaves its token free", async () => {
    await expect(transact([putNew("a")], { ClientRequestToken: "token" })).rejects.toThrow(TransactionCanceledException);
    await fixture.document[east].delete({ TableName, Key: key("a") });
    await transact([putNew("a")], { ClientRequestToken: "token" });
    expect((await itemsOf(fixture, east))["a#1"]).toMatchObject({ made: true });
  });
});
