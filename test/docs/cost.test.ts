import { readFile } from "node:fs/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { expect, it } from "vitest";
import {
  awsKmsHierarchicalKeyring,
  awsKmsMrkKeyring,
  branchKeyStore,
  defineTable,
  itemEncryptor,
  type Keyring,
  rawAesKeyring,
} from "../../src/index.ts";
import { startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

const region = "us-east-1";
type Stored = Readonly<Record<string, { readonly S?: string; readonly B?: Uint8Array }>>;

/** As DynamoDB counts text and bytes: the name and the value. */
function sizeOf(item: Stored): number {
  return Object.entries(item).reduce(
    (sum, [name, { S, B }]) => sum + Buffer.byteLength(name) + (B?.length ?? Buffer.byteLength(S ?? "")),
    0,
  );
}

it("the sizes in docs/cost.md are those of real items", async () => {
  const kms = await startLocalKms({ regions: [region] });
  const tables = await startLocalGlobalTable({ regions: [region] });
  try {
    const { arn } = await kms.createKey({ region, multiRegion: true });
    const clientSupplier = (asked: string): KMSClient => new KMSClient(kms.clientConfig(asked));
    const client = new DynamoDBClient(tables.clientConfig(region));
    const keyStore = branchKeyStore({
      tableName: "keys",
      logicalKeyStoreName: "keys",
      kms: { mrkArn: arn, clientSupplier },
      client,
    });
    await keyStore.createTable();
    const { branchKeyId } = await keyStore.createKey({ branchKeyId: "tenant-42", encryptionContext: {} });
    const keyrings: readonly Keyring[] = [
      awsKmsMrkKeyring({ keyId: arn, clientSupplier }),
      awsKmsHierarchicalKeyring({ keyStore, branchKeyId }),
      rawAesKeyring({ keyNamespace: "ns", keyName: "key1", wrappingKey: new Uint8Array(32) }),
    ];
    const lines: string[] = [];
    for (const count of [1, 5, 20]) {
      const names = Array.from({ length: count }, (_, index) => `attribute${index}`);
      const item: Stored = { customerId: { S: "42" }, ...Object.fromEntries(names.map((name) => [name, { S: "x".repeat(20) }])) };
      const sizes = [sizeOf(item)];
      for (const keyring of keyrings) {
        for (const algorithmSuite of ["HMAC", "ECDSA"] as const) {
          const attributes = Object.fromEntries(names.map((name) => [name, "ENCRYPT_AND_SIGN" as const]));
          const schema = defineTable({ tableName: "customers-prod", partitionKey: "customerId", attributes, algorithmSuite });
          const { item: stored } = await itemEncryptor({ schema, keyring }).encryptItem(item as never);
          sizes.push(sizeOf(stored as Stored));
        }
      }
      lines.push(`| ${count} | ${sizes.join(" | ")} |`);
    }
    const page = await readFile(new URL("../../docs/cost.md", import.meta.url), "utf8");
    for (const line of lines) expect(page).toContain(line);
  } finally {
    await Promise.all([kms.stop(), tables.stop()]);
  }
});
