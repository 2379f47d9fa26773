import { describe, expect, it } from "vitest";
import { type StaticBranchKey, staticBranchKeyStore } from "../../src/testing/index.ts";

const uuid = "3c386224-9004-42e2-bb94-0b3ea566019e";
const key: StaticBranchKey = {
  branchKeyId: "a",
  activeVersion: uuid,
  versions: { [uuid]: new Uint8Array(32).fill(1) },
  beaconKey: new Uint8Array(32).fill(2),
  encryptionContext: { tenant: "a" },
};
const store = (keys: readonly StaticBranchKey[] = [key]) => staticBranchKeyStore(keys, { logicalKeyStoreName: "logical" });

describe("staticBranchKeyStore", () => {
  it("serves what it was given", async () => {
    const active = await store().getActiveBranchKey({ branchKeyId: "a" });
    expect(active).toMatchObject({ branchKeyId: "a", branchKeyVersion: uuid, encryptionContext: { tenant: "a" } });
    expect(active.branchKey.reveal()).toEqual(key.versions[uuid]);
    expect(await store().getBranchKeyVersion({ branchKeyId: "a", branchKeyVersion: uuid })).toEqual(active);
    expect((await store().getBeaconKey({ branchKeyId: "a" })).beaconKey.reveal()).toEqual(key.beaconKey);
    expect(store().getKeyStoreInfo()).toMatchObject({ logicalKeyStoreName: "logical", kms: { type: "static" } });
  });

  it("does not know other keys, versions and beacon keys", async () => {
    const code = "ERR_BRANCH_KEY_NOT_FOUND";
    const { beaconKey: _, ...plain } = key;
    await expect(store().getActiveBranchKey({ branchKeyId: "b" })).rejects.toMatchObject({ code });
    await expect(store().getBranchKeyVersion({ branchKeyId: "a", branchKeyVersion: "constructor" })).rejects.toMatchObject({ code });
    await expect(store([plain]).getBeaconKey({ branchKeyId: "a" })).rejects.toMatchObject({ code });
  });

  it.each<[string, Partial<StaticBranchKey>]>([
    ["an empty id", { branchKeyId: "" }],
    ["an active version that is not there", { activeVersion: "954fe2f4-7e3c-40cb-9c90-c6ddbabaad2f" }],
    ["a version that is no UUID", { activeVersion: "1", versions: { 1: new Uint8Array(32) } }],
    ["a short key", { versions: { [uuid]: new Uint8Array(31) } }],
    ["a short beacon key", { beaconKey: new Uint8Array(16) }],
  ])("refuses %s", (_, change) => {
    expect(() => store([{ ...key, ...change }])).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
