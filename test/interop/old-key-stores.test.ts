import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hmacSuite } from "../../src/crypto/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import { branchKeyStore, type DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { defaultCmm, encryptionContextOf } from "../../src/materials/index.ts";
import { expectExchange, type KeyringPair } from "../support/exchange.ts";
import { type PeerAws, startJavaPeer } from "../support/java-peer.ts";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";
import { type OldJavaPeer, type OldKeyStore, oldProviders, startOldJavaPeer } from "../support/old-java-peer.ts";

const region = "us-east-1";
const encryptionContext = { tenant: "é" };
const context = { tenant: "é", "a key": "a value" };
const newest = startJavaPeer();
let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers();
});
afterAll(() => Promise.all([newest.stop(), servers.stop()]));

/** Branch keys in one table for material providers of an older Java library, the newest Java library, and us. */
describe.each(oldProviders)("a key store of material providers %s", (providers) => {
  let old: OldJavaPeer;
  let store: DynamoDbBranchKeyStore;
  let keyStore: OldKeyStore;
  let aws: PeerAws;
  const base64 = (secret: { reveal(): Uint8Array }): string => Buffer.from(secret.reveal()).toString("base64");
  beforeAll(async () => {
    aws = { region, kms: servers.kms.endpoint, dynamoDb: servers.tables.endpoints };
    keyStore = { tableName: `old-${providers}`, logicalKeyStoreName: `old ${providers}`, kmsKeyArn: servers.keyArn };
    old = startOldJavaPeer(providers, { keyStore, aws });
    await old.keyStore("createKeyStore");
    const { tableName, logicalKeyStoreName, kmsKeyArn: keyArn } = keyStore;
    const client = servers.dynamoDb(region);
    store = branchKeyStore({ tableName, logicalKeyStoreName, client, kms: { keyArn, clientSupplier: servers.kmsClient } });
  });
  afterAll(() => old.stop());

  const askNewest = (action: "getActiveBranchKey" | "getBranchKeyVersion" | "getBeaconKey" | "versionKey", input: object) =>
    newest.keyStore({ keyStore: { ...keyStore, region }, action, input: { ...input }, aws });

  /** All three see the same ACTIVE version, the same version by its id, and the same beacon key. */
  async function expectSameKeys(branchKeyId: string): Promise<string> {
    const active = await store.getActiveBranchKey({ branchKeyId });
    const { branchKeyVersion } = active;
    const version = await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
    const { beaconKey } = await store.getBeaconKey({ branchKeyId });
    const shown = { branchKeyId, branchKeyVersion, branchKey: base64(active.branchKey) };
    expect(base64(version.branchKey)).toBe(shown.branchKey);
    for (const ask of [old.keyStore, askNewest]) {
      expect(await ask("getActiveBranchKey", { branchKeyId })).toMatchObject(shown);
      expect(await ask("getBranchKeyVersion", { branchKeyId, branchKeyVersion })).toMatchObject(shown);
      expect(await ask("getBeaconKey", { branchKeyId })).toMatchObject({ beaconKey: base64(beaconKey) });
    }
    return branchKeyVersion;
  }

  const created = async (): Promise<string> => {
    const { branchKeyId } = await old.keyStore("createKey", { branchKeyId: `tenant ${randomUUID()}`, encryptionContext });
    return branchKeyId as string;
  };

  it("is read by all, whoever rotates", async () => {
    const branchKeyId = await created();
    const versions = [await expectSameKeys(branchKeyId)];
    for (const rotate of [
      () => old.keyStore("versionKey", { branchKeyId }),
      () => store.versionKey({ branchKeyId }),
      () => askNewest("versionKey", { branchKeyId }),
      () => old.keyStore("versionKey", { branchKeyId }),
    ]) {
      await rotate();
      versions.push(await expectSameKeys(branchKeyId));
    }
    expect(new Set(versions).size).toBe(5);
    for (const branchKeyVersion of versions) await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
  });

  it("serves branch keys that we created to the old providers as well", async () => {
    const { branchKeyId } = await store.createKey({ encryptionContext });
    await expectSameKeys(branchKeyId);
  });

  it("holds items that the newest Java library and we exchange, before and after we rotate", async () => {
    const branchKeyId = await created();
    const pair = (ttlSeconds: number): KeyringPair => ({
      ours: awsKmsHierarchicalKeyring({ keyStore: store, branchKeyId, ttlSeconds: 0.001 }),
      java: { type: "hierarchical", branchKeyId, ttlSeconds, keyStore: { ...keyStore, region } },
      aws,
    });
    const before = pair(600);
    await expectExchange(newest, { writer: before, readers: [before] });
    await store.versionKey({ branchKeyId });
    const after = pair(601);
    await expectExchange(newest, { writer: after, readers: [before, after] });
  });

  it("holds data keys that the old hierarchical keyring and ours exchange", async () => {
    const branchKeyId = await created();
    const cmm = defaultCmm(awsKmsHierarchicalKeyring({ keyStore: store, branchKeyId, ttlSeconds: 0.001 }));
    for (let version = 0; version < 2; version++) {
      const theirs = await old.wrap(branchKeyId, context);
      const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
      const encryptedDataKeys = [
        {
          keyProviderId: theirs.keyProviderId,
          keyProviderInfo: bytes(theirs.keyProviderInfo),
          ciphertext: bytes(theirs.ciphertext),
        },
      ];
      const request = { algorithmSuite: hmacSuite, encryptionContext: encryptionContextOf(context) };
      const read = await cmm.decryptMaterials({ ...request, reproducedEncryptionContext: encryptionContextOf(), encryptedDataKeys }, {});
      expect(base64(read.plaintextDataKey)).toBe(theirs.dataKey);
      const written = await cmm.getEncryptionMaterials({ ...request, requiredEncryptionContextKeys: [] }, {});
      const [ours] = written.encryptedDataKeys;
      const unwrapped = await old.unwrap(branchKeyId, context, {
        keyProviderId: ours?.keyProviderId ?? "",
        keyProviderInfo: Buffer.from(ours?.keyProviderInfo ?? []).toString("base64"),
        ciphertext: Buffer.from(ours?.ciphertext ?? []).toString("base64"),
      });
      expect(unwrapped.dataKey).toBe(base64(written.plaintextDataKey));
      await store.versionKey({ branchKeyId });
    }
  });
});
