import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributeMap, itemFromDynamoDbJson, itemToDynamoDbJson } from "../../src/attributes/index.ts";
import { isDynasealError } from "../../src/errors/index.ts";
import { anyAttributeValue } from "../support/random-values.ts";

const everyType = {
  s: { S: "text" },
  n: { N: "-12345678901234567890.123456789012345678" },
  b: { B: "AAEC/w==" },
  empty: { B: "" },
  t: { BOOL: true },
  f: { BOOL: false },
  nil: { NULL: true },
  ss: { SS: ["b", "a"] },
  ns: { NS: ["2", "1.0"] },
  bs: { BS: ["AQ==", "Ag=="] },
  l: { L: [{ S: "x" }, { L: [] }, { M: { deep: { B: "//8=" } } }] },
  m: { M: { inner: { N: "1" }, __proto__: { S: "no prototype" } } },
};

/** The code, or nothing where it was taken. */
function refusal(action: () => unknown): { readonly code: string; readonly message: string } | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (!isDynasealError(error)) throw error;
    return { code: error.code, message: JSON.stringify([error.message, error.hint, error.details]) };
  }
}

describe("items in DynamoDB JSON", () => {
  it("are read, every type of them, and written back the same", () => {
    const json: unknown = JSON.parse(JSON.stringify(everyType));
    const item = itemFromDynamoDbJson(json);
    expect(item["b"]).toEqual({ B: Uint8Array.of(0, 1, 2, 255) });
    expect(item["bs"]).toEqual({ BS: [Uint8Array.of(1), Uint8Array.of(2)] });
    expect(item["n"]).toEqual(everyType.n);
    expect(JSON.parse(JSON.stringify(itemToDynamoDbJson(item)))).toEqual(json);
  });

  it("law: reading inverts writing", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyAttributeValue()), (attributes) => {
        const item = attributeMap(Object.entries(attributes));
        expect(itemFromDynamoDbJson(JSON.parse(JSON.stringify(itemToDynamoDbJson(item))))).toEqual(item);
      }),
    );
  });

  it("may have an attribute called __proto__, at every level", () => {
    const item = itemFromDynamoDbJson(JSON.parse('{"__proto__":{"M":{"__proto__":{"S":"x"}}}}'));
    expect(Object.keys(item)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(item)).toBeNull();
    expect(JSON.stringify(itemToDynamoDbJson(item))).toBe('{"__proto__":{"M":{"__proto__":{"S":"x"}}}}');
  });

  it.each([
    ["without padding", "AAEC/w"],
    ["in the alphabet of URLs", "AAEC_w=="],
    ["with white space", "AAEC/w==\n"],
    ["with stray bits", "AAEC/x=="],
    ["that is cut", "AAEC/"],
    ["as bytes", Uint8Array.of(1)],
    ["as a printed Buffer", { type: "Buffer", data: [1] }],
    ["as null", null],
  ])("base64 %s is refused", (_name, content) => {
    expect(refusal(() => itemFromDynamoDbJson({ secret: { B: content } }))).toMatchObject({ code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE" });
    expect(refusal(() => itemFromDynamoDbJson({ secret: { BS: [content] } }))?.code).toBe("ERR_ATTRIBUTE_NOT_SERIALIZABLE");
    expect(refusal(() => itemFromDynamoDbJson({ secret: { L: [{ M: { x: { B: content } } }] } }))?.code).toBe(
      "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
    );
  });

  it.each([
    ["a number that JSON holds as one", { N: 5 }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a number that is none", { N: "5 canary" }, "ERR_NUMBER_INVALID"],
    ["two members", { S: "canary", N: "5" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["no member", {}, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["an unknown member", { X: "canary" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a native value", "canary", "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["null", null, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["an array", [{ S: "canary" }], "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a BOOL that is text", { BOOL: "true" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a NULL that is false", { NULL: false }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a set that is a text", { SS: "canary" }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a map that is a list", { M: [] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a list that is a map", { L: {} }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["a list of native values", { L: ["canary"] }, "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
  ])("%s is refused, by the attribute's name and without its value", (_name, value, code) => {
    const refused = refusal(() => itemFromDynamoDbJson({ id: { S: "1" }, salary: value }));
    expect(refused?.code).toBe(code);
    expect(refused?.message).toContain("salary");
    expect(refused?.message).not.toContain("canary");
  });

  it.each([undefined, null, "text", 5])("%s is not an item", (json) => {
    expect(refusal(() => itemFromDynamoDbJson(json))?.code).toBe("ERR_INVALID_ARGUMENT");
  });

  it("are as deep as items can be, and no deeper", () => {
    const nested = (depth: number): unknown => (depth === 1 ? { S: "x" } : { L: [nested(depth - 1)] });
    const item = itemFromDynamoDbJson({ deep: nested(32) });
    expect(itemToDynamoDbJson(item)).toEqual({ deep: nested(32) });
    expect(refusal(() => itemFromDynamoDbJson({ deep: nested(33) }))?.code).toBe("ERR_LIMIT_EXCEEDED");
    expect(refusal(() => itemFromDynamoDbJson({ deep: nested(5_000) }))?.code).toBe("ERR_LIMIT_EXCEEDED");
    expect(refusal(() => itemToDynamoDbJson({ deep: nested(33) } as never))?.code).toBe("ERR_LIMIT_EXCEEDED");
  });

  it.each([[{ S: "a", N: "1" }], [{}], [{ B: "AA==" }], [{ M: "x" }], [{ L: {} }], [null]])("%j is not written", (value) => {
    expect(refusal(() => itemToDynamoDbJson({ a: value } as never))?.code).toBe("ERR_ATTRIBUTE_NOT_SERIALIZABLE");
  });

  it("what is undefined is left out", () => {
    expect(itemToDynamoDbJson({ a: { S: "x", N: undefined }, b: undefined } as never)).toEqual({ a: { S: "x" } });
  });
});
