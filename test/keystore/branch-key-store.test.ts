import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { branchKeyStore, type KeyStoreKms } from "../../src/keystore/index.ts";
import { type KeyStoreServers, logicalKeyStoreName, startKeyStoreServers } from "../support/key-store-servers.ts";

let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers();
});
afterAll(() => servers.stop());
beforeEach(() => {
  servers.kms.faults.clear();
  servers.kms.clearEvents();
});

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const replicaArn = (arn: string): string => arn.replace("us-east-1", "eu-west-1");

// @see framework/branch-key-store.md "CreateKey", "Branch Key and Beacon Key Creation", "Wrapped Branch Key Creation"
// @see framework/branch-key-store.md "Writing Branch Key and Beacon Key to Keystore"
describe("createKey", () => {
  it("writes a version, its ACTIVE copy and a beacon key, which then are read", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId, branchKeyVersion } = await store.createKey({ encryptionContext: { department: "admin", é: "ü" } });
    expect(branchKeyId).toMatch(uuid);
    expect(servers.kmsCalls()).toEqual({ GenerateDataKeyWithoutPlaintext: 2, ReEncrypt: 1 });
    const active = await store.getActiveBranchKey({ branchKeyId });
    const version = await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion });
    const beacon = await store.getBeaconKey({ branchKeyId });
    expect(active.branchKeyVersion).toBe(branchKeyVersion);
    expect(active.branchKey.reveal()).toEqual(version.branchKey.reveal());
    expect(active.branchKey).toHaveLength(32);
    expect(beacon.beaconKey.reveal()).not.toEqual(active.branchKey.reveal());
    for (const { encryptionContext } of [active, version, beacon])
      expect({ ...encryptionContext }).toEqual({ department: "admin", é: "ü" });
  });

  it("writes the attributes of the record format, the time with six fractional digits", async () => {
    const store = servers.keyStore("us-east-1", { clock: { now: () => Date.UTC(2026, 10, 23, 21, 44, 30, 7) } });
    const { branchKeyId, branchKeyVersion } = await store.createKey({ encryptionContext: { tenant: "a" } });
    const shared = {
      "branch-key-id": { S: branchKeyId },
      "create-time": { S: "2026-11-23T21:44:30.007000Z" },
      "hierarchy-version": { N: "1" },
      "kms-arn": { S: servers.keyArn },
      "aws-crypto-ec:tenant": { S: "a" },
      enc: { B: expect.any(Uint8Array) },
    };
    const type = `branch:version:${branchKeyVersion}`;
    expect(await servers.row("us-east-1", branchKeyId, type)).toEqual({ ...shared, type: { S: type } });
    expect(await servers.row("us-east-1", branchKeyId, "beacon:ACTIVE")).toEqual({ ...shared, type: { S: "beacon:ACTIVE" } });
    const active = { ...shared, type: { S: "branch:ACTIVE" }, version: { S: type } };
    expect(await servers.row("us-east-1", branchKeyId, "branch:ACTIVE")).toEqual(active);
  });

  it("takes a given id together with a context, once", async () => {
    const store = servers.keyStore("us-east-1", { replicationWaitSeconds: 0 });
    const input = { branchKeyId: "tenant é", encryptionContext: { tenant: "é" } };
    expect((await store.createKey(input)).branchKeyId).toBe("tenant é");
    await expect(store.createKey(input)).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_EXISTS" });
    await expect(store.createKey({ branchKeyId: "without context" })).rejects.toMatchObject({
      code: "ERR_INVALID_ARGUMENT",
      details: { argument: "encryptionContext" },
    });
  });

  it.each([
    ["an empty id", { branchKeyId: "", encryptionContext: {} }],
    ["half a surrogate pair", { branchKeyId: "\ud800", encryptionContext: {} }],
    ["an id over DynamoDB's limit", { branchKeyId: "x".repeat(2049), encryptionContext: {} }],
    ["an empty context key", { encryptionContext: { "": "x" } }],
    ["a context value that is no text", { encryptionContext: { a: 1 as unknown as string } }],
  ])("refuses %s before any call", async (_, input) => {
    await expect(servers.keyStore("us-east-1").createKey(input)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    expect(servers.kms.events).toEqual([]);
  });
});

// @see framework/branch-key-store.md "VersionKey", "Authenticating a Keystore item"
describe("versionKey", () => {
  it("makes a new ACTIVE version; old ones stay, the beacon key and the context too", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId, branchKeyVersion: first } = await store.createKey({ encryptionContext: { tenant: "a" } });
    const beacon = await store.getBeaconKey({ branchKeyId });
    const old = await store.getActiveBranchKey({ branchKeyId });
    servers.kms.clearEvents();
    const { branchKeyVersion: second } = await store.versionKey({ branchKeyId });
    expect(servers.kmsCalls()).toEqual({ GenerateDataKeyWithoutPlaintext: 1, ReEncrypt: 2 });
    const active = await store.getActiveBranchKey({ branchKeyId });
    expect(active.branchKeyVersion).toBe(second);
    expect(active.branchKey.reveal()).not.toEqual(old.branchKey.reveal());
    expect({ ...active.encryptionContext }).toEqual({ tenant: "a" });
    const kept = await store.getBranchKeyVersion({ branchKeyId, branchKeyVersion: first });
    expect(kept.branchKey.reveal()).toEqual(old.branchKey.reveal());
    expect((await store.getBeaconKey({ branchKeyId })).beaconKey.reveal()).toEqual(beacon.beaconKey.reveal());
  });

  it("keeps the creator's ARN in the row although another Region's replica is asked", async () => {
    const { branchKeyId } = await servers.keyStore("us-east-1").createKey();
    await servers.tables.settled();
    servers.kms.clearEvents();
    const { branchKeyVersion } = await servers.keyStore("eu-west-1").versionKey({ branchKeyId });
    const row = await servers.row("eu-west-1", branchKeyId, `branch:version:${branchKeyVersion}`);
    expect(row["kms-arn"]).toEqual({ S: servers.keyArn });
    for (const { awsRegion, requestParameters } of servers.kms.events) {
      expect(awsRegion).toBe("eu-west-1");
      const { keyId, sourceKeyId, destinationKeyId } = requestParameters as Record<string, unknown>;
      for (const asked of [keyId, sourceKeyId, destinationKeyId]) expect([undefined, replicaArn(servers.keyArn)]).toContain(asked);
    }
    await servers.tables.settled();
    expect((await servers.keyStore("us-east-1").getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(branchKeyVersion);
  });

  it("lets one of two rotations at the same time win, and changes nothing for the other", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId } = await store.createKey();
    const outcomes = await Promise.allSettled([store.versionKey({ branchKeyId }), store.versionKey({ branchKeyId })]);
    const won = outcomes.find((outcome) => outcome.status === "fulfilled");
    expect(outcomes.find((outcome) => outcome.status === "rejected")?.reason).toMatchObject({ code: "ERR_BRANCH_KEY_CONTENDED" });
    expect((await store.getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(won?.value.branchKeyVersion);
    expect(
      (await servers.tables.rawItems("us-east-1", servers.tableName)).filter((row) => row["branch-key-id"]?.S === branchKeyId),
    ).toHaveLength(4);
  });

  it("refuses a branch key that does not exist", async () => {
    await expect(servers.keyStore("us-east-1").versionKey({ branchKeyId: "nobody" })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_NOT_FOUND",
    });
  });
});

// @see framework/branch-key-store.md "GetActiveBranchKey", "GetBranchKeyVersion", "GetBeaconKey"
describe("reading", () => {
  it("says that a branch key or beacon key does not exist, and names Region and row", async () => {
    const store = servers.keyStore("eu-west-1");
    const details = { tableName: servers.tableName, region: "eu-west-1", branchKeyId: "nobody" };
    await expect(store.getActiveBranchKey({ branchKeyId: "nobody" })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_NOT_FOUND",
      details: { ...details, type: "branch:ACTIVE" },
    });
    await expect(store.getBeaconKey({ branchKeyId: "nobody" })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
  });

  it("refuses a version that is no UUID", async () => {
    const input = { branchKeyId: "a", branchKeyVersion: "ACTIVE" };
    await expect(servers.keyStore("us-east-1").getBranchKeyVersion(input)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });

  it("says that the table does not exist", async () => {
    const store = servers.keyStore("us-east-1", { tableName: "NoSuchTable" });
    await expect(store.getActiveBranchKey({ branchKeyId: "a" })).rejects.toMatchObject({
      code: "ERR_KEY_STORE_TABLE_NOT_FOUND",
      details: { tableName: "NoSuchTable", region: "us-east-1" },
    });
  });

  it("passes KMS's own codes, and the caller's abort", async () => {
    const store = servers.keyStore("us-east-1");
    const { branchKeyId } = await store.createKey();
    servers.kms.faults.deny({ action: "Decrypt" });
    await expect(store.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({
      code: "ERR_KMS_ACCESS_DENIED",
      details: { region: "us-east-1" },
    });
    await expect(store.getActiveBranchKey({ branchKeyId }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  it("reports an unreachable table", async () => {
    const lift = servers.tables.faults.down("us-east-1", { action: "GetItem" });
    await expect(servers.keyStore("us-east-1").getActiveBranchKey({ branchKeyId: "a" })).rejects.toMatchObject({
      code: "ERR_KEY_STORE_UNAVAILABLE",
      details: { action: "GetItem", region: "us-east-1" },
    });
    lift();
  });
});

// @see framework/branch-key-store.md "Initialization", "Keystore ID", "KMS Client", "Operations", "Logical KeyStore Name"
// @see framework/branch-key-store.md "AWS KMS Configuration", "Discovery", "MRDiscovery"
describe("KMS configurations", () => {
  const read = async (region: string, kms: KeyStoreKms, branchKeyId: string, branchKeyVersion: string): Promise<unknown> =>
    servers.keyStore(region, { kms }).getBranchKeyVersion({ branchKeyId, branchKeyVersion });

  it("keyArn takes exactly the key that the row names, and asks it in its own Region", async () => {
    const { branchKeyId, branchKeyVersion } = await servers.keyStore("us-east-1").createKey();
    await servers.tables.settled();
    servers.kms.clearEvents();
    const clientSupplier = servers.kmsClient;
    await read("eu-west-1", { keyArn: servers.keyArn, clientSupplier }, branchKeyId, branchKeyVersion);
    expect(servers.kmsCalls("us-east-1")).toEqual({ Decrypt: 1 });
    const other = read("eu-west-1", { keyArn: replicaArn(servers.keyArn), clientSupplier }, branchKeyId, branchKeyVersion);
    await expect(other).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_KMS_KEY_REFUSED", details: { kmsArn: servers.keyArn } });
  });

  it("mrkArn takes any Region's replica, and asks the one in the own Region", async () => {
    const { branchKeyId, branchKeyVersion } = await servers.keyStore("us-east-1").createKey();
    await servers.tables.settled();
    servers.kms.clearEvents();
    await read("eu-west-1", { mrkArn: replicaArn(servers.keyArn), clientSupplier: servers.kmsClient }, branchKeyId, branchKeyVersion);
    expect(servers.kmsCalls("eu-west-1")).toEqual({ Decrypt: 1 });
    expect(servers.kmsCalls("us-east-1")).toEqual({});
  });

  it("fails over to another Region's replica", async () => {
    const { branchKeyId, branchKeyVersion } = await servers.keyStore("us-east-1").createKey();
    await servers.tables.settled();
    servers.kms.faults.down("eu-west-1");
    const kms = { mrkArn: servers.keyArn, clientSupplier: servers.kmsClient };
    await expect(read("eu-west-1", kms, branchKeyId, branchKeyVersion)).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE" });
    await read("eu-west-1", { ...kms, failover: { regions: ["us-east-1"] } }, branchKeyId, branchKeyVersion);
  });

  it("discovery asks the key that the row names; mrkDiscovery its replica in the own Region", async () => {
    const { branchKeyId, branchKeyVersion } = await servers.keyStore("us-east-1").createKey();
    await servers.tables.settled();
    servers.kms.clearEvents();
    const discovery = { accountIds: ["000000000000"] };
    const clientSupplier = servers.kmsClient;
    await read("eu-west-1", { discovery, clientSupplier }, branchKeyId, branchKeyVersion);
    expect(servers.kmsCalls("us-east-1")).toEqual({ Decrypt: 1 });
    await read("eu-west-1", { mrkDiscovery: discovery, clientSupplier }, branchKeyId, branchKeyVersion);
    expect(servers.kmsCalls("eu-west-1")).toEqual({ Decrypt: 1 });
  });

  it("discovery serves no writer and manages no key unless allowed, and management never", async () => {
    const { branchKeyId } = await servers.keyStore("us-east-1").createKey();
    const kms: KeyStoreKms = { discovery: { accountIds: ["000000000000"] }, clientSupplier: servers.kmsClient };
    const careful = servers.keyStore("us-east-1", { kms });
    const code = "ERR_KEY_STORE_DISCOVERY_WRITE";
    await expect(careful.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject({ code });
    const trusting = servers.keyStore("us-east-1", { kms, allowDiscoveryWrites: true });
    expect((await trusting.getActiveBranchKey({ branchKeyId })).branchKeyId).toBe(branchKeyId);
    await expect(trusting.versionKey({ branchKeyId })).rejects.toMatchObject({ code });
    await expect(trusting.createKey()).rejects.toMatchObject({ code });
  });

  it("hands grant tokens to every call", async () => {
    const kms = { mrkArn: servers.keyArn, clientSupplier: servers.kmsClient, grantTokens: ["grant-token"] };
    const store = servers.keyStore("us-east-1", { kms });
    const { branchKeyId } = await store.createKey();
    await store.getActiveBranchKey({ branchKeyId });
    for (const { requestParameters } of servers.kms.events) expect(requestParameters?.["grantTokens"]).toEqual(["grant-token"]);
    expect(store.getKeyStoreInfo().kms.grantTokens).toEqual(["grant-token"]);
  });

  it.each<[string, unknown]>([
    ["nothing", {}],
    ["an alias", { keyArn: "arn:aws:kms:us-east-1:123456789012:alias/x" }],
    ["a bare id", { mrkArn: "mrk-0" }],
    ["discovery without accounts", { discovery: {} }],
    ["discovery with an empty list", { discovery: { accountIds: [] } }],
    ["discovery with a bad account", { mrkDiscovery: { accountIds: ["1"] } }],
  ])("refuses %s", (_, kms) => {
    const make = (): unknown => branchKeyStore({ tableName: "t", logicalKeyStoreName: "l", kms: kms as KeyStoreKms });
    expect(make).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});

// @see framework/branch-key-store.md "GetKeyStoreInfo"
it("getKeyStoreInfo tells the configuration", () => {
  const store = servers.keyStore("us-east-1", { keyStoreId: "mine" });
  expect(store.getKeyStoreInfo()).toEqual({
    keyStoreId: "mine",
    tableName: servers.tableName,
    logicalKeyStoreName,
    kms: { type: "mrkArn", keyArn: servers.keyArn, grantTokens: [] },
  });
});

it.each([
  ["tableName", { tableName: "" }],
  ["logicalKeyStoreName", { logicalKeyStoreName: "" }],
  ["replicationWaitSeconds", { replicationWaitSeconds: -1 }],
  ["minimumCreateTime", { minimumCreateTime: "yesterday" }],
])("refuses a bad %s", (argument, options) => {
  expect(() => servers.keyStore("us-east-1", options)).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
  );
});
