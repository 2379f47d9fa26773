import { readFileSync } from "node:fs";
import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";
import { itemFromJson, type JsonItem } from "../../test/support/dynamodb-json.ts";

/** The same documents, on a table of their own: plain, or under one of the suites. */
export interface ClientContender {
  readonly name: "plain" | "HMAC" | "ECDSA";
  readonly TableName: string;
  readonly documents: DynamoDBDocumentClient;
  readonly requests: () => number;
}

/** An item as applications write it. */
export type Document = Readonly<Record<string, unknown>>;

const branchKeyId = "bench";
const version = "3c386224-9004-42e2-bb94-0b3ea566019e";

const { items } = JSON.parse(readFileSync(new URL("../data/items.json", import.meta.url), "utf8")) as {
  readonly items: readonly { readonly item: JsonItem }[];
};
const [sample] = items;

/** The item of 1 KB and 10 attributes that bench/item.ts encrypts, 5 of them encrypted, and a counter that is unsigned. */
export function documentOf(pk: string, sk: string): Document {
  return { ...unmarshall({ ...itemFromJson(sample?.item ?? {}) }), pk, sk, visits: 0 };
}

export async function clientContenders(config: DynamoDBClientConfig): Promise<readonly ClientContender[]> {
  const keyStore = staticBranchKeyStore([{ branchKeyId, activeVersion: version, versions: { [version]: new Uint8Array(32).fill(3) } }], {
    logicalKeyStoreName: "bench",
  });
  const keyring = awsKmsHierarchicalKeyring({ keyStore, branchKeyId, ttlSeconds: 3600 });
  return Promise.all(
    (["plain", "HMAC", "ECDSA"] as const).map(async (name) => {
      const TableName = `bench-${name}`;
      const base = new DynamoDBClient(config);
      let requests = 0;
      base.middlewareStack.add(
        (next) => (args) => {
          requests++;
          return next(args);
        },
        { step: "deserialize", name: "count" },
      );
      await createTable(base, TableName);
      const plain = DynamoDBDocumentClient.from(base);
      const documents = name === "plain" ? plain : encryptedClient(plain, { schemas: [schemaOf(TableName, name)], keyring });
      return { name, TableName, documents, requests: () => requests };
    }),
  );
}

function schemaOf(tableName: string, algorithmSuite: "HMAC" | "ECDSA") {
  const encrypted = ["email", "total", "address", "card", "comment"].map((name) => [name, "ENCRYPT_AND_SIGN"] as const);
  const signed = ["status", "created", "note"].map((name) => [name, "SIGN_ONLY"] as const);
  const attributes = { ...Object.fromEntries([...encrypted, ...signed]), visits: "DO_NOTHING" } as const;
  return defineTable({ tableName, partitionKey: "pk", sortKey: "sk", attributes, algorithmSuite });
}

async function createTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
}
