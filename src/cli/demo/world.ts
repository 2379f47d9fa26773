import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import customersJson from "../../../schemas/customers.table.json" with { type: "json" };
import searchableJson from "../../../schemas/searchable-customers.table.json" with { type: "json" };
import { encryptedClient } from "../../client/index.ts";
import { awsKmsHierarchicalKeyring, awsKmsMrkKeyring } from "../../keyrings/index.ts";
import { branchKeyStore, type DynamoDbBranchKeyStore } from "../../keystore/index.ts";
import type { Keyring } from "../../materials/index.ts";
import { parseSchema } from "../../schema/index.ts";
import { indexDefinitions } from "../../search/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../testing/index.ts";

export const home = "us-east-1";
export const away = "eu-west-1";
export const tableName = "customers";
export const searchableTable = "searchable-customers";
const keyStoreTable = "branch-keys";

export const customersSchema: object = parseSchema(customersJson);
const searchableSchema: object = parseSchema(searchableJson);

/** Two Regions in this process, with a multi-Region key and a Global Table, and the clients of services in each. */
export interface World {
  readonly kms: LocalKms;
  readonly tables: LocalGlobalTable;
  readonly keyArn: string;
  readonly replicaArn: string;
  readonly keyStore: DynamoDbBranchKeyStore;
  /** A service with clients of its own in one Region, under a multi-Region KMS key. */
  service(region: string, accessKeyId?: string): DynamoDBDocumentClient;
  /** The same under the hierarchical keyring; its caches are its own, too. */
  tenantService(region: string, branchKeyId: string): DynamoDBDocumentClient;
  /** The same with beacons, on the table that has an index for them. */
  searchService(region: string, branchKeyId: string): DynamoDBDocumentClient;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const regions = [home, away];
  const key = { AttributeName: "customerId", AttributeType: "S" as const };
  const keySchema = { KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" as const }] };
  const { AttributeDefinitions, GlobalSecondaryIndexes } = indexDefinitions(searchableSchema);
  const [kms, tables] = await Promise.all([
    startLocalKms({ regions }),
    startLocalGlobalTable({
      regions,
      tables: [
        { TableName: tableName, ...keySchema, AttributeDefinitions: [key] },
        { TableName: searchableTable, ...keySchema, AttributeDefinitions: [key, ...AttributeDefinitions], GlobalSecondaryIndexes },
      ],
    }),
  ]);
  const { arn: keyArn, keyId } = await kms.createKey({ region: home, multiRegion: true });
  const { arn: replicaArn } = await kms.replicateKey({ keyId, replicaRegion: away });
  const clientSupplier = (region: string, accessKeyId?: string): KMSClient =>
    new KMSClient({ ...kms.clientConfig(region, accessKeyId), maxAttempts: 1 });
  const documents = (region: string, keyring: Keyring): DynamoDBDocumentClient =>
    encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(tables.clientConfig(region))), { schemas: [customersSchema], keyring });
  const keyStoreIn = (region: string): DynamoDbBranchKeyStore =>
    branchKeyStore({
      tableName: keyStoreTable,
      logicalKeyStoreName: keyStoreTable,
      region,
      client: new DynamoDBClient(tables.clientConfig(region)),
      kms: { mrkArn: keyArn, clientSupplier },
    });
  return {
    kms,
    tables,
    keyArn,
    replicaArn,
    keyStore: keyStoreIn(home),
    service: (region, accessKeyId) =>
      documents(region, awsKmsMrkKeyring({ keyId: keyArn, clientSupplier: (keyRegion) => clientSupplier(keyRegion, accessKeyId) })),
    tenantService: (region, branchKeyId) =>
      documents(region, awsKmsHierarchicalKeyring({ keyStore: keyStoreIn(region), branchKeyId, ttlSeconds: 300 })),
    searchService(region, branchKeyId) {
      const keyStore = keyStoreIn(region);
      return encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(tables.clientConfig(region))), {
        schemas: [searchableSchema],
        keyring: awsKmsHierarchicalKeyring({ keyStore, branchKeyId, ttlSeconds: 300 }),
        beaconKeys: { keyStore, branchKeyId },
      });
    },
    async stop() {
      await Promise.all([kms.stop(), tables.stop()]);
    },
  };
}
