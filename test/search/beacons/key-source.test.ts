import { describe, expect, it } from "vitest";
import type { AttributeMap } from "../../../src/attributes/index.ts";
import { SecretBytes } from "../../../src/bytes/index.ts";
import { systemRandomness } from "../../../src/crypto/index.ts";
import { parseExpressions, printRead } from "../../../src/expressions/index.ts";
import type { BranchKeyStore } from "../../../src/keystore/index.ts";
import { RequestLeases } from "../../../src/materials/index.ts";
import {
  type BeaconKeyOptions,
  type BeaconKeySource,
  BeaconKeys,
  beaconKeySources,
  type PreparedSearch,
  prepareSearch,
  withSignedBeacons,
} from "../../../src/search/index.ts";
import { staticBranchKeyStore } from "../../../src/testing/static-branch-key-store.ts";
import { searchableTable } from "../../support/beacon-vectors.ts";

const version = "fb04b01d-cceb-4c8a-aad6-41c58dad5695";
const key = (branchKeyId: string, byte: number) => ({
  branchKeyId,
  activeVersion: version,
  versions: { [version]: new Uint8Array(32) },
  beaconKey: new Uint8Array(32).fill(byte),
});

const schema = {
  tableName: "t",
  partitionKey: "pk",
  attributes: { x: { action: "ENCRYPT_AND_SIGN", beacon: { length: 24 } }, tenant: "SIGN_ONLY", zone: "SIGN_ONLY" },
  compoundBeacons: {
    c: {
      split: ".",
      encrypted: [{ name: "x", prefix: "X-" }],
      signed: [
        { name: "tenant", prefix: "T-" },
        { name: "zone", prefix: "Z-" },
      ],
    },
  },
} as const;
const table = searchableTable(schema);

function countingStore(): { readonly store: BranchKeyStore; readonly fetched: string[] } {
  const fetched: string[] = [];
  const inner = staticBranchKeyStore([key("a", 1), key("b", 2)], { logicalKeyStoreName: "keys" });
  const store: BranchKeyStore = {
    ...inner,
    getBeaconKey: (input, call) => {
      fetched.push(input.branchKeyId);
      return inner.getBeaconKey(input, call);
    },
  };
  return { store, fetched };
}

function source(options: Partial<BeaconKeyOptions>, of = table): BeaconKeySource {
  return beaconKeySources({ keyStore: countingStore().store, ...options }, systemRandomness)(of);
}

const dataKey = (branchKeyId: string) => ({ branchKeyId });
const item = (tenant: string | undefined): AttributeMap => (tenant === undefined ? {} : { tenant: { S: tenant } });

// @see specification/searchable-encryption/search-config.md "Beacon Key Source", "Single Key Store Initialization"
// @see specification/searchable-encryption/search-config.md "Multi Key Store Initialization", "Keystore", "Partition ID", "Beacon Keys"
// @see specification/searchable-encryption/search-config.md "Get beacon key after encrypt", "Get beacon key id from Parsed Header"
// @see specification/searchable-encryption/search-config.md "Get Beacon Key Materials"
describe("beacon keys", () => {
  it("one for all is fetched once, whatever the requests ask for", async () => {
    const { store, fetched } = countingStore();
    const keys = beaconKeySources({ keyStore: store, branchKeyId: "a" }, systemRandomness)(table);
    const [first, second] = [await keys.keys(undefined, {}), await keys.keys("b", {})];
    expect(second).toBe(first);
    expect(fetched).toEqual(["a"]);
    expect(keys.fromAttribute).toBeUndefined();
    expect(keys.branchKeyIdOfItem(item("b"), [])).toBe("a");
  });

  it("of several tenants are fetched for each", async () => {
    const { store, fetched } = countingStore();
    const keys = beaconKeySources({ keyStore: store, fromAttribute: "tenant" }, systemRandomness)(table);
    const [a, b] = [await keys.keys("a", {}), await keys.keys("b", {})];
    expect(a.hmacKey("x").reveal()).not.toEqual(b.hmacKey("x").reveal());
    await keys.keys("a", {});
    expect(fetched).toEqual(["a", "b"]);
    await expect(keys.keys("nobody", {})).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
  });

  it("are wiped with what was derived from them once they are pushed out and every request that had them is done", async () => {
    const keys = beaconKeySources(
      { keyStore: countingStore().store, fromAttribute: "tenant", cache: { capacity: 1 } },
      systemRandomness,
    )(table);
    const [one, two] = [new RequestLeases(), new RequestLeases()];
    const a = await keys.keys("a", { whenDone: one.add });
    await keys.keys("a", { whenDone: two.add });
    const hmacKey = a.hmacKey("x");
    await keys.keys("b", {});
    one.end();
    expect(hmacKey.reveal()).toHaveLength(64);
    two.end();
    const wiped = expect.objectContaining({ code: "ERR_SECRET_WIPED" });
    expect(() => hmacKey.reveal()).toThrow(wiped);
    expect(() => a.hmacKey("y")).toThrow(wiped);
    expect((await keys.keys("a", {})).hmacKey("x").reveal()).toHaveLength(64);
  });

  it("an item's attribute agrees with its header's branch key, or is absent", () => {
    const keys = source({ fromAttribute: "tenant" });
    expect(keys.branchKeyIdOfItem(item("a"), [dataKey("a")])).toBe("a");
    expect(keys.branchKeyIdOfItem(item(undefined), [dataKey("b")])).toBe("b");
    const mismatch = { code: "ERR_BEACON_KEY_MISMATCH", details: { tableName: "t", attribute: "tenant", branchKeyId: "a" } };
    expect(() => keys.branchKeyIdOfItem(item("b"), [dataKey("a")])).toThrow(expect.objectContaining(mismatch));
  });

  it.each([
    ["no data key", []],
    ["two data keys", [dataKey("a"), dataKey("a")]],
    // Vector "beacon key named by an attribute, raw AES keyring".
    ["another keyring's data key", [{}]],
  ])("several tenants need one hierarchical data key: %s", (_name, dataKeys) => {
    const keys = source({ fromAttribute: "tenant" });
    expect(() => keys.branchKeyIdOfItem(item("a"), dataKeys)).toThrow(expect.objectContaining({ code: "ERR_BEACON_KEY_NOT_HIERARCHICAL" }));
  });

  it.each<[string, Partial<BeaconKeyOptions>, object]>([
    ["both", { branchKeyId: "a", fromAttribute: "tenant" }, schema],
    ["an empty id", { branchKeyId: "" }, schema],
    ["an encrypted attribute", { fromAttribute: "x" }, schema],
    ["a beacon", { fromAttribute: "c" }, schema],
    ["one key, though the schema names an attribute", { branchKeyId: "a" }, { ...schema, beaconKey: { from: "tenant" } }],
    ["another attribute than the schema", { fromAttribute: "zone" }, { ...schema, beaconKey: { from: "tenant" } }],
  ])("options are refused: %s", (_name, options, given) => {
    expect(() => source(options, searchableTable(given))).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });

  it("options that name neither are refused, unless the schema does", () => {
    expect(() => source({})).toThrow(expect.objectContaining({ code: "ERR_BEACON_KEYS_NOT_CONFIGURED" }));
    expect(source({}, searchableTable({ ...schema, beaconKey: { from: "tenant" } })).fromAttribute).toBe("tenant");
  });
});

// @see specification/searchable-encryption/search-config.md "Get beacon key for query"
describe("whose key a request needs", () => {
  const prepare = (text: string, values: Record<string, string>): PreparedSearch =>
    prepareSearch({
      plan: table,
      parsed: parseExpressions({
        FilterExpression: text,
        ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])),
      }),
      filterAfterDecrypt: false,
      beaconKeyAttribute: "tenant",
    });

  it.each<[string, Record<string, string>, string]>([
    ["x = :v AND tenant = :t", { ":v": "1", ":t": "a" }, "a"],
    ["NOT (tenant <> :t OR NOT (x = :v))", { ":v": "1", ":t": "a" }, "a"],
    ["c = :v", { ":v": "T-b.Z-1.X-2" }, "b"],
    ["c BETWEEN :v AND :w AND x = :x", { ":v": "T-b.Z-1", ":w": "T-b.Z-2", ":x": "1" }, "b"],
    ["begins_with(c, :v) AND x = :x", { ":v": "T-b.Z-1", ":x": "1" }, "b"],
    ["c = :v AND tenant = :t", { ":v": "T-b.Z-1.X-2", ":t": "b" }, "b"],
  ])("%s", (text, values, expected) => {
    expect(prepare(text, values)).toMatchObject({ needsBeaconKey: true, branchKeyId: expected });
  });

  it.each<[string, Record<string, string>, string]>([
    ["x = :v", { ":v": "1" }, "ERR_BEACON_KEY_UNKNOWN"],
    ["tenant = :t OR x = :v", { ":v": "1", ":t": "a" }, "ERR_BEACON_KEY_UNKNOWN"],
    ["NOT (tenant = :t) AND x = :v", { ":v": "1", ":t": "a" }, "ERR_BEACON_KEY_UNKNOWN"],
    ["begins_with(c, :v) AND x = :x", { ":v": "T-b", ":x": "1" }, "ERR_BEACON_KEY_UNKNOWN"],
    ["c = :v AND tenant = :t", { ":v": "T-b.Z-1.X-2", ":t": "a" }, "ERR_BEACON_KEY_AMBIGUOUS"],
  ])("%s: %s is refused", (text, values, code) => {
    expect(() => prepare(text, values)).toThrow(expect.objectContaining({ code }));
  });

  it("none where nothing is hashed", () => {
    expect(prepare("attribute_exists(x) AND begins_with(c, :v)", { ":v": "T-b.Z-" })).toMatchObject({
      rewrites: true,
      needsBeaconKey: false,
      branchKeyId: undefined,
    });
  });

  it("and without that key nothing is rewritten", () => {
    const search = prepare("x = :v AND tenant = :t", { ":v": "1", ":t": "a" });
    expect(() => search.rewrite(undefined)).toThrow(expect.objectContaining({ code: "ERR_BEACON_KEYS_NOT_CONFIGURED" }));
  });

  it.each([
    ["not named", {}],
    ["DO_NOTHING", { tenant: "DO_NOTHING" }],
  ])("an attribute that is %s is not stored, and compared with the header's branch key after decryption", (_name, named) => {
    const { tenant: _stored, ...others } = schema.attributes;
    const attributes = { ...others, ...named };
    const plan = searchableTable({ tableName: "t", partitionKey: "pk", attributes, beaconKey: { from: "tenant" } });
    expect(withSignedBeacons(plan, { pk: { S: "k" }, tenant: { S: "a" } }, "tenant")).toEqual({ pk: { S: "k" } });
    const parsed = parseExpressions({
      FilterExpression: "x = :v AND tenant = :t",
      ExpressionAttributeValues: { ":v": { S: "1" }, ":t": { S: "a" } },
    });
    const search = prepareSearch({ plan, parsed, filterAfterDecrypt: false, beaconKeyAttribute: "tenant" });
    const found = { pk: { S: "k" }, x: { S: "1" } };
    expect([search.matches(found, "a"), search.matches(found, "b")]).toEqual([true, false]);
    const sent = printRead(search.rewrite(new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(1)))));
    expect(Object.values(sent.ExpressionAttributeNames ?? {})).toEqual(["aws_dbe_b_x"]);
  });
});
