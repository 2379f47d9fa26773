import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { type BranchKeyStoreOptions, branchKeyStore, type DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

export const regions = ["us-east-1", "eu-west-1"] as const;
export type TestRegion = (typeof regions)[number];
export const logicalKeyStoreName = "LogicalKeyStore";

/** A local KMS with a multi-Region key in both Regions, and a key store table that is a Global Table. */
export interface KeyStoreServers {
  readonly kms: LocalKms;
  readonly tables: LocalGlobalTable;
  readonly tableName: string;
  /** ARN of the primary, in us-east-1. */
  readonly keyArn: string;
  dynamoDb(region: string): DynamoDBClient;
  kmsClient(region: string, accessKeyId?: string): KMSClient;
  /** The key store as a service in `region` configures it. */
  keyStore(region: string, options?: Partial<BranchKeyStoreOptions>): DynamoDbBranchKeyStore;
  /** How often KMS was asked, by operation. */
  kmsCalls(region?: string): Record<string, number>;
  /** Puts a row as somebody who may write to the table. */
  putRow(region: string, row: Readonly<Record<string, unknown>>, tableName?: string): Promise<void>;
  /** The row as it is stored. */
  row(region: string, branchKeyId: string, type: string): Promise<Record<string, { S?: string; B?: Uint8Array }>>;
  /** Forgets counts. */
  stop(): Promise<void>;
}

export async function startKeyStoreServers(options: { readonly tableNames?: readonly string[] } = {}): Promise<KeyStoreServers> {
  const { tableNames = ["KeyStore"] } = options;
  const tableName = tableNames[0] ?? "KeyStore";
  const [kms, tables] = await Promise.all([
    startLocalKms({ regions }),
    startLocalGlobalTable({ regions, tables: tableNames.map((name) => keyStoreTable(name)) }),
  ]);
  const { arn: keyArn, keyId } = await kms.createKey({ region: "us-east-1", multiRegion: true });
  await kms.replicateKey({ keyId, replicaRegion: "eu-west-1" });
  const clients: { destroy(): void }[] = [];
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const servers: KeyStoreServers = {
    kms,
    tables,
    tableName,
    keyArn,
    dynamoDb: (region) => kept(new DynamoDBClient(tables.clientConfig(region))),
    kmsClient: (region, accessKeyId) => kept(new KMSClient({ ...kms.clientConfig(region, accessKeyId), maxAttempts: 1 })),
    keyStore: (region, overrides) =>
      branchKeyStore({
        tableName,
        logicalKeyStoreName,
        client: servers.dynamoDb(region),
        kms: { mrkArn: keyArn, clientSupplier: servers.kmsClient },
        ...overrides,
      }),
    kmsCalls(region) {
      const counts: Record<string, number> = {};
      for (const { eventName, awsRegion } of kms.events) {
        if (region === undefined || awsRegion === region) counts[eventName] = (counts[eventName] ?? 0) + 1;
      }
      return counts;
    },
    async putRow(region, row, name = tableName) {
      await servers.dynamoDb(region).send(new PutItemCommand({ TableName: name, Item: row as never }));
    },
    async row(region, branchKeyId, type) {
      const rows = await tables.rawItems(region, tableName);
      const found = rows.find((row) => row["branch-key-id"]?.S === branchKeyId && row["type"]?.S === type);
      if (found === undefined) throw new Error(`no row ${type} of ${branchKeyId} in ${region}`);
      return { ...found } as Record<string, { S?: string; B?: Uint8Array }>;
    },
    async stop() {
      for (const client of clients) client.destroy();
      await Promise.all([kms.stop(), tables.stop()]);
    },
  };
  return servers;
}

/** Input of CreateTable. */
export function keyStoreTable(TableName: string): {
  TableName: string;
  KeySchema: { AttributeName: string; KeyType: "HASH" | "RANGE" }[];
  AttributeDefinitions: { AttributeName: string; AttributeType: "S" }[];
} {
  return {
    TableName,
    KeySchema: [
      { AttributeName: "branch-key-id", KeyType: "HASH" },
      { AttributeName: "type", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "branch-key-id", AttributeType: "S" },
      { AttributeName: "type", AttributeType: "S" },
    ],
  };
}
