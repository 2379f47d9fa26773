import { BatchWriteItemCommand, DynamoDBClient, paginateQuery, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateQuery as paginateDocumentQuery } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttributeMap } from "../../../src/attributes/index.ts";
import { encryptedClient } from "../../../src/client/index.ts";
import { createPeopleTable, type PeopleSearch, peopleOptions } from "../people.ts";
import type { ReadServer } from "./read-server.ts";

const runs = process.env["CI"] === undefined ? 60 : 15;

const cities = ["Ulm", "Bern", "Graz"];
const emails = ["a@example.com", "b@example.com", "c@example.com"];

/** Everybody in few cities, with few addresses and many equal sort keys. */
function crowd(seed: number): Record<string, unknown>[] {
  const random = (below: number, salt: number): number => ((seed + 1) * 7919 + salt * 104_729) % below;
  return Array.from({ length: 60 }, (_, place) => ({
    personId: `person ${place}`,
    recordId: "profile",
    email: emails[random(3, place * 31)],
    city: cities[random(3, place * 17)],
    phone: `+49 ${random(4, place * 13)}`,
    joined: random(9, place * 23),
    tier: random(2, place) === 0 ? "gold" : "silver",
  }));
}

async function fill(client: DynamoDBClient, TableName: string, items: readonly Record<string, unknown>[]): Promise<void> {
  for (let start = 0; start < items.length; start += 25) {
    const writes = items.slice(start, start + 25).map((item) => ({ PutRequest: { Item: marshall(item) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: writes } }));
  }
}

interface Answer {
  readonly items: readonly AttributeMap[];
  readonly pages: readonly number[];
}

/** All pages of a query, each from the last one's LastEvaluatedKey. */
async function everyPage(client: DynamoDBClient, input: QueryCommandInput): Promise<Answer> {
  const items: AttributeMap[] = [];
  const pages: number[] = [];
  let ExclusiveStartKey: QueryCommandInput["ExclusiveStartKey"];
  do {
    const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey }));
    expect(page.Count).toBe(page.Items?.length);
    items.push(...(page.Items ?? []));
    pages.push(page.Items?.length ?? 0);
    ExclusiveStartKey = page.LastEvaluatedKey;
    expect(pages.length).toBeLessThan(400);
  } while (ExclusiveStartKey !== undefined);
  return { items, pages };
}

/** What an index of keys holds of a person. */
const held = (item: AttributeMap): AttributeMap =>
  Object.fromEntries(Object.entries(item).filter(([name]) => ["personId", "recordId", "city", "joined"].includes(name)));

const sorted = (items: readonly AttributeMap[]): string[] => items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();

interface Question {
  readonly IndexName: string;
  readonly key: string;
  readonly city: string;
  readonly email: string;
  readonly joined: number;
  readonly filter: string | undefined;
  readonly forward: boolean;
  readonly limit: number | undefined;
}

const question: fc.Arbitrary<Question> = fc
  .record({
    index: fc.constantFrom(
      ["byCity", "city = :c"] as const,
      ["byCity", "city = :c AND joined >= :j"] as const,
      ["byCity", "city = :c AND joined = :j"] as const,
      ["keysByCity", "city = :c AND joined < :j"] as const,
      ["byEmail", "email = :e"] as const,
    ),
    city: fc.constantFrom(...cities, "Nowhere"),
    email: fc.constantFrom(...emails),
    joined: fc.nat(9),
    filter: fc.constantFrom(
      ...[undefined, undefined, "tier = :t", "phone = :p", "phone = :p OR tier = :t", "phone <> :p"],
      ...["email = :e", "email = :e OR tier = :t", "NOT (email = :e AND phone = :p)"],
    ),
    forward: fc.boolean(),
    limit: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  })
  // The service takes no filter on an index's key.
  .filter(({ index: [IndexName], filter }) => IndexName !== "byEmail" || filter?.includes("email") !== true)
  .map(({ index: [IndexName, key], ...rest }) => ({ IndexName, key, ...rest }));

function inputOf(TableName: string, { IndexName, key, filter, forward, limit, ...values }: Question): QueryCommandInput {
  const all = { ":c": values.city, ":e": values.email, ":j": values.joined, ":t": "gold", ":p": "+49 1" };
  const used = Object.entries(all).filter(([placeholder]) => `${key} ${filter}`.includes(placeholder));
  return {
    TableName,
    IndexName,
    KeyConditionExpression: key,
    FilterExpression: filter,
    ExpressionAttributeValues: marshall(Object.fromEntries(used)),
    ScanIndexForward: forward,
    Limit: limit,
  };
}

/** Queries of several partitions, beside the same on a plain table. */
export function fanOutSuite(start: () => Promise<ReadServer>): void {
  let server: ReadServer;
  let plain: DynamoDBClient;
  beforeAll(async () => {
    server = await start();
    plain = new DynamoDBClient(server.config);
  });
  afterAll(async () => {
    plain.destroy();
    await server.stop();
  });

  describe.each<PeopleSearch>([
    { length: 1, partitions: 1 },
    { length: 1, partitions: 3 },
    { length: 32, partitions: 5 },
  ])("with beacons of $length bits in $partitions partitions", (search) => {
    const TableName = `people-${search.length}-${search.partitions}`;
    const plainName = `${TableName}-plain`;
    let client: DynamoDBClient;
    beforeAll(async () => {
      client = encryptedClient(plain, {
        ...peopleOptions(TableName, search),
        filterAfterDecrypt: true,
        indexes: { keysByCity: "fetch" },
      });
      await createPeopleTable(plain, TableName, "encrypted");
      await createPeopleTable(plain, plainName, "plain");
      const items = crowd(search.partitions);
      await fill(client, TableName, items);
      await fill(plain, plainName, items);
    });

    test("pages hold every row of the plain table once, in its order", async () => {
      await fc.assert(
        fc.asyncProperty(question, async (asked) => {
          const { items, pages } = await everyPage(client, inputOf(TableName, asked));
          const whole = { ...asked, IndexName: asked.IndexName.replace("keysByCity", "byCity"), limit: undefined };
          const right = await everyPage(plain, inputOf(plainName, whole));
          const expected = asked.IndexName === "keysByCity" ? right.items.map(held) : right.items;
          expect(sorted(items)).toEqual(sorted(expected));
          for (const rows of pages) expect(rows).toBeLessThanOrEqual(asked.limit ?? 60);
          if (asked.IndexName === "byEmail") return;
          // Equal sort keys have no order among themselves.
          expect(items.map(({ joined }) => joined)).toEqual(right.items.map(({ joined }) => joined));
        }),
        { numRuns: runs },
      );
    });

    test("a count is the number of items", async () => {
      const input = inputOf(TableName, {
        ...{ IndexName: "byCity", key: "city = :c", city: "Ulm", email: "", joined: 0 },
        ...{ filter: "phone = :p", forward: true, limit: undefined },
      });
      const { Items, Count, ScannedCount } = await client.send(new QueryCommand(input));
      const counted = await client.send(new QueryCommand({ ...input, Select: "COUNT" }));
      expect([counted.Items, counted.Count, counted.ScannedCount]).toEqual([undefined, Items?.length, ScannedCount]);
      expect(Count).toBe(Items?.length);
    });
  });

  describe("a query of several partitions", () => {
    const TableName = "people-cursor";
    const search = { length: 32, partitions: 4 };
    const input: QueryCommandInput = {
      TableName,
      IndexName: "byCity",
      KeyConditionExpression: "city = :c",
      ExpressionAttributeValues: { ":c": { S: "Ulm" } },
      Limit: 3,
    };
    let client: DynamoDBClient;
    beforeAll(async () => {
      client = encryptedClient(plain, { ...peopleOptions(TableName, search), filterAfterDecrypt: true });
      await createPeopleTable(plain, TableName, "encrypted");
      await fill(client, TableName, crowd(5));
    });

    test("is one query where the request picks a partition; all of them together find every row", async () => {
      const all = await everyPage(client, input);
      const single: AttributeMap[] = [];
      for (let partition = 0; partition < search.partitions; partition++) {
        const values = { ...input.ExpressionAttributeValues, ":aws_dbe_partition": { N: String(partition) } };
        const page = await client.send(new QueryCommand({ ...input, Limit: undefined, ExpressionAttributeValues: values }));
        expect(page.LastEvaluatedKey).toBeUndefined();
        single.push(...(page.Items ?? []));
      }
      expect(sorted(single)).toEqual(sorted(all.items));
      const beyond = { ...input.ExpressionAttributeValues, ":aws_dbe_partition": { N: "4" } };
      await expect(client.send(new QueryCommand({ ...input, ExpressionAttributeValues: beyond }))).rejects.toMatchObject({
        code: "ERR_BEACON_PARTITION_INVALID",
      });
    });

    test("sums what its queries consumed and went through", async () => {
      const { ConsumedCapacity, ScannedCount, Items } = await client.send(
        new QueryCommand({ ...input, Limit: undefined, ReturnConsumedCapacity: "INDEXES" }),
      );
      expect(ScannedCount).toBe(Items?.length);
      expect(ConsumedCapacity).toMatchObject({ TableName, GlobalSecondaryIndexes: { byCity: { CapacityUnits: expect.any(Number) } } });
      expect(ConsumedCapacity?.CapacityUnits).toBeGreaterThanOrEqual(2);
    });

    test("takes back its own LastEvaluatedKey, for the same request only", async () => {
      const { LastEvaluatedKey } = await client.send(new QueryCommand(input));
      expect(Object.keys(LastEvaluatedKey ?? {})).toEqual(["aws_dbe_cursor"]);
      const text = LastEvaluatedKey?.["aws_dbe_cursor"]?.S ?? "";
      expect(text).not.toContain("Ulm");
      const going = (more: object, cursor = text): Promise<unknown> =>
        client.send(new QueryCommand({ ...input, ExclusiveStartKey: { aws_dbe_cursor: { S: cursor } }, ...more }));
      await expect(going({})).resolves.toMatchObject({ Count: 3 });
      await expect(going({ Limit: 1, FilterExpression: "attribute_exists(phone)" })).resolves.toMatchObject({ Count: 1 });
      const others: object[] = [
        { ScanIndexForward: false },
        { ExpressionAttributeValues: { ":c": { S: "Bern" } } },
        { IndexName: "keysByCity" },
        { ExclusiveStartKey: { aws_dbe_cursor: { S: text }, personId: { S: "x" } } },
        { ExclusiveStartKey: { personId: { S: "person 1" }, recordId: { S: "profile" } } },
        { ExclusiveStartKey: { aws_dbe_cursor: { N: "1" } } },
        { ExpressionAttributeValues: { ":c": { S: "Ulm" }, ":aws_dbe_partition": { N: "0" } } },
      ];
      const fetching = encryptedClient(plain, { ...peopleOptions(TableName, search), indexes: { keysByCity: "fetch" } });
      for (const more of others) {
        const sent = fetching.send(new QueryCommand({ ...input, ExclusiveStartKey: { aws_dbe_cursor: { S: text } }, ...more }));
        await expect(sent).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT", details: { argument: "ExclusiveStartKey" } });
      }
      for (let place = 0; place < text.length; place++) {
        const changed = `${text.slice(0, place)}${text[place] === "A" ? "B" : "A"}${text.slice(place + 1)}`;
        await expect(going({}, changed)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
      }
      await expect(going({}, `${text}${" ".repeat(200_000)}`)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    });

    test("is paginated by the SDK's own paginators, through a document client too", async () => {
      const right = await everyPage(client, input);
      const values = { ":c": "Ulm" };
      const documents = encryptedClient(DynamoDBDocumentClient.from(plain), peopleOptions(TableName, search));
      const found: unknown[] = [];
      const pages = paginateDocumentQuery(
        { client: documents, pageSize: 4 },
        { ...input, Limit: undefined, ExpressionAttributeValues: values },
      );
      for await (const page of pages) found.push(...(page.Items ?? []));
      expect(found).toHaveLength(right.items.length);
      const low: unknown[] = [];
      for await (const page of paginateQuery({ client }, input)) low.push(...(page.Items ?? []));
      expect(low).toHaveLength(right.items.length);
    });

    test("without DescribeTable still holds every row once", async () => {
      const denied = new DynamoDBClient(server.config);
      denied.middlewareStack.add((next, context) => async (args) => {
        if (context["commandName"] !== "DescribeTableCommand") return next(args);
        throw Object.assign(new Error("denied"), { name: "AccessDeniedException" });
      });
      const blind = encryptedClient(denied, peopleOptions(TableName, search));
      const [found, right] = [await everyPage(blind, input), await everyPage(client, input)];
      expect(sorted(found.items)).toEqual(sorted(right.items));
      for (const rows of found.pages) expect(rows).toBeLessThanOrEqual(3);
      denied.destroy();
    });
  });
}
