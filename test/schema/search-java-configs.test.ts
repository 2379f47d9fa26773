import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { parseSchema } from "../../src/schema/index.ts";
import { type JavaSearchConfig, searchSchemaOf } from "../support/search-schema.ts";
import { readVectors } from "../support/vectors.ts";

interface BeaconCase {
  readonly name: string;
  readonly config: JavaSearchConfig;
  readonly configError?: { readonly message: string } | null;
}

const { cases } = readVectors<{ cases: readonly BeaconCase[] }>("java/beacons.json");

/** Where the schema names what is wrong. */
const refusedAt: Readonly<Record<string, string>> = {
  "beacon on a signed attribute": "attributes.z.beacon",
  "beacon on an unknown attribute": "beacons.q.location",
  "length 0": "attributes.x.beacon.length",
  "length 64": "attributes.x.beacon.length",
  "duplicate beacon": "beacons.x",
  "reserved beacon name": "beacons.aws_dbe_b_x",
  "compound with an unknown part": "compoundBeacons.c.encrypted[0].name",
  "prefix of a prefix": "compoundBeacons.c.encrypted[1].prefix",
  "split of two characters": "compoundBeacons.c.split",
  "signed part on an encrypted attribute": "compoundBeacons.c.signed[0]",
  "compound without parts": "compoundBeacons.c",
  "shared with one of another length": "attributes.y.beacon.length",
  "shared with itself": "attributes.x.beacon.sharedWith",
  "virtual field of signed attributes only": "virtualFields.v.beacon",
  "virtual field named as an attribute": "virtualFields.y",
  "two virtual fields of the same parts": "virtualFields.w",
  // Java takes this one, and then no query on it can be parsed.
  "split inside a prefix": "compoundBeacons.c.encrypted[0].prefix",
};

// @see specification/searchable-encryption/beacons.md "Standard Beacon Initialization", "Beacon Style Initialization"
// @see specification/searchable-encryption/beacons.md "PartOnly Initialization", "AsSet Initialization", "Shared Initialization"
// @see specification/searchable-encryption/beacons.md "SharedSet Initialization"
// @see specification/searchable-encryption/virtual.md "Virtual Field Initialization", "Virtual Part Initialization"
describe("search configurations of the Java library as schemas", () => {
  it.each(cases)("$name", ({ name, config, configError }) => {
    const javaRefuses = configError !== undefined && configError !== null;
    const path = refusedAt[name.replace("configuration: ", "")];
    // A schema without beacons is a schema of a table that cannot be searched.
    expect(javaRefuses).toBe(path !== undefined && !name.includes("split inside") ? true : name === "configuration: no beacon");
    if (path === undefined) parseSchema(searchSchemaOf(config));
    else expect(problemPaths(searchSchemaOf(config))).toContain(path);
  });

  it("every place above belongs to a vector", () => {
    const names = new Set(cases.map(({ name }) => name));
    expect(cases).toHaveLength(53);
    expect(Object.keys(refusedAt).filter((name) => !names.has(`configuration: ${name}`))).toEqual([]);
  });
});

function problemPaths(schema: unknown): readonly string[] {
  try {
    parseSchema(schema);
    return [];
  } catch (error) {
    if (!isDynasealError(error, "ERR_SCHEMA_INVALID")) throw error;
    return error.details.problems.map(({ path }) => path);
  }
}
