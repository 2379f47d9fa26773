/**
 * What a query through a beacon costs beside the same query on a plain index: 100 hits in 100,000 rows, on DynamoDB Local,
 * in one run; and what beacons add to a put.
 */
import { Readable } from "node:stream";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { encryptedClient } from "../src/client/index.ts";
import { rawAesKeyring } from "../src/keyrings/index.ts";
import { indexDefinitions } from "../src/search/index.ts";
import { staticBranchKeyStore } from "../src/testing/index.ts";
import { startDynamoDbLocal } from "../test/support/dynamodb-local.ts";
import { measure, median } from "./support/measure.ts";
import { type Row, report } from "./support/report.ts";

type Item = Record<string, AttributeValue>;

const rowCount = Number(process.env["BENCH_ROWS"] ?? 100_000);
const hits = 100;
const values = rowCount / hits;
const rounds = 25;
const beaconLength = 16;

const server = await startDynamoDbLocal();
const base = (): DynamoDBClient =>
  new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials: { accessKeyId: "bench", secretAccessKey: "bench" } });
const plain = base();

const version = "0d2f8a3c-6a41-4c6e-8f1e-3f0f4b8c2a77";
const keyStore = staticBranchKeyStore(
  [
    {
      branchKeyId: "bench",
      activeVersion: version,
      versions: { [version]: new Uint8Array(32).fill(3) },
      beaconKey: new Uint8Array(32).fill(4),
    },
  ],
  { logicalKeyStoreName: "bench" },
);
const keyring = rawAesKeyring({ keyNamespace: "bench", keyName: "key", wrappingKey: new Uint8Array(32).fill(5) });

interface Setting {
  readonly name: string;
  /** Of the searched attribute; 0: it is searched in plain, and the table is plain. */
  readonly length: number;
  readonly partitions: number;
}

const settings: readonly Setting[] = [
  { name: "plain", length: 0, partitions: 1 },
  { name: `beacon-${beaconLength}`, length: beaconLength, partitions: 1 },
  // Within the rule for a thousand values, so that beacons are shared.
  { name: "beacon-8", length: 8, partitions: 1 },
  { name: `beacon-${beaconLength}-in-5-partitions`, length: beaconLength, partitions: 5 },
];

/** A customer of some 500 bytes. */
function customer(row: number): Item {
  return {
    customerId: { S: `customer-${row}` },
    email: { S: `person-${row % values}@example.com` },
    name: { S: `Person ${row % 977}` },
    address: {
      M: { street: { S: `Main Street ${row % 311}` }, city: { S: `City ${row % 53}` }, postcode: { S: String(10_000 + (row % 9_000)) } },
    },
    notes: { S: "Asked on the phone to be called back. ".repeat(4) },
    tier: { S: ["gold", "silver"][row % 2] ?? "" },
    visits: { N: String(row % 90) },
  };
}

const schemaOf = ({ name, length, partitions }: Setting, more: object = {}) => ({
  tableName: name,
  partitionKey: "customerId",
  algorithmSuite: "HMAC",
  attributes: {
    email: length === 0 ? "ENCRYPT_AND_SIGN" : { action: "ENCRYPT_AND_SIGN", beacon: { length } },
    name: "ENCRYPT_AND_SIGN",
    address: "ENCRYPT_AND_SIGN",
    notes: "ENCRYPT_AND_SIGN",
    tier: "SIGN_ONLY",
    visits: "DO_NOTHING",
  },
  ...(partitions > 1 && { beaconPartitions: partitions }),
  ...more,
});

function clientOf(setting: Setting): DynamoDBClient {
  if (setting.length === 0) return plain;
  return encryptedClient(base(), {
    schemas: [schemaOf(setting)],
    keyring,
    beaconKeys: { keyStore, branchKeyId: "bench" },
  });
}

async function fill(client: DynamoDBClient, TableName: string): Promise<void> {
  const size = 25;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < rowCount) {
      const from = next;
      next += size;
      const puts = Array.from({ length: Math.min(size, rowCount - from) }, (_, index) => ({
        PutRequest: { Item: customer(from + index) },
      }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

async function createTable(setting: Setting): Promise<void> {
  const indexes =
    setting.length === 0
      ? {
          AttributeDefinitions: [{ AttributeName: "email", AttributeType: "S" as const }],
          GlobalSecondaryIndexes: [
            {
              IndexName: "email-index",
              KeySchema: [{ AttributeName: "email", KeyType: "HASH" as const }],
              Projection: { ProjectionType: "ALL" as const },
            },
          ],
        }
      : indexDefinitions(schemaOf(setting));
  await plain.send(
    new CreateTableCommand({
      TableName: setting.name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }, ...indexes.AttributeDefinitions],
      GlobalSecondaryIndexes: indexes.GlobalSecondaryIndexes,
    }),
  );
}

/** All pages of a query for one value. */
async function find(client: DynamoDBClient, TableName: string, value: number): Promise<{ readonly found: number; readonly read: number }> {
  let found = 0;
  let read = 0;
  let ExclusiveStartKey: QueryCommandInput["ExclusiveStartKey"];
  do {
    const page: QueryCommandOutput = await client.send(
      new QueryCommand({
        TableName,
        IndexName: "email-index",
        KeyConditionExpression: "email = :email",
        ExpressionAttributeValues: { ":email": { S: `person-${value}@example.com` } },
        ExclusiveStartKey,
      }),
    );
    found += page.Items?.length ?? 0;
    read += page.ScannedCount ?? 0;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return { found, read };
}

const clients = new Map<string, DynamoDBClient>();
for (const setting of settings) {
  await createTable(setting);
  clients.set(setting.name, clientOf(setting));
  const start = performance.now();
  await fill(clients.get(setting.name) as DynamoDBClient, setting.name);
  console.log(`${setting.name}: ${rowCount} rows in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

/** In turn, so that a machine whose speed drifts is the same for all. */
const samples = new Map(settings.map(({ name }) => [name, { milliseconds: [] as number[], found: 0, read: 0 }]));
for (let round = -2; round < rounds; round++) {
  const value = Math.floor(Math.random() * values);
  for (const { name } of settings) {
    const start = performance.now();
    const { found, read } = await find(clients.get(name) as DynamoDBClient, name, value);
    if (found !== hits) throw new Error(`${name} found ${found} of ${hits} items`);
    const sample = samples.get(name);
    // The first rounds warm up.
    if (round < 0 || sample === undefined) continue;
    sample.milliseconds.push(performance.now() - start);
    sample.found += found;
    sample.read += read;
  }
}
const plainMilliseconds = samples.get("plain")?.milliseconds ?? [];
const queries: Row[] = settings.map(({ name, length, partitions }) => {
  const { milliseconds = [], found = 0, read = 0 } = samples.get(name) ?? {};
  return {
    table: name,
    length: length === 0 ? "" : length,
    queries: partitions,
    hits: found / rounds,
    "items read": read / rounds,
    "false positives": (read - found) / rounds,
    expected: length === 0 ? 0 : ((rowCount - hits) / 2 ** length) * partitions,
    "ms, median": median(milliseconds),
    "ms, slowest": Math.max(...milliseconds),
    "times plain": median(milliseconds.map((value, round) => value / (plainMilliseconds[round] ?? Number.NaN))),
  };
});
report("search", queries);
for (const client of clients.values()) client.destroy();
// Puts are timed without it, and it would go on clearing up.
await server.stop();

/** A service that answers at once, so that what is timed is what the client does. */
const instantly = {
  handle: async () => ({ response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from("{}")]) } }),
};

/** The same item with more and more beacons, so that the difference is theirs. */
const putSettings = [
  { name: "no beacon", more: {}, setting: { name: "puts-none", length: 0, partitions: 1 } },
  { name: "1 beacon", more: {}, setting: { name: "puts-one", length: 16, partitions: 1 } },
  {
    name: "5 beacons, one of them compound",
    more: {
      beacons: { city: { location: "address.city", length: 16 }, postcode: { location: "address.postcode", length: 12 } },
      virtualFields: { initial: { parts: [{ location: "name", transforms: [{ prefix: 1 }] }], beacon: { length: 4 } } },
      compoundBeacons: { place: { split: "|", signed: [{ name: "tier", prefix: "T-" }], encrypted: [{ name: "city", prefix: "C-" }] } },
    },
    setting: { name: "puts-five", length: 16, partitions: 1 },
  },
];
const item = customer(1);
const putters = putSettings.map(({ name, more, setting }) => {
  const inner = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    requestHandler: instantly as never,
  });
  const client = encryptedClient(inner, {
    schemas: [schemaOf(setting, more)],
    keyring,
    ...(setting.length > 0 && { beaconKeys: { keyStore, branchKeyId: "bench" } }),
  });
  return { name, run: async () => void (await client.send(new PutItemCommand({ TableName: setting.name, Item: item }))) };
});
const measured = await measure(putters, { rounds: 101, sliceMs: 40 });
const [bare] = measured;
report(
  "search-puts",
  measured.map(({ name, perSecond, ratio }) => ({
    table: name,
    "puts/s": Math.round(perSecond),
    "µs a put": 1e6 / perSecond,
    "µs for beacons": ((1 - ratio) * 1e6) / perSecond,
    "beacons' share of the client's time": name === bare?.name ? "" : `${((1 - ratio) * 100).toFixed(1)} %`,
  })),
);
