import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { encryptedClient } from "../../../src/client/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import { type CryptoAction, defineTable } from "../../../src/schema/index.ts";
import { type RecordingProxy, startRecordingProxy } from "../recording-proxy.ts";
import { allMarks, marksIn } from "./secrets.ts";

/** The name of the table in every suite; an access key for each keeps them apart. */
export const tableName = "members";

/** One run of a library's suite. */
export interface LibraryRun<Client> {
  /** Of a client that encrypts: how the library's own attributes are protected. */
  readonly kind: "plain" | "signed bookkeeping" | "unsigned bookkeeping";
  /** The client that the library gets; there from the first test on. */
  readonly client: () => Client;
  /** Operations that arrived at the service since the last call. */
  readonly sent: () => readonly string[];
}

/** A library's suite, the same for every client; `kind` is for what encryption changes on purpose. */
export interface LibrarySuite<Client> {
  /** The library, and what it is given. */
  readonly name: string;
  /** Partition and sort key of the table, and of its index `byCity`, which projects everything. All are strings. */
  readonly keys: readonly [string, string];
  readonly indexKeys: readonly [string, string];
  /** What the library writes by itself, on updates too, and the attributes that it makes keys of. */
  readonly bookkeeping: readonly string[];
  /** The attributes that are secret; `visits` is an unsigned counter everywhere. */
  readonly secret: readonly string[];
  readonly make: (config: DynamoDBClientConfig) => Client;
  /** Declares the tests; rows with secrets have to be left in the table. */
  readonly cases: (run: LibraryRun<Client>) => void;
}

type Wrappable = Parameters<typeof encryptedClient>[0];

const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "libraries", wrappingKey: new Uint8Array(32).fill(9) });

const runs = [
  { kind: "plain", action: undefined },
  { kind: "signed bookkeeping", action: "SIGN_ONLY" },
  { kind: "unsigned bookkeeping", action: "DO_NOTHING" },
] as const;

/**
 * Runs the same tests over a plain client, which proves them right about the library, and over encrypted ones; then
 * looks for secrets in all that was sent and in what is stored.
 */
export function librarySuite<Client>(suite: LibrarySuite<Client>): void {
  describe.each(runs)(`${suite.name}, $kind`, ({ kind, action }) => {
    const accessKeyId = `${suite.name}${kind}`.replaceAll(/[^A-Za-z]/g, "");
    const config = { region: "us-east-1", credentials: { accessKeyId, secretAccessKey: accessKeyId } };
    const plain = new DynamoDBClient({ ...config, endpoint: inject("dynamoDbEndpoint") });
    let proxy: RecordingProxy;
    let client: Client;
    let seen = 0;

    beforeAll(async () => {
      proxy = await startRecordingProxy({ endpoint: inject("dynamoDbEndpoint") });
      await createTable(plain, suite);
      client = suite.make({ ...config, endpoint: proxy.endpoint });
      if (action !== undefined) client = encrypted(client, suite, action);
    });
    afterAll(async () => {
      plain.destroy();
      await proxy.stop();
    });

    const sent = (): readonly string[] => {
      const operations = proxy.requests.slice(seen).map(({ operation }) => operation);
      seen = proxy.requests.length;
      return operations;
    };
    suite.cases({ kind, client: () => client, sent });

    // The tests of a file run in order: this one sees what all others sent and left.
    test(kind === "plain" ? "the search for secrets finds them in requests and rows" : "no secret was sent or is stored", async () => {
      const { Items: rows = [] } = await plain.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
      expect(rows.length).toBeGreaterThan(3);
      const requests = proxy.requests.map(({ body }) => JSON.parse(body));
      const expected = kind === "plain" ? allMarks : [];
      expect(marksIn(requests)).toEqual(expected);
      expect(marksIn(rows)).toEqual(expected);
      expect(rows.filter((row) => "aws_dbe_foot" in row)).toHaveLength(kind === "plain" ? 0 : rows.length);
    });
  });
}

function encrypted<Client>(
  client: Client,
  { keys, bookkeeping, secret }: LibrarySuite<Client>,
  action: "SIGN_ONLY" | "DO_NOTHING",
): Client {
  const [partitionKey, sortKey] = keys;
  const each = (names: readonly string[], one: CryptoAction) => Object.fromEntries(names.map((name) => [name, one]));
  const attributes = { ...each(bookkeeping, action), ...each(secret, "ENCRYPT_AND_SIGN"), visits: "DO_NOTHING" } as const;
  const schema = defineTable({ tableName, partitionKey, sortKey, attributes });
  return encryptedClient(client as Wrappable, { schemas: [schema], keyring, filterAfterDecrypt: true }) as Client;
}

async function createTable(client: DynamoDBClient, { keys, indexKeys }: Pick<LibrarySuite<unknown>, "keys" | "indexKeys">): Promise<void> {
  const keySchema = ([hash, range]: readonly [string, string]) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [...new Set([...keys, ...indexKeys])].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keySchema(keys),
      GlobalSecondaryIndexes: [{ IndexName: "byCity", KeySchema: keySchema(indexKeys), Projection: { ProjectionType: "ALL" } }],
    }),
  );
}
