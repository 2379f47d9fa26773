import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encrypted, everything, type Item, type Request, S, searchItem, searchRequests } from "../support/search/java-search.ts";
import { type SearchSides, startSearchSides } from "../support/search/java-sides.ts";
import type { JavaSearchConfig } from "../support/search-schema.ts";

let world: SearchSides;
beforeAll(async () => {
  world = await startSearchSides();
});
afterAll(() => world.stop());

const keyring = (more: object): JavaSearchConfig["keyring"] =>
  ({ type: "hierarchical", ttlSeconds: 600, ...more }) as unknown as JavaSearchConfig["keyring"];

describe("one table with every kind of beacon, written by Java and by us", () => {
  const numbers = [0, 1, 2, 3, 4, 5];
  let sides: ReturnType<SearchSides["sidesOf"]>;

  beforeAll(async () => {
    const branchKeyId = await world.newKey("single");
    const config = {
      logicalTableName: "searched",
      partitionKeyName: "pk",
      algorithmSuiteId: "0x6700",
      attributeActionsOnEncrypt: {
        pk: "SIGN_ONLY",
        ...Object.fromEntries(encrypted.map((name) => [name, "ENCRYPT_AND_SIGN"])),
        land: "SIGN_ONLY",
        jahr: "SIGN_ONLY",
      },
      keyring: keyring({ branchKeyId, keyStore: world.javaKeyStore }),
      search: { versions: [{ ...everything, keySource: { single: { keyId: branchKeyId, cacheTTL: 600 } } }] },
    } as unknown as JavaSearchConfig;
    await world.createTable({ tableName: "searched", beacons: ["aws_dbe_b_x", "aws_dbe_b_full", "aws_dbe_b_c", "landJahr"] });
    sides = world.sidesOf({ tableName: "searched", config, branchKeyId });
    for (const number of numbers) {
      await sides.java.put(searchItem(`java ${number}`, number));
      await sides.ours.put(searchItem(`ours ${number}`, number));
    }
  });

  it.each(searchRequests)("%s", async (_name, request, holds) => {
    const expected = ["java", "ours"].flatMap((writer) => numbers.filter(holds).map((number) => `${writer} ${number}`));
    expect(expected.length).toBeGreaterThan(0);
    expect(await sides.ours.find(request)).toEqual(expected);
    expect(await sides.java.find(request)).toEqual(expected);
  });

  it("stores the same beacons", async () => {
    const { Items = [] } = await world.plain.send(new ScanCommand({ TableName: "searched" }));
    const beaconsOf = (pk: string): Item => {
      const stored = Items.find((one) => one["pk"]?.S === pk) ?? {};
      const beacons = Object.entries(stored).filter(([name]) => /^aws_dbe_b_|^landJahr$/.test(name));
      return Object.fromEntries(beacons.map(([name, value]) => [name, value.SS === undefined ? value : { SS: value.SS.toSorted() }]));
    };
    for (const number of numbers) {
      expect(beaconsOf(`ours ${number}`)).toEqual(beaconsOf(`java ${number}`));
      expect(Object.keys(beaconsOf(`ours ${number}`)).length).toBeGreaterThan(12);
    }
  });
});

describe("tenants with a beacon key each, written by Java and by us", () => {
  let sides: ReturnType<SearchSides["sidesOf"]>;

  beforeAll(async () => {
    for (const tenant of ["acme", "globex"]) await world.newKey(tenant);
    const config = {
      logicalTableName: "tenants",
      partitionKeyName: "pk",
      algorithmSuiteId: "0x6700",
      attributeActionsOnEncrypt: {
        pk: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
        tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
        x: "ENCRYPT_AND_SIGN",
      },
      keyring: keyring({
        branchKeyIdSupplier: { attribute: "tenant", map: { acme: "acme", globex: "globex" } },
        keyStore: world.javaKeyStore,
      }),
      search: {
        versions: [{ standardBeacons: [{ name: "x", length: 24 }], keySource: { multi: { keyFieldName: "tenant", cacheTTL: 600 } } }],
      },
    } as unknown as JavaSearchConfig;
    await world.createTable({ tableName: "tenants", beacons: ["aws_dbe_b_x"] });
    sides = world.sidesOf({ tableName: "tenants", config });
    for (const [writer, side] of Object.entries(sides)) {
      for (const tenant of ["acme", "globex"]) await side.put({ pk: S(`${writer} ${tenant}`), tenant: S(tenant), x: S("x1") });
    }
  });

  it.each(["acme", "globex"])("each finds the items of %s, and no others", async (tenant) => {
    const expected = [`java ${tenant}`, `ours ${tenant}`];
    const asked: Request[] = [
      { filter: `#x = :x AND #tenant = :${tenant}` },
      { index: "by-aws_dbe_b_x", key: "#x = :x", filter: `#tenant = :${tenant}` },
    ];
    for (const request of asked) {
      expect(await sides.ours.find(request)).toEqual(expected);
      expect(await sides.java.find(request)).toEqual(expected);
    }
  });

  it("equal values of two tenants have different beacons", async () => {
    const { Items = [] } = await world.plain.send(new ScanCommand({ TableName: "tenants" }));
    const beacons = new Map(Items.map((stored) => [stored["pk"]?.S, stored["aws_dbe_b_x"]?.S]));
    expect(beacons.get("ours acme")).toBe(beacons.get("java acme"));
    expect(beacons.get("ours globex")).toBe(beacons.get("java globex"));
    expect(beacons.get("ours acme")).not.toBe(beacons.get("ours globex"));
  });

  it("neither knows whose items are meant where no tenant is named", async () => {
    await expect(sides.ours.find({ filter: "#x = :x" })).rejects.toMatchObject({ code: "ERR_BEACON_KEY_UNKNOWN" });
    await expect(sides.java.find({ filter: "#x = :x" })).rejects.toThrow();
  });
});
