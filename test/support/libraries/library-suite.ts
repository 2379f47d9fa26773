import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import type { TableSchema } from "../../../src/schema/index.ts";
import { type RecordingProxy, startRecordingProxy } from "../recording-proxy.ts";
import { allMarks, marksIn } from "./secrets.ts";

/** The name of the table in every suite; an access key for each keeps them apart. */
export const tableName = "members";

/** A library's suite, which does not know what client it runs over. */
export interface LibrarySuite<Client> {
  /** The library, and what it is given. */
  readonly name: string;
  readonly schema: TableSchema;
  /** Partition and sort key of the table, and of its index `byCity`, which projects everything. All are strings. */
  readonly keys: readonly [string, string];
  readonly indexKeys: readonly [string, string];
  readonly make: (config: DynamoDBClientConfig) => Client;
  /** Declares the tests; rows with secrets have to be left in the table. */
  readonly cases: (client: () => Client) => void;
}

type Wrappable = Parameters<typeof encryptedClient>[0];

const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "libraries", wrappingKey: new Uint8Array(32).fill(9) });

const clients = [
  { kind: "plain", wrap: <Client>(client: Client): Client => client },
  {
    kind: "encrypted",
    wrap: <Client>(client: Client, options: EncryptedClientOptions): Client => encryptedClient(client as Wrappable, options) as Client,
  },
] as const;

/**
 * Runs the same tests over a plain client, which proves them right about the library, and over an encrypted one; then
 * looks for secrets in all that was sent and in what is stored.
 */
export function librarySuite<Client>(suite: LibrarySuite<Client>): void {
  describe.each(clients)(`${suite.name} over the $kind client`, ({ kind, wrap }) => {
    const accessKeyId = `${suite.name}${kind}`.replaceAll(/[^A-Za-z]/g, "");
    const config = { region: "us-east-1", credentials: { accessKeyId, secretAccessKey: accessKeyId } };
    const plain = new DynamoDBClient({ ...config, endpoint: inject("dynamoDbEndpoint") });
    let proxy: RecordingProxy;
    let client: Client;

    beforeAll(async () => {
      proxy = await startRecordingProxy({ endpoint: inject("dynamoDbEndpoint") });
      await createTable(plain, suite);
      const options = { schemas: [suite.schema], keyring, filterAfterDecrypt: true };
      client = wrap(suite.make({ ...config, endpoint: proxy.endpoint }), options);
    });
    afterAll(async () => {
      plain.destroy();
      await proxy.stop();
    });

    suite.cases(() => client);

    // The tests of a file run in order: this one sees what all others sent and left.
    test(kind === "plain" ? "the search for secrets finds them in requests and rows" : "no secret was sent or is stored", async () => {
      const { Items: rows = [] } = await plain.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
      expect(rows.length).toBeGreaterThan(3);
      const sent = proxy.requests.map(({ body }) => JSON.parse(body));
      const expected = kind === "plain" ? allMarks : [];
      expect(marksIn(sent)).toEqual(expected);
      expect(marksIn(rows)).toEqual(expected);
      expect(rows.filter((row) => "aws_dbe_foot" in row)).toHaveLength(kind === "plain" ? 0 : rows.length);
    });
  });
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
