import { CreateTableCommand, type CreateTableCommandInput, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { EncryptedClientOptions } from "../../src/client/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { defineTable, type TableSchema } from "../../src/schema/index.ts";

/** The protected table of the client's tests; `customers` is its logical name. */
export const customersName = "customers-prod-7";
/** A table without a schema. */
export const notesName = "notes";

export const customers: TableSchema = defineTable({
  tableName: "customers",
  partitionKey: "customerId",
  sortKey: "recordId",
  attributes: {
    email: "ENCRYPT_AND_SIGN",
    address: "ENCRYPT_AND_SIGN",
    tier: "SIGN_ONLY",
    city: "SIGN_ONLY",
    visits: "DO_NOTHING",
    seen: "DO_NOTHING",
  },
  otherAttributes: "ENCRYPT_AND_SIGN",
  algorithmSuite: "HMAC",
});

export const keyring: ReturnType<typeof rawAesKeyring> = rawAesKeyring({
  keyNamespace: "test",
  keyName: "client",
  wrappingKey: new Uint8Array(32).fill(7),
});

export const clientOptions: EncryptedClientOptions = {
  schemas: [customers],
  keyring,
  tableNames: { customers: customersName },
  plainTables: [notesName],
};

const keySchema = {
  AttributeDefinitions: ["customerId", "recordId", "tier", "city"].map((AttributeName) => ({ AttributeName, AttributeType: "S" as const })),
  KeySchema: [
    { AttributeName: "customerId", KeyType: "HASH" as const },
    { AttributeName: "recordId", KeyType: "RANGE" as const },
  ],
};

const tables: readonly CreateTableCommandInput[] = [
  {
    TableName: customersName,
    BillingMode: "PAY_PER_REQUEST",
    ...keySchema,
    GlobalSecondaryIndexes: [
      { IndexName: "byTier", KeySchema: [{ AttributeName: "tier", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } },
      { IndexName: "byCity", KeySchema: [{ AttributeName: "city", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } },
    ],
  },
  {
    TableName: notesName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  },
];

export async function createClientTables(client: DynamoDBClient): Promise<void> {
  for (const table of tables) await client.send(new CreateTableCommand(table));
}
