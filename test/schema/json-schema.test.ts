import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { ISO_DATE_REGEX } from "valibot";
import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { parseSchema, type TableInput } from "../../src/schema/index.ts";

const generated = JSON.parse(readFileSync(new URL("../../schemas/table.schema.json", import.meta.url), "utf8"));
const accepts = new Ajv2020({ strict: true, formats: { date: ISO_DATE_REGEX } }).compile(generated);

describe("schemas/table.schema.json", () => {
  it("is what the definition generates", async () => {
    const root = new URL("../..", import.meta.url);
    await promisify(execFile)(process.execPath, ["--import", "tsx", "tools/generate-json-schema.ts", "--check"], { cwd: root });
  });

  it("is draft 2020-12, and describes every property", () => {
    expect(generated.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(undescribed(generated, "")).toEqual([]);
  });

  it("has every property of the typed form, and no other", () => {
    const properties: Record<keyof TableInput, true> = {
      $schema: true,
      minimumVersion: true,
      include: true,
      tableName: true,
      partitionKey: true,
      sortKey: true,
      attributes: true,
      otherAttributes: true,
      unsignedAttributes: true,
      unsignedAttributePrefix: true,
      algorithmSuite: true,
      acceptAlgorithmSuites: true,
      plaintextOverride: true,
      plaintextUntil: true,
      branchKey: true,
      revision: true,
      timeToLive: true,
      indexes: true,
      entities: true,
      beacons: true,
      virtualFields: true,
      compoundBeacons: true,
      beaconParts: true,
      beaconPartitions: true,
      beaconKey: true,
    };
    expect(Object.keys(generated.properties)).toEqual(Object.keys(properties));
  });

  it.each(["customers", "orders"])("accepts the example %s", (name) => {
    const example = JSON.parse(readFileSync(new URL(`../../schemas/${name}.table.json`, import.meta.url), "utf8"));
    expect(accepts(example)).toBe(true);
  });

  it("agrees with parseSchema on all that is no rule between properties", () => {
    let [both, neither] = [0, 0];
    fc.assert(
      fc.property(anySchema(), (schema) => {
        const ours = isSoundInItself(schema);
        expect(accepts(schema)).toBe(ours);
        if (ours) both++;
        else neither++;
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(both, neither)).toBeGreaterThan(200);
  });
});

/** Problems of rules.ts, which a JSON Schema cannot tell. */
const betweenProperties = /^is (the partition key|.*, but is a key|how )|^names |^lacks /;

function isSoundInItself(schema: unknown): boolean {
  try {
    parseSchema(schema);
    return true;
  } catch (error) {
    if (!isDynasealError(error, "ERR_SCHEMA_INVALID")) throw error;
    return error.details.problems.every(({ problem }) => betweenProperties.test(problem));
  }
}

function anySchema(): fc.Arbitrary<unknown> {
  const name = fc.constantFrom(
    "a",
    "b",
    "customerId",
    "__proto__",
    "constructor",
    "",
    "aws_dbe_x",
    "aws-crypto-x",
    "aws:rep:updatetime",
    "k".repeat(256),
  );
  const goodName = fc.constantFrom("a", "b", "customerId", "__proto__");
  const mostly = <Value>(good: fc.Arbitrary<Value>, bad: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 50, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: bad });
  const word = fc.constantFrom("ENCRYPT_AND_SIGN", "SIGN_ONLY", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", "DO_NOTHING");
  const json = fc.constantFrom<unknown>(null, 1, true, "x", "", [], {}, ["x"], { action: 1 });
  const action = mostly(word, json);
  const attribute = mostly(fc.oneof(word, fc.record({ action }), mostly(fc.record({ action }), fc.record({ action, beacon: json }))), json);
  const anyName = mostly(goodName, name);
  // The way that JSON.parse makes objects: an own property for every name.
  const asJson = (entries: [unknown, unknown][]) =>
    JSON.parse(`{${[...new Map(entries)].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
  const record = (value: fc.Arbitrary<unknown>) => fc.array(fc.tuple(anyName, value), { maxLength: 4 }).map(asJson);
  const sound = fc.record(
    {
      $schema: mostly(fc.constant("x"), json),
      tableName: mostly(fc.constant("t"), json),
      partitionKey: mostly(anyName, json),
      sortKey: mostly(anyName, json),
      attributes: mostly(record(attribute), json),
      otherAttributes: mostly(fc.constantFrom("ENCRYPT_AND_SIGN", "SIGN_ONLY"), action),
      unsignedAttributes: mostly(fc.array(anyName, { minLength: 1, maxLength: 3 }), json),
      unsignedAttributePrefix: mostly(anyName, json),
      acceptAlgorithmSuites: mostly(fc.array(fc.constantFrom("HMAC", "ECDSA"), { maxLength: 3 }), json),
      algorithmSuite: mostly(fc.constantFrom("HMAC", "ECDSA"), json),
      branchKey: mostly(fc.record({ from: anyName, map: mostly(record(mostly(goodName, json)), json) }, { requiredKeys: ["from"] }), json),
      revision: mostly(anyName, json),
    },
    { requiredKeys: ["tableName", "partitionKey", "attributes"] },
  );
  const extra = mostly(fc.constant({}), fc.constantFrom<unknown>({ toString: "x" }, { beacons: [] }));
  const whole = fc.tuple(sound, extra).map(([schema, more]) => ({ ...schema, ...(more as object) }));
  return mostly(whole, json);
}

/** Every property without a description, by its path. */
function undescribed(node: unknown, path: string): string[] {
  if (typeof node !== "object" || node === null) return [];
  const properties = Object.entries((node as { properties?: Record<string, { description?: string }> }).properties ?? {});
  const here = properties.filter(([, property]) => !property.description).map(([name]) => `${path}/${name}`);
  return [...here, ...Object.entries(node).flatMap(([key, child]) => undescribed(child, `${path}/${key}`))];
}
