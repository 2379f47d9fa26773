import {
  DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { createPeopleTable, peopleOptions } from "../support/people.ts";
import { inProcess, type ReadServer } from "../support/reads/read-server.ts";
import { type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";

const { parsed, printed } = vi.hoisted(() => ({ parsed: [] as string[], printed: [] as string[] }));

const expressionMembers = [
  ...["KeyConditionExpression", "FilterExpression", "ProjectionExpression"],
  ...["ConditionExpression", "UpdateExpression"],
] as const;

/** The texts of all expressions inside a request. */
function textsIn(request: unknown): readonly string[] {
  if (typeof request !== "object" || request === null) return [];
  return Object.entries(request).flatMap(([name, member]): readonly string[] => {
    if (typeof member !== "string") return textsIn(member);
    return expressionMembers.some((one) => one === name) ? [member] : [];
  });
}

vi.mock("../../src/expressions/parse.ts", async (importOriginal) => {
  const real = await importOriginal<typeof import("../../src/expressions/parse.ts")>();
  const parseExpressions: typeof real.parseExpressions = (parameters) => {
    parsed.push(...textsIn(parameters));
    return real.parseExpressions(parameters);
  };
  return { ...real, parseExpressions };
});

vi.mock("../../src/expressions/print.ts", async (importOriginal) => {
  const real = await importOriginal<typeof import("../../src/expressions/print.ts")>();
  const noted =
    <Arguments extends unknown[]>(print: (...given: Arguments) => string) =>
    (...given: Arguments): string => {
      const text = print(...given);
      if (text !== "") printed.push(text);
      return text;
    };
  const printCondition = noted(real.printCondition);
  return { ...real, printCondition, printProjection: noted(real.printProjection), printUpdate: noted(real.printUpdate) };
});

const TableName = "people-of-one-parse";
const partitions = 16;
const key = { personId: { S: "ann" }, recordId: { S: "profile" } };

let server: ReadServer;
let proxy: RecordingProxy;
let client: DynamoDBClient;

beforeAll(async () => {
  server = await inProcess();
  proxy = await startRecordingProxy({ endpoint: server.config.endpoint });
  await createPeopleTable(new DynamoDBClient(server.config), TableName, "encrypted");
  const options = {
    ...peopleOptions(TableName, { length: 32, partitions }),
    indexes: { keysByTier: "fetch" as const },
  };
  client = encryptedClient(new DynamoDBClient({ ...server.config, endpoint: proxy.endpoint }), options);
  for (const personId of ["ann", "bob", "cid"]) {
    const Item = {
      ...key,
      personId: { S: personId },
      city: { S: "Ulm" },
      email: { S: "1" },
      phone: { S: "1" },
      tier: { S: "gold" },
      joined: { N: "1" },
    };
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, visits: { N: "0" } } }));
  }
  // What is asked once for all requests is asked here.
  await client.send(new QueryCommand({ TableName, IndexName: "byTier", KeyConditionExpression: "tier = :t", ...values({ ":t": "gold" }) }));
});

afterAll(async () => {
  await proxy.stop();
  await server.stop();
});

beforeEach(() => {
  for (const list of [parsed, printed, proxy.requests]) list.length = 0;
});

function values(texts: Readonly<Record<string, string>>): Pick<QueryCommandInput, "ExpressionAttributeValues"> {
  return { ExpressionAttributeValues: Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S }])) };
}

/** Each text of the application is parsed once, each text that is not the application's was printed once, and nothing else was. */
function expectLaw(input: object, { requests, prints }: { readonly requests: number; readonly prints: number }): void {
  const given = textsIn(input);
  expect([...parsed].sort()).toEqual([...given].sort());
  const sent = proxy.requests.map(({ body }) => textsIn(JSON.parse(body)));
  expect(sent.filter((texts) => texts.length > 0)).toHaveLength(requests);
  const changed = sent.flat().filter((text) => !given.includes(text) && !/^attribute_(not_)?exists\(aws_dbe_foot\)$/.test(text));
  expect([...printed].sort()).toEqual([...changed].sort());
  expect(printed).toHaveLength(prints);
}

const query = (input: Omit<QueryCommandInput, "TableName">): QueryCommandInput => ({ TableName, ...input });

describe("each expression is parsed once, and printed once where it was changed", () => {
  it.each<[string, QueryCommandInput, { requests: number; prints: number }]>([
    [
      "a Query over 16 partitions with a filter",
      query({
        IndexName: "byCity",
        KeyConditionExpression: "city = :c AND joined > :j",
        FilterExpression: "email = :p AND tier = :t",
        ProjectionExpression: "personId, tier",
        ExpressionAttributeValues: { ...values({ ":c": "Ulm", ":p": "1", ":t": "gold" }).ExpressionAttributeValues, ":j": { N: "0" } },
      }),
      { requests: partitions, prints: 2 * partitions },
    ],
    [
      "a Query that concerns nothing encrypted, with a projection",
      query({
        KeyConditionExpression: "personId = :p",
        FilterExpression: "#t = :t",
        ProjectionExpression: "#t, phone",
        ExpressionAttributeNames: { "#t": "tier" },
        ...values({ ":p": "ann", ":t": "gold" }),
      }),
      { requests: 1, prints: 0 },
    ],
    [
      "a Query on an index of keys, whose filter is decided here",
      query({
        IndexName: "keysByTier",
        KeyConditionExpression: "tier = :t",
        FilterExpression: "visits = :v",
        ExpressionAttributeValues: { ":t": { S: "gold" }, ":v": { N: "0" } },
      }),
      { requests: 1, prints: 1 },
    ],
  ])("%s", async (_name, input, expected) => {
    const { Count } = await client.send(new QueryCommand(input));
    expect(Count).toBeGreaterThan(0);
    expectLaw(input, expected);
  });

  it("a Scan by a beacon", async () => {
    const input = { TableName, FilterExpression: "city = :c OR attribute_not_exists(tier)", ...values({ ":c": "Ulm" }) };
    const { Count } = await client.send(new ScanCommand(input));
    expect(Count).toBe(3);
    expectLaw(input, { requests: 1, prints: 1 });
  });

  it("a Put under a condition on an encrypted attribute", async () => {
    const input: PutItemCommandInput = {
      TableName,
      Item: {
        ...key,
        city: { S: "Ulm" },
        email: { S: "1" },
        phone: { S: "1" },
        tier: { S: "gold" },
        joined: { N: "1" },
        visits: { N: "0" },
      },
      ConditionExpression: "phone = :p",
      ...values({ ":p": "1" }),
    };
    await client.send(new PutItemCommand(input));
    expectLaw(input, { requests: 1, prints: 1 });
  });

  it.each<[string, Omit<UpdateItemCommandInput, "TableName" | "Key">, number]>([
    ["an update that the service does", { UpdateExpression: "ADD visits :v", ExpressionAttributeValues: { ":v": { N: "1" } } }, 0],
    [
      "an update that the service does, under a condition",
      {
        UpdateExpression: "ADD visits :v",
        ConditionExpression: "visits < :m",
        ExpressionAttributeValues: { ":v": { N: "1" }, ":m": { N: "9" } },
      },
      2,
    ],
    [
      "a guarded update",
      {
        UpdateExpression: "SET phone = :p",
        ConditionExpression: "phone <> :q AND visits < :m",
        ExpressionAttributeValues: { ":p": { S: "2" }, ":q": { S: "3" }, ":m": { N: "9" } },
      },
      2,
    ],
  ])("%s", async (_name, members, prints) => {
    const input = { TableName, Key: key, ...members };
    await client.send(new UpdateItemCommand(input));
    expectLaw(input, { requests: 1, prints });
  });

  it("a transaction", async () => {
    const other = { ...key, personId: { S: "bob" } };
    const input: TransactWriteItemsCommandInput = {
      TransactItems: [
        { Update: { TableName, Key: key, UpdateExpression: "SET phone = :p", ...values({ ":p": "3" }) } },
        { ConditionCheck: { TableName, Key: other, ConditionExpression: "phone = :p", ...values({ ":p": "1" }) } },
      ],
    };
    await client.send(new TransactWriteItemsCommand(input));
    expectLaw(input, { requests: 1, prints: 3 });
  });
});
