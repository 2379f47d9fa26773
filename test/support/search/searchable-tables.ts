import {
  type AttributeDefinition,
  CreateTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import { parseSchema } from "../../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../../src/testing/index.ts";

const branchKeyId = "searched";
const version = "5d1d2ed4-5d5b-4f0b-9b21-0a1e7d9f1d11";

/** A key store that holds one branch key, in memory. */
export const keyStore: ReturnType<typeof staticBranchKeyStore> = staticBranchKeyStore(
  [
    {
      branchKeyId,
      activeVersion: version,
      versions: { [version]: new Uint8Array(32).fill(1) },
      beaconKey: new Uint8Array(32).fill(2),
    },
  ],
  { logicalKeyStoreName: "searched" },
);

export interface NewTable {
  readonly TableName: string;
  readonly key: AttributeDefinition & { readonly AttributeName: string };
  readonly sortKey?: AttributeDefinition & { readonly AttributeName: string };
  readonly AttributeDefinitions?: readonly AttributeDefinition[];
  readonly GlobalSecondaryIndexes?: readonly GlobalSecondaryIndex[];
}

export async function createTable(
  client: DynamoDBClient,
  { TableName, key, sortKey, AttributeDefinitions = [], GlobalSecondaryIndexes = [] }: NewTable,
): Promise<void> {
  const keys = [key, ...(sortKey === undefined ? [] : [sortKey])];
  const definitions = new Map([...AttributeDefinitions, ...keys].map((definition) => [definition.AttributeName, definition]));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: keys.map(({ AttributeName }, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
      AttributeDefinitions: [...definitions.values()],
      ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes: [...GlobalSecondaryIndexes] }),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName });
}

/** A client for one table of a schema, under a raw key, with beacons of the key store above. */
export function searchingClient(
  server: { readonly endpoint: string; readonly accessKeyId: string },
  {
    schema,
    TableName,
    options,
  }: { readonly schema: object; readonly TableName: string; readonly options?: Partial<EncryptedClientOptions> },
): DynamoDBClient {
  const parsed = parseSchema(schema);
  return encryptedClient(plainClient(server), {
    schemas: [parsed],
    tableNames: { [parsed.tableName]: TableName },
    keyring: rawAesKeyring({ keyNamespace: "test", keyName: "search", wrappingKey: new Uint8Array(32).fill(5) }),
    beaconKeys: { keyStore, branchKeyId },
    ...options,
  });
}

/** Access keys keep the tables of test files on one server apart. */
export function plainClient({ endpoint, accessKeyId }: { readonly endpoint: string; readonly accessKeyId: string }): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId, secretAccessKey: "local" } });
}
