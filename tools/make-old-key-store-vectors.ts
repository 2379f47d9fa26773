import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { startLocalKms } from "../src/testing/index.ts";
import { itemToJson } from "../test/support/dynamodb-json.ts";
import { startDynamoDbLocal } from "../test/support/dynamodb-local.ts";
import { exchangeConfig, exchangedItem } from "../test/support/exchange.ts";
import { startJavaPeer } from "../test/support/java-peer.ts";
import { oldProviders, startOldJavaPeer } from "../test/support/old-java-peer.ts";

// Makes test/vectors/java/old-key-stores.json. Needs interop/prepare.sh dynamodb-local java java-old beforehand.
const region = "us-east-1";
const credentials = { accessKeyId: "interop", secretAccessKey: "interop" };
const encryptionContext = { tenant: "é", kind: "old" };
const context = { tenant: "é", "a key": "a value" };
const keyMaterial = randomBytes(32);

const [kms, local] = await Promise.all([startLocalKms({ regions: [region] }), startDynamoDbLocal()]);
const key = await kms.createKey({ region, multiRegion: true, keyMaterial });
const aws = { region, kms: kms.endpoint, dynamoDb: local.endpoint, ...credentials };
const client = new DynamoDBClient({ region, endpoint: local.endpoint, credentials });
const newest = startJavaPeer();
const stores: unknown[] = [];

for (const providers of oldProviders) {
  const keyStore = { tableName: `old-${providers}`, logicalKeyStoreName: `OldKeyStore-${providers}`, kmsKeyArn: key.arn };
  const old = startOldJavaPeer(providers, { keyStore, aws });
  await old.keyStore("createKeyStore");
  const { branchKeyId } = (await old.keyStore("createKey", { branchKeyId: "tenant é", encryptionContext })) as { branchKeyId: string };
  const { branchKeyVersion: first } = await old.keyStore("getActiveBranchKey", { branchKeyId });
  const firstDataKey = await old.wrap(branchKeyId, context);
  await old.keyStore("versionKey", { branchKeyId });
  const { branchKeyVersion: second } = await old.keyStore("getActiveBranchKey", { branchKeyId });
  const keys: unknown[] = [];
  for (const branchKeyVersion of [first, second]) keys.push(await old.keyStore("getBranchKeyVersion", { branchKeyId, branchKeyVersion }));
  const java = { type: "hierarchical", branchKeyId, ttlSeconds: 600, keyStore: { ...keyStore, region } };
  const items: unknown[] = [];
  for (const suite of ["0x6700", "0x6701"]) {
    for (const format of [1, 2] as const) {
      const config = exchangeConfig({ ours: undefined as never, java, aws }, { suite, format });
      const { aws: _, ...shown } = config;
      items.push({ config: shown, encrypted: itemToJson((await newest.encryptItem(config, exchangedItem)).item) });
    }
  }
  const { Items = [] } = await client.send(new ScanCommand({ TableName: keyStore.tableName, ConsistentRead: true }));
  stores.push({
    ...{ providers, ...keyStore, branchKeyId, first, second },
    rows: Items.map((row) => itemToJson(row as never)),
    keys,
    beaconKey: await old.keyStore("getBeaconKey", { branchKeyId }),
    dataKeys: { context, first: firstDataKey, second: await old.wrap(branchKeyId, context) },
    items,
  });
  await old.stop();
}
await Promise.all([newest.stop(), kms.stop(), local.stop()]);
client.destroy();

const about =
  "Key stores made by the key store of the published Java library's material providers 1.0.2 and 1.5.1 (Maven Central), whose create-time has a colon before its milliseconds, in DynamoDB Local under a local KMS with the key material given. rows: the table as stored; keys, beaconKey: the same keys in the clear; dataKeys: made by those providers' hierarchical keyring, context without a signature; items: written by the Java library 3.9.0 under the ACTIVE version. Made by tools/make-old-key-store-vectors.ts.";
const vectors = { about, kms: { region, keyId: key.keyId, keyMaterial: keyMaterial.toString("base64"), arn: key.arn }, stores };
const file = fileURLToPath(new URL("../test/vectors/java/old-key-stores.json", import.meta.url));
writeFileSync(file, `${JSON.stringify(vectors, undefined, 1)}\n`);
