import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributeMap, copyAttributeMap, copyAttributeValue } from "../../src/attributes/index.ts";
import { canonical } from "../support/canonical-value.ts";
import { reachableObjects } from "../support/mutate.ts";
import { anyAttributeValue, anyText } from "../support/random-values.ts";

const anyItem = fc.array(fc.tuple(anyText(), anyAttributeValue()), { maxLength: 6 }).map((entries) => attributeMap(entries));

describe("a copy", () => {
  test("equals what was given, and shares no object and no byte with it", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const copy = copyAttributeMap(item);
        expect(Object.entries(copy).map(([name, value]) => [name, canonical(value)])).toEqual(
          Object.entries(item).map(([name, value]) => [name, canonical(value)]),
        );
        const given = reachableObjects(item);
        for (const object of reachableObjects(copy)) expect(given.has(object)).toBe(false);
      }),
    );
  });

  test("reads each member once", () => {
    fc.assert(
      fc.property(anyItem, (item) => {
        const reads = new Map<string, number>();
        copyAttributeMap(watched(item, "item", reads));
        expect([...reads].filter(([, count]) => count > 1)).toEqual([]);
      }),
    );
  });

  test("has no prototype, so that an attribute or a map key may be called __proto__", () => {
    const item = JSON.parse('{ "__proto__": { "M": { "__proto__": { "S": "a" } } } }') as object;
    const copy = copyAttributeMap(item);
    expect(Object.getPrototypeOf(copy)).toBeNull();
    expect(Object.keys(copy)).toEqual(["__proto__"]);
    expect(Object.values(copy).map(({ M }) => Object.keys(M ?? {}))).toEqual([["__proto__"]]);
  });

  test("leaves out what is null or undefined, in items, maps and values", () => {
    const given = {
      gone: null,
      none: undefined,
      s: { S: "a", N: null, BOOL: undefined },
      m: { M: { a: null, b: undefined, c: { S: "" } } },
    };
    expect({ ...copyAttributeMap(given) }).toEqual({ s: { S: "a" }, m: { M: { c: { S: "" } } } });
  });

  test("takes values of classes, of other realms, and views into larger buffers", () => {
    class Value {
      get S(): string {
        return "by a class";
      }
    }
    expect(copyAttributeValue(new Value())).toEqual({ S: "by a class" });
    expect(copyAttributeValue(Object.create({ S: "inherited" }))).toEqual({ S: "inherited" });
    const foreign: unknown = runInNewContext("({ B: new Uint8Array([1, 2]), M: undefined })");
    expect(copyAttributeValue(foreign)).toEqual({ B: Uint8Array.of(1, 2) });
    expect(copyAttributeValue({ B: Buffer.from("hello").subarray(1, 3) })).toEqual({ B: Uint8Array.of(0x65, 0x6c) });
    expect(copyAttributeValue({ M: runInNewContext("({ a: { N: '1' } })") }).M?.["a"]).toEqual({ N: "1" });
  });

  test("takes 32 levels and no more", () => {
    const nested = (levels: number): object => (levels === 1 ? { S: "x" } : { L: [nested(levels - 1)] });
    expect(() => copyAttributeValue(nested(32))).not.toThrow();
    expect(() => copyAttributeValue(nested(33))).toThrow(expect.objectContaining({ code: "ERR_LIMIT_EXCEEDED" }));
    const circle: { M: Record<string, unknown> } = { M: {} };
    circle.M["again"] = circle;
    expect(() => copyAttributeMap({ circle })).toThrow(expect.objectContaining({ code: "ERR_LIMIT_EXCEEDED" }));
  });
});

describe("what is not exactly an AttributeValue is refused", () => {
  test.each<[string, unknown]>([
    ["a string", "text"],
    ["a number", 5],
    ["nothing set", {}],
    ["only null set", { S: null }],
    ["two members", { S: "a", N: "1" }],
    ["an unknown member", { X: 1 }],
    ["a member beside an unknown one", { S: "a", X: 1 }],
    ["a number as S", { S: 5 }],
    ["a date as S", { S: new Date(0) }],
    ["a number as N", { N: 5 }],
    ["a text as BOOL", { BOOL: "true" }],
    ["a number as BOOL", { BOOL: 1 }],
    ["a text as NULL", { NULL: "true" }],
    ["false as NULL", { NULL: false }],
    ["a text as B", { B: "text" }],
    ["an ArrayBuffer as B", { B: new ArrayBuffer(2) }],
    ["other numbers as B", { B: Uint16Array.of(1) }],
    ["a Map as M", { M: new Map([["a", { S: "b" }]]) }],
    ["a list as M", { M: [] }],
    ["a date as M", { M: new Date(0) }],
    ["a Set as SS", { SS: new Set(["a"]) }],
    ["a text as SS", { SS: "ab" }],
    ["null in a set", { SS: ["a", null] }],
    ["a number in NS", { NS: [1] }],
    ["a text in BS", { BS: ["a"] }],
    ["an object as L", { L: { length: 1, 0: { S: "a" } } }],
    ["null in a list", { L: [null] }],
    ["a hole in a list", { L: new Array(1) }],
    ["a native value in a map", { M: { a: "native" } }],
  ])("%s", (_name, value) => {
    const refusal = { code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE" };
    expect(() => copyAttributeValue(value)).toThrow(expect.objectContaining(refusal));
    const named = { ...refusal, details: expect.objectContaining({ attribute: "a" }) };
    expect(() => copyAttributeMap({ a: value })).toThrow(expect.objectContaining(named));
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "item"],
    ["a list", []],
    ["a Map", new Map()],
  ])("an item that is %s", (_name, item) => {
    expect(() => copyAttributeMap(item)).toThrow(expect.objectContaining({ code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE" }));
  });

  test("and only with our error, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }), (value) => {
        try {
          copyAttributeMap({ a: value });
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^ERR_(?:ATTRIBUTE_NOT_SERIALIZABLE|LIMIT_EXCEEDED)$/) });
        }
      }),
    );
  });
});

/** A proxy that counts how often each member is got, at any depth. Bytes are left alone: a typed array is no proxy. */
function watched(value: unknown, path: string, reads: Map<string, number>): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return new Proxy(value, {
    get: (target, member, receiver) => {
      const place = `${path}/${String(member)}`;
      reads.set(place, (reads.get(place) ?? 0) + 1);
      return watched(Reflect.get(target, member, receiver), place, reads);
    },
  });
}
