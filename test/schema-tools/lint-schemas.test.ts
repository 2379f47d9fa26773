import { describe, expect, it } from "vitest";
import { parseSchema } from "../../src/schema/index.ts";
import { type LintFinding, type LintInput, lintSchemas } from "../../src/schema-tools/index.ts";

/** Nothing to say of it. */
const sound = {
  tableName: "customers-prod",
  partitionKey: "customerId",
  attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } }, note: "ENCRYPT_AND_SIGN", rank: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
} as const;

function lint(schema: object = {}, input: Partial<LintInput> = {}): readonly LintFinding[] {
  return lintSchemas({ schemas: [parseSchema({ ...sound, ...schema })], today: "2026-06-01", ...input });
}

function found(schema: object, input: Partial<LintInput> = {}): readonly string[] {
  return lint(schema, input).map(({ rule, subject }) => `${rule} ${subject}`);
}

describe("lint", () => {
  it("says nothing of a sound schema", () => {
    expect(lint()).toEqual([]);
    expect(lint({}, { hierarchicalTables: "all", tableNames: { "customers-prod": "t" }, streamFilters: {}, policies: [] })).toEqual([]);
  });

  it.each([
    ["an e-mail address as the key", { partitionKey: "email", attributes: {} }, "personal-data-readable email"],
    ["a phone number in the key", { sortKey: "phoneNumber" }, "personal-data-readable phoneNumber"],
    [
      "a birthday that is only signed",
      { attributes: { ...sound.attributes, dateOfBirth: "SIGN_ONLY" } },
      "personal-data-readable dateOfBirth",
    ],
    [
      "an unsigned address",
      { attributes: { ...sound.attributes, shipping_address: "DO_NOTHING" } },
      "personal-data-readable shipping_address",
    ],
    [
      "a name in the encryption context",
      { attributes: { ...sound.attributes, lastName: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" } },
      "personal-data-readable lastName",
    ],
    [
      "a beacon of a truth value",
      { attributes: { vip: { action: "ENCRYPT_AND_SIGN", type: "boolean", beacon: { length: 1 } } } },
      "beacon-too-short-domain vip",
    ],
    [
      "a beacon of few values",
      { attributes: { gender: { action: "ENCRYPT_AND_SIGN", beacon: { length: 2 } } } },
      "beacon-too-short-domain gender",
    ],
    [
      "a beacon that hides nothing",
      { attributes: { note: { action: "ENCRYPT_AND_SIGN", beacon: { length: 40 } } } },
      "beacon-too-long note",
    ],
    ["a table without environment", { tableName: "customers" }, "no-environment tableName"],
    ["ECDSA that HMAC can stand in for", { algorithmSuite: "ECDSA" }, "suites-not-restricted acceptAlgorithmSuites"],
  ])("finds %s", (_what, schema, finding) => {
    expect(found(schema)).toEqual([finding]);
  });

  it.each(["customerId", "phoneId", "renamed", "tier", "sku", "companyCode"])("takes %s for no personal data", (name) => {
    expect(found({ attributes: { ...sound.attributes, [name]: "SIGN_ONLY" } })).toEqual([]);
  });

  it("finds a plaintext policy past its day, on no day before", () => {
    const migrating = { plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ", plaintextUntil: "2026-06-01" };
    expect(found(migrating)).toEqual([]);
    expect(found(migrating, { today: "2026-06-02" })).toEqual(["plaintext-overdue plaintextOverride"]);
    expect(found({ plaintextUntil: "2026-06-01" }, { today: "2026-06-02" })).toEqual([]);
  });

  it("finds ECDSA under a hierarchical keyring", () => {
    const schema = { algorithmSuite: "ECDSA" };
    expect(found(schema, { hierarchicalTables: ["customers-prod"] })).toContain("ecdsa-under-hierarchy algorithmSuite");
    expect(found(schema, { hierarchicalTables: ["orders-prod"] })).not.toContain("ecdsa-under-hierarchy algorithmSuite");
  });

  it("finds two names of one table", () => {
    const schemas = [parseSchema(sound), parseSchema({ ...sound, tableName: "orders-prod" })];
    const findings = lint({}, { schemas, tableNames: { "orders-prod": "customers-prod" } });
    expect(findings.map(({ rule, tableName }) => [rule, tableName])).toEqual([
      ["one-table-two-names", "customers-prod"],
      ["one-table-two-names", "orders-prod"],
    ]);
  });

  it.each([
    ["a value of an encrypted attribute", { NewImage: { note: { S: ["x"] } } }, ["stream-filter-cannot-match note"]],
    ["its bytes", { OldImage: { note: { B: [{ prefix: "x" }] } } }, ["stream-filter-cannot-match note"]],
    ["its presence", { NewImage: { note: { B: [{ exists: true }] } } }, []],
    ["a signed attribute", { NewImage: { rank: { N: [{ numeric: [">", 3] }] } }, Keys: { customerId: { S: ["1"] } } }, []],
  ])("looks at stream filters: %s", (_what, dynamodb, findings) => {
    expect(found({}, { streamFilters: { "customers-prod": [{ eventName: ["INSERT"], dynamodb }] } })).toEqual(findings);
  });

  it("looks at conditions of IAM policies", () => {
    const statement = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" };
    const condition = {
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ["rank"] },
      StringEqualsIfExists: { "dynamodb:Select": "X", "dynamodb:ReturnValues": "NONE" },
    };
    expect(found({}, { policies: [{ Statement: [{ ...statement, Condition: condition }] }] })).toEqual([
      "iam-condition-cannot-hold dynamodb:attributes",
      "iam-condition-cannot-hold dynamodb:select",
      "iam-condition-cannot-hold dynamodb:returnvalues",
    ]);
    const leading = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["1"] } };
    expect(found({}, { policies: [{ Statement: { ...statement, Condition: leading } }, { Statement: statement }, "none"] })).toEqual([]);
  });

  it("gives a remedy for everything", () => {
    const findings = lint({ tableName: "customers", algorithmSuite: "ECDSA", sortKey: "email2" }, { hierarchicalTables: "all" });
    expect(findings.length).toBeGreaterThan(2);
    for (const { remedy } of findings) expect(remedy).toMatch(/^[A-Z].{10,}\.$/);
  });
});
