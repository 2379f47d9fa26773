import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { ecdsaSuite, hmacSuite } from "../../src/crypto/index.ts";
import { isDynasealError } from "../../src/errors/index.ts";
import { actionOf, defineTable, isSigned, parseSchema, type TableInput, tablePlan } from "../../src/schema/index.ts";

const least = { tableName: "customers", partitionKey: "customerId", attributes: {} } as const;

/** What is reported on a schema that is sound but for `change`. */
function problemsOf(change: Readonly<Record<string, unknown>>): readonly { path: string; problem: string; remedy: string }[] {
  try {
    parseSchema({ ...least, ...change });
  } catch (error) {
    if (isDynasealError(error, "ERR_SCHEMA_INVALID")) return error.details.problems;
    throw error;
  }
  return [];
}

function pathsOf(change: Readonly<Record<string, unknown>>): readonly string[] {
  return problemsOf(change).map(({ path }) => path);
}

// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Structure", "DynamoDB Partition Key Name"
// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "DynamoDB Sort Key Name", "Algorithm Suite"
// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Plaintext Policy"
describe("plans", () => {
  it("fills in the defaults", () => {
    expect(tablePlan(least)).toEqual({
      tableName: "customers",
      partitionKey: "customerId",
      sortKey: undefined,
      actions: new Map([["customerId", "SIGN_ONLY"]]),
      otherAttributes: undefined,
      unsignedAttributes: new Set(),
      unsignedAttributePrefix: undefined,
      algorithmSuite: ecdsaSuite,
      formatVersion: 1,
      plaintextOverride: "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
      branchKey: undefined,
      revision: undefined,
      timeToLive: undefined,
      indexes: new Map(),
    });
  });

  it("carries everything that a schema can say", () => {
    const plan = tablePlan({
      $schema: "./table.schema.json",
      tableName: "orders",
      partitionKey: "customerId",
      sortKey: "orderId",
      attributes: {
        tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
        total: { action: "ENCRYPT_AND_SIGN" },
        rev: "SIGN_ONLY",
        visits: "DO_NOTHING",
      },
      otherAttributes: "SIGN_ONLY",
      unsignedAttributes: ["expires", "visits"],
      unsignedAttributePrefix: "tmp_",
      algorithmSuite: "HMAC",
      acceptAlgorithmSuites: ["HMAC", "ECDSA"],
      branchKey: { from: "tenant", map: { acme: "branch-key-1" } },
      revision: "rev",
      timeToLive: "expires",
      indexes: { byTenant: { partitionKey: "tenant", sortKey: "rev", read: "fetch" } },
    });
    expect(plan).toEqual({
      tableName: "orders",
      partitionKey: "customerId",
      sortKey: "orderId",
      actions: new Map([
        ["customerId", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT"],
        ["orderId", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT"],
        ["tenant", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT"],
        ["total", "ENCRYPT_AND_SIGN"],
        ["rev", "SIGN_ONLY"],
        ["visits", "DO_NOTHING"],
      ]),
      otherAttributes: "SIGN_ONLY",
      unsignedAttributes: new Set(["visits", "expires"]),
      unsignedAttributePrefix: "tmp_",
      algorithmSuite: hmacSuite,
      acceptedSuites: new Set([hmacSuite, ecdsaSuite]),
      formatVersion: 2,
      plaintextOverride: "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
      branchKey: { from: "tenant", map: new Map([["acme", "branch-key-1"]]) },
      revision: "rev",
      timeToLive: "expires",
      indexes: new Map([["byTenant", { partitionKey: "tenant", sortKey: "rev", read: "fetch" }]]),
    });
    expect(["unknown", "expires", "tmp_x", "aws:rep:updatetime", "aws:rep:note"].map((name) => actionOf(plan, name))).toEqual([
      "SIGN_ONLY",
      "DO_NOTHING",
      "DO_NOTHING",
      "DO_NOTHING",
      "SIGN_ONLY",
    ]);
    expect(actionOf(plan, "aws:rep:updatetime", { N: "1700000000.000001" })).toBe("DO_NOTHING");
    expect(actionOf(plan, "aws:rep:updatetime", { S: "a value of the application" })).toBe("SIGN_ONLY");
  });

  it("makes format 2 of a key alone that is included in the encryption context", () => {
    const plan = tablePlan({ ...least, sortKey: "at", attributes: { customerId: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" } });
    expect(plan.formatVersion).toBe(2);
    expect(plan.actions.get("at")).toBe("SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT");
  });

  it("is compiled once for a checked schema", () => {
    const schema = parseSchema(least);
    expect(tablePlan(schema)).toBe(tablePlan(schema));
    expect(parseSchema(schema)).toBe(schema);
  });

  it("is the same for a schema that went through JSON", () => {
    const schema = defineTable({ ...least, attributes: { email: { action: "ENCRYPT_AND_SIGN" } }, branchKey: { from: "customerId" } });
    expect(tablePlan(JSON.parse(JSON.stringify(schema)))).toEqual(tablePlan(schema));
  });
});

describe("plaintext override", () => {
  it.each(["FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ", "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ"] as const)(
    "%s needs acknowledgePlaintext",
    (plaintextOverride) => {
      const schema = defineTable({ ...least, plaintextOverride });
      for (const options of [undefined, {}, { acknowledgePlaintext: false }]) {
        expect(() => tablePlan(schema, options)).toThrow(expect.objectContaining({ code: "ERR_PLAINTEXT_NOT_ACKNOWLEDGED" }));
      }
      expect(tablePlan(schema, { acknowledgePlaintext: true }).plaintextOverride).toBe(plaintextOverride);
    },
  );

  it("that reads no plaintext needs nothing", () => {
    expect(tablePlan({ ...least, plaintextOverride: "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ" }).plaintextOverride).toBe(
      "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ",
    );
  });
});

describe("checked schemas", () => {
  it("are as written, without $schema, frozen to the last level", () => {
    const written = {
      ...least,
      attributes: { email: "ENCRYPT_AND_SIGN", tier: { action: "SIGN_ONLY" } },
      unsignedAttributes: ["visits"],
      branchKey: { from: "customerId", map: { a: "b" } },
    };
    const schema = parseSchema({ $schema: "x", ...written });
    expect(JSON.parse(JSON.stringify(schema))).toEqual(written);
    const parts = [
      schema,
      schema.attributes,
      schema.attributes["tier"],
      schema.unsignedAttributes,
      schema.branchKey,
      schema.branchKey?.map,
    ];
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
  });

  it("are copies: what the caller does to his object later has no effect", () => {
    const written = { ...least, attributes: { email: "ENCRYPT_AND_SIGN" } };
    const schema = parseSchema(written);
    written.attributes.email = "DO_NOTHING";
    expect(tablePlan(schema).actions.get("email")).toBe("ENCRYPT_AND_SIGN");
    expect(Object.isFrozen(written)).toBe(false);
  });

  it("may name attributes as JavaScript names what objects inherit", () => {
    const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
    const attributes = `{${names.map((name) => `"${name}": "ENCRYPT_AND_SIGN"`).join(",")}}`;
    const schema = parseSchema(JSON.parse(`{"tableName": "t", "partitionKey": "p", "attributes": ${attributes}}`));
    expect(Object.keys(schema.attributes)).toEqual(names);
    const plan = tablePlan(schema);
    for (const name of names) expect(actionOf(plan, name)).toBe("ENCRYPT_AND_SIGN");
    expect(tablePlan(JSON.parse(JSON.stringify(schema)))).toEqual(plan);
    expect(actionOf(tablePlan(least), "__proto__")).toBeUndefined();
    expect(isSigned(tablePlan(least), "constructor")).toBe(true);
  });

  it("map branch keys from texts that JavaScript inherits too", () => {
    const schema = JSON.parse('{"tableName":"t","partitionKey":"p","attributes":{},"branchKey":{"from":"p","map":{"__proto__":"k1"}}}');
    expect(tablePlan(schema).branchKey?.map).toEqual(new Map([["__proto__", "k1"]]));
  });

  it("take objects of another realm, and properties that are given as undefined", () => {
    expect(parseSchema(runInNewContext('({ tableName: "t", partitionKey: "p", attributes: {} })')).tableName).toBe("t");
    expect(parseSchema({ ...least, sortKey: undefined })).not.toHaveProperty("sortKey");
  });
});

describe("what is refused", () => {
  it("names place, problem and remedy, and counts the rest", () => {
    const wrong = { tableName: "t", partitonKey: "p", attributes: { email: "ENCRYPT", ":free": 7, tier: { action: "sign-only" } } };
    expect(() => parseSchema(wrong, { file: "t.table.json" })).toThrow(
      expect.objectContaining({
        code: "ERR_SCHEMA_INVALID",
        message:
          't.table.json: partitonKey: is not a property of a table schema; write "partitionKey" instead. (3 more: see details.problems)',
        details: {
          file: "t.table.json",
          path: "partitonKey",
          problem: "is not a property of a table schema",
          remedy: 'write "partitionKey" instead',
          problems: [
            { path: "partitonKey", problem: "is not a property of a table schema", remedy: 'write "partitionKey" instead' },
            { path: "attributes.email", problem: 'is "ENCRYPT"', remedy: 'write "ENCRYPT_AND_SIGN" instead' },
            {
              path: 'attributes[":free"]',
              problem: "is a number",
              remedy: 'write "ENCRYPT_AND_SIGN", "SIGN_ONLY", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" or "DO_NOTHING" instead',
            },
            { path: "attributes.tier.action", problem: 'is "sign-only"', remedy: 'write "SIGN_ONLY" instead' },
          ],
        },
      }),
    );
  });

  it.each([5, "text", null, undefined, true, [least], () => least, new Map(), new Date(0)])("what is no plain object: %s", (value) => {
    expect(() => parseSchema(value)).toThrow(
      expect.objectContaining({ code: "ERR_SCHEMA_INVALID", details: expect.objectContaining({ path: "" }) }),
    );
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ["a property that exists nowhere", { beacons: [] }, "beacons"],
    ["a property that every object inherits", { toString: "x" }, "toString"],
    [
      "a setting of search, until search knows it",
      { attributes: { a: { action: "SIGN_ONLY", beacon: { length: 8 } } } },
      "attributes.a.beacon",
    ],
    ["a missing property", { tableName: undefined }, "tableName"],
    ["an attribute without action", { attributes: { a: {} } }, "attributes.a.action"],
    ["an attribute that is undefined", { attributes: { a: undefined } }, "attributes.a"],
    ["an attribute that is null", { attributes: { a: null } }, "attributes.a"],
    ["a function", { attributes: { a: () => "SIGN_ONLY" } }, "attributes.a"],
    ["attributes as an array", { attributes: ["a"] }, "attributes"],
    ["attributes that inherit", { attributes: Object.create({ a: "SIGN_ONLY" }) }, "attributes"],
    ["an empty table name", { tableName: "" }, "tableName"],
    ["half of a surrogate pair", { tableName: "t\ud800" }, "tableName"],
    ["a table name beyond the wire's length", { tableName: "é".repeat(32_768) }, "tableName"],
    ["a key name beyond DynamoDB's length", { partitionKey: "p".repeat(256) }, "partitionKey"],
    [
      "an attribute name beyond DynamoDB's length",
      { attributes: { ["a".repeat(65_536)]: "SIGN_ONLY" } },
      `attributes["${"a".repeat(63)}…"]`,
    ],
    ["a reserved key", { partitionKey: "aws_dbe_head" }, "partitionKey"],
    ["an attribute that DynamoDB writes", { attributes: { "aws:rep:deleting": "SIGN_ONLY" } }, 'attributes["aws:rep:deleting"]'],
    ["the same key twice", { sortKey: "customerId" }, "sortKey"],
    ["an encrypted key", { attributes: { customerId: "ENCRYPT_AND_SIGN" } }, "attributes.customerId"],
    ["an unsigned key in the long form", { attributes: { customerId: { action: "DO_NOTHING" } } }, "attributes.customerId"],
    ["a name that is no text", { unsignedAttributes: ["a", 5] }, "unsignedAttributes[1]"],
    ["a key below the unsigned prefix", { unsignedAttributePrefix: "cust" }, "unsignedAttributePrefix"],
    ["otherAttributes that would be unsigned", { otherAttributes: "DO_NOTHING" }, "otherAttributes"],
    ["a branch key from nowhere", { branchKey: { from: "tenant" } }, "branchKey.from"],
    ["a branch key from a signed attribute", { attributes: { a: "SIGN_ONLY" }, branchKey: { from: "a" } }, "branchKey.from"],
    ["a branch key from an encrypted attribute", { attributes: { a: "ENCRYPT_AND_SIGN" }, branchKey: { from: "a" } }, "branchKey.from"],
    ["a branch key without from", { branchKey: { map: { a: "b" } } }, "branchKey.from"],
    ["an empty map of branch keys", { branchKey: { from: "customerId", map: {} } }, "branchKey.map"],
    ["an empty branch key", { branchKey: { from: "customerId", map: { a: "" } } }, "branchKey.map.a"],
    ["no accepted suite", { acceptAlgorithmSuites: [] }, "acceptAlgorithmSuites"],
    ["an accepted suite that is none", { acceptAlgorithmSuites: ["RSA"] }, "acceptAlgorithmSuites[0]"],
    ["an accepted suite twice", { acceptAlgorithmSuites: ["ECDSA", "ECDSA"] }, "acceptAlgorithmSuites"],
    ["accepted suites without the default one", { acceptAlgorithmSuites: ["HMAC"] }, "acceptAlgorithmSuites"],
    ["accepted suites without its own", { algorithmSuite: "HMAC", acceptAlgorithmSuites: ["ECDSA"] }, "acceptAlgorithmSuites"],
    ["a revision that no attribute is", { revision: "rev" }, "revision"],
    ["a revision that is encrypted", { attributes: { rev: "ENCRYPT_AND_SIGN" }, revision: "rev" }, "revision"],
    ["a revision that is a key", { revision: "customerId" }, "revision"],
  ])("%s", (_, change, path) => {
    expect(pathsOf(change)).toEqual([path]);
  });

  it("tells a namespace from the module's default export", () => {
    expect(problemsOf({ default: least })).toMatchObject([
      { path: "default", remedy: "import the JSON module's default export, not its namespace" },
    ]);
  });

  it("says nothing that only follows from another mistake", () => {
    const attributes = { tenant: "SIGN_AND_INCLUDE", rev: "SIGNONLY" };
    expect(pathsOf({ attributes, branchKey: { from: "tenant" }, revision: "rev" })).toEqual(["attributes.tenant", "attributes.rev"]);
  });

  it("tells no value, which may have been meant for something else", () => {
    const secret = "4111 1111 1111 1111";
    for (const change of [{ tableName: 5, sortKey: [secret] }, { attributes: { a: [secret] } }, { unsignedAttributes: { secret } }]) {
      expect(JSON.stringify(problemsOf(change))).not.toContain(secret);
    }
  });

  it("stops at a hundred problems, and at more attributes than an item can have", () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`a${index}`, "nonsense"]));
    expect(problemsOf({ attributes: many })).toHaveLength(100);
    expect(problemsOf(many)).toHaveLength(100);
    const beyond = Object.fromEntries(Array.from({ length: 65_536 }, (_, index) => [`a${index}`, "SIGN_ONLY"]));
    expect(problemsOf({ attributes: beyond })).toEqual([
      { path: "attributes", problem: "has more than 65535 entries", remedy: "leave some out" },
    ]);
  });
});

describe("types", () => {
  it("hold actions and property names to what exists", () => {
    const table: TableInput = { ...least, attributes: { email: "ENCRYPT_AND_SIGN", tier: { action: "SIGN_ONLY" } } };
    expect(defineTable(table).tableName).toBe("customers");
    // @ts-expect-error: no such action
    expect(() => defineTable({ ...least, attributes: { email: "ENCRYPT" } })).toThrow(
      expect.objectContaining({ code: "ERR_SCHEMA_INVALID" }),
    );
    // @ts-expect-error: no such property
    expect(() => defineTable({ ...least, sortkey: "x" })).toThrow(expect.objectContaining({ code: "ERR_SCHEMA_INVALID" }));
  });
});

describe("the example schemas", () => {
  it.each(["customers", "orders"])("%s compiles", (name) => {
    const text = readFileSync(new URL(`../../schemas/${name}.table.json`, import.meta.url), "utf8");
    expect(tablePlan(JSON.parse(text)).tableName).toBe(name);
  });
});
