import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type AttributeMap, attributeMap } from "../../src/attributes/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import { tablePlan } from "../../src/schema/index.ts";
import { type Freshness, freshnessOption, requireFresh, withRevision } from "../../src/tables/revision.ts";
import { keyring } from "../support/client-tables.ts";

const schema = {
  tableName: "customers",
  partitionKey: "customerId",
  sortKey: "recordId",
  attributes: { rev: "SIGN_ONLY", email: "ENCRYPT_AND_SIGN" },
};
const plan = tablePlan({ ...schema, revision: "rev" }, {});
const plainPlan = tablePlan(schema, {});
const item: AttributeMap = { customerId: { S: "1" }, recordId: { S: "profile" }, email: { S: "a@example.com" } };
const now = 1_800_000_000_000;
const clock = { now: (): number => now };

const revisionAfter = (rev: AttributeMap[string] | undefined, given: AttributeMap = item, time = clock): string | undefined =>
  withRevision({ plan, item: given, old: rev === undefined ? item : { ...item, rev }, clock: time })["rev"]?.N;

describe("withRevision", () => {
  it("takes the clock where nothing was read", () => {
    expect(withRevision({ plan, item, old: undefined, clock })).toEqual(attributeMap(Object.entries({ ...item, rev: { N: `${now}` } })));
    expect(withRevision({ plan, item, old: undefined, clock: { now: () => 12.9 } })["rev"]).toEqual({ N: "12" });
  });

  it.each([
    ["an older one", { N: "5" }, `${now}`],
    ["one of a moment ago", { N: `${now - 1}` }, `${now}`],
    ["the same", { N: `${now}` }, `${now + 1}`],
    ["one of a clock that is ahead", { N: `${now + 500}` }, `${now + 501}`],
    ["a fraction between", { N: `${now}.75` }, `${now + 1}`],
    ["one in another spelling", { N: "1.8000000005E12" }, `${now + 501}`],
    ["one over what JavaScript counts exactly", { N: "90071992547409930001" }, "90071992547409930002"],
    ["a negative one", { N: "-7.5" }, `${now}`],
    ["a text", { S: "9999999999999" }, `${now}`],
    ["no number at all", { N: "soon" }, `${now}`],
    ["none", undefined, `${now}`],
  ])("gives more than the old revision and no less than the clock: %s", (_name, old, expected) => {
    expect(revisionAfter(old)).toBe(expected);
  });

  it("replaces what the application set, and leaves its item alone", () => {
    const given = { ...item, rev: { N: "99999999999999" } };
    expect(revisionAfter({ N: "5" }, given)).toBe(`${now}`);
    expect(given.rev).toEqual({ N: "99999999999999" });
  });

  it("keeps attributes of any name", () => {
    const odd = attributeMap([...Object.entries(item), ["__proto__", { S: "x" }]]);
    expect(Object.entries(withRevision({ plan, item: odd, old: undefined, clock }))).toContainEqual(["__proto__", { S: "x" }]);
  });

  it("does nothing without a revision in the schema", () => {
    expect(withRevision({ plan: plainPlan, item, old: undefined, clock })).toBe(item);
  });

  it("writes an item that is signed with its revision in plain, and a revision with no successor not at all", async () => {
    const encryptor = itemEncryptor({ schema: { ...schema, revision: "rev" }, keyring });
    const { item: stored } = await encryptor.encryptItem(withRevision({ plan, item, old: undefined, clock }));
    expect(stored["rev"]).toEqual({ N: `${now}` });
    await expect(encryptor.decryptItem({ ...stored, rev: { N: `${now + 1}` } })).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    const last = withRevision({ plan, item, old: { ...item, rev: { N: "1E60" } }, clock });
    await expect(encryptor.encryptItem(last)).rejects.toMatchObject({ code: "ERR_NUMBER_INVALID", details: { attribute: "rev" } });
  });
});

describe("requireFresh", () => {
  const floorOf = (floor: unknown): Freshness => ({ floor: () => floor as number });
  const check = (rev: AttributeMap[string] | undefined, freshness: Freshness | undefined): Promise<void> =>
    requireFresh({ plan, item: rev === undefined ? item : { ...item, rev }, freshness });

  it.each([
    ["a higher revision", { N: "8" }, 7],
    ["the floor itself", { N: "7" }, 7],
    ["a fraction over the floor", { N: "7.5" }, 7],
    ["any revision where nothing is known", { N: "1" }, undefined],
    ["no revision where nothing is known", undefined, undefined],
    ["a revision over what JavaScript counts exactly", { N: "90071992547409930001" }, Number.MAX_SAFE_INTEGER],
  ])("takes %s", async (_name, rev, floor) => {
    await expect(check(rev, floorOf(floor))).resolves.toBeUndefined();
    await expect(check(rev, { floor: async () => floor })).resolves.toBeUndefined();
  });

  it.each([
    ["a lower revision", { N: "6" }],
    ["a fraction under the floor", { N: "6.99" }],
    ["no revision", undefined],
    ["a revision that is a text", { S: "8" }],
  ])("refuses %s, and tells of no value", async (_name, rev) => {
    const error: unknown = await check(rev, floorOf(7)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_ITEM_ROLLED_BACK", details: { tableName: "customers" } });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/a@example\.com|profile|6\.99/);
  });

  it("asks with the logical table name and the key, and with nothing else of the item", async () => {
    const asked: unknown[] = [];
    const freshness: Freshness = {
      floor(input) {
        asked.push({ ...input, key: { ...input.key } });
        return undefined;
      },
    };
    await check({ N: "1" }, freshness);
    expect(asked).toEqual([{ tableName: "customers", key: { customerId: { S: "1" }, recordId: { S: "profile" } } }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, "7", null])("refuses the floor %s rather than the check", async (floor) => {
    await expect(check({ N: "8" }, floorOf(floor))).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });

  it("fails with what the floor throws", async () => {
    const away = new Error("the store is away");
    await expect(check({ N: "8" }, { floor: () => Promise.reject(away) })).rejects.toBe(away);
  });

  it("asks nothing without a revision in the schema, or without the option", async () => {
    const never: Freshness = {
      floor() {
        throw new Error("was asked");
      },
    };
    await expect(requireFresh({ plan: plainPlan, item, freshness: never })).resolves.toBeUndefined();
    await expect(check(undefined, undefined)).resolves.toBeUndefined();
  });
});

describe("freshnessOption", () => {
  it("takes a floor where a schema has a revision, and none at all", () => {
    const freshness: Freshness = { floor: () => undefined };
    expect(freshnessOption(freshness, [plainPlan, plan])).toBe(freshness);
    expect(freshnessOption(undefined, [plainPlan])).toBeUndefined();
  });

  it.each([
    ["freshness.floor", {}, [plan]],
    ["freshness.floor", { floor: 7 }, [plan]],
    ["freshness.floor", null, [plan]],
    ["freshness", { floor: () => undefined }, [plainPlan]],
  ])("refuses, naming %s", (argument, freshness, plans) => {
    expect(() => freshnessOption(freshness as unknown as Freshness, plans)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument }) }),
    );
  });
});
