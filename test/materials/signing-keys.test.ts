import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { itemEncryptor } from "../../src/item/index.ts";
import { awsKmsHierarchicalKeyring, multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import { type CryptographicMaterialsManager, defaultCmm, type Keyring, type SigningKeyReuse } from "../../src/materials/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";

const raw = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(2) });
const version = "3c386224-9004-42e2-bb94-0b3ea566019e";
const keyStore = staticBranchKeyStore(
  ["acme", "globex"].map((branchKeyId, index) => ({
    branchKeyId,
    activeVersion: version,
    versions: { [version]: new Uint8Array(32).fill(index + 1) },
  })),
  { logicalKeyStoreName: "keys" },
);
const table = (tableName: string, rest: object = {}) =>
  defineTable({ tableName, partitionKey: "id", attributes: { note: "ENCRYPT_AND_SIGN" }, ...rest });
const tenants = {
  attributes: { note: "ENCRYPT_AND_SIGN", tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" },
  branchKey: { from: "tenant" },
} as const;

/** Encrypts an item, has it read by the keyring alone, and gives its public key. */
async function publicKeyOf(
  keyring: CryptographicMaterialsManager | Keyring,
  reader: Keyring = raw,
  schema: unknown = table("t"),
  item: Record<string, { S: string }> = { id: { S: "1" }, note: { S: "secret" } },
): Promise<string> {
  const { item: stored } = await itemEncryptor({ schema, keyring }).encryptItem(item);
  const read = await itemEncryptor({ schema, keyring: reader }).decryptItem(stored);
  expect({ ...read.item }).toEqual(item);
  expect(read.header?.algorithmSuiteId).toBe("0x6701");
  return read.header?.encryptionContext["aws-crypto-public-key"] ?? "";
}

const distinct = (keys: readonly string[]): number => new Set(keys).size;
async function times(count: number, make: () => Promise<string>): Promise<string[]> {
  const made: string[] = [];
  for (let i = 0; i < count; i++) made.push(await make());
  return made;
}

describe("signing keys", () => {
  it("are new for each item unless reuse is asked for", async () => {
    const cmm = defaultCmm(raw);
    expect(distinct(await times(5, () => publicKeyOf(cmm)))).toBe(5);
  });

  it("serve a hundred items at most, also those that are written at the same time; each verifies as ever", async () => {
    const cmm = defaultCmm(raw, { signingKeyReuse: {} });
    const keys = await Promise.all(Array.from({ length: 250 }, () => publicKeyOf(cmm)));
    const counts = [...new Set(keys)].map((key) => keys.filter((one) => one === key).length);
    expect(counts).toEqual([100, 100, 50]);
  });

  it("serve as many items as the option says, and as long", async () => {
    const time = { now: 1_000_000 };
    const clock = { now: () => time.now };
    const cmm = defaultCmm(raw, { signingKeyReuse: { maximumItems: 3, maximumSeconds: 10, clock } });
    expect(distinct(await times(3, () => publicKeyOf(cmm)))).toBe(1);
    const [second = ""] = await times(1, () => publicKeyOf(cmm));
    time.now += 9_999;
    expect(await publicKeyOf(cmm)).toBe(second);
    time.now += 1;
    const third = await publicKeyOf(cmm);
    expect(third).not.toBe(second);
    time.now -= 5_000;
    expect(await publicKeyOf(cmm)).not.toBe(third);
    const single = defaultCmm(raw, { signingKeyReuse: { maximumItems: 1 } });
    expect(distinct(await times(3, () => publicKeyOf(single)))).toBe(3);
  });

  it("are of one CMM and one table", async () => {
    const [one, other] = [defaultCmm(raw, { signingKeyReuse: {} }), defaultCmm(raw, { signingKeyReuse: {} })];
    const keys = [
      await publicKeyOf(one),
      await publicKeyOf(other),
      await publicKeyOf(one, raw, table("u")),
      await publicKeyOf(one),
      await publicKeyOf(one, raw, table("u")),
    ];
    expect(distinct(keys)).toBe(3);
    expect([keys[3], keys[4]]).toEqual([keys[0], keys[2]]);
  });

  it.each<[string, () => Keyring]>([
    ["the schema names the branch key", () => awsKmsHierarchicalKeyring({ keyStore })],
    ["a multi keyring holds it", () => multiKeyring({ generator: awsKmsHierarchicalKeyring({ keyStore }), children: [raw] })],
    [
      "the keyring names it",
      () => awsKmsHierarchicalKeyring({ keyStore, branchKeyIdSupplier: ({ attributes }) => attributes["tenant"]?.S ?? "" }),
    ],
    [
      "all have one branch key, and only the schema tells tenants apart",
      () => awsKmsHierarchicalKeyring({ keyStore, branchKeyId: "acme" }),
    ],
  ])("are of one tenant: %s", async (_, make) => {
    const keyring = make();
    const cmm = defaultCmm(keyring, { signingKeyReuse: {} });
    const of = (tenant: string): Promise<string> =>
      publicKeyOf(cmm, keyring, table("t", tenants), { id: { S: "1" }, note: { S: "secret" }, tenant: { S: tenant } });
    const keys = [await of("acme"), await of("globex"), await of("acme"), await of("globex")];
    expect(distinct(keys)).toBe(2);
    expect(keys.slice(2)).toEqual(keys.slice(0, 2));
  });

  it("are new for each item where the schema has tenants and the keyring cannot say whose an item is", async () => {
    const cmm = defaultCmm(raw, { signingKeyReuse: {} });
    const item = { id: { S: "1" }, note: { S: "secret" }, tenant: { S: "acme" } };
    expect(distinct(await times(3, () => publicKeyOf(cmm, raw, table("t", tenants), item)))).toBe(3);
  });

  it.each<[string, SigningKeyReuse]>([
    ["more than 100 items", { maximumItems: 101 }],
    ["no item", { maximumItems: 0 }],
    ["half an item", { maximumItems: 1.5 }],
    ["more than 60 seconds", { maximumSeconds: 61 }],
    ["no time", { maximumSeconds: 0 }],
    ["no number", { maximumSeconds: Number.NaN }],
  ])("refuse %s", (_, signingKeyReuse) => {
    expect(() => defaultCmm(raw, { signingKeyReuse })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });

  describe("that nobody uses any longer", () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
    afterEach(() => void vi.useRealTimers());

    it("are dropped by a timer", async () => {
      const cmm = defaultCmm(raw, { signingKeyReuse: { maximumSeconds: 5 } });
      await publicKeyOf(cmm);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(5_100);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
