import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hmacSuite } from "../../src/crypto/index.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import { type BranchKeyStoreOptions, branchKeyStore, type DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { defaultCmm, encryptionContextOf } from "../../src/materials/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { exchangedItem } from "../support/exchange.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";
import { keyStoreTable } from "../support/key-store-servers.ts";
import type { OldDataKey } from "../support/old-java-peer.ts";
import { readVectors } from "../support/vectors.ts";

interface OldKeyStoreVectors {
  readonly kms: { readonly region: string; readonly keyId: string; readonly keyMaterial: string; readonly arn: string };
  readonly stores: readonly {
    readonly providers: string;
    readonly tableName: string;
    readonly logicalKeyStoreName: string;
    readonly branchKeyId: string;
    readonly first: string;
    readonly second: string;
    readonly rows: readonly JsonItem[];
    readonly keys: readonly {
      readonly branchKeyVersion: string;
      readonly branchKey: string;
      readonly encryptionContext: Readonly<Record<string, string>>;
    }[];
    readonly beaconKey: { readonly beaconKey: string };
    readonly dataKeys: { readonly context: Readonly<Record<string, string>>; readonly first: OldDataKey; readonly second: OldDataKey };
    readonly items: readonly { readonly config: JavaConfig; readonly encrypted: JsonItem }[];
  }[];
}

const vectors = readVectors<OldKeyStoreVectors>("java/old-key-stores.json");
const { region } = vectors.kms;
const base64 = (secret: { reveal(): Uint8Array }): string => Buffer.from(secret.reveal()).toString("base64");
let kms: LocalKms;
let tables: LocalGlobalTable;
let client: DynamoDBClient;
const clients: KMSClient[] = [];
beforeAll(async () => {
  kms = await startLocalKms({ regions: [region] });
  const { keyId, keyMaterial } = vectors.kms;
  await kms.createKey({ region, keyId, keyMaterial: Buffer.from(keyMaterial, "base64"), multiRegion: true });
  tables = await startLocalGlobalTable({ regions: [region], tables: vectors.stores.map(({ tableName }) => keyStoreTable(tableName)) });
  client = new DynamoDBClient(tables.clientConfig(region));
  for (const { tableName: TableName, rows } of vectors.stores)
    for (const row of rows) await client.send(new PutItemCommand({ TableName, Item: { ...itemFromJson(row) } }));
});
afterAll(async () => {
  for (const each of [client, ...clients]) each.destroy();
  await Promise.all([kms.stop(), tables.stop()]);
});

describe.each(vectors.stores.map((store) => [store.providers, store] as const))("a key store of material providers %s", (_, vector) => {
  const { tableName, logicalKeyStoreName, branchKeyId, first, second } = vector;
  const open = (options: Partial<BranchKeyStoreOptions> = {}): DynamoDbBranchKeyStore =>
    branchKeyStore({
      ...{ tableName, logicalKeyStoreName, client },
      kms: {
        keyArn: vectors.kms.arn,
        clientSupplier: (of) => {
          const made = new KMSClient(kms.clientConfig(of));
          clients.push(made);
          return made;
        },
      },
      ...options,
    });
  const activeRow = vector.rows.find((row) => (row["type"] as { S: string }).S === "branch:ACTIVE") as JsonItem;
  const createTime = (activeRow["create-time"] as { S: string }).S;

  it("spells create-time with a colon before its milliseconds", () => {
    expect(vector.rows).toHaveLength(4);
    for (const row of vector.rows) expect((row["create-time"] as { S: string }).S).toMatch(/^[-\dT]{13}:\d\d:\d\d:000\d{3}Z$/);
  });

  it("gives the keys that Java got", async () => {
    const store = open();
    for (const { branchKeyVersion, branchKey, encryptionContext } of vector.keys) {
      const version = await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
      expect(base64(version.branchKey)).toBe(branchKey);
      expect({ ...version.encryptionContext }).toEqual(encryptionContext);
    }
    expect((await store.getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(second);
    expect(base64((await store.getBeaconKey({ branchKeyId })).beaconKey)).toBe(vector.beaconKey.beaconKey);
  });

  it("unwraps data keys that its own keyring wrapped, under either version", async () => {
    const cmm = defaultCmm(awsKmsHierarchicalKeyring({ keyStore: open(), branchKeyId }));
    const { context } = vector.dataKeys;
    for (const wrapped of [vector.dataKeys.first, vector.dataKeys.second]) {
      const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
      const { keyProviderId } = wrapped;
      const encryptedDataKeys = [{ keyProviderId, keyProviderInfo: bytes(wrapped.keyProviderInfo), ciphertext: bytes(wrapped.ciphertext) }];
      const read = await cmm.decryptMaterials(
        {
          algorithmSuite: hmacSuite,
          encryptionContext: encryptionContextOf(context),
          reproducedEncryptionContext: encryptionContextOf(),
          encryptedDataKeys,
        },
        {},
      );
      expect(base64(read.plaintextDataKey)).toBe(wrapped.dataKey);
      expect(base64(read.symmetricSigningKey)).toBe(wrapped.symmetricSigningKey);
    }
  });

  it("serves items that Java wrote under it, and lets new ones be written", async () => {
    const keyring = awsKmsHierarchicalKeyring({ keyStore: open(), branchKeyId });
    for (const { config, encrypted } of vector.items) {
      const cryptography = cryptographyOf(config, keyring);
      const read = await decryptItem(cryptography, itemFromJson(encrypted), {});
      expect(itemToJson(read.item)).toEqual(itemToJson(exchangedItem));
      const again = await encryptItem(cryptography, read.item, {});
      expect(itemToJson((await decryptItem(cryptography, again.item, {})).item)).toEqual(itemToJson(exchangedItem));
    }
  });

  it("compares minimumCreateTime with what the colon means", async () => {
    // The times of the rows, in the spelling of today and in their own.
    const dotted = createTime.replace(/:000(\d{3})Z$/, ".$1Z");
    const later = dotted.replace(/\.(\d{3})Z$/, ".$1001Z");
    for (const minimumCreateTime of [dotted, createTime]) {
      expect((await open({ minimumCreateTime }).getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(second);
    }
    await expect(open({ minimumCreateTime: later }).getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_STALE",
      details: { createTime },
    });
  });

  it("refuses a row whose create-time was put into the other spelling", async () => {
    const row = { ...itemFromJson(activeRow), "create-time": { S: createTime.replace(/:000(\d{3})Z$/, ".$1000Z") } };
    await client.send(new PutItemCommand({ TableName: tableName, Item: row }));
    await expect(open().getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
    await client.send(new PutItemCommand({ TableName: tableName, Item: { ...itemFromJson(activeRow) } }));
  });

  it("is rotated: old versions and the beacon key stay as they are, the new version has a dot", async () => {
    const store = open();
    const { branchKeyVersion: third } = await store.versionKey({ branchKeyId });
    expect((await store.getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(third);
    const rows = await tables.rawItems(region, tableName);
    const stored = rows.map((row) => JSON.stringify(itemToJson(row)));
    for (const row of vector.rows) {
      if (row !== activeRow) expect(stored).toContain(JSON.stringify(itemToJson(itemFromJson(row))));
    }
    const active = rows.find((row) => row["type"]?.S === "branch:ACTIVE");
    expect(active?.["create-time"]?.S).toMatch(/\.\d{6}Z$/);
    for (const branchKeyVersion of [first, second, third]) await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
  });
});
