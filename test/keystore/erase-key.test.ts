import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { systemRandomness } from "../../src/crypto/index.ts";
import { cachedBranchKeys } from "../../src/keystore/index.ts";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";

let servers: KeyStoreServers;
beforeAll(async () => {
  servers = await startKeyStoreServers();
});
afterAll(() => servers.stop());
afterEach(async () => {
  servers.tables.lag = 0;
  servers.tables.resume();
  await servers.tables.settled();
});

const [here, there] = ["us-east-1", "eu-west-1"] as const;
const regions = [here, there];
const day = 86_400_000;
const types = ["branch:ACTIVE", "beacon:ACTIVE"] as const;
const erased = (state: string): object => ({ code: "ERR_BRANCH_KEY_ERASED", details: { state } });

let count = 0;
async function rotatedKey(): Promise<{ branchKeyId: string; versions: string[] }> {
  const store = servers.keyStore(here, { replicationWaitSeconds: 0 });
  const created = await store.createKey({ branchKeyId: `tenant ${count++}`, encryptionContext: { tenant: "a" } });
  const next = await store.versionKey(created);
  await servers.tables.settled();
  return { branchKeyId: created.branchKeyId, versions: [created.branchKeyVersion, next.branchKeyVersion] };
}

async function storedTypes(region: string, branchKeyId: string): Promise<unknown[]> {
  const rows = await servers.tables.rawItems(region, servers.tableName);
  return rows.filter((row) => row["branch-key-id"]?.S === branchKeyId).map((row) => row["type"]?.S);
}

describe("a disabled branch key", () => {
  it("is refused in every Region at once: ACTIVE, beacon key, every version, createKey and versionKey", async () => {
    const { branchKeyId, versions } = await rotatedKey();
    await servers.keyStore(here).disableKey({ branchKeyId });
    await servers.tables.settled();
    for (const region of regions) {
      const store = servers.keyStore(region, { replicationWaitSeconds: 60 });
      await expect(store.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject(erased("disabled"));
      await expect(store.getBeaconKey({ branchKeyId })).rejects.toMatchObject(erased("disabled"));
      for (const branchKeyVersion of [...versions, "00000000-0000-4000-8000-000000000000"]) {
        await expect(store.getBranchKeyVersion({ branchKeyId, branchKeyVersion })).rejects.toMatchObject(erased("disabled"));
      }
      await expect(store.versionKey({ branchKeyId })).rejects.toMatchObject(erased("disabled"));
      await expect(store.createKey({ branchKeyId, encryptionContext: {} })).rejects.toMatchObject(erased("disabled"));
    }
    expect(await storedTypes(here, branchKeyId)).toHaveLength(4);
    const ids: string[] = [];
    for await (const id of servers.keyStore(there).listKeys()) ids.push(id);
    expect(ids).toContain(branchKeyId);
    const described = await servers.keyStore(there).describeKey({ branchKeyId });
    expect(described).toMatchObject({ state: "disabled", activeVersion: undefined, beaconKey: false });
    expect(described.versions.map(({ branchKeyVersion }) => branchKeyVersion)).toEqual(versions);
  });

  it("comes back as it was; disabling it twice keeps the first time", async () => {
    const { branchKeyId, versions } = await rotatedKey();
    const store = servers.keyStore(here);
    const before = await Promise.all(types.map((type) => servers.row(here, branchKeyId, type)));
    const first = await store.disableKey({ branchKeyId });
    expect(await servers.keyStore(here, { clock: { now: () => Date.now() + day } }).disableKey({ branchKeyId })).toEqual(first);
    await store.enableKey({ branchKeyId });
    expect(await Promise.all(types.map((type) => servers.row(here, branchKeyId, type)))).toEqual(before);
    expect((await store.getActiveBranchKey({ branchKeyId })).branchKeyVersion).toBe(versions[1]);
    await expect(store.enableKey({ branchKeyId })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_DISABLED" });
    await expect(store.disableKey({ branchKeyId: "nobody" })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
  });

  it("holds no wrapped key where older readers look for one, and the sort keys that a new key would need", async () => {
    const { branchKeyId } = await rotatedKey();
    await servers.keyStore(here).disableKey({ branchKeyId });
    for (const type of types) expect(Object.keys(await servers.row(here, branchKeyId, type))).not.toContain("enc");
  });

  it("is evicted by the refresh that meets the tombstone", async () => {
    const { branchKeyId } = await rotatedKey();
    let now = Date.now();
    const clock = { now: (): number => now };
    const keys = cachedBranchKeys(servers.keyStore(there), { ttlSeconds: 300, cache: { clock } }, systemRandomness, clock);
    (await keys.activeBranchKey(branchKeyId, {})).release();
    await servers.keyStore(here).disableKey({ branchKeyId });
    await servers.tables.settled();
    (await keys.activeBranchKey(branchKeyId, {})).release();
    now += 280_000;
    (await keys.activeBranchKey(branchKeyId, {})).release();
    const again = async (): Promise<unknown> =>
      keys.activeBranchKey(branchKeyId, {}).then(
        (lease) => lease.release(),
        (error) => error.code,
      );
    await expect.poll(again).toBe("ERR_BRANCH_KEY_ERASED");
  });
});

describe("an erased branch key", () => {
  it("is erased after the pending days alone, with the id typed out", async () => {
    const { branchKeyId } = await rotatedKey();
    let now = Date.UTC(2026, 10, 1);
    const store = servers.keyStore(here, { clock: { now: () => now } });
    const input = { branchKeyId, confirm: branchKeyId };
    await expect(store.eraseKey(input)).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_DISABLED" });
    await store.disableKey({ branchKeyId });
    now += 7 * day - 1;
    await expect(store.eraseKey(input)).rejects.toMatchObject({
      code: "ERR_BRANCH_KEY_ERASE_PENDING",
      details: { erasableFrom: "2026-11-08T00:00:00.000Z" },
    });
    for (const wrong of [{ confirm: "tenant" }, { pendingDays: -1 }, { pendingDays: Number.NaN }]) {
      await expect(store.eraseKey({ ...input, ...wrong })).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    }
    expect(await storedTypes(here, branchKeyId)).toHaveLength(4);
    now += 1;
    expect(await store.eraseKey(input)).toEqual({
      branchKeyId,
      erasedAt: "2026-11-08T00:00:00.000Z",
      deletedVersions: 2,
      noPointInTimeRecoveryAfter: "2026-12-13T00:00:00.000Z",
    });
    for (const type of types)
      expect(Object.values(await servers.row(here, branchKeyId, type)).every(({ S }) => S !== undefined)).toBe(true);
    expect(await store.eraseKey(input)).toMatchObject({ erasedAt: "2026-11-08T00:00:00.000Z", deletedVersions: 0 });
  });

  it("leaves two tombstones everywhere, and stays erased", async () => {
    const { branchKeyId, versions } = await rotatedKey();
    const store = servers.keyStore(here, { clientSupplier: servers.dynamoDb });
    await store.disableKey({ branchKeyId });
    await store.eraseKey({ branchKeyId, confirm: branchKeyId, pendingDays: 0 });
    await servers.tables.settled();
    expect(await store.verifyKeyErased({ branchKeyId, regions, lagSeconds: 0 })).toEqual({
      branchKeyId,
      erased: true,
      cameBack: [],
      missing: [],
    });
    const remote = servers.keyStore(there, { replicationWaitSeconds: 60 });
    for (const branchKeyVersion of versions) {
      await expect(remote.getBranchKeyVersion({ branchKeyId, branchKeyVersion })).rejects.toMatchObject(erased("erased"));
    }
    await expect(remote.createKey({ branchKeyId, encryptionContext: {} })).rejects.toMatchObject(erased("erased"));
    await expect(store.enableKey({ branchKeyId })).rejects.toMatchObject(erased("erased"));
    await expect(store.disableKey({ branchKeyId })).rejects.toMatchObject(erased("erased"));
  });

  it("is not called erased where a rotation of another Region has won", async () => {
    const { branchKeyId } = await rotatedKey();
    servers.tables.pause();
    const store = servers.keyStore(here, { clientSupplier: servers.dynamoDb });
    await store.disableKey({ branchKeyId });
    await store.eraseKey({ branchKeyId, confirm: branchKeyId, pendingDays: 0 });
    const { branchKeyVersion } = await servers.keyStore(there).versionKey({ branchKeyId });
    servers.tables.resume();
    await servers.tables.settled();
    const found = await store.verifyKeyErased({ branchKeyId, regions, lagSeconds: 0 });
    expect(found.erased).toBe(false);
    for (const region of regions) {
      expect(found.cameBack).toContainEqual({ region, type: "branch:ACTIVE" });
      expect(found.cameBack).toContainEqual({ region, type: `branch:version:${branchKeyVersion}` });
    }
    await expect(store.verifyKeyErased({ branchKeyId, regions: [] })).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });
});

describe("a rotation while the key is disabled", () => {
  it("either comes first and is disabled too, or fails; no version is made after the tombstone", async () => {
    for (let round = 0; round < 20; round++) {
      const { branchKeyId } = await rotatedKey();
      const store = servers.keyStore(here);
      const rotation = store.versionKey({ branchKeyId }).then(
        () => "rotated",
        (error) => error.code as string,
      );
      if (round % 4 > 0) await new Promise((resolve) => setTimeout(resolve, 3 * (round % 4)));
      await store.disableKey({ branchKeyId });
      expect(["rotated", "ERR_BRANCH_KEY_ERASED"]).toContain(await rotation);
      await expect(store.getActiveBranchKey({ branchKeyId })).rejects.toMatchObject(erased("disabled"));
      await store.eraseKey({ branchKeyId, confirm: branchKeyId, pendingDays: 0 });
      expect((await storedTypes(here, branchKeyId)).toSorted()).toEqual(["beacon:ACTIVE", "branch:ACTIVE"]);
    }
  });
});
