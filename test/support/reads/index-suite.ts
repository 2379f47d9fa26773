import { setTimeout as delay } from "node:timers/promises";
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { requestOptions } from "../../../src/tables/index.ts";
import { createPeopleTable, peopleOptions } from "../people.ts";
import { type RecordingProxy, type RecordingProxyOptions, startRecordingProxy } from "../recording-proxy.ts";
import type { ReadServer } from "./read-server.ts";

const TableName = "people-indexes";
const count = 130;

/** Reads of indexes that hold keys only. */
export function indexSuite(start: () => Promise<ReadServer>): void {
  let stop: () => Promise<void>;
  let proxy: RecordingProxy;
  let plain: DynamoDBClient;
  let config: ConstructorParameters<typeof DynamoDBClient>[0];
  let intercept: NonNullable<RecordingProxyOptions["intercept"]> = () => undefined;

  const person = (place: number) => ({
    personId: `person ${place}`,
    recordId: "profile",
    email: `${place}@example.com`,
    city: place % 10 === 0 ? "Ulm" : "Bern",
    phone: `+49 ${place % 3}`,
    joined: place,
    tier: "gold",
    visits: place % 2,
  });
  const keyOf = (place: number) => marshall({ personId: `person ${place}`, recordId: "profile" });

  beforeAll(async () => {
    const server = await start();
    plain = new DynamoDBClient(server.config);
    await createPeopleTable(plain, TableName, "encrypted");
    proxy = await startRecordingProxy({ endpoint: server.config.endpoint, intercept: (request) => intercept(request) });
    config = { ...server.config, endpoint: proxy.endpoint };
    const client = wrap();
    await Promise.all(
      Array.from({ length: count }, (_, place) => client.send(new PutItemCommand({ TableName, Item: marshall(person(place)) }))),
    );
    stop = async () => {
      plain.destroy();
      await proxy.stop();
      await server.stop();
    };
  });
  beforeEach(() => {
    intercept = () => undefined;
  });
  afterAll(() => stop());

  const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
    encryptedClient(new DynamoDBClient(config ?? {}), {
      ...peopleOptions(TableName),
      indexes: { keysByTier: "fetch", keysByCity: "fetch", localByVisits: "fetch" },
      ...options,
    });
  const byTier: QueryCommandInput = {
    TableName,
    IndexName: "keysByTier",
    KeyConditionExpression: "tier = :t",
    ExpressionAttributeValues: marshall({ ":t": "gold" }),
  };
  const withValues = (values: object): QueryCommandInput["ExpressionAttributeValues"] => marshall({ ":t": "gold", ...values });
  const places = (items: readonly Record<string, { N?: string | undefined }>[] | undefined) =>
    items?.map(({ joined }) => Number(joined?.N));
  const since = (mark: number): string[] => proxy.requests.slice(mark).map(({ operation }) => operation);

  describe("an index that holds keys only", () => {
    test("is refused before the first call without the option, which the hint names", async () => {
      const client = wrap({ indexes: {} });
      const mark = proxy.requests.length;
      for (const more of [{}, { Select: "ALL_ATTRIBUTES" as const }, { ProjectionExpression: "email" }]) {
        await expect(client.send(new QueryCommand({ ...byTier, ...more }))).rejects.toMatchObject({
          code: "ERR_INDEX_NOT_WHOLE",
          hint: expect.stringContaining('indexes: { "keysByTier": "fetch" }'),
        });
      }
      expect(since(mark)).toEqual(["DescribeTable", "DescribeTable", "DescribeTable"]);
    });

    test("gives whole items, in its order, a hundred at a time", async () => {
      const mark = proxy.requests.length;
      const all = { ...byTier, Select: "ALL_ATTRIBUTES" as const };
      const { Items, Count, ScannedCount } = await wrap().send(new QueryCommand({ ...all, ScanIndexForward: false }));
      expect(Items).toEqual(Array.from({ length: count }, (_, place) => marshall(person(count - 1 - place))));
      expect([Count, ScannedCount]).toEqual([count, count]);
      expect(since(mark)).toEqual(["DescribeTable", "Query", "BatchGetItem", "BatchGetItem"]);
      const asked = proxy.requests.slice(mark).filter(({ operation }) => operation === "BatchGetItem");
      expect(asked.map(({ body }) => JSON.parse(body).RequestItems[TableName].Keys.length)).toEqual([100, 30]);
    });

    test("gives no more of its items than it holds, unless more is asked for", async () => {
      const held = (place: number, names: readonly string[]) =>
        marshall(Object.fromEntries(Object.entries(person(place)).filter(([name]) => names.includes(name))));
      const byTierKeys = ["personId", "recordId", "tier", "joined"];
      for (const Select of [undefined, "ALL_PROJECTED_ATTRIBUTES" as const]) {
        const { Items } = await wrap().send(new QueryCommand({ ...byTier, Limit: 3, Select }));
        expect(Items).toEqual([0, 1, 2].map((place) => held(place, byTierKeys)));
      }
      const projected = await wrap().send(new QueryCommand({ ...byTier, Limit: 1, ProjectionExpression: "email, tier" }));
      expect(projected.Items).toEqual([held(0, ["email", "tier"])]);
      // The key of an index on a beacon is what the beacon is on.
      const byCity = { TableName, IndexName: "keysByCity", KeyConditionExpression: "city = :c AND joined < :j" };
      const ulm = await wrap().send(new QueryCommand({ ...byCity, ExpressionAttributeValues: marshall({ ":c": "Ulm", ":j": 15 }) }));
      expect(ulm.Items).toEqual([0, 10].map((place) => held(place, ["personId", "recordId", "city", "joined"])));
      const { Items: scanned = [] } = await wrap().send(new ScanCommand({ TableName, IndexName: "keysByTier" }));
      expect(scanned).toHaveLength(count);
      for (const item of scanned)
        expect(Object.keys(item).sort((a, b) => (a < b ? -1 : 1))).toEqual(["joined", "personId", "recordId", "tier"]);
    });

    test("is scanned, searched by a beacon, projected and counted", async () => {
      const client = wrap();
      const all = await client.send(new ScanCommand({ TableName, IndexName: "keysByTier", Select: "ALL_ATTRIBUTES" }));
      expect(places(all.Items)?.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, place) => place));
      const ulm = {
        TableName,
        IndexName: "keysByCity",
        KeyConditionExpression: "city = :c AND joined < :j",
        ExpressionAttributeValues: marshall({ ":c": "Ulm", ":j": 50 }),
      };
      const found = await client.send(new QueryCommand({ ...ulm, ProjectionExpression: "email, joined" }));
      expect(found.Items).toEqual([0, 10, 20, 30, 40].map((place) => marshall({ email: `${place}@example.com`, joined: place })));
      const counted = await client.send(new QueryCommand({ ...ulm, Select: "COUNT" }));
      expect([counted.Items, counted.Count, counted.ScannedCount]).toEqual([undefined, 5, 5]);
    });

    test("a filter on what it does not hold is decided on the items, the rest by the service", async () => {
      const client = wrap();
      const input = { ...byTier, FilterExpression: "visits = :v AND NOT personId = :p AND recordId <> :r" };
      const mark = proxy.requests.length;
      const found = await client.send(
        new QueryCommand({ ...input, ExpressionAttributeValues: withValues({ ":v": 1, ":p": "person 3", ":r": "x" }) }),
      );
      expect(places(found.Items)).toEqual(Array.from({ length: 65 }, (_, index) => 2 * index + 1).filter((place) => place !== 3));
      expect([found.Count, found.ScannedCount]).toEqual([64, count]);
      const sent = JSON.parse(proxy.requests.slice(mark).find(({ operation }) => operation === "Query")?.body ?? "{}");
      expect(sent.FilterExpression).toBe("#1 <> :1 AND #2 <> :2");
      const onlyVisits = { ...byTier, FilterExpression: "visits = :v", ExpressionAttributeValues: withValues({ ":v": 1 }) };
      const counted = await client.send(new QueryCommand({ ...onlyVisits, Select: "COUNT" }));
      expect([counted.Items, counted.Count, counted.ScannedCount]).toEqual([undefined, 65, count]);
      const hidden = { ...byTier, FilterExpression: "phone = :v", ExpressionAttributeValues: withValues({ ":v": "+49 1" }) };
      await expect(client.send(new QueryCommand(hidden))).rejects.toMatchObject({ code: "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE" });
      const after = await client.send(new QueryCommand({ ...hidden, Limit: 10, ...requestOptions({ filterAfterDecrypt: true }) }));
      expect(places(after.Items)).toEqual([1, 4, 7]);
      await expect(client.send(new QueryCommand({ ...onlyVisits, ...requestOptions({ maxItemsEvaluated: 50 }) }))).rejects.toMatchObject({
        code: "ERR_FILTER_BUDGET",
      });
    });

    test("is read page by page", async () => {
      const client = wrap();
      const found: number[] = [];
      let ExclusiveStartKey: QueryCommandInput["ExclusiveStartKey"];
      do {
        const page = await client.send(new QueryCommand({ ...byTier, Limit: 50, ExclusiveStartKey }));
        expect(page.Items?.length).toBe(page.ScannedCount);
        found.push(...(places(page.Items) ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      expect(found).toEqual(Array.from({ length: count }, (_, place) => place));
    });

    test("without DescribeTable is read so as well, and refused without the option by the first row", async () => {
      const denied = new DynamoDBClient(config ?? {});
      let describes = 0;
      denied.middlewareStack.add((next, context) => async (args) => {
        if (context["commandName"] !== "DescribeTableCommand") return next(args);
        describes++;
        throw Object.assign(new Error("denied"), { name: "AccessDeniedException" });
      });
      const filtered = { ...byTier, FilterExpression: "visits = :v", ExpressionAttributeValues: withValues({ ":v": 1 }) };
      const blind = encryptedClient(denied, { ...peopleOptions(TableName), indexes: { keysByTier: "fetch" } });
      for (let time = 0; time < 2; time++) expect((await blind.send(new QueryCommand(filtered))).Count).toBe(65);
      // Nobody could say what the index holds; its rows do.
      const { Items: [first = {}] = [] } = await blind.send(new QueryCommand(byTier));
      expect(Object.keys(first).sort((a, b) => (a < b ? -1 : 1))).toEqual(["joined", "personId", "recordId", "tier"]);
      expect(describes).toBe(1);
      const refusing = encryptedClient(denied, peopleOptions(TableName));
      await expect(refusing.send(new QueryCommand(byTier))).rejects.toMatchObject({ code: "ERR_INDEX_NOT_WHOLE" });
      denied.destroy();
    });

    test("rows whose item is gone, or has changed since, are left out", async () => {
      const client = wrap();
      // The index is asked first, then the items are: what happens in between is what an index is behind.
      let between: () => Promise<unknown> = async () => undefined;
      const slow = new DynamoDBClient(config ?? {});
      slow.middlewareStack.add((next, context) => async (args) => {
        if (context["commandName"] === "BatchGetItemCommand") await between();
        return next(args);
      });
      const reader = encryptedClient(slow, { ...peopleOptions(TableName), indexes: { keysByTier: "fetch" } });
      const input = {
        ...byTier,
        KeyConditionExpression: "tier = :t AND joined > :j",
        ExpressionAttributeValues: withValues({ ":j": 126 }),
      };
      between = async () => {
        await plain.send(new DeleteItemCommand({ TableName, Key: keyOf(127) }));
        await client.send(new PutItemCommand({ TableName, Item: marshall({ ...person(128), tier: "silver" }) }));
      };
      const { Items, Count, ScannedCount } = await reader.send(new QueryCommand(input));
      expect([places(Items), Count, ScannedCount]).toEqual([[129], 1, 3]);
      between = async () => {
        const { joined: _joined, ...others } = person(129);
        await client.send(new PutItemCommand({ TableName, Item: marshall(others) }));
      };
      expect((await reader.send(new QueryCommand(input))).Items).toEqual([]);
      const scan = new ScanCommand({
        TableName,
        IndexName: "keysByTier",
        FilterExpression: "personId = :p",
        ExpressionAttributeValues: marshall({ ":p": "person 129" }),
      });
      expect((await reader.send(scan)).Items).toEqual([]);
      for (const place of [127, 128, 129]) await client.send(new PutItemCommand({ TableName, Item: marshall(person(place)) }));
      slow.destroy();
    });

    test("keys that the table leaves unprocessed are asked for again, and not for ever", async () => {
      let refused = 0;
      intercept = ({ operation, body }) => {
        if (operation !== "BatchGetItem" || refused >= 3) return undefined;
        refused++;
        const { RequestItems } = JSON.parse(body);
        const [first, ...others] = RequestItems[TableName].Keys;
        const sent = JSON.stringify({ RequestItems: { [TableName]: { Keys: [first], ConsistentRead: true } } });
        const UnprocessedKeys = { [TableName]: { Keys: others, ConsistentRead: true } };
        return { body: sent, answer: (text) => JSON.stringify({ ...JSON.parse(text), UnprocessedKeys }) };
      };
      const page = await wrap().send(new QueryCommand({ ...byTier, Limit: 10, ReturnConsumedCapacity: "TOTAL" }));
      expect(places(page.Items)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(refused).toBe(3);
      expect(page.ConsumedCapacity?.CapacityUnits).toBeGreaterThan(1);
      intercept = ({ operation, body }) => {
        if (operation !== "BatchGetItem") return undefined;
        return { answer: () => JSON.stringify({ Responses: {}, UnprocessedKeys: JSON.parse(body).RequestItems }) };
      };
      await expect(wrap().send(new QueryCommand({ ...byTier, Limit: 10 }))).rejects.toMatchObject({
        code: "ERR_INDEX_FETCH_THROTTLED",
        details: { tableName: "people", attempts: 10 },
      });
      const abort = new AbortController();
      const waiting = wrap().send(new QueryCommand({ ...byTier, Limit: 10 }), { abortSignal: abort.signal });
      const ended = expect(waiting).rejects.toMatchObject({ name: "AbortError" });
      await delay(50);
      abort.abort();
      await ended;
    });
  });

  describe("a local index that holds keys only", () => {
    const name = "people-local";
    const visits = {
      TableName: name,
      IndexName: "localByVisits",
      KeyConditionExpression: "personId = :p",
      ExpressionAttributeValues: marshall({ ":p": "group" }),
    };
    const client = (options: Partial<EncryptedClientOptions> = {}) =>
      encryptedClient(new DynamoDBClient(config ?? {}), { ...peopleOptions(name), ...options });

    beforeAll(async () => {
      await plain.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: ["personId", "recordId"]
            .map((AttributeName) => ({ AttributeName, AttributeType: "S" as const }))
            .concat({ AttributeName: "visits", AttributeType: "N" as never }),
          KeySchema: [
            { AttributeName: "personId", KeyType: "HASH" },
            { AttributeName: "recordId", KeyType: "RANGE" },
          ],
          LocalSecondaryIndexes: [
            {
              IndexName: "localByVisits",
              KeySchema: [
                { AttributeName: "personId", KeyType: "HASH" },
                { AttributeName: "visits", KeyType: "RANGE" },
              ],
              Projection: { ProjectionType: "KEYS_ONLY" },
            },
          ],
        }),
      );
      for (let place = 0; place < 4; place++) {
        const Item = marshall({ ...person(place), personId: "group", recordId: `r${place}`, visits: 4 - place });
        await client().send(new PutItemCommand({ TableName: name, Item }));
      }
    });

    test("is read whole by the service itself, with the option or where all attributes are asked for", async () => {
      const mark = proxy.requests.length;
      const fetching = client({ indexes: { localByVisits: "fetch" } });
      const consistent = await fetching.send(new QueryCommand({ ...visits, ConsistentRead: true }));
      expect(consistent.Items).toEqual(
        [3, 2, 1, 0].map((place) => marshall({ personId: "group", recordId: `r${place}`, visits: 4 - place })),
      );
      const all = { ...visits, Select: "ALL_ATTRIBUTES" as const };
      expect(places((await fetching.send(new QueryCommand({ ...all, ConsistentRead: true }))).Items)).toEqual([3, 2, 1, 0]);
      const asking = await client().send(new QueryCommand({ ...visits, Select: "ALL_ATTRIBUTES" }));
      expect(places(asking.Items)).toEqual([3, 2, 1, 0]);
      expect(since(mark)).not.toContain("BatchGetItem");
      await expect(client().send(new QueryCommand(visits))).rejects.toMatchObject({ code: "ERR_INDEX_NOT_WHOLE" });
      const filtered = {
        ...visits,
        FilterExpression: "tier = :t AND phone = :v",
        ExpressionAttributeValues: marshall({ ":p": "group", ":t": "gold", ":v": "+49 0" }),
      };
      const found = await fetching.send(
        new QueryCommand({ ...filtered, Select: "ALL_ATTRIBUTES", ...requestOptions({ filterAfterDecrypt: true }) }),
      );
      expect(places(found.Items)).toEqual([3, 0]);
    });
  });

  test("an index with an attribute that was changed in the table is refused as ever", async () => {
    const tamper = { UpdateExpression: "SET email = :e", ExpressionAttributeValues: { ":e": { B: new Uint8Array(40) } } };
    await plain.send(new UpdateItemCommand({ TableName, Key: keyOf(5), ...tamper }));
    await expect(wrap().send(new QueryCommand(byTier))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    await wrap().send(new PutItemCommand({ TableName, Item: marshall(person(5)) }));
  });
}
