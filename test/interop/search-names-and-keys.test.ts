import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Item, type Request, S } from "../support/search/java-search.ts";
import { type SearchSides, startSearchSides } from "../support/search/java-sides.ts";
import type { JavaSearchConfig } from "../support/search-schema.ts";

let world: SearchSides;
let branchKeyId: string;
beforeAll(async () => {
  world = await startSearchSides();
  branchKeyId = await world.newKey("single");
  for (const tenant of ["acme", "globex"]) await world.newKey(tenant);
});
afterAll(() => world.stop());

type Sides = ReturnType<SearchSides["sidesOf"]>;

/** One branch key for all. */
function oneKey(config: object, version: object): JavaSearchConfig {
  return {
    partitionKeyName: "pk",
    algorithmSuiteId: "0x6700",
    keyring: { type: "hierarchical", ttlSeconds: 600, branchKeyId, keyStore: world.javaKeyStore },
    ...config,
    search: { versions: [{ ...version, keySource: { single: { keyId: branchKeyId, cacheTTL: 600 } } }] },
  } as unknown as JavaSearchConfig;
}

async function storedOf(tableName: string, id: string): Promise<Item> {
  const { Items = [] } = await world.plain.send(new ScanCommand({ TableName: tableName }));
  return Items.find((item) => (item["id"] ?? item["pk"])?.S === id) ?? {};
}

async function findsBoth(sides: Sides, request: Request, expected: readonly string[]): Promise<void> {
  expect(await sides.ours.find(request)).toEqual(expected);
  expect(await sides.java.find(request)).toEqual(expected);
}

describe("the attribute that names the beacon key is DO_NOTHING: neither library stores it", () => {
  const tableName = "unsigned-tenant";
  let sides: Sides;

  beforeAll(async () => {
    const map = { "java acme": "acme", "java globex": "globex", "ours acme": "acme", "ours globex": "globex" };
    const config = {
      logicalTableName: tableName,
      partitionKeyName: "pk",
      algorithmSuiteId: "0x6700",
      attributeActionsOnEncrypt: { pk: "SIGN_ONLY", tenant: "DO_NOTHING", x: "ENCRYPT_AND_SIGN" },
      allowedUnsignedAttributes: ["tenant"],
      keyring: { type: "hierarchical", ttlSeconds: 600, branchKeyIdSupplier: { attribute: "pk", map }, keyStore: world.javaKeyStore },
      search: {
        versions: [{ standardBeacons: [{ name: "x", length: 24 }], keySource: { multi: { keyFieldName: "tenant", cacheTTL: 600 } } }],
      },
    } as unknown as JavaSearchConfig;
    await world.createTable({ tableName, beacons: ["aws_dbe_b_x"] });
    sides = world.sidesOf({ tableName, config, branchKeyIdOf: ({ pk }) => pk?.S?.split(" ")[1] ?? "" });
    for (const [writer, side] of Object.entries(sides)) {
      for (const tenant of ["acme", "globex"]) await side.put({ pk: S(`${writer} ${tenant}`), tenant: S(tenant), x: S("x1") });
    }
  });

  it.each(["java acme", "ours acme"])("%s is stored without it, with its tenant's beacon", async (id) => {
    const stored = await storedOf(tableName, id);
    expect(Object.keys(stored).toSorted()).toEqual(["aws_dbe_b_x", "aws_dbe_foot", "aws_dbe_head", "pk", "x"]);
    expect(stored["aws_dbe_b_x"]).toEqual((await storedOf(tableName, "java acme"))["aws_dbe_b_x"]);
    expect(stored["aws_dbe_b_x"]).not.toEqual((await storedOf(tableName, "java globex"))["aws_dbe_b_x"]);
  });

  it.each(["acme", "globex"])("our query finds the items of %s that either wrote, and no others", async (tenant) => {
    const expected = [`java ${tenant}`, `ours ${tenant}`];
    expect(await sides.ours.find({ filter: `#x = :x AND #tenant = :${tenant}` })).toEqual(expected);
    expect(await sides.ours.find({ index: "by-aws_dbe_b_x", key: "#x = :x", filter: `#tenant = :${tenant}` })).toEqual(expected);
  });

  it("neither sends a condition on it", async () => {
    // The Java library leaves the condition as it stands, and so finds nothing, not even its own items.
    expect(await sides.java.find({ filter: "#x = :x AND #tenant = :acme" })).toEqual([]);
  });
});

describe.each([
  ["partition key", { partitionKeyName: "landJahr" }, ["landJahr"]],
  ["sort key", { partitionKeyName: "pk", sortKeyName: "landJahr" }, ["pk", "landJahr"]],
] as const)("a signed beacon is the table's %s", (kind, keyNames, keys) => {
  const tableName = `signed-${kind.replace(" ", "-")}`;
  let sides: Sides;
  const item = (id: string, land: string): Item => ({ id: S(id), x: S("x1"), land: S(land), jahr: { N: "2021.0" }, pk: S("p") });
  const keyOf = (land: string): Item => {
    const key: Item = { pk: S("p"), landJahr: S(`S-${land}#Y-2021`) };
    return Object.fromEntries(keys.map((name) => [name, key[name] ?? S("")]));
  };

  beforeAll(async () => {
    const actions = { pk: "SIGN_ONLY", id: "SIGN_ONLY", x: "ENCRYPT_AND_SIGN", land: "SIGN_ONLY", jahr: "SIGN_ONLY" };
    const config = oneKey(
      { logicalTableName: tableName, ...keyNames, attributeActionsOnEncrypt: actions },
      {
        standardBeacons: [{ name: "x", length: 24 }],
        compoundBeacons: [
          {
            name: "landJahr",
            split: "#",
            signed: [
              { name: "land", prefix: "S-" },
              { name: "jahr", prefix: "Y-" },
            ],
          },
        ],
      },
    );
    await world.createTable({ tableName, keys, beacons: ["aws_dbe_b_x"] });
    sides = world.sidesOf({ tableName, config, branchKeyId });
    // Java takes a number's text as it was written, which the service does not keep.
    await sides.java.put({ ...item("java", "L1"), jahr: { N: "2021" } });
    await sides.ours.put(item("ours", "L0"));
  });

  it("and either library computes it on write", async () => {
    expect((await storedOf(tableName, "java"))["landJahr"]).toEqual(S("S-L1#Y-2021"));
    expect((await storedOf(tableName, "ours"))["landJahr"]).toEqual(S("S-L0#Y-2021"));
  });

  it.each([
    ["java", "L1"],
    ["ours", "L0"],
  ])("either library gets, queries and scans what %s wrote", async (id, land) => {
    for (const side of [sides.java, sides.ours]) {
      expect(await side.send("getItem", { Key: keyOf(land) })).toMatchObject({ Item: { id: S(id), x: S("x1"), land: S(land) } });
    }
    const value = land === "L1" ? ":landJahr" : ":landJahr0";
    const key = kind === "partition key" ? `#landJahr = ${value}` : `#pk = :p AND #landJahr = ${value}`;
    await findsBoth(sides, { key, filter: "#x = :x" }, [id]);
    await findsBoth(sides, { filter: `#landJahr = ${value} AND #x = :x` }, [id]);
  });

  it("items are updated and deleted by it; their parts stay what the key says", async () => {
    await sides.ours.send("updateItem", {
      Key: keyOf("L1"),
      UpdateExpression: "SET #x = :new",
      ExpressionAttributeNames: { "#x": "x" },
      ExpressionAttributeValues: { ":new": S("x2") },
    });
    await findsBoth(sides, { filter: "#x = :x2" }, ["java"]);
    const moved = sides.ours.send("updateItem", {
      Key: keyOf("L1"),
      UpdateExpression: "SET #land = :new",
      ExpressionAttributeNames: { "#land": "land" },
      ExpressionAttributeValues: { ":new": S("L2") },
    });
    await expect(moved).rejects.toMatchObject({ code: "ERR_SIGNED_BEACON_MISMATCH" });
    await sides.ours.send("deleteItem", { Key: keyOf("L1") });
    await sides.java.send("deleteItem", { Key: keyOf("L0") });
    await findsBoth(sides, { filter: "#x IN (:x, :x2)" }, []);
  });
});

describe("names that an attribute has too", () => {
  const tableName = "shared-names";
  let sides: Sides;

  beforeAll(async () => {
    const actions = {
      pk: "SIGN_ONLY",
      ...Object.fromEntries(["x", "y", "nick", "town", "first", "last", "mail"].map((name) => [name, "ENCRYPT_AND_SIGN"])),
    };
    const config = oneKey(
      { logicalTableName: tableName, attributeActionsOnEncrypt: actions },
      {
        standardBeacons: [
          { name: "x", length: 24, loc: "y" },
          { name: "y", length: 24, loc: "x" },
          { name: "nick", length: 24 },
          { name: "full", length: 24, loc: "whole" },
          { name: "first", length: 24, loc: "greeting" },
        ],
        virtualFields: [
          { name: "whole", parts: [{ loc: "first" }, { loc: "last" }] },
          { name: "greeting", parts: [{ loc: "mail", trans: [{ prefix: { length: 1 } }] }, { loc: "last" }] },
        ],
        compoundBeacons: [{ name: "town", split: ".", encrypted: [{ name: "nick", prefix: "N-" }] }],
      },
    );
    await world.createTable({ tableName, beacons: ["aws_dbe_b_full", "aws_dbe_b_town"] });
    sides = world.sidesOf({ tableName, config, branchKeyId });
    for (const [writer, side] of Object.entries(sides)) {
      for (const n of [0, 1]) {
        const names = { first: S(["Ada", "Bob"][n] ?? ""), last: S(["Love", "Smith"][n] ?? ""), mail: S(`U${n}`) };
        await side.put({ pk: S(`${writer} ${n}`), x: S(`x${n}`), y: S(`x${n + 1}`), nick: S(`n${n}`), town: S("t"), ...names });
      }
    }
  });

  it.each<[string, Request, number]>([
    ["a standard beacon called like another attribute", { filter: "#x = :x" }, 0],
    ["and that attribute's name another beacon", { filter: "#y = :x" }, 1],
    ["a beacon of another name on a virtual field", { filter: "#full = :full" }, 0],
    ["its index", { index: "by-aws_dbe_b_full", key: "#full = :full" }, 0],
    ["one called like an encrypted attribute", { filter: "#first = :greeting" }, 1],
    ["a compound beacon called like an encrypted attribute", { filter: "#town = :part" }, 1],
    ["its index", { index: "by-aws_dbe_b_town", key: "#town = :part" }, 1],
    ["its beginning, and existence", { filter: "begins_with(#town, :part) AND attribute_exists(#town)" }, 1],
  ])("%s", async (_name, request, number) => {
    await findsBoth(sides, request, [`java ${number}`, `ours ${number}`]);
  });

  it("a virtual field is searched by its own name too", async () => {
    expect(await sides.ours.find({ filter: "#whole = :full" })).toEqual(["java 0", "ours 0"]);
  });

  it("an update leaves an attribute that is called like a compound beacon", async () => {
    await sides.ours.send("updateItem", {
      Key: { pk: S("ours 0") },
      UpdateExpression: "SET #mail = :new",
      ExpressionAttributeNames: { "#mail": "mail" },
      ExpressionAttributeValues: { ":new": S("V0") },
    });
    expect(await sides.java.send("getItem", { Key: { pk: S("ours 0") } })).toMatchObject({ Item: { town: S("t"), mail: S("V0") } });
  });

  it("the same beacons are stored, and the attributes come back", async () => {
    const [java, ours] = [await storedOf(tableName, "java 1"), await storedOf(tableName, "ours 1")];
    const beacons = Object.keys(java).filter((name) => name.startsWith("aws_dbe_b_"));
    expect(beacons.toSorted()).toEqual(["first", "full", "nick", "town", "x", "y"].map((name) => `aws_dbe_b_${name}`));
    for (const name of beacons) expect(ours[name]).toEqual(java[name]);
    for (const side of [sides.java, sides.ours]) {
      expect(await side.send("getItem", { Key: { pk: S("java 1") } })).toMatchObject({
        Item: { town: S("t"), x: S("x1"), y: S("x2"), first: S("Bob") },
      });
    }
  });
});
