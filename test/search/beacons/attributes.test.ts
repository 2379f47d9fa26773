import { describe, expect, it } from "vitest";
import { SecretBytes } from "../../../src/bytes/index.ts";
import { BeaconKeys, beaconAttributes, beaconLengthAdvice, indexDefinitionsOf, withSignedBeacons } from "../../../src/search/index.ts";
import { searchableTable } from "../../support/beacon-vectors.ts";

const keys = new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(5)));
const table = searchableTable({
  tableName: "t",
  partitionKey: "pk",
  otherAttributes: "ENCRYPT_AND_SIGN",
  attributes: {
    x: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } },
    tags: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8, style: "asSet" } },
    y: "ENCRYPT_AND_SIGN",
    year: "SIGN_ONLY",
    zone: "SIGN_ONLY",
  },
  virtualFields: { half: { parts: [{ location: "y", transforms: [{ prefix: 1 }] }], beacon: { length: 8 } } },
  compoundBeacons: {
    c: { split: ".", encrypted: [{ name: "x", prefix: "X-" }] },
    signed: {
      split: "#",
      signed: [
        { name: "year", prefix: "Y-" },
        { name: "zone", prefix: "Z-" },
      ],
    },
  },
  beaconKey: { from: "tenant" },
});

// @see specification/dynamodb-encryption-client/ddb-support.md "AddSignedBeacons", "HandleBeaconKeyFieldName"
describe("an item that is written", () => {
  it("gets its signed beacons, and loses the attribute that only names the beacon key", () => {
    const item = Object.freeze({ year: { N: "02024.0" }, zone: { S: "b" }, tenant: { S: "t" } });
    expect(withSignedBeacons(table, item, "tenant")).toEqual({ year: { N: "02024.0" }, zone: { S: "b" }, signed: { S: "Y-2024#Z-b" } });
    const given = { ...item, signed: { S: "Y-2024#Z-b" } };
    expect(withSignedBeacons(table, given, undefined)).toEqual(given);
  });

  it.each([
    ["a signed beacon that is another", { year: { N: "1" }, zone: { S: "b" }, signed: { S: "Y-2#Z-b" } }, "ERR_SIGNED_BEACON_MISMATCH"],
    ["a signed part that holds the split character", { year: { N: "1" }, zone: { S: "#" } }, "ERR_BEACON_VALUE_NOT_SUPPORTED"],
    ["an attribute with a virtual field's name", { half: { S: "a" } }, "ERR_BEACON_NAME_WRITTEN"],
    ["an attribute with a compound beacon's name", { c: { S: "X-1" } }, "ERR_BEACON_NAME_WRITTEN"],
  ])("is refused with %s", (_name, item, code) => {
    expect(() => withSignedBeacons(table, item, undefined)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ["a single value where the style is asSet", { tags: { S: "a" } }],
    ["a set in a compound beacon", { x: { SS: ["a"] } }],
    ["a part that holds the split character", { x: { S: "a.b" } }],
    ["half of a surrogate pair after a transform", { y: { S: "😀" } }],
  ])("has no beacons with %s, and the error holds no value", (_name, item) => {
    expect(() => beaconAttributes(table, item, keys)).toThrow(
      expect.objectContaining({ code: "ERR_BEACON_VALUE_NOT_SUPPORTED", message: expect.not.stringContaining("a.b") }),
    );
  });

  it("has the beacons of what it holds, and no more", () => {
    expect(Object.keys(beaconAttributes(table, { x: { S: "1" }, y: { S: "ab" } }, keys))).toEqual([
      "aws_dbe_b_x",
      "aws_dbe_b_half",
      "aws_dbe_b_c",
    ]);
    expect(beaconAttributes(table, {}, keys)).toEqual({});
  });
});

describe("indexes for beacons", () => {
  it("are those whose keys can be strings", () => {
    const { AttributeDefinitions, GlobalSecondaryIndexes } = indexDefinitionsOf(table);
    expect(AttributeDefinitions.map(({ AttributeName }) => AttributeName)).toEqual([
      "aws_dbe_b_x",
      "aws_dbe_b_half",
      "aws_dbe_b_c",
      "signed",
    ]);
    expect(GlobalSecondaryIndexes[0]).toEqual({
      IndexName: "x-index",
      KeySchema: [{ AttributeName: "aws_dbe_b_x", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    });
  });
});

describe("advice on a beacon's length", () => {
  it("is 9 to 15 bits for 100,000 values, and counts the false positives", () => {
    const { choices, recommended } = beaconLengthAdvice({ distinct: 100_000, rows: 5_000_000 });
    expect(choices.map(({ length }) => length)).toEqual([9, 10, 11, 12, 13, 14, 15]);
    expect(recommended?.length).toBe(15);
    expect(recommended?.falsePositives).toBeCloseTo(4_999_950 / 2 ** 15);
    expect(recommended?.rowsRead).toBeCloseTo(50 + 4_999_950 / 2 ** 15);
    expect(recommended?.valuesPerBeacon).toBeCloseTo(3.05, 2);
  });

  it.each([1, 2, 4])("is none for %d values: each would have a beacon of its own", (distinct) => {
    expect(beaconLengthAdvice({ distinct })).toEqual({ choices: [], recommended: undefined });
  });

  it("follows the specification's bounds", () => {
    for (let distinct = 5; distinct < 3000; distinct += 7) {
      for (const { length } of beaconLengthAdvice({ distinct }).choices) {
        expect(2 ** length).toBeGreaterThan(Math.sqrt(distinct));
        expect(2 ** length).toBeLessThan(distinct / 2);
      }
    }
  });

  it.each([{ distinct: 0 }, { distinct: Number.NaN }, { distinct: 10, rows: 5 }])("refuses %j", (input) => {
    expect(() => beaconLengthAdvice(input)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
