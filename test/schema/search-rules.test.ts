import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { defineTable, parseLocation, parseSchema, tablePlan } from "../../src/schema/index.ts";

const beacon = (more: object = {}): object => ({ action: "ENCRYPT_AND_SIGN", beacon: { length: 8, ...more } });

function table(more: object, attributes: object = {}): object {
  return {
    tableName: "t",
    partitionKey: "pk",
    attributes: { x: beacon(), y: "ENCRYPT_AND_SIGN", z: "SIGN_ONLY", free: "DO_NOTHING", ...attributes },
    ...more,
  };
}

const compound = (more: object): object => ({ compoundBeacons: { c: { split: ".", encrypted: [{ name: "x", prefix: "X-" }], ...more } } });

/** What is refused, and where. */
const refused: readonly (readonly [string, object, string])[] = [
  ["a length that is no whole number", table({}, { x: beacon({ length: 1.5 }) }), "attributes.x.beacon.length"],
  ["a misspelt word", table({}, { x: beacon({ lenght: 8 }) }), "attributes.x.beacon.lenght"],
  ["an unknown style", table({}, { x: beacon({ style: "part" }) }), "attributes.x.beacon.style"],
  ["a beacon on a signed attribute", table({}, { z: { action: "SIGN_ONLY", beacon: { length: 8 } } }), "attributes.z.beacon"],
  ["a beacon on an unsigned attribute", table({ beacons: { b: { location: "free.a", length: 8 } } }), "beacons.b.location"],
  ["a beacon on a name that no location can say", table({}, { "a.b": beacon() }), 'attributes["a.b"].beacon'],
  ["shared without another", table({}, { y: beacon({ style: "shared" }) }), "attributes.y.beacon.sharedWith"],
  ["another without shared", table({}, { y: beacon({ sharedWith: "x" }) }), "attributes.y.beacon.sharedWith"],
  ["shared with no beacon", table({}, { y: beacon({ style: "shared", sharedWith: "q" }) }), "attributes.y.beacon.sharedWith"],
  [
    "shared with a shared one",
    table({}, { y: beacon({ style: "shared", sharedWith: "x" }), w: beacon({ style: "shared", sharedWith: "y" }) }),
    "attributes.w.beacon.sharedWith",
  ],
  ["partOnly without a compound beacon", table({}, { y: beacon({ style: "partOnly" }) }), "attributes.y.beacon.style"],
  ["a set in a compound beacon", table(compound({}), { x: beacon({ style: "asSet" }) }), "compoundBeacons.c.encrypted[0].name"],
  ["a set that is normalised", table({}, { x: beacon({ style: "asSet", normalize: "lowercase" }) }), "attributes.x.beacon.style"],
  ["two beacons on one value", table({ beacons: { b: { location: "x", length: 8 } } }), "beacons.b"],
  [
    "a virtual field on the value of a beacon",
    table({ virtualFields: { v: { parts: [{ location: "x", transforms: ["lowercase"] }] } } }),
    "attributes.x.beacon",
  ],
  ["a virtual field of an unsigned attribute", table({ virtualFields: { v: { parts: ["y", "free"] } } }), "virtualFields.v.parts[1]"],
  ["a virtual field without parts", table({ virtualFields: { v: { parts: [] } } }), "virtualFields.v.parts"],
  [
    "two transforms in one object",
    table({ virtualFields: { v: { parts: [{ location: "y", transforms: [{ prefix: 1, suffix: 1 }] }] } } }),
    "virtualFields.v.parts[0].transforms[0]",
  ],
  [
    "no transform in an object",
    table({ virtualFields: { v: { parts: [{ location: "y", transforms: [{}] }] } } }),
    "virtualFields.v.parts[0].transforms[0]",
  ],
  ["a virtual field with a key's name", table({ virtualFields: { pk: { parts: ["y"] } } }), "virtualFields.pk"],
  [
    "a name with the unsigned prefix",
    table({ unsignedAttributePrefix: ":", virtualFields: { ":v": { parts: ["y"] } } }),
    'virtualFields[":v"]',
  ],
  ["a beacon named as another attribute", table({ beacons: { z: { location: "y.a", length: 8 } } }), "beacons.z"],
  [
    "a normalised name that is taken",
    table({}, { x: beacon({ normalize: "lowercase" }), x_normalized: "SIGN_ONLY" }),
    "attributes.x.beacon",
  ],
  [
    "a compound beacon named as an attribute",
    table({ compoundBeacons: { z: { split: ".", encrypted: [{ name: "x", prefix: "X-" }] } } }),
    "compoundBeacons.z",
  ],
  [
    "two parts of one name",
    table(compound({ signed: [{ name: "x", prefix: "S-", location: "z" }] })),
    "compoundBeacons.c.encrypted[0].name",
  ],
  ["a constructor with an unknown part", table(compound({ constructors: [["x", "q"]] })), "compoundBeacons.c.constructors[0][1]"],
  ["a constructor without a required part", table(compound({ constructors: [[{ optional: "x" }]] })), "compoundBeacons.c.constructors[0]"],
  ["two constructors that require the same", table(compound({ constructors: [["x"], ["x"]] })), "compoundBeacons.c.constructors[1]"],
  [
    "a compound beacon, but no beacon",
    table({ compoundBeacons: { c: { split: ".", signed: [{ name: "z", prefix: "Z-" }] } } }, { x: "SIGN_ONLY" }),
    "compoundBeacons",
  ],
  ["256 partitions", table({ beaconPartitions: 256 }), "beaconPartitions"],
  ["as many partitions by default as there are", table({ beaconPartitions: { number: 3, default: 3 } }), "beaconPartitions.default"],
  [
    "a beacon with as many partitions as the table",
    table({ beaconPartitions: 3 }, { x: beacon({ partitions: 3 }) }),
    "attributes.x.beacon.partitions",
  ],
  ["partitions of a beacon in a table without", table({}, { x: beacon({ partitions: 1 }) }), "attributes.x.beacon.partitions"],
  ["a beacon key named by an encrypted attribute", table({ beaconKey: { from: "y" } }), "beaconKey.from"],
  ["a beacon key named by a beacon", table({ beaconKey: { from: "b" }, beacons: { b: { location: "y.a", length: 8 } } }), "beaconKey.from"],
];

// @see specification/searchable-encryption/beacons.md "Compound Beacon", "Compound Beacon Initialization", "Signed Part Initialization"
// @see specification/searchable-encryption/beacons.md "Encrypted Part Initialization", "Constructor Initialization"
// @see specification/searchable-encryption/beacons.md "Constructor Part Initialization", "Default Construction"
// @see specification/searchable-encryption/beacons.md "Initialization Failure"
// @see specification/searchable-encryption/search-config.md "Overview", "Beacon Version Initialization", "Max Partitions"
// @see specification/searchable-encryption/search-config.md "Default Partitions"
// @see specification/searchable-encryption/virtual.md "Terminal Location", "Segments"
describe("schemas with beacons", () => {
  it.each(refused)("%s is refused, with place and remedy", (_name, schema, path) => {
    const problem = problemsOf(schema).find((one) => one.path === path);
    expect(problem?.remedy).toMatch(/\w/);
  });

  it("may stand beside a plaintext override", () => {
    const plaintextOverride = "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
    const plan = tablePlan(parseSchema(table({ plaintextOverride })), { acknowledgePlaintext: true });
    expect(plan).toMatchObject({ plaintextOverride, search: { partitions: 1 } });
  });

  it("reads as a person writes it, and compiles", () => {
    const schema = defineTable({
      tableName: "customers",
      partitionKey: "customerId",
      attributes: {
        email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16, normalize: "lowercase" } },
        city: { action: "ENCRYPT_AND_SIGN", beacon: { length: 12 } },
        birthplace: { action: "ENCRYPT_AND_SIGN", beacon: { length: 12, style: "shared", sharedWith: "city" } },
        tags: { action: "ENCRYPT_AND_SIGN", beacon: { length: 10, style: "asSet" } },
        first: "ENCRYPT_AND_SIGN",
        last: "ENCRYPT_AND_SIGN",
        address: "ENCRYPT_AND_SIGN",
        country: "SIGN_ONLY",
      },
      beacons: { postcode: { location: "address.postcode", length: 9 } },
      virtualFields: {
        initials: {
          parts: [
            { location: "first", transforms: [{ prefix: 1 }] },
            { location: "last", transforms: [{ prefix: 1 }, "uppercase"] },
          ],
          beacon: { length: 6 },
        },
      },
      compoundBeacons: {
        place: {
          split: ".",
          signed: [{ name: "country", prefix: "C-" }],
          encrypted: [{ name: "city", prefix: "T-" }],
          constructors: [["country", { optional: "city" }]],
        },
        landed: { split: "#", signed: [{ name: "country", prefix: "C-" }] },
      },
    });
    const { search, actions } = tablePlan(schema);
    expect([...(search?.beacons.keys() ?? [])]).toEqual([
      "email_normalized",
      "city",
      "birthplace",
      "tags",
      "postcode",
      "initials",
      "place",
      "landed",
    ]);
    expect(search?.beacons.get("birthplace")).toMatchObject({ keyName: "city", partitions: 1 });
    expect(search?.beacons.get("postcode")).toMatchObject({ source: { location: ["address", "postcode"] } });
    expect(search?.beacons.get("place")).toMatchObject({ encrypted: true, parts: [{ name: "country" }, { name: "city" }] });
    expect(search?.normalized.get("email")).toMatchObject({ normalize: "lowercase", beacon: { length: 16 } });
    expect(actions.get("landed")).toBe("SIGN_ONLY");
    expect(actions.has("place")).toBe(false);
  });

  it("without beacons has no search plan", () => {
    expect(tablePlan({ tableName: "t", partitionKey: "pk", attributes: { x: "ENCRYPT_AND_SIGN" } }).search).toBeUndefined();
  });

  it("beacons of `__proto__` and `constructor` are beacons", () => {
    const attributes = JSON.parse(
      '{"__proto__":{"action":"ENCRYPT_AND_SIGN","beacon":{"length":8}},"constructor":{"action":"ENCRYPT_AND_SIGN","beacon":{"length":8}}}',
    );
    const plan = tablePlan(parseSchema({ tableName: "t", partitionKey: "pk", attributes }));
    expect([...(plan.search?.beacons.keys() ?? [])]).toEqual(["__proto__", "constructor"]);
  });

  it.each([
    ["a", ["a"]],
    ["a.b[3].c", ["a", "b", 3, "c"]],
    ["a[0][1]", ["a", 0, 1]],
    ["__proto__.x", ["__proto__", "x"]],
    ...["", ".a", "a.", "a..b", "a[", "a[]", "a[x]", "a[1", "a]b", "[1]", "a[1]b"].map((text): [string, undefined] => [text, undefined]),
  ])("location %j is %j", (text, expected) => {
    expect(parseLocation(text)).toEqual(expected);
  });
});

describe("names that search shares with attributes and keys", () => {
  const parts = { split: "#", signed: [{ name: "z", prefix: "Z-" }] };
  const hashed = { split: "#", encrypted: [{ name: "x", prefix: "X-" }] };
  const field = { parts: ["x", "z"] };

  it.each<[string, object]>([
    ["a hashed compound beacon like an encrypted attribute", table({ compoundBeacons: { y: hashed } })],
    ["a standard beacon like another encrypted attribute", table({ beacons: { y: { location: "x.k", length: 8 } } })],
    ["a beacon of another name on a virtual field", table({ virtualFields: { v: field }, beacons: { b: { location: "v", length: 8 } } })],
    ["one like an encrypted attribute", table({ virtualFields: { v: field }, beacons: { y: { location: "v", length: 8 } } })],
    ["a signed beacon is the partition key", table({ partitionKey: "made", compoundBeacons: { made: parts } })],
    ["a signed beacon is the sort key", table({ sortKey: "made", compoundBeacons: { made: parts } })],
    ["and the attributes name it as what it is", table({ sortKey: "made", compoundBeacons: { made: parts } }, { made: "SIGN_ONLY" })],
  ])("%s", (_name, schema) => {
    expect(problemsOf(schema)).toEqual([]);
  });

  it("a key that is a signed beacon has the action of keys", () => {
    const include = "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT";
    const plan = (attributes: object) =>
      tablePlan(parseSchema(table({ partitionKey: "made", compoundBeacons: { made: parts } }, attributes)));
    expect(plan({}).actions.get("made")).toBe("SIGN_ONLY");
    expect(plan({ tenant: include }).actions.get("made")).toBe(include);
  });

  it.each<[string, object, string]>([
    ["a hashed compound beacon like a signed attribute", table({ compoundBeacons: { z: hashed } }), "compoundBeacons.z"],
    ["a hashed compound beacon like a key", table({ compoundBeacons: { pk: hashed } }), "compoundBeacons.pk"],
    ["a hashed compound beacon like another beacon", table({ compoundBeacons: { x: hashed } }), "compoundBeacons.x"],
    ["a signed beacon like an encrypted attribute", table({ compoundBeacons: { y: parts } }), "compoundBeacons.y"],
    ["a signed beacon like a signed attribute", table({ compoundBeacons: { z: parts } }), "compoundBeacons.z"],
    ["a standard beacon like a signed attribute", table({ beacons: { z: { location: "y", length: 8 } } }), "beacons.z"],
    ["a standard beacon like an unsigned attribute", table({ beacons: { free: { location: "y", length: 8 } } }), "beacons.free"],
    ["a standard beacon like a key", table({ beacons: { pk: { location: "y", length: 8 } } }), "beacons.pk"],
    [
      "two beacons on one virtual field",
      table({ virtualFields: { v: { ...field, beacon: { length: 8 } } }, beacons: { b: { location: "v", length: 8 } } }),
      "virtualFields.v.beacon",
    ],
    [
      "a key made of itself",
      table({ partitionKey: "made", compoundBeacons: { made: { split: "#", signed: [{ name: "made", prefix: "M-" }] } } }),
      "compoundBeacons.made.signed[0]",
    ],
  ])("not %s", (_name, schema, path) => {
    expect(problemsOf(schema).map((problem) => problem.path)).toContain(path);
  });
});

describe("a property that does not exist is told by what it was written in", () => {
  const field = (part: object): object => table({ virtualFields: { v: { parts: [part] } } });
  const compound = (more: object): object => table({ compoundBeacons: { c: { split: "#", ...more } } });
  it.each<[object, string, string]>([
    [field({ loc: "x" }), "virtualFields.v.parts[0].loc", "a virtual field's part"],
    [field({ location: "x", transforms: [{ upper: true }] }), "virtualFields.v.parts[0].transforms[0].upper", "a transform"],
    [compound({ signed: [{ name: "z", prefix: "Z-", loc: "z" }] }), "compoundBeacons.c.signed[0].loc", "a signed part"],
    [compound({ encrypted: [{ name: "x", prefix: "X-", loc: "x" }] }), "compoundBeacons.c.encrypted[0].loc", "an encrypted part"],
    [compound({ constructors: [[{ name: "x" }]] }), "compoundBeacons.c.constructors[0][0].name", "a constructor's part"],
    [table({ beacons: { b: { location: "y", length: 8, loc: "y" } } }), "beacons.b.loc", '"b"'],
  ])("%j", (schema, path, owner) => {
    const problem = problemsOf(schema).find((one) => one.path === path)?.problem;
    expect(problem).toBe(`is not a property of ${owner}`);
  });
});

function problemsOf(schema: unknown): readonly { readonly path: string; readonly problem: string; readonly remedy: string }[] {
  try {
    parseSchema(schema);
    return [];
  } catch (error) {
    if (!isDynasealError(error, "ERR_SCHEMA_INVALID")) throw error;
    return error.details.problems;
  }
}
