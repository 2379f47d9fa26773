import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { KeyStoreKms } from "../../src/keystore/index.ts";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";

const restoredName = "KeyStore-restored-2026-11-23";
let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers({ tableNames: ["KeyStore", restoredName] });
});
afterAll(() => servers.stop());

const region = "us-east-1";
let branchKeyId: string;
let branchKeyVersion: string;
beforeEach(async () => {
  ({ branchKeyId, branchKeyVersion } = await servers.keyStore(region).createKey({ encryptionContext: { tenant: "a" } }));
  servers.kms.clearEvents();
});

type Row = Record<string, unknown>;
const versionType = (): string => `branch:version:${branchKeyVersion}`;
const row = (type: string): Promise<Row> => servers.row(region, branchKeyId, type);
const readActive = (): Promise<unknown> => servers.keyStore(region).getActiveBranchKey({ branchKeyId });
const readVersion = (): Promise<unknown> => servers.keyStore(region).getBranchKeyVersion({ branchKeyId, branchKeyVersion });
const readBeacon = (): Promise<unknown> => servers.keyStore(region).getBeaconKey({ branchKeyId });
const rotate = (): Promise<unknown> => servers.keyStore(region).versionKey({ branchKeyId });
const flipped = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes, (byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));

// @see framework/branch-key-store.md "AWS KMS Branch Key Decryption"
describe("a row that was changed does not authenticate", () => {
  it.each<[string, (row: Row) => Row]>([
    ["another context value", (stored) => ({ ...stored, "aws-crypto-ec:tenant": { S: "b" } })],
    ["a context pair more", (stored) => ({ ...stored, "aws-crypto-ec:role": { S: "admin" } })],
    ["an attribute without prefix more", (stored) => ({ ...stored, note: { S: "x" } })],
    ["a context pair less", ({ "aws-crypto-ec:tenant": _, ...stored }) => stored],
    ["another time", (stored) => ({ ...stored, "create-time": { S: "2030-01-01T00:00:00.000000Z" } })],
    ["a changed ciphertext", (stored) => ({ ...stored, enc: { B: flipped((stored["enc"] as { B: Uint8Array }).B) } })],
    ["a replica's ARN", (stored) => ({ ...stored, "kms-arn": { S: servers.keyArn.replace("us-east-1", "eu-west-1") } })],
  ])("%s", async (_, change) => {
    for (const [type, read] of [
      ["branch:ACTIVE", readActive],
      [versionType(), readVersion],
      ["beacon:ACTIVE", readBeacon],
    ] as const) {
      await servers.putRow(region, change(await row(type)));
      await expect(read()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC", details: { branchKeyId, type, region } });
    }
    await expect(rotate()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
  });

  it("swapped versions, swapped keys, and a row of another branch key", async () => {
    const old = await row(versionType());
    const { branchKeyVersion: next } = await servers.keyStore(region).versionKey({ branchKeyId });
    const current = await row(`branch:version:${next}`);
    await servers.putRow(region, { ...old, enc: current["enc"] });
    await expect(readVersion()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
    await servers.putRow(region, { ...(await row("branch:ACTIVE")), version: { S: versionType() } });
    await expect(readActive()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
    await servers.putRow(region, { ...(await row("beacon:ACTIVE")), enc: current["enc"] });
    await expect(readBeacon()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
    const other = await servers.keyStore(region).createKey({ encryptionContext: { tenant: "a" } });
    const foreign = await servers.row(region, other.branchKeyId, "branch:ACTIVE");
    await servers.putRow(region, { ...foreign, "branch-key-id": { S: branchKeyId } });
    await expect(readActive()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
  });

  it.each(["branch-key-id", "type"])("a whole row of another %s, in the answer to the question for ours", async (name) => {
    // KMS unwraps it, since the row is authentic in its own place.
    const { branchKeyId: other } = await servers.keyStore(region).createKey({ encryptionContext: { tenant: "b" } });
    const client = servers.dynamoDb(region);
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        const { Key } = args.input as { Key: Record<string, { S: string }> };
        const type = Key["type"]?.S ?? "";
        const swapped =
          name === "type" ? await row(type === "beacon:ACTIVE" ? versionType() : "beacon:ACTIVE") : await servers.row(region, other, type);
        return { ...answer, output: { ...(answer.output as object), Item: swapped } } as typeof answer;
      },
      { step: "initialize" },
    );
    const store = servers.keyStore(region, { client });
    for (const read of [store.getActiveBranchKey({ branchKeyId }), store.getBeaconKey({ branchKeyId })]) {
      await expect(read).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_ROW_MALFORMED", details: { field: `${name} is another` } });
    }
  });

  it("a key store of another logical name", async () => {
    const store = servers.keyStore(region, { logicalKeyStoreName: "Other" });
    await expect(store.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
  });
});

// @see framework/branch-key-store.md "Encryption Context", "Record Format", "Custom Encryption Context"
describe("a row that is no record is refused before KMS is asked", () => {
  it.each<[string, (row: Row) => Row]>([
    ["no enc", ({ enc: _, ...stored }) => stored],
    ["enc as text", (stored) => ({ ...stored, enc: { S: "x" } })],
    ["enc over KMS's limit", (stored) => ({ ...stored, enc: { B: new Uint8Array(6145) } })],
    ["no kms-arn", ({ "kms-arn": _, ...stored }) => stored],
    ["no create-time", ({ "create-time": _, ...stored }) => stored],
    ["a time that is none", (stored) => ({ ...stored, "create-time": { S: "2026-13-01T00:00:00Z" } })],
    ["no version in ACTIVE", ({ version: _, ...stored }) => stored],
    ["a version that is no UUID", (stored) => ({ ...stored, version: { S: "branch:version:1" } })],
    ["a version without its prefix", (stored) => ({ ...stored, version: { S: branchKeyVersion } })],
    ["hierarchy version 0", (stored) => ({ ...stored, "hierarchy-version": { N: "0" } })],
    ["hierarchy version 1.5", (stored) => ({ ...stored, "hierarchy-version": { N: "1.5" } })],
    ["bookkeeping of a name that DynamoDB does not write", (stored) => ({ ...stored, "aws:rep:note": { BOOL: true } })],
    ["bookkeeping of another type", (stored) => ({ ...stored, "aws:rep:updatetime": { M: {} } })],
    ["hierarchy version as text", (stored) => ({ ...stored, "hierarchy-version": { S: "1" } })],
    ["a number among the context", (stored) => ({ ...stored, "aws-crypto-ec:tenant": { N: "1" } })],
    ["a tablename of its own", (stored) => ({ ...stored, tablename: { S: "LogicalKeyStore" } })],
  ])("%s", async (_, change) => {
    await servers.putRow(region, change(await row("branch:ACTIVE")));
    await expect(readActive()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_ROW_MALFORMED" });
    expect(servers.kms.events).toEqual([]);
  });

  it.each(["branch:ACTIVE", "beacon:ACTIVE", "version"])("hierarchy version 2 in the row %s is told apart from tampering", async (name) => {
    const type = name === "version" ? versionType() : name;
    const { "create-time": _, ...later } = await row(type);
    await servers.putRow(region, { ...later, "hierarchy-version": { N: "2" } });
    const read = type === "branch:ACTIVE" ? readActive() : type === "beacon:ACTIVE" ? readBeacon() : readVersion();
    await expect(read).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED",
      details: { tableName: servers.tableName, branchKeyId, type, hierarchyVersion: "2" },
    });
    expect(servers.kms.events).toEqual([]);
  });

  it.each([
    ["under a name that DynamoDB does not write", { "aws:rep:note": { S: "x" } }],
    ["under one of its names, with another type", { "aws:rep:updatetime": { S: "x" } }],
  ])("bookkeeping %s is part of the context, as any attribute", async (_, planted) => {
    await servers.putRow(region, { ...(await row("branch:ACTIVE")), ...planted });
    await expect(readActive()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
  });

  it("an attribute whose name would write lines into a log", async () => {
    const planted = `x\n\u001b[2Jfatal: all keys lost ${"y".repeat(10_000)}`;
    await servers.putRow(region, { ...(await row("branch:ACTIVE")), [planted]: { N: "1" } });
    const error = await readActive().catch((thrown: unknown) => thrown as Error & { details: object });
    expect(error).toMatchObject({ code: "ERR_BRANCH_KEY_ROW_MALFORMED" });
    for (const text of [(error as Error).message, JSON.stringify(error)]) {
      expect([...text].filter((character) => character < " " || character === "\u007f")).toEqual([]);
      expect(text.length).toBeLessThan(1000);
    }
  });

  it("a version in a row that is not ACTIVE", async () => {
    await servers.putRow(region, { ...(await row("beacon:ACTIVE")), version: { S: versionType() } });
    await expect(readBeacon()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_ROW_MALFORMED" });
  });
});

describe("a row planted by somebody who may write to the table", () => {
  const foreignArn = "arn:aws:kms:us-east-1:999999999999:key/mrk-00000000000000000000000000000000";

  /** What a table admin with a KMS key of his own makes: valid in itself, under a logical name that he knows. */
  async function plant(): Promise<string> {
    const own = await servers.kms.createKey({ region });
    const attacker = servers.keyStore(region, {
      tableName: restoredName,
      kms: { keyArn: own.arn, clientSupplier: servers.kmsClient },
      replicationWaitSeconds: 0,
    });
    await attacker.createKey({ branchKeyId, encryptionContext: { tenant: "a" } });
    for (const planted of await servers.tables.rawItems(region, restoredName)) {
      if (planted["branch-key-id"]?.S === branchKeyId) await servers.putRow(region, planted);
    }
    servers.kms.clearEvents();
    return own.arn;
  }

  it("never becomes the writers' key of a store that names its key", async () => {
    const kmsArn = await plant();
    await expect(readActive()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED", details: { kmsArn } });
    await expect(readBeacon()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED" });
    await expect(rotate()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED" });
    expect(servers.kms.events).toEqual([]);
  });

  it("does not pass by lying about its KMS key, which KMS itself finds out", async () => {
    await plant();
    await servers.putRow(region, { ...(await row("branch:ACTIVE")), "kms-arn": { S: servers.keyArn } });
    await expect(readActive()).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_AUTHENTIC" });
  });

  it("serves no writer under discovery, and no reader outside the accounts", async () => {
    await plant();
    const clientSupplier = servers.kmsClient;
    const local: KeyStoreKms = { discovery: { accountIds: ["000000000000"] }, clientSupplier };
    await expect(servers.keyStore(region, { kms: local }).getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({
      code: "ERR_KEY_STORE_DISCOVERY_WRITE",
    });
    await servers.putRow(region, { ...(await row("branch:ACTIVE")), "kms-arn": { S: foreignArn } });
    const trusting = servers.keyStore(region, { kms: local, allowDiscoveryWrites: true });
    await expect(trusting.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED",
      details: { kmsArn: foreignArn },
    });
    const china: KeyStoreKms = { discovery: { accountIds: ["000000000000"], partition: "aws-cn" }, clientSupplier };
    await expect(servers.keyStore(region, { kms: china }).getBeaconKey({ branchKeyId })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED",
    });
  });

  it("does not pass as an alias", async () => {
    const alias = "arn:aws:kms:us-east-1:000000000000:alias/mine";
    await servers.putRow(region, { ...(await row(versionType())), "kms-arn": { S: alias } });
    const kms: KeyStoreKms = { discovery: { accountIds: ["000000000000"] }, clientSupplier: servers.kmsClient };
    await expect(servers.keyStore(region, { kms }).getBranchKeyVersion({ branchKeyId, branchKeyVersion })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED",
    });
  });
});

describe("an ACTIVE row that was rolled back", () => {
  it("is refused where the operator names the rotation", async () => {
    const old = await row("branch:ACTIVE");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { branchKeyVersion: next } = await servers.keyStore(region).versionKey({ branchKeyId });
    const rotatedAt = ((await row("branch:ACTIVE"))["create-time"] as { S: string }).S;
    await servers.putRow(region, old);
    expect(await readActive()).toMatchObject({ branchKeyVersion });
    servers.kms.clearEvents();
    for (const minimumCreateTime of [rotatedAt, { [branchKeyId]: rotatedAt, other: "2020-01-01T00:00:00Z" }]) {
      const careful = servers.keyStore(region, { minimumCreateTime });
      await expect(careful.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({
        code: "ERR_BRANCH_KEY_STALE",
        details: { createTime: (old["create-time"] as { S: string }).S },
      });
      expect(await careful.getBranchKeyVersion({ branchKeyId, branchKeyVersion: next })).toMatchObject({ branchKeyVersion: next });
    }
    expect(servers.kmsCalls()).toEqual({ Decrypt: 2 });
    const elsewhere = servers.keyStore(region, { minimumCreateTime: { other: "2099-01-01T00:00:00.123Z" } });
    expect(await elsewhere.getActiveBranchKey({ branchKeyId })).toMatchObject({ branchKeyVersion });
  });
});

it("a key store restored from a backup under another table name serves", async () => {
  const expected = await servers.keyStore(region).getActiveBranchKey({ branchKeyId });
  for (const backup of await servers.tables.rawItems(region, servers.tableName)) await servers.putRow(region, backup, restoredName);
  const restored = servers.keyStore(region, { tableName: restoredName });
  expect((await restored.getActiveBranchKey({ branchKeyId })).branchKey.reveal()).toEqual(expected.branchKey.reveal());
  await restored.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
  await restored.getBeaconKey({ branchKeyId });
  await restored.versionKey({ branchKeyId });
});

it("attributes that Global Tables of 2017 add are left out of the context", async () => {
  const replicated = {
    "aws:rep:deleting": { BOOL: false },
    "aws:rep:updatetime": { N: "1700000000.000001" },
    "aws:rep:updateregion": { S: "us-east-1" },
  };
  for (const type of ["branch:ACTIVE", versionType(), "beacon:ACTIVE"])
    await servers.putRow(region, { ...(await row(type)), ...replicated });
  await readActive();
  await readVersion();
  await readBeacon();
  const { branchKeyVersion: next } = await servers.keyStore(region).versionKey({ branchKeyId });
  expect(Object.keys(await row(`branch:version:${next}`)).filter((name) => name.startsWith("aws:rep:"))).toEqual([]);
});

it("names who is denied the table", async () => {
  const server = createServer((_, response) => {
    response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", Message: "not authorized" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  await expect(servers.keyStore(region, { client }).getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({
    code: "ERR_KEY_STORE_ACCESS_DENIED",
    details: { action: "GetItem", region, tableName: servers.tableName },
  });
  client.destroy();
  server.close();
});
