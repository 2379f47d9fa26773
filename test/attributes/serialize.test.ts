import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttributeValue, deserializeAttributeValue, serializeAttributeValue, typeIds } from "../../src/attributes/index.ts";
import { valueToJson } from "../support/dynamodb-json.ts";
import { anyAttributeValue } from "../support/random-values.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Type ID", "Number", "Null", "String", "Binary"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Boolean", "Set", "Set Count", "Set Entries"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Set Entry Length", "Map Attribute"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Key Value Pair Count", "Key Value Pair Entries"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Key Type", "Map Key", "Value Type", "Value Length"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Map Value", "List", "List Count", "List Entries"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "List Entry Type", "List Entry Length"
// @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "List Entry Value"
// @see specification/structured-encryption/structures.md "Terminal Type ID", "Terminal Value"
describe("serializeAttributeValue", () => {
  it.each<[string, AttributeValue, number, string]>([
    ["NULL", { NULL: true }, 0x0000, ""],
    ["S", { S: "é" }, 0x0001, "c3a9"],
    ["N, normalized", { N: "1.50" }, 0x0002, "312e35"],
    ["B", { B: Uint8Array.of(1, 255) }, 0xffff, "01ff"],
    ["BOOL", { BOOL: true }, 0x0004, "01"],
    ["SS in order of UTF-16 code units", { SS: ["\u{1f600}", "\uff01"] }, 0x0101, "00000002" + "00000004f09f9880" + "00000003efbc81"],
    ["NS as normalized text", { NS: ["9", "10"] }, 0x0102, "00000002" + "000000023130" + "0000000139"],
    ["BS", { BS: [Uint8Array.of(2), Uint8Array.of(1, 0)] }, 0x01ff, "00000002" + "000000020100" + "0000000102"],
    [
      "M",
      { M: { b: { NULL: true }, a: { S: "x" } } },
      0x0200,
      "00000002" + "00010000000161" + "00010000000178" + "00010000000162" + "000000000000",
    ],
    ["L", { L: [{ BOOL: false }] }, 0x0300, "00000001" + "00040000000100"],
  ])("%s", (_name, value, typeId, bytes) => {
    const terminal = serializeAttributeValue(value);
    expect(terminal.typeId).toBe(typeId);
    expect(hex(terminal.value)).toBe(bytes);
  });

  // @see specification/dynamodb-encryption-client/ddb-item-conversion.md "Convert Structured Data to DDB Item", "Duplicates"
  it("is inverted by deserializeAttributeValue, but for the spelling of numbers and the order of sets", () => {
    fc.assert(
      fc.property(anyAttributeValue(), (value) => {
        const once = deserializeAttributeValue(serializeAttributeValue(value));
        const twice = deserializeAttributeValue(serializeAttributeValue(once));
        expect(valueToJson(twice)).toEqual(valueToJson(once));
        expect(serializeAttributeValue(once)).toEqual(serializeAttributeValue(value));
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ["no member", {}, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["two members", { S: "a", N: "1" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["unknown member", { X: 1 }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["S not a string", { S: 1 }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["B not bytes", { B: "AA==" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["lone surrogate", { S: "\ud800" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["lone surrogate in a map key", { M: { "\udc00": { S: "" } } }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["duplicate string", { SS: ["a", "a"] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["duplicate number, written differently", { NS: ["1", "1.0"] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["duplicate binary", { BS: [Uint8Array.of(1), Uint8Array.of(1)] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["long map key", { M: { ["k".repeat(65_536)]: { S: "" } } }, "ERR_LIMIT_EXCEEDED"],
    ["too deep", nested(32, { S: "leaf" }), "ERR_LIMIT_EXCEEDED"],
  ])("refuses %s", (_name, value, code) => {
    expect(() => serializeAttributeValue(value as AttributeValue)).toThrow(expect.objectContaining({ code }));
  });

  it("takes 32 levels", () => {
    expect(serializeAttributeValue(nested(31, { S: "leaf" })).typeId).toBe(typeIds.L);
  });
});

describe("deserializeAttributeValue", () => {
  it("never reads past a prefix of what was written, nor past its end", () => {
    fc.assert(
      fc.property(anyAttributeValue(), fc.nat(), (value, cut) => {
        const { typeId, value: bytes } = serializeAttributeValue(value);
        fc.pre(typeId >= 0x0100 && typeId !== typeIds.B);
        const prefix = bytes.subarray(0, cut % bytes.length);
        const longer = Uint8Array.of(...bytes, 0);
        for (const broken of [prefix, longer]) {
          expect(() => deserializeAttributeValue({ typeId, value: broken })).toThrow(
            expect.objectContaining({ code: "ERR_ATTRIBUTE_MALFORMED" }),
          );
        }
      }),
    );
  });

  it.each<[string, number, string]>([
    ["unknown type", 0x0999, ""],
    ["NULL with bytes", 0x0000, "00"],
    ["BOOL of 2", 0x0004, "02"],
    ["invalid UTF-8", 0x0001, "c3"],
    ["a count that no memory could hold", 0x0101, "ffffffff"],
    ["a list of a count beyond its bytes", 0x0300, "7fffffff000100000000"],
    ["duplicate in a set", 0x0101, "00000002" + "0000000161" + "0000000161"],
    ["duplicate in a set of binary", 0x01ff, "00000002" + "0000000161" + "0000000161"],
    ["duplicate in a set of binary, another between", 0x01ff, "00000003" + "0000000161" + "0000000162" + "0000000161"],
    ["duplicate in a set of numbers, another between", 0x0102, "00000003" + "0000000131" + "0000000132" + "0000000131"],
    ["duplicate map key", 0x0200, "00000002" + "00010000000161000000000000" + "00010000000161000000000000"],
    ["map key that is no string", 0x0200, "00000001" + "00020000000161000000000000"],
  ])("refuses %s", (_name, typeId, bytes) => {
    const value = new Uint8Array(Buffer.from(bytes, "hex"));
    expect(() => deserializeAttributeValue({ typeId, value })).toThrow(expect.objectContaining({ code: "ERR_ATTRIBUTE_MALFORMED" }));
  });

  it("keeps a map key called __proto__", () => {
    const value = { M: Object.fromEntries([["__proto__", { S: "x" }]]) };
    const { M } = deserializeAttributeValue(serializeAttributeValue(value));
    expect(Object.entries(M ?? {})).toEqual([["__proto__", { S: "x" }]]);
  });
});

function nested(levels: number, leaf: AttributeValue): AttributeValue {
  return levels === 0 ? leaf : { L: [nested(levels - 1, leaf)] };
}
