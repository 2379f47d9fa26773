import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import { defineTable, type TableSchema } from "../../../src/schema/index.ts";
import type { ItemValue } from "./item-model.ts";

/** The table of the tests of concurrent updates, in the account of one access key. */
export const itemsTable = "items";

/** As the model has it; `label` is signed only. */
export const itemsSchema: TableSchema = defineTable({
  tableName: itemsTable,
  partitionKey: "id",
  attributes: { count: "ENCRYPT_AND_SIGN", last: "ENCRYPT_AND_SIGN", log: "ENCRYPT_AND_SIGN", label: "SIGN_ONLY", open: "DO_NOTHING" },
  algorithmSuite: "HMAC",
});

/** Every process of a test has the same key. */
const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "updates", wrappingKey: new Uint8Array(32).fill(5) });

export function clientConfig(endpoint: string, account: string): DynamoDBClientConfig {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: account, secretAccessKey: account } };
}

export async function createItemsTable(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: itemsTable,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
}

export function encryptedItems(client: DynamoDBClient, options: Partial<EncryptedClientOptions> = {}): DynamoDBClient {
  return encryptedClient(client, { schemas: [itemsSchema], keyring, ...options });
}

export function keyOf(id: string): Record<string, AttributeValue> {
  return { id: { S: id } };
}

export function valueOf(item: Readonly<Record<string, AttributeValue>> | undefined): ItemValue | undefined {
  if (item === undefined || Object.keys(item).length === 0) return undefined;
  const { count, open, last, log } = item;
  return {
    ...(count?.N === undefined ? {} : { count: Number(count.N) }),
    ...(open?.N === undefined ? {} : { open: Number(open.N) }),
    ...(last?.S === undefined ? {} : { last: last.S }),
    ...(log?.L === undefined ? {} : { log: log.L.map(({ S }) => S).join(" ") }),
  };
}

/** A log as it is stored. */
export function listOf(log: string | undefined): AttributeValue {
  return { L: (log === undefined ? [] : log.split(" ")).map((S) => ({ S })) };
}

/** What is there, read consistently. */
export async function readItem(client: DynamoDBClient, id: string): Promise<ItemValue | undefined> {
  const { Item } = await client.send(new GetItemCommand({ TableName: itemsTable, Key: keyOf(id), ConsistentRead: true }));
  return valueOf(Item);
}
