import { describe, expect, it } from "vitest";
import type { AttributeMap, AttributeValue } from "../../../src/attributes/index.ts";
import { parseExpressions } from "../../../src/expressions/index.ts";
import { prepareSearch } from "../../../src/search/index.ts";
import { searchableTable } from "../../support/beacon-vectors.ts";

const table = searchableTable({
  tableName: "t",
  partitionKey: "pk",
  attributes: {
    email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16, normalize: "lowercase" } },
    who: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } },
    home: "ENCRYPT_AND_SIGN",
    zone: "SIGN_ONLY",
  },
  beacons: { city: { location: "home.city", length: 12 } },
  compoundBeacons: {
    c: {
      split: ".",
      signed: [{ name: "zone", prefix: "Z-" }],
      encrypted: [{ name: "who", prefix: "N-" }],
      constructors: [["zone", "who"], ["who"]],
    },
  },
});

function matches(text: string, values: Record<string, AttributeValue>, item: AttributeMap): boolean {
  const parsed = parseExpressions({ FilterExpression: text, ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }) });
  return prepareSearch({ plan: table, parsed, filterAfterDecrypt: true, beaconKeyAttribute: undefined }).matches(item);
}

describe("a normalised attribute", () => {
  const email = { email: { S: "Ann@Example.com" } };
  it.each<[string, AttributeValue, boolean]>([
    ["email = :v", { S: "ANN@example.COM" }, true],
    ["email <> :v", { S: "ANN@example.COM" }, false],
    ["email IN (:v)", { S: "ann@example.com" }, true],
    ["begins_with(email, :v)", { S: "ANN@" }, true],
    ["contains(email, :v)", { S: "@EXAMPLE" }, true],
    ["email = :v", { S: "ann@example.org" }, false],
    ["email_normalized = :v", { S: "ann@example.com" }, true],
    ["email_normalized = :v", { S: "Ann@Example.com" }, false],
    ["size(email) = :v", { N: "15" }, true],
    ["attribute_type(email, :v)", { S: "S" }, true],
  ])("%s (%o): %s", (text, value, expected) => {
    expect(matches(text, { ":v": value }, email)).toBe(expected);
  });

  it.each<[AttributeValue, AttributeValue, boolean]>([
    [{ N: "7.0" }, { N: "7" }, true],
    [{ S: "7" }, { N: "7" }, false],
    [{ BOOL: true }, { BOOL: true }, true],
    // ASCII letters only.
    [{ S: "É" }, { S: "é" }, false],
  ])("%o = %o: %s", (stored, asked, expected) => {
    expect(matches("email = :v", { ":v": asked }, { email: stored })).toBe(expected);
  });
});

describe("a beacon with a name of its own", () => {
  it("stands for the value that it is on", () => {
    const item = { home: { M: { city: { S: "Paris" } } } };
    expect(matches("city = :v", { ":v": { S: "Paris" } }, item)).toBe(true);
    expect(matches("home.city = :v AND attribute_exists(city)", { ":v": { S: "Paris" } }, item)).toBe(true);
    expect(matches("attribute_exists(city)", {}, { home: { M: {} } })).toBe(false);
  });
});

describe("a compound beacon", () => {
  const ann = { who: { S: "Ann" }, zone: { S: "b2" } };
  const anna = { who: { S: "Anna" }, zone: { S: "b2" } };
  const nobody = { who: { S: "" } };
  it.each<[string, readonly string[], readonly [boolean, boolean, boolean]]>([
    ["c = :0", ["Z-b2.N-Ann"], [true, false, false]],
    // A readable part may be given by its beginning, an encrypted one only as a whole.
    ["begins_with(c, :0)", ["Z-b"], [true, true, false]],
    ["begins_with(c, :0)", ["Z-b2.N-"], [true, true, false]],
    ["begins_with(c, :0)", ["Z-b2.N-Ann"], [true, false, false]],
    ["contains(c, :0)", ["N-Ann"], [true, false, false]],
    ["contains(c, :0)", ["N-Anna"], [false, true, false]],
    ["contains(c, :0)", ["Z-b"], [true, true, false]],
    // The bare prefix comes before every value.
    ["c <= :0", ["N-"], [false, false, false]],
    ["c > :0", ["N-"], [true, true, true]],
    [":0 < c", ["N-"], [true, true, true]],
    ["c BETWEEN :0 AND :1", ["N-", "Z-b"], [false, false, true]],
    ["c BETWEEN :0 AND :1", ["Z-b2.N-Ann", "Z-b2.N-Ann"], [true, false, false]],
    ["c BETWEEN :0 AND :1", ["Z-a", "Z-c"], [true, true, false]],
    ["NOT (begins_with(c, :0))", ["Z-b2.N-Ann"], [false, true, true]],
  ])("%s %o", (text, values, expected) => {
    const given = Object.fromEntries(values.map((S, index) => [`:${index}`, { S }]));
    expect([ann, anna, nobody].map((item) => matches(text, given, item))).toEqual(expected);
  });
});
