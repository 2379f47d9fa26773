import { DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import { type BranchKeyStoreOptions, branchKeyStore, type DynamoDbBranchKeyStore } from "../../src/keystore/index.ts";
import { type LocalKms, startLocalKms } from "../../src/testing/index.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { expectExchange, type KeyringPair } from "../support/exchange.ts";
import { type PeerAws, type PeerKeyStoreRequest, startJavaPeer } from "../support/java-peer.ts";

const home = "us-east-1";
const away = "eu-west-1";
const tableName = "KeyStore";
const logicalKeyStoreName = "LogicalKeyStore";
const encryptionContext = { tenant: "é" };
const credentials = { accessKeyId: "interop", secretAccessKey: "interop" };

/** Each discovery mode as Java and as we configure it, with the Region of the multi-Region one. */
type Mode = "discovery" | "mrDiscovery";
const modes: readonly Mode[] = ["discovery", "mrDiscovery"];

const peer = startJavaPeer();
let kms: LocalKms;
let local: DynamoDbLocal;
let keyArn: string;
let accountIds: readonly string[];
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  [kms, local] = await Promise.all([startLocalKms({ regions: [home, away] }), startDynamoDbLocal()]);
  const key = await kms.createKey({ region: home, multiRegion: true });
  await kms.replicateKey({ keyId: key.keyId, replicaRegion: away });
  keyArn = key.arn;
  accountIds = [keyArn.split(":")[4] ?? ""];
  await askJava(home, { kmsMRKeyArn: keyArn }, "createKeyStore");
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await Promise.all([peer.stop(), kms.stop(), local.stop()]);
});

function aws(region: string): PeerAws {
  return { region, kms: kms.endpoint, dynamoDb: local.endpoint, ...credentials };
}

type Json = Readonly<Record<string, unknown>>;

function javaStore(region: string, key: Json): Json {
  return { tableName, logicalKeyStoreName, region, ...key };
}

function javaMode(mode: Mode, region: string): Json {
  return mode === "discovery" ? { discovery: true } : { mrDiscovery: region };
}

function askJava(region: string, key: Json, action: PeerKeyStoreRequest["action"], input: Json = {}): Promise<Json> {
  return peer.keyStore({ keyStore: javaStore(region, key), action, input, aws: aws(region) });
}

/** DynamoDB Local has a table for each Region. */
function dynamoDb(region: string): DynamoDBClient {
  const client = new DynamoDBClient({ region, endpoint: local.endpoint, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

const clientSupplier = (region: string): KMSClient => {
  const client = new KMSClient({ ...kms.clientConfig(region), maxAttempts: 1 });
  clients.push(client);
  return client;
};

function ourStore(region: string, mode: Mode | "mrArn", options: Partial<BranchKeyStoreOptions> = {}): DynamoDbBranchKeyStore {
  const key = { discovery: { discovery: { accountIds } }, mrDiscovery: { mrkDiscovery: { accountIds } }, mrArn: { mrkArn: keyArn } }[mode];
  return branchKeyStore({
    tableName,
    logicalKeyStoreName,
    region,
    client: dynamoDb(region),
    kms: { ...key, clientSupplier } as BranchKeyStoreOptions["kms"],
    // The active key is what writers ask for, and in these modes they have to be let.
    allowDiscoveryWrites: true,
    ...options,
  });
}

const base64 = (secret: { reveal(): Uint8Array }): string => Buffer.from(secret.reveal()).toString("base64");

/** What both sides read in these modes is the same, and the branch key's own context with it. */
async function expectSameKeys(region: string, mode: Mode, branchKeyId: string): Promise<void> {
  const store = ourStore(region, mode);
  const java = (action: PeerKeyStoreRequest["action"], input: Json = {}): Promise<Json> =>
    askJava(region, javaMode(mode, region), action, { branchKeyId, ...input });
  const active = await java("getActiveBranchKey");
  const { branchKey, ...ours } = await store.getActiveBranchKey({ branchKeyId });
  expect(active).toEqual({ ...ours, encryptionContext, branchKey: base64(branchKey) });
  const { branchKeyVersion } = ours;
  const version = await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
  expect(base64(version.branchKey)).toBe(base64(branchKey));
  expect(await java("getBranchKeyVersion", { branchKeyVersion })).toEqual(active);
  const { beaconKey } = await store.getBeaconKey({ branchKeyId });
  expect(await java("getBeaconKey")).toEqual({ branchKeyId, encryptionContext, beaconKey: base64(beaconKey) });
}

/** The branch keys of these tests, one by each side. */
async function created(): Promise<readonly [java: string, ours: string]> {
  const { branchKeyId } = await askJava(home, { kmsMRKeyArn: keyArn }, "createKey", {
    branchKeyId: crypto.randomUUID(),
    encryptionContext,
  });
  const own = await ourStore(home, "mrArn").createKey({ encryptionContext });
  return [branchKeyId as string, own.branchKeyId];
}

/** Does what a Global Table does: gives the other Region the rows. */
async function replicate(): Promise<void> {
  await askJava(away, { kmsMRKeyArn: keyArn.replace(home, away) }, "createKeyStore");
  const { Items = [] } = await dynamoDb(home).send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
  for (const Item of Items) await dynamoDb(away).send(new PutItemCommand({ TableName: tableName, Item }));
}

describe("a key store of DynamoDB Local that Java created, in discovery mode", () => {
  it("is what our createTable takes for a key store, too", async () => {
    const { tableArn } = await askJava(home, javaMode("discovery", home), "createKeyStore");
    expect(tableArn).toMatch(/:table\/KeyStore$/);
    expect(await ourStore(home, "mrArn").createTable()).toEqual({ tableArn });
  });

  it.each(modes)("%s: both sides read the branch keys of either", async (mode) => {
    for (const branchKeyId of await created()) await expectSameKeys(home, mode, branchKeyId);
  });

  it.each(modes)("%s: readers that do not write get a version of Java's, and not the active key", async (mode) => {
    const [branchKeyId] = await created();
    const store = ourStore(home, mode, { allowDiscoveryWrites: false });
    await expect(store.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({ code: "ERR_KEY_STORE_DISCOVERY_WRITE" });
    const active = await askJava(home, javaMode(mode, home), "getActiveBranchKey", { branchKeyId });
    const { branchKey } = await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion: String(active["branchKeyVersion"]) });
    expect(base64(branchKey)).toBe(active["branchKey"]);
  });

  it.each(modes)("%s: both sides read a rotated key, its old version and its new one", async (mode) => {
    const [java, ours] = await created();
    const versions = async (branchKeyId: string): Promise<string> =>
      (await ourStore(home, mode).getActiveBranchKey({ branchKeyId })).branchKeyVersion;
    for (const branchKeyId of [java, ours]) {
      const before = await versions(branchKeyId);
      if (branchKeyId === java) await ourStore(home, "mrArn").versionKey({ branchKeyId });
      else await askJava(home, { kmsMRKeyArn: keyArn }, "versionKey", { branchKeyId });
      expect(await versions(branchKeyId)).not.toBe(before);
      await expectSameKeys(home, mode, branchKeyId);
      const old = await ourStore(home, mode).getBranchKeyVersion({ branchKeyId, branchKeyVersion: before });
      const javas = await askJava(home, javaMode(mode, home), "getBranchKeyVersion", { branchKeyId, branchKeyVersion: before });
      expect(javas["branchKey"]).toBe(base64(old.branchKey));
    }
  });

  it("mrDiscovery: in another Region both ask the KMS of that Region alone", async () => {
    const keys = await created();
    await replicate();
    kms.clearEvents();
    for (const branchKeyId of keys) await expectSameKeys(away, "mrDiscovery", branchKeyId);
    expect(kms.events.length).toBeGreaterThan(0);
    expect(kms.events.map(({ awsRegion, errorCode }) => ({ awsRegion, errorCode }))).toEqual(
      kms.events.map(() => ({ awsRegion: away, errorCode: undefined })),
    );
  });

  it("discovery: in another Region we ask the KMS that the row names, Java its only client, in vain", async () => {
    const [branchKeyId] = await created();
    await replicate();
    kms.clearEvents();
    await ourStore(away, "discovery").getActiveBranchKey({ branchKeyId });
    expect(kms.events.map(({ awsRegion }) => awsRegion)).toEqual([home]);
    await expect(askJava(away, javaMode("discovery", away), "getActiveBranchKey", { branchKeyId })).rejects.toMatchObject({
      type: "NotFoundException",
      message: expect.stringContaining("Invalid arn us-east-1"),
    });
  });

  it.each(modes)("%s: neither side creates or rotates keys", async (mode) => {
    const [branchKeyId] = await created();
    for (const store of [ourStore(home, mode), ourStore(home, mode, { allowDiscoveryWrites: false })]) {
      await expect(store.createKey()).rejects.toMatchObject({ code: "ERR_KEY_STORE_DISCOVERY_WRITE" });
      await expect(store.versionKey({ branchKeyId })).rejects.toMatchObject({ code: "ERR_KEY_STORE_DISCOVERY_WRITE" });
    }
    for (const action of ["createKey", "versionKey"] as const) {
      await expect(askJava(home, javaMode(mode, home), action, { branchKeyId, encryptionContext })).rejects.toMatchObject({
        type: "KeyStoreException",
        message: expect.stringContaining("kmsConfiguration MUST BE kmsKeyArn or kmsMRKeyArn"),
      });
    }
  });

  it("we refuse a row of an account that is not listed, where Java has no such list", async () => {
    const [branchKeyId] = await created();
    const store = ourStore(home, "discovery", { kms: { discovery: { accountIds: ["999999999999"] }, clientSupplier } });
    await expect(store.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED" });
    expect(await askJava(home, javaMode("discovery", home), "getActiveBranchKey", { branchKeyId })).toMatchObject({ branchKeyId });
  });

  it.each(modes)("%s: items go from one side to the other under the branch keys of either", async (mode) => {
    for (const branchKeyId of await created()) {
      const pair: KeyringPair = {
        ours: awsKmsHierarchicalKeyring({ keyStore: ourStore(home, mode), branchKeyId }),
        java: { type: "hierarchical", branchKeyId, ttlSeconds: 600, keyStore: javaStore(home, javaMode(mode, home)) },
        aws: aws(home),
      };
      await expectExchange(peer, { writer: pair, readers: [pair] });
    }
  });
});
