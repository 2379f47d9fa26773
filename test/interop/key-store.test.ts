import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import type { BranchKeyMaterials, DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { expectExchange, type KeyringPair } from "../support/exchange.ts";
import { type PeerAws, type PeerKeyStoreRequest, startJavaPeer } from "../support/java-peer.ts";
import { type KeyStoreServers, logicalKeyStoreName, startKeyStoreServers } from "../support/key-store-servers.ts";

const peer = startJavaPeer();
let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers();
});
afterAll(() => Promise.all([peer.stop(), servers.stop()]));

/** The key store as a Java service in that Region configures it: other than ours, by the ARN of the replica there. */
function javaStore(region: string): Readonly<Record<string, unknown>> {
  const kmsMRKeyArn = servers.keyArn.replace("us-east-1", region);
  return { tableName: servers.tableName, logicalKeyStoreName, kmsMRKeyArn, region };
}

function aws(region: string): PeerAws {
  return { region, kms: servers.kms.endpoint, dynamoDb: servers.tables.endpoints };
}

function askJava(
  region: string,
  action: PeerKeyStoreRequest["action"],
  input: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  return peer.keyStore({ keyStore: javaStore(region), action, input, aws: aws(region) });
}

/** Our branch key as the peer writes its own. */
function shown({ branchKeyId, branchKeyVersion, encryptionContext, branchKey }: BranchKeyMaterials): Record<string, unknown> {
  return { branchKeyId, branchKeyVersion, encryptionContext, branchKey: Buffer.from(branchKey.reveal()).toString("base64") };
}

/** Both sides see the same active version, the same version by its id, and the same beacon key. */
async function expectSameKeys(store: DynamoDbBranchKeyStore, region: string, branchKeyId: string): Promise<string> {
  const ours = shown(await store.getActiveBranchKey({ branchKeyId }));
  expect(await askJava(region, "getActiveBranchKey", { branchKeyId })).toEqual(ours);
  const branchKeyVersion = ours["branchKeyVersion"] as string;
  const version = shown(await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion }));
  expect(await askJava(region, "getBranchKeyVersion", { branchKeyId, branchKeyVersion })).toEqual(version);
  const { beaconKey, encryptionContext } = await store.getBeaconKey({ branchKeyId });
  const beacon = { branchKeyId, encryptionContext, beaconKey: Buffer.from(beaconKey.reveal()).toString("base64") };
  expect(await askJava(region, "getBeaconKey", { branchKeyId })).toEqual(beacon);
  return branchKeyVersion;
}

/** The peer keeps an encryptor, and with it the cached branch key, a configuration: another time to live, another cache. */
function hierarchical(region: string, branchKeyId: string, ttlSeconds: number): KeyringPair {
  return {
    ours: awsKmsHierarchicalKeyring({ keyStore: servers.keyStore(region), branchKeyId, ttlSeconds: 0.001 }),
    java: { type: "hierarchical", branchKeyId, ttlSeconds, keyStore: javaStore(region) },
    aws: aws(region),
  };
}

describe("one key store for Java and us", () => {
  it("reads and rotates a branch key that Java created", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId } = await askJava("us-east-1", "createKey", {
      branchKeyId: "tenant é",
      encryptionContext: { tenant: "é", kind: "test" },
    });
    expect(branchKeyId).toBe("tenant é");
    const first = await expectSameKeys(store, "us-east-1", "tenant é");
    await store.versionKey({ branchKeyId: "tenant é" });
    const second = await expectSameKeys(store, "us-east-1", "tenant é");
    expect(second).not.toBe(first);
    await askJava("us-east-1", "versionKey", { branchKeyId: "tenant é" });
    const third = await expectSameKeys(store, "us-east-1", "tenant é");
    expect(third).not.toBe(second);
  });

  it("lets Java read and rotate a branch key that we created", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId } = await store.createKey({ encryptionContext: { tenant: "b" } });
    const first = await expectSameKeys(store, "us-east-1", branchKeyId);
    await askJava("us-east-1", "versionKey", { branchKeyId });
    expect(await expectSameKeys(store, "us-east-1", branchKeyId)).not.toBe(first);
  });

  it("lets Java take the table that we created, and create one that we take", async () => {
    const java = (tableName: string): Promise<Readonly<Record<string, unknown>>> =>
      peer.keyStore({ keyStore: { ...javaStore("us-east-1"), tableName }, action: "createKeyStore", aws: aws("us-east-1") });
    const ours = (tableName: string): Promise<unknown> => servers.keyStore("us-east-1", { tableName }).createTable();
    const first = await ours("created-by-us");
    expect(first).toEqual({ tableArn: expect.stringMatching(/:table\/created-by-us$/) });
    expect(await java("created-by-us")).toEqual(first);
    const second = await java("created-by-java");
    expect(second).toEqual({ tableArn: expect.stringMatching(/:table\/created-by-java$/) });
    expect(await ours("created-by-java")).toEqual(second);
    await expect(java(servers.tableName)).resolves.toHaveProperty("tableArn");
  });

  it("exchanges items under its branch keys, also across a rotation and from Region to Region", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId } = await store.createKey();
    await servers.tables.settled();
    const old = hierarchical("us-east-1", branchKeyId, 600);
    await expectExchange(peer, { writer: old, readers: [old, hierarchical("eu-west-1", branchKeyId, 600)] });
    await askJava("us-east-1", "versionKey", { branchKeyId });
    await servers.tables.settled();
    const rotated = hierarchical("eu-west-1", branchKeyId, 601);
    await expectExchange(peer, { writer: rotated, readers: [old, rotated] });
  });
});
