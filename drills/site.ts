import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  awsKmsHierarchicalKeyring,
  awsKmsMrkKeyring,
  branchKeyStore,
  type DynamoDbBranchKeyStore,
  defineTable,
  encryptedClient,
  type Keyring,
} from "../src/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../src/testing/index.ts";

export const home = "us-east-1";
export const away = "eu-west-1";
export const regions: readonly string[] = [home, away];
export const tableName = "customers";
export const keyStoreTable = "branch-keys";

export const customers = defineTable({
  tableName,
  partitionKey: "customerId",
  attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
});

/** A customer that the service has answered for: it was written, so it must be found. */
export interface Customer {
  readonly customerId: string;
  readonly email: string;
  readonly tier: string;
}

type KeyStoreSettings = Partial<Pick<Parameters<typeof branchKeyStore>[0], "clock" | "minimumCreateTime" | "tableName">>;

/** Two Regions with a multi-Region key, a Global Table and a key store, and a ledger of what was written. */
export interface Site {
  readonly kms: LocalKms;
  readonly tables: LocalGlobalTable;
  readonly keyArn: string;
  /** How many customers a drill writes. */
  readonly count: number;
  /** What every Region has to hold at the end; a drill that erases takes from it. */
  readonly ledger: Map<string, Customer>;
  keyStore(region: string, settings?: KeyStoreSettings): DynamoDbBranchKeyStore;
  mrkKeyring(): Keyring;
  /** With caches of its own, as a process that was just started. */
  hierarchicalKeyring(region: string, branchKeyId: string, settings?: KeyStoreSettings): Keyring;
  client(region: string): DynamoDBClient;
  /** KMS itself, for what an operator does there. */
  kmsClient(region: string): KMSClient;
  service(region: string, keyring: Keyring, schema?: object): DynamoDBDocumentClient;
  /** Writes customers, and enters those that were acknowledged in the ledger. */
  write(service: DynamoDBDocumentClient, prefix: string): Promise<number>;
  read(service: DynamoDBDocumentClient, customerId: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** How many customers of the ledger a service reads as they were written. */
  readBack(service: DynamoDBDocumentClient): Promise<number>;
  stop(): Promise<void>;
}

export async function startSite(count: number): Promise<Site> {
  const [kms, tables] = await Promise.all([
    startLocalKms({ regions }),
    startLocalGlobalTable({
      regions,
      tables: [
        {
          TableName: tableName,
          KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }],
        },
      ],
    }),
  ]);
  const { arn: keyArn, keyId } = await kms.createKey({ region: home, multiRegion: true });
  await kms.replicateKey({ keyId, replicaRegion: away });
  const kmsClient = (region: string): KMSClient => new KMSClient({ ...kms.clientConfig(region), maxAttempts: 1 });
  const client = (region: string): DynamoDBClient => new DynamoDBClient({ ...tables.clientConfig(region), maxAttempts: 1 });
  const keyStore = (region: string, settings: KeyStoreSettings = {}): DynamoDbBranchKeyStore =>
    branchKeyStore({
      tableName: keyStoreTable,
      logicalKeyStoreName: keyStoreTable,
      region,
      clientSupplier: client,
      kms: { mrkArn: keyArn, clientSupplier: kmsClient },
      replicationWaitSeconds: 0,
      ...settings,
    });
  const ledger = new Map<string, Customer>();
  const read: Site["read"] = async (service, customerId) => {
    const { Item } = await service.send(new GetCommand({ TableName: tableName, Key: { customerId } }));
    return Item;
  };
  return {
    kms,
    tables,
    keyArn,
    count,
    ledger,
    keyStore,
    client,
    kmsClient,
    mrkKeyring: () => awsKmsMrkKeyring({ keyId: keyArn, clientSupplier: kmsClient }),
    hierarchicalKeyring: (region, branchKeyId, settings) =>
      awsKmsHierarchicalKeyring({ keyStore: keyStore(region, settings), branchKeyId, ttlSeconds: 60 }),
    service: (region, keyring, schema = customers) =>
      encryptedClient(DynamoDBDocumentClient.from(client(region)), { schemas: [schema], keyring }),
    async write(service, prefix) {
      let written = 0;
      for (let number = 0; number < count; number++) {
        const customerId = `${prefix}-${number}`;
        const customer = { customerId, email: `secret-of-${customerId}@mail.example`, tier: "gold" };
        await service.send(new PutCommand({ TableName: tableName, Item: customer }));
        ledger.set(customerId, customer);
        written++;
      }
      return written;
    },
    read,
    async readBack(service) {
      let right = 0;
      for (const { customerId, email, tier } of ledger.values()) {
        const Item = await read(service, customerId);
        if (Item?.["email"] === email && Item["tier"] === tier) right++;
      }
      return right;
    },
    async stop() {
      await Promise.all([kms.stop(), tables.stop()]);
    },
  };
}

/** Changes a readable attribute behind the library's back, as who may write the table can. */
export async function tamperWith(site: Site, region: string, customerId: string): Promise<void> {
  const items = await site.tables.rawItems(region, tableName);
  const item = items.find((stored) => stored["customerId"]?.S === customerId);
  if (item === undefined) throw new Error(`no ${customerId}`);
  await site.client(region).send(new PutItemCommand({ TableName: tableName, Item: { ...item, tier: { S: "platinum" } } }));
}
