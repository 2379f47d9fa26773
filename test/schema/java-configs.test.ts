import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { parseSchema, tablePlan } from "../../src/schema/index.ts";
import { type JavaConfig, planOf } from "../support/java-config.ts";
import { schemaOf } from "../support/java-schema.ts";
import { readVectors } from "../support/vectors.ts";

interface ConfigCase {
  readonly name: string;
  readonly config: JavaConfig;
  readonly item: { readonly message: string } | null;
}

const { cases } = readVectors<{ cases: readonly ConfigCase[] }>("java/configs.json");

/** Java refuses these, schemas take them: by name, with the reason. */
const acceptedByDesign: Readonly<Record<string, string>> = {
  "partition key not configured": "keys have a default action",
  "sort key not configured": "keys have a default action",
  "no actions": "keys have a default action",
  "unsigned attribute, nothing allowed": "DO_NOTHING needs no second list",
  "unsigned attribute, another prefix": "DO_NOTHING needs no second list",
};

/** Java takes these, schemas refuse them. */
const refusedByDesign: Readonly<Record<string, { reason: string; path: string }>> = {
  "reserved attribute in the unsigned list": { reason: "aws_dbe_ names belong to the format", path: "unsignedAttributes[0]" },
  "empty attribute name": { reason: "DynamoDB has no attribute without a name", path: 'attributes[""]' },
  "same partition and sort key name": { reason: "DynamoDB has no such table", path: "sortKey" },
  "empty table name": { reason: "an empty name binds items to nothing", path: "tableName" },
};

/** These concern the keyring, which is no part of a schema. */
const notExpressible = new Set([
  "reserved provider id as key namespace",
  "wrapping key too short",
  "KMS keyring, malformed key",
  "KMS keyring, alias",
  "KMS multi-Region keyring, related keys",
]);

/** Where both refuse: the place that we name. */
const refusedAt: Readonly<Record<string, string>> = {
  "partition key encrypted": "attributes.pk",
  "sort key encrypted": "attributes.sk",
  "partition key unsigned": "attributes.pk",
  "partition key in context, sort key not": "attributes.sk",
  "attribute in context, keys only signed": "attributes.pk",
  "encrypted attribute with the unsigned prefix": "unsignedAttributePrefix",
  "signed attribute with the unsigned prefix": "unsignedAttributePrefix",
  "encrypted attribute in the unsigned list": "unsignedAttributes[0]",
  "key in the unsigned list": "unsignedAttributes[0]",
  "empty unsigned list": "unsignedAttributes",
  "empty prefix": "unsignedAttributePrefix",
  "reserved prefix as unsigned prefix": "unsignedAttributePrefix",
  "reserved attribute configured": "attributes.aws_dbe_x",
  "attribute with the encryption context's prefix": "attributes.aws-crypto-x",
  "an ESDK suite": "algorithmSuite",
};

// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Configuration Version", "Key Action"
// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Attribute Actions", "Unauthenticated Attributes"
// @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Unauthenticated Attribute Prefix"
describe("configurations of the Java library as schemas", () => {
  it.each(cases)("$name", ({ name, config, item }) => {
    const javaRefuses = item !== null && !notExpressible.has(name);
    const path = refusedByDesign[name]?.path ?? (javaRefuses && !(name in acceptedByDesign) ? refusedAt[name] : undefined);
    if (path === undefined) {
      expect(javaRefuses).toBe(name in acceptedByDesign);
      expect(parseSchema(schemaOf(config))).toMatchObject({ tableName: config.logicalTableName });
    } else {
      expect(javaRefuses).toBe(!(name in refusedByDesign));
      expect(() => parseSchema(schemaOf(config))).toThrow(expect.objectContaining({ code: "ERR_SCHEMA_INVALID" }));
      expect(problemPaths(schemaOf(config))).toContain(path);
    }
  });

  it("the lists above name vectors only, and each of them once", () => {
    const listed = [...Object.keys(acceptedByDesign), ...Object.keys(refusedByDesign), ...Object.keys(refusedAt), ...notExpressible];
    const names = new Set(cases.map(({ name }) => name));
    expect(cases).toHaveLength(33);
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });
});

describe("the tables of the Java item vectors", () => {
  const items = readVectors<{ cases: readonly ConfigCase[] }>("java/items.json").cases;

  it.each(items)("compile to the plan that their items were written under: $name", ({ config }) => {
    expect(tablePlan(schemaOf(config), { acknowledgePlaintext: true })).toEqual(planOf(config));
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
