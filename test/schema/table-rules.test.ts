import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { libraryVersion, parseSchema, tablePlan } from "../../src/schema/index.ts";

const least = {
  tableName: "customers",
  partitionKey: "customerId",
  attributes: {
    email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } },
    phone: "ENCRYPT_AND_SIGN",
    kind: "SIGN_ONLY",
    expiresAt: "DO_NOTHING",
  },
};

function problemsOf(change: object): readonly { path: string; problem: string; remedy: string }[] {
  try {
    parseSchema({ ...least, ...change });
  } catch (error) {
    if (isDynasealError(error, "ERR_SCHEMA_INVALID")) return error.details.problems;
    throw error;
  }
  return [];
}

describe("the time to live", () => {
  it.each(["expiresAt", "kind"])("may be %s, which stays readable", (timeToLive) => {
    expect(problemsOf({ timeToLive })).toEqual([]);
  });

  it.each([
    ["an encrypted attribute", { timeToLive: "phone" }, "is encrypted"],
    ["an encrypted attribute, beacon or not", { timeToLive: "email" }, "is encrypted"],
    ["a key", { timeToLive: "customerId" }, "names the key"],
    ["an attribute that nobody can write", { timeToLive: "expires" }, "which the schema does not"],
    ["one that otherAttributes encrypts", { timeToLive: "expires", otherAttributes: "ENCRYPT_AND_SIGN" }, "is encrypted"],
  ])("may not be %s", (_what, change, says) => {
    expect(problemsOf(change)).toEqual([expect.objectContaining({ path: "timeToLive", problem: expect.stringContaining(says) })]);
  });

  it("may be an unsigned attribute beside otherAttributes", () => {
    expect(problemsOf({ timeToLive: "ttl", unsignedAttributes: ["ttl"], otherAttributes: "ENCRYPT_AND_SIGN" })).toEqual([]);
    expect(problemsOf({ timeToLive: "x_ttl", unsignedAttributePrefix: "x_", otherAttributes: "ENCRYPT_AND_SIGN" })).toEqual([]);
    expect(problemsOf({ timeToLive: "ttl", otherAttributes: "SIGN_ONLY" })).toEqual([]);
  });
});

describe("indexes", () => {
  it("take readable attributes, keys, beacons and virtual fields", () => {
    const indexes = {
      byEmail: { partitionKey: "email", sortKey: "kind", read: "fetch" },
      byKind: { partitionKey: "kind", sortKey: "customerId" },
      byDomain: { partitionKey: "domain" },
    };
    const virtualFields = { domain: { parts: ["email", "phone"], beacon: { length: 6 } } };
    expect(problemsOf({ indexes, virtualFields })).toEqual([]);
    const { indexes: plans } = tablePlan({ ...least, indexes, virtualFields });
    expect(plans.get("byEmail")).toEqual({ partitionKey: "email", sortKey: "kind", read: "fetch" });
    expect(plans.get("byDomain")).toEqual({ partitionKey: "domain", sortKey: undefined, read: undefined });
  });

  it.each([
    ["an encrypted partition key", { byPhone: { partitionKey: "phone" } }, "indexes.byPhone.partitionKey", "has no beacon"],
    ["an encrypted sort key", { byKind: { partitionKey: "kind", sortKey: "phone" } }, "indexes.byKind.sortKey", "has no beacon"],
    ["an unknown attribute", { byName: { partitionKey: "name" } }, "indexes.byName.partitionKey", "which the schema does not"],
    ["one attribute twice", { byKind: { partitionKey: "kind", sortKey: "kind" } }, "indexes.byKind.sortKey", "partition key"],
    ["nothing", {}, "indexes", "is empty"],
    ["another way of reading", { byKind: { partitionKey: "kind", read: "whole" } }, "indexes.byKind.read", "whole"],
  ])("refuse %s", (_what, indexes, path, says) => {
    expect(problemsOf({ indexes })).toEqual([expect.objectContaining({ path, problem: expect.stringContaining(says) })]);
  });
});

describe("entities", () => {
  const order = { when: { kind: "order" }, attributes: { total: "ENCRYPT_AND_SIGN", kind: "SIGN_ONLY" } };
  const invoice = { when: { kind: "invoice" }, attributes: { total: "ENCRYPT_AND_SIGN", number: "SIGN_ONLY" } };

  it("add their attributes to the table's", () => {
    const plan = tablePlan({ ...least, entities: { order, invoice } });
    expect(plan.actions.get("total")).toBe("ENCRYPT_AND_SIGN");
    expect(plan.actions.get("number")).toBe("SIGN_ONLY");
    expect(plan.unsignedAttributes).toEqual(new Set(["expiresAt"]));
  });

  it("stay in the schema as they were written", () => {
    const schema = parseSchema({ ...least, entities: { order } });
    expect(JSON.parse(JSON.stringify(schema))).toEqual({ ...least, entities: { order } });
    expect(Object.keys(schema.attributes)).not.toContain("total");
  });

  it.each([
    [
      "two actions for one attribute",
      { order, invoice: { ...invoice, attributes: { total: "SIGN_ONLY" } } },
      "entities.invoice.attributes.total",
    ],
    ["another action than the table's", { order: { ...order, attributes: { phone: "SIGN_ONLY" } } }, "entities.order.attributes.phone"],
    [
      "two beacons for one attribute",
      { order: { ...order, attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 9 } } } } },
      "entities.order.attributes.email",
    ],
    ["an encrypted discriminator", { order: { ...order, when: { phone: "1" } } }, "entities.order.when.phone"],
    ["an encrypted discriminator of its own", { order: { ...order, when: { total: "1" } } }, "entities.order.when.total"],
    ["an unknown discriminator", { order: { ...order, when: { type: "order" } } }, "entities.order.when.type"],
    ["no discriminator", { order: { ...order, when: {} } }, "entities.order.when"],
    [
      "a reserved name, where it was written",
      { order: { ...order, attributes: { aws_dbe_x: "SIGN_ONLY" } } },
      "entities.order.attributes.aws_dbe_x",
    ],
    [
      "a key with another action, where it was written",
      { order: { ...order, attributes: { customerId: "ENCRYPT_AND_SIGN" } } },
      "entities.order.attributes.customerId",
    ],
    [
      "a beacon on a readable attribute, where it was written",
      { order: { ...order, attributes: { number: { action: "SIGN_ONLY", beacon: { length: 4 } } } } },
      "entities.order.attributes.number.beacon",
    ],
  ])("refuse %s", (_what, entities, path) => {
    expect(problemsOf({ entities }).map((problem) => problem.path)).toEqual([path]);
  });

  it("may have an attribute called __proto__", () => {
    const entities = JSON.parse('{ "order": { "when": { "kind": "order" }, "attributes": { "__proto__": "ENCRYPT_AND_SIGN" } } }');
    expect(tablePlan({ ...least, entities }).actions.get("__proto__")).toBe("ENCRYPT_AND_SIGN");
  });
});

describe("types of attributes", () => {
  it("change nothing but TypeScript", () => {
    const typed = { ...least, attributes: { ...least.attributes, phone: { action: "ENCRYPT_AND_SIGN", type: "string", optional: true } } };
    expect(tablePlan(typed)).toEqual(tablePlan(least));
  });
});

describe("minimumVersion", () => {
  it("names the version of this package", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
    expect(libraryVersion).toBe(version);
  });

  it.each([libraryVersion, "0.0.1", "0.0.999999999"])("%s is taken", (minimumVersion) => {
    expect(problemsOf({ minimumVersion })).toEqual([]);
  });

  it("of a newer version is said before anything else, whatever this version does not know", () => {
    const newer = { ...least, minimumVersion: "999.0.0", attributes: { email: { action: "SEAL" } }, unheardOf: true };
    expect(() => parseSchema(newer, { file: "customers.table.json" })).toThrow(
      expect.objectContaining({
        code: "ERR_SCHEMA_VERSION",
        details: { file: "customers.table.json", table: "customers", minimumVersion: "999.0.0", version: libraryVersion },
      }),
    );
  });

  it.each(["1", "1.0", "v1.0.0", "1.0.0-beta", "1.0.0 ", "latest"])("%j is not a version", (minimumVersion) => {
    expect(problemsOf({ minimumVersion })).toEqual([expect.objectContaining({ path: "minimumVersion" })]);
  });
});

it("include is for loadSchemas", () => {
  expect(problemsOf({ include: ["./personal.attributes.json"] })).toEqual([
    expect.objectContaining({ path: "include", remedy: expect.stringContaining("loadSchemas") }),
  ]);
});
