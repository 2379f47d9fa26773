import { describe, expect, it } from "vitest";
import {
  awsKmsHierarchicalKeyring,
  type BranchKeyStoreDefinition,
  defineBranchKeyStore,
  itemEncryptor,
  type KeyRequest,
} from "../../src/index.ts";
import { defineTable } from "../../src/schema/index.ts";

const [first, second] = ["3c386224-9004-42e2-bb94-0b3ea566019e", "954fe2f4-7e3c-40cb-9c90-c6ddbabaad2f"];
const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const keys = new Map([
  [first, bytes(1)],
  [second, bytes(2)],
]);
const encryptionContext = { tenant: "a" };

function store(changes: Partial<BranchKeyStoreDefinition> = {}, active = second) {
  const requests: KeyRequest[] = [];
  const keyStore = defineBranchKeyStore({
    logicalKeyStoreName: "own",
    async getActiveBranchKey({ branchKeyId }, request) {
      requests.push(request);
      return branchKeyId === "tenant" ? { key: keys.get(active) as Uint8Array, branchKeyVersion: active, encryptionContext } : undefined;
    },
    async getBranchKeyVersion({ branchKeyId, branchKeyVersion }) {
      const key = branchKeyId === "tenant" ? keys.get(branchKeyVersion) : undefined;
      return key && { key };
    },
    getBeaconKey: async () => ({ key: bytes(9) }),
    ...changes,
  });
  return { keyStore, requests };
}

const schema = defineTable({
  tableName: "customers",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN" },
  algorithmSuite: "HMAC",
});
const item = { id: { S: "1" }, email: { S: "a@example.com" } };
const encryptor = (keyStore: ReturnType<typeof store>["keyStore"], branchKeyId = "tenant") =>
  itemEncryptor({ schema, keyring: awsKmsHierarchicalKeyring({ keyStore, branchKeyId }), region: "eu-west-1" });

describe("a key store of the application", () => {
  it("serves the hierarchical keyring, across a rotation", async () => {
    const before = await encryptor(store({}, first).keyStore).encryptItem(item);
    const { keyStore, requests } = store();
    const after = encryptor(keyStore);
    expect((await after.decryptItem(before.item)).item).toEqual(item);
    const written = await after.encryptItem(item);
    expect(written.header?.encryptedDataKeys[0]).toMatchObject({ branchKeyId: "tenant", branchKeyVersion: second });
    expect((await after.decryptItem(written.item)).item).toEqual(item);
    expect(requests.map(({ region }) => region)).toEqual(["eu-west-1"]);
  });

  it("gives keys of its own, with their context", async () => {
    const { keyStore } = store();
    const active = await keyStore.getActiveBranchKey({ branchKeyId: "tenant" });
    expect(active).toMatchObject({ branchKeyId: "tenant", branchKeyVersion: second });
    expect(active.branchKey.reveal()).toEqual(bytes(2));
    expect({ ...active.encryptionContext }).toEqual(encryptionContext);
    active.branchKey.wipe();
    expect(keys.get(second)).toEqual(bytes(2));
    expect((await keyStore.getBeaconKey({ branchKeyId: "tenant" })).beaconKey.reveal()).toEqual(bytes(9));
    expect(keyStore.getKeyStoreInfo()).toMatchObject({ logicalKeyStoreName: "own", kms: { type: "own" } });
  });

  it("has no such key where it answers undefined, or has no beacon keys", async () => {
    const { keyStore } = store({ getBeaconKey: undefined });
    for (const read of [
      keyStore.getActiveBranchKey({ branchKeyId: "nobody" }),
      keyStore.getBranchKeyVersion({ branchKeyId: "nobody", branchKeyVersion: first }),
      keyStore.getBeaconKey({ branchKeyId: "tenant" }),
    ])
      await expect(read).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND", details: { tableName: "own" } });
  });

  const down = async (): Promise<never> => {
    throw new Error("the vault is sealed");
  };
  it("fails with ERR_KEY_STORE_FAILED and its cause where it throws", async () => {
    const { keyStore } = store({ getActiveBranchKey: down, getBranchKeyVersion: down, getBeaconKey: down });
    for (const [operation, read] of [
      ["getActiveBranchKey", () => keyStore.getActiveBranchKey({ branchKeyId: "tenant" })],
      ["getBranchKeyVersion", () => keyStore.getBranchKeyVersion({ branchKeyId: "tenant", branchKeyVersion: first })],
      ["getBeaconKey", () => keyStore.getBeaconKey({ branchKeyId: "tenant" })],
    ] as const)
      await expect(read()).rejects.toMatchObject({
        code: "ERR_KEY_STORE_FAILED",
        details: { logicalKeyStoreName: "own", branchKeyId: "tenant", operation },
        cause: new Error("the vault is sealed"),
      });
    await expect(encryptor(keyStore).encryptItem(item)).rejects.toMatchObject({
      code: "ERR_KEY_STORE_FAILED",
      cause: new Error("the vault is sealed"),
    });
  });

  it.each<[string, object]>([
    ["a key of 16 bytes", { key: new Uint8Array(16), branchKeyVersion: first }],
    ["a key as text", { key: "x".repeat(32), branchKeyVersion: first }],
    ["no version", { key: bytes(1) }],
    ["a version that is not a UUID", { key: bytes(1), branchKeyVersion: "1" }],
  ])("refuses %s", async (_, answer) => {
    const { keyStore } = store({ getActiveBranchKey: async () => answer as never });
    await expect(keyStore.getActiveBranchKey({ branchKeyId: "tenant" })).rejects.toMatchObject({ code: "ERR_KEY_STORE_FAILED" });
  });

  it.each<[string, Partial<BranchKeyStoreDefinition>]>([
    ["without a name", { logicalKeyStoreName: "" }],
    ["without a function", { getActiveBranchKey: undefined as never }],
    ["with a beacon key that is no function", { getBeaconKey: "x" as never }],
  ])("is not made %s", (_, changes) => {
    expect(() => store(changes)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
