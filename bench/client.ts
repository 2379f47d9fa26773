/** What the operations of an encrypted client cost beside a plain DocumentClient on the same server, in one run. */
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { startLocalGlobalTable } from "../src/testing/index.ts";
import { startDynamoDbLocal } from "../test/support/dynamodb-local.ts";
import { type ClientContender, clientContenders, type Document, documentOf } from "./support/client-contenders.ts";
import { measureLatency } from "./support/latency.ts";
import { type Row, report } from "./support/report.ts";

const { values: options } = parseArgs({
  options: {
    /** Turns of each contender. */
    rounds: { type: "string", default: "25" },
    /** `dynamodb-local`, or `embedded`; by default the former, where it is there. */
    server: { type: "string" },
    /** The folder for the figures as JSON. */
    output: { type: "string" },
  },
});

interface BenchServer {
  readonly name: string;
  readonly config: DynamoDBClientConfig;
  readonly stop: () => Promise<void>;
}

async function startServer(): Promise<BenchServer> {
  if (options.server !== "embedded") {
    try {
      const { endpoint, stop } = await startDynamoDbLocal();
      const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
      return { name: "DynamoDB Local", config: { endpoint, region: "us-east-1", credentials }, stop };
    } catch (error) {
      if (options.server !== undefined) throw error;
      console.log(`DynamoDB Local is not there (${(error as Error).message}): the embedded server takes its place, in this process.`);
    }
  }
  const embedded = await startLocalGlobalTable({ regions: ["us-east-1"] });
  return { name: "embedded", config: embedded.clientConfig("us-east-1"), stop: () => embedded.stop() };
}

const Key = { pk: "one", sk: "0" };
const many = Array.from({ length: 100 }, (_, index) => documentOf("many", String(index).padStart(3, "0")));
const batch = many.slice(0, 25);
const keyOf = ({ pk, sk }: Document): Document => ({ pk, sk });
const four = ["a", "b", "c", "d"].map((sk) => documentOf("four", sk));
const { email } = documentOf("one", "0");

/** Another value each time, so that no write writes what is there. */
let serial = 0;
const next = (): string => `someone.number.${serial++}@example.com`;

interface Operation {
  readonly name: string;
  /** Operations in one turn. */
  readonly operations: number;
  readonly run: (contender: ClientContender) => Promise<unknown>;
}

const operations: readonly Operation[] = [
  {
    name: "put",
    operations: 10,
    run: ({ documents, TableName }) => documents.send(new PutCommand({ TableName, Item: documentOf("one", "0") })),
  },
  {
    name: "get",
    operations: 10,
    run: ({ documents, TableName }) => documents.send(new GetCommand({ TableName, Key })),
  },
  {
    name: "update of an unsigned attribute",
    operations: 10,
    run: ({ documents, TableName }) =>
      documents.send(new UpdateCommand({ TableName, Key, UpdateExpression: "ADD visits :n", ExpressionAttributeValues: { ":n": 1 } })),
  },
  {
    name: "update of an encrypted attribute",
    operations: 10,
    run: ({ documents, TableName }) =>
      documents.send(new UpdateCommand({ TableName, Key, UpdateExpression: "SET card = :c", ExpressionAttributeValues: { ":c": next() } })),
  },
  {
    name: "put on a condition on an encrypted attribute",
    operations: 10,
    run: ({ documents, TableName }) => {
      const condition = { ConditionExpression: "email = :e", ExpressionAttributeValues: { ":e": email } };
      return documents.send(new PutCommand({ TableName, Item: documentOf("one", "0"), ...condition }));
    },
  },
  {
    name: "query of 100",
    operations: 2,
    run: async ({ documents, TableName, name }) => {
      const query = { TableName, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": "many" } };
      const { Items = [] } = await documents.send(new QueryCommand(query));
      if (Items.length !== 100 || Items[0]?.["email"] !== email) throw new Error(`${name} found ${Items.length} of 100 items`);
    },
  },
  {
    name: "batch write of 25",
    operations: 2,
    run: ({ documents, TableName }) =>
      documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: batch.map((Item) => ({ PutRequest: { Item } })) } })),
  },
  {
    name: "batch get of 25",
    operations: 2,
    run: ({ documents, TableName }) =>
      documents.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: batch.map((item) => keyOf(item)) } } })),
  },
  {
    name: "transaction of 4 puts",
    operations: 4,
    run: ({ documents, TableName }) =>
      documents.send(new TransactWriteCommand({ TransactItems: four.map((Item) => ({ Put: { TableName, Item } })) })),
  },
  {
    name: "transaction of 4 that reads: 2 updates, check, put",
    operations: 4,
    run: ({ documents, TableName }) => {
      const [a = {}, b = {}, c = {}, Item = {}] = four;
      const update = (item: Document) => ({
        ...{ TableName, Key: keyOf(item), UpdateExpression: "SET card = :c", ConditionExpression: "email = :e" },
        ExpressionAttributeValues: { ":c": next(), ":e": email },
      });
      const check = { TableName, Key: keyOf(c), ConditionExpression: "email = :e", ExpressionAttributeValues: { ":e": email } };
      const TransactItems = [{ Update: update(a) }, { Update: update(b) }, { ConditionCheck: check }, { Put: { TableName, Item } }];
      return documents.send(new TransactWriteCommand({ TransactItems }));
    },
  },
];

async function fill({ documents, TableName }: ClientContender): Promise<void> {
  for (const Item of [...many, ...four, documentOf("one", "0")]) await documents.send(new PutCommand({ TableName, Item }));
}

const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error("--rounds takes a whole number of at least 1");
const server = await startServer();
try {
  const before = loadavg();
  const contenders = await clientContenders(server.config);
  await Promise.all(contenders.map(fill));
  const rows: Row[] = [];
  for (const operation of operations) {
    const results = await measureLatency(
      contenders.map((contender) => ({ ...contender, run: () => operation.run(contender) })),
      { rounds, operations: operation.operations },
    );
    for (const { name, requests, medianMs, p95Ms, ratio } of results) {
      rows.push({ operation: operation.name, client: name, requests, "median ms": medianMs, "p95 ms": p95Ms, "times plain": ratio });
    }
  }
  const facts = { server: server.name, rounds, loadBefore: before, loadAfter: loadavg() };
  report("client", rows, { facts, ...(options.output === undefined ? {} : { folder: options.output }) });
  console.log(
    `Server: ${server.name}; ${rounds} rounds; load before and after: ${[before, loadavg()].map(([one = 0]) => one.toFixed(1)).join(", ")}`,
  );
} finally {
  await server.stop();
}
