import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ecdsaSuite } from "../../src/crypto/index.ts";
import { type AwsKmsHierarchicalKeyringOptions, awsKmsHierarchicalKeyring, multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import type { BranchKeyMaterials, BranchKeyStore } from "../../src/keystore/index.ts";
import { branchKeyOf, type Keyring, keyMaterialCache } from "../../src/materials/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";
import { type KeyStoreServers, regions, startKeyStoreServers } from "../support/key-store-servers.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, withKey } from "../support/keyring-round-trip.ts";

const first = "3c386224-9004-42e2-bb94-0b3ea566019e";
const second = "954fe2f4-7e3c-40cb-9c90-c6ddbabaad2f";
const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const keys = [
  { branchKeyId: "tenant é", activeVersion: second, versions: { [first]: bytes(1), [second]: bytes(2) } },
  { branchKeyId: "other", activeVersion: first, versions: { [first]: bytes(3) } },
];
const staticStore = (): BranchKeyStore => staticBranchKeyStore(keys, { logicalKeyStoreName: "static" });
const keyring = (options: Partial<AwsKmsHierarchicalKeyringOptions> = {}): Keyring =>
  awsKmsHierarchicalKeyring({ keyStore: staticStore(), branchKeyId: "tenant é", ...options });

// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Branch Key Unwrapping", "Interface", "Initialization", "OnEncrypt"
// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Branch Key Wrapping", "OnDecrypt", "Branch Key Wrapping and Unwrapping AAD"
// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Branch Key Supplier"
describe("the encrypted data key", () => {
  it("names provider, branch key and version in the specified layout", async () => {
    const written = await expectRoundTrip(keyring());
    const key = onlyKey(written);
    expect(key.keyProviderId).toBe("aws-kms-hierarchy");
    expect(Buffer.from(key.keyProviderInfo).toString()).toBe("tenant é");
    expect(key.ciphertext).toHaveLength(48 + 16 + 12 + 16 + 32 + 16);
    expect(branchKeyOf(key)).toEqual({ branchKeyId: "tenant é", branchKeyVersion: second });
  });

  it("is another one each time: salt, IV and intermediate key are random", async () => {
    const shared = keyring();
    const [a, b] = [onlyKey(await encryptWith(shared)), onlyKey(await encryptWith(shared))];
    expect(a.ciphertext.subarray(48, 76)).not.toEqual(b.ciphertext.subarray(48, 76));
    expect(a.ciphertext.subarray(92)).not.toEqual(b.ciphertext.subarray(92));
  });

  it("works under the ECDSA suite and beside other keyrings", async () => {
    await expectRoundTrip(keyring(), keyring(), { suite: ecdsaSuite });
    const raw = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: bytes(9) });
    const both = multiKeyring({ generator: raw, children: [keyring()] });
    await expectRoundTrip(both, keyring());
    await expectRoundTrip(both, raw);
  });

  it.each([
    ["the wrapped data key", 0],
    ["the salt", 48],
    ["the IV", 64],
    ["the wrapped intermediate key", 92],
    ["the tag", -1],
  ])("is refused with one bit of %s changed", async (_, index) => {
    const written = await encryptWith(keyring());
    const changed = withKey(written, { ciphertext: flipped(onlyKey(written).ciphertext, index) });
    await expect(decryptWith(keyring(), changed)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("is refused under a version that does not exist, under the other version, cut and lengthened", async () => {
    const written = await encryptWith(keyring());
    const { ciphertext } = onlyKey(written);
    const unknown = withKey(written, { ciphertext: flipped(ciphertext, 76) });
    await expect(decryptWith(keyring(), unknown)).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
    const swapped = ciphertext.slice();
    swapped.set(Buffer.from(first.replaceAll("-", ""), "hex"), 76);
    await expect(decryptWith(keyring(), withKey(written, { ciphertext: swapped }))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    for (const other of [ciphertext.subarray(0, 139), ciphertext.subarray(0, 60), new Uint8Array([...ciphertext, 0])]) {
      await expect(decryptWith(keyring(), withKey(written, { ciphertext: other }))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
  });

  it("is not this keyring's under another branch key id or provider", async () => {
    const written = await encryptWith(keyring());
    await expect(decryptWith(keyring({ branchKeyId: "other" }), written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    const renamed = withKey(written, { keyProviderInfo: Buffer.from("other") });
    await expect(decryptWith(keyring({ branchKeyId: "other" }), renamed)).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
    const foreign = withKey(written, { keyProviderId: "aws-kms" });
    await expect(decryptWith(keyring(), foreign)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });
});

// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Cache Limit TTL", "Partition ID", "Query Branch Keystore OnEncrypt"
// @see framework/aws-kms/aws-kms-hierarchical-keyring.md "GetItem Branch Keystore OnDecrypt"
describe("options", () => {
  it.each<[string, Partial<AwsKmsHierarchicalKeyringOptions>]>([
    ["an id and a supplier", { branchKeyIdSupplier: () => "other" }],
    ["an empty id", { branchKeyId: "" }],
    ["half a surrogate pair as id", { branchKeyId: "\ud800" }],
    ["no time to live", { ttlSeconds: 0 }],
    ["a time to live within the grace period", { ttlSeconds: 20, cache: { gracePeriodSeconds: 30 } }],
    ["an inconsistent cache", { cache: { inFlightTtlSeconds: 60 } }],
  ])("refuses %s", (_, options) => {
    expect(() => keyring(options)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });

  it.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["a number", 7],
  ])("refuses a supplier that returns %s", async (_, supplied) => {
    const supplier = awsKmsHierarchicalKeyring({ keyStore: staticStore(), branchKeyIdSupplier: () => supplied as string });
    const context = { "aws-crypto-partition-name": "id", "aws-crypto-attr.id": "AAE0Mg==" };
    const { encryptedDataKeys, algorithmSuite } = await encryptWith(keyring());
    await expect(decryptWith(supplier, { encryptedDataKeys, algorithmSuite, encryptionContext: context })).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_ID_INVALID",
    });
  });

  it("without id or supplier takes the call's supplier, and refuses a call without", async () => {
    const open = awsKmsHierarchicalKeyring({ keyStore: staticStore() });
    await expect(encryptWith(open)).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_ID_INVALID" });
    // The keyring's own answer comes before the schema's.
    const written = await encryptWith(keyring(), { branchKeyIdSupplier: () => "other" });
    expect(Buffer.from(onlyKey(written).keyProviderInfo).toString()).toBe("tenant é");
  });
});

describe("on the wire", () => {
  let servers: KeyStoreServers;
  let branchKeyId: string;
  let branchKeyVersion: string;
  beforeAll(async () => {
    servers = await startKeyStoreServers();
  });
  afterAll(() => servers.stop());
  beforeEach(async () => {
    ({ branchKeyId, branchKeyVersion } = await servers.keyStore("us-east-1").createKey());
    await servers.tables.settled();
    servers.kms.clearEvents();
  });
  afterEach(() => servers.kms.faults.clear());

  const reads = (region: string): number => servers.tables.countRequests({ region, operation: "GetItem" });
  const storedKeyring = (region: string, options: Partial<AwsKmsHierarchicalKeyringOptions> = {}): Keyring =>
    awsKmsHierarchicalKeyring({ keyStore: servers.keyStore(region), branchKeyId, ...options });

  it("10,000 items written and read in each of two Regions take at most 2 KMS calls a Region", async () => {
    const before = regions.map(reads);
    const written = await Promise.all(
      regions.map(async (region) => {
        const shared = storedKeyring(region);
        const all = [];
        for (let i = 0; i < 10_000; i++) all.push(await encryptWith(shared, { region }));
        for (const one of all) await decryptWith(shared, one, { region });
        return { shared, sample: all[0] };
      }),
    );
    for (const [index, region] of regions.entries()) {
      const { shared, sample } = written[1 - index] ?? {};
      if (shared === undefined || sample === undefined) throw new Error("no sample");
      // Reading ACTIVE served the version as well.
      expect(servers.kmsCalls(region)).toEqual({ Decrypt: 1 });
      expect(reads(region) - (before[index] ?? 0)).toBe(1);
      await decryptWith(storedKeyring(region), sample, { region });
    }
  });

  it("a cold start with 1,000 concurrent reads takes 2 GetItems (the version, and ACTIVE for a tombstone) and 1 Decrypt", async () => {
    const written = await encryptWith(storedKeyring("us-east-1"));
    servers.kms.clearEvents();
    const before = reads("eu-west-1");
    const cold = storedKeyring("eu-west-1");
    await Promise.all(Array.from({ length: 1000 }, () => decryptWith(cold, written)));
    expect(servers.kmsCalls()).toEqual({ Decrypt: 1 });
    expect(reads("eu-west-1") - before).toBe(2);
  });

  it("keyrings share a cache's entries only where they name the same partition", async () => {
    const cache = keyMaterialCache({ capacity: 10 });
    const written = await encryptWith(storedKeyring("us-east-1", { cache, partitionId: "ours" }));
    expect(servers.kmsCalls()).toEqual({ Decrypt: 1 });
    await decryptWith(storedKeyring("us-east-1", { cache, partitionId: "ours" }), written);
    expect(servers.kmsCalls()).toEqual({ Decrypt: 1 });
    await decryptWith(storedKeyring("us-east-1", { cache, partitionId: "theirs" }), written);
    await decryptWith(storedKeyring("us-east-1", { cache }), written);
    await decryptWith(storedKeyring("us-east-1", { cache }), written);
    expect(servers.kmsCalls()).toEqual({ Decrypt: 4 });
  });

  it("a rotation reaches writers when their entry ends; items of every version stay readable", async () => {
    const time = { seconds: Date.now() / 1000 };
    const shared = storedKeyring("us-east-1", { cache: { clock: { now: () => time.seconds * 1000 } } });
    const versionOf = async (): Promise<string | undefined> => branchKeyOf(onlyKey(await encryptWith(shared)))?.branchKeyVersion;
    const old = await encryptWith(shared);
    const { branchKeyVersion: next } = await servers.keyStore("us-east-1").versionKey({ branchKeyId });
    expect(await versionOf()).toBe(branchKeyVersion);
    time.seconds += 300;
    expect(await versionOf()).toBe(next);
    await decryptWith(shared, old);
  });

  it("an outage of KMS goes unnoticed while the entry lives, and has its own code then", async () => {
    const time = { seconds: Date.now() / 1000 };
    const shared = storedKeyring("us-east-1", { cache: { clock: { now: () => time.seconds * 1000 } } });
    const written = await encryptWith(shared);
    servers.kms.faults.down("us-east-1");
    time.seconds += 290;
    await decryptWith(shared, written);
    await expect.poll(() => servers.kmsCalls("us-east-1")["Decrypt"]).toBeGreaterThan(1);
    await decryptWith(shared, written);
    time.seconds += 10;
    await expect(decryptWith(shared, written)).rejects.toMatchObject({
      code: "ERR_KMS_UNREACHABLE",
      details: { region: "us-east-1", keyId: servers.keyArn },
    });
  });

  it("a caller who lost access is refused as soon as the refresh tells it", async () => {
    const time = { seconds: Date.now() / 1000 };
    const shared = storedKeyring("us-east-1", { cache: { clock: { now: () => time.seconds * 1000 } } });
    const written = await encryptWith(shared);
    servers.kms.faults.deny({ action: "Decrypt" });
    await decryptWith(shared, written);
    time.seconds += 275;
    await decryptWith(shared, written);
    await expect
      .poll(() =>
        decryptWith(shared, written).then(
          () => undefined,
          (error: unknown) => error,
        ),
      )
      .toMatchObject({ code: "ERR_KMS_ACCESS_DENIED", details: { region: "us-east-1" } });
  });

  it("one caller's abort does not fail the others who wait for the same key", async () => {
    const written = await encryptWith(storedKeyring("us-east-1"));
    servers.kms.faults.slow("us-east-1", { delayMilliseconds: 100 });
    const cold = storedKeyring("us-east-1");
    const controller = new AbortController();
    const aborted = decryptWith(cold, written, { signal: controller.signal });
    const other = decryptWith(cold, written);
    setTimeout(() => controller.abort(), 20);
    await expect(aborted).rejects.toMatchObject({ code: "ERR_ABORTED" });
    await other;
  });

  it("KMS calls run inside the request's bound", async () => {
    let inside = 0;
    const limit = async <Result>(task: () => Promise<Result>): Promise<Result> => {
      inside++;
      return task();
    };
    await encryptWith(storedKeyring("us-east-1"), { limit });
    expect(inside).toBe(1);
  });

  it("wipes a branch key when it is pushed out and nobody wraps with it any longer, and serves on under others", async () => {
    const given: BranchKeyMaterials[] = [];
    const keyStore = servers.keyStore("us-east-1");
    const remembering: BranchKeyStore = {
      ...keyStore,
      getActiveBranchKey: async (input, call) => {
        const materials = await keyStore.getActiveBranchKey(input, call);
        given.push(materials);
        return materials;
      },
    };
    const ids = await Promise.all(Array.from({ length: 4 }, async () => (await keyStore.createKey()).branchKeyId));
    const cache = keyMaterialCache({ capacity: 1 });
    const keyrings = ids.map((branchKeyId) => awsKmsHierarchicalKeyring({ keyStore: remembering, branchKeyId, cache }));
    await Promise.all(Array.from({ length: 10 }, () => keyrings.map((one) => encryptWith(one))).flat());
    const readable = given.filter(({ branchKey }) => {
      try {
        return branchKey.reveal().length === 32;
      } catch (error) {
        expect(error).toMatchObject({ code: "ERR_SECRET_WIPED" });
        return false;
      }
    });
    expect(given.length).toBeGreaterThanOrEqual(4);
    expect(readable).toHaveLength(1);
  });
});
