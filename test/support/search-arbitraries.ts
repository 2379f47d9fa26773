import fc from "fast-check";
import { type AttributeMap, type AttributeValue, attributeMap } from "../../src/attributes/index.ts";

/** Few values, so that random items and conditions meet; some differ in spelling only, or in case only. */
const scalars: readonly AttributeValue[] = [
  ..."|a|A|b|ab|Ab|7|true|a.b".split("|").map((S) => ({ S })),
  ...["7", "7.0", "0", "-0", "70e-1"].map((N) => ({ N })),
  { BOOL: true },
  { NULL: true },
];
const texts: readonly AttributeValue[] = "|a|A|b|ab|aB|B|zz".split("|").map((S) => ({ S }));
const sets: readonly AttributeValue[] = [{ SS: ["a"] }, { SS: ["a", "b"] }, { NS: ["7", "1"] }, { BS: [Uint8Array.of(97)] }];

/** A schema with every kind of beacon at the given length. */
export function everyBeacon(length: number, partitions: number): object {
  const beacon = (more: object = {}): object => ({ action: "ENCRYPT_AND_SIGN", beacon: { length, ...more } });
  return {
    tableName: "t",
    partitionKey: "pk",
    attributes: {
      x: beacon(),
      y: beacon({ style: "shared", sharedWith: "x" }),
      s: beacon({ style: "asSet" }),
      n: beacon({ normalize: "lowercase" }),
      p: beacon({ style: "partOnly" }),
      first: beacon(partitions > 2 ? { partitions: 2 } : {}),
      last: "ENCRYPT_AND_SIGN",
      m: "ENCRYPT_AND_SIGN",
      plain: "SIGN_ONLY",
      zone: "SIGN_ONLY",
    },
    beacons: { deep: { location: "m.k", length } },
    virtualFields: {
      full: { parts: [{ location: "first", transforms: ["lowercase"] }, "last"], beacon: { length } },
      bare: { parts: ["last", "zone"] },
    },
    compoundBeacons: {
      c: {
        split: ".",
        encrypted: [
          { name: "first", prefix: "F-" },
          { name: "p", prefix: "P-" },
        ],
        signed: [{ name: "zone", prefix: "Z-" }],
        constructors: [["zone", "first", { optional: "p" }], ["first", { optional: "p" }], ["p"]],
      },
      signedOnly: {
        split: "#",
        signed: [
          { name: "zone", prefix: "Z-" },
          { name: "plain", prefix: "L-" },
        ],
      },
    },
    ...(partitions === 1 ? {} : { beaconPartitions: partitions }),
  };
}

/** An item that `everyBeacon` can be computed of. */
export function searchedItem(): fc.Arbitrary<AttributeMap> {
  const optional = (values: readonly AttributeValue[]): fc.Arbitrary<AttributeValue | undefined> =>
    fc.option(fc.constantFrom(...values), { nil: undefined });
  const single = optional([...texts, { N: "7.0" }, { BOOL: true }]);
  return fc
    .record({
      x: optional([...scalars, ...sets, { L: [{ S: "a" }] }]),
      y: optional(scalars),
      s: optional(sets),
      n: optional(scalars),
      p: single,
      first: single,
      last: single,
      m: fc.option(
        optional(scalars).map((k): AttributeValue => ({ M: k === undefined ? {} : { k } })),
        { nil: undefined },
      ),
      plain: optional(texts),
      zone: optional(texts),
    })
    .map((record) => {
      const present = Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
      return attributeMap([["pk", { S: "k" }], ...present]);
    });
}

const pieces = fc.constantFrom("Z-", "Z-a", "Z-ab", "F-", "F-a", "F-A", "F-7", "P-", "P-b", "P-true");
const compoundText: fc.Arbitrary<AttributeValue> = fc
  .array(pieces, { minLength: 1, maxLength: 3 })
  .map((parts) => ({ S: parts.join(".") }));

/** A condition on anything that a query may name; values fit the attribute more often than not. */
export function searchCondition(): fc.Arbitrary<string> {
  return fc.letrec<{ condition: string; leaf: string }>((tie) => ({
    condition: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      { arbitrary: tie("leaf"), weight: 5 },
      { arbitrary: fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a}) AND (${b})`), weight: 2 },
      { arbitrary: fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a}) OR (${b})`), weight: 2 },
      { arbitrary: tie("condition").map((a) => `NOT (${a})`), weight: 2 },
    ),
    leaf: leafText(),
  })).condition;
}

const paths = ["#x", "#y", "#s", "#n", "#p", "#first", "#last", "#deep", "#m.#k", "#full", "#bare", "#plain", "#zone", "#signedOnly"];

function leafText(): fc.Arbitrary<string> {
  const any = fc.constantFrom(...paths);
  const value = fc.constantFrom(":a", ":b", ":d", ":set");
  const text = fc.constantFrom(":c", ":e");
  const leafOf = (path: fc.Arbitrary<string>, of: fc.Arbitrary<string>, bound: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof(
      fc.tuple(path, fc.constantFrom("=", "=", "<>", "<", "<=", ">", ">="), of).map(([a, operator, b]) => `${a} ${operator} ${b}`),
      fc.tuple(of, fc.constantFrom("=", "<", "<=", ">", ">="), path).map(([a, operator, b]) => `${a} ${operator} ${b}`),
      fc.tuple(path, bound).map(([a, b]) => `${a} BETWEEN ${b}`),
      fc.tuple(path, of, of).map(([a, b, c]) => `${a} IN (${b}, ${c})`),
      fc.tuple(fc.constantFrom("begins_with", "contains"), path, of).map(([name, a, b]) => `${name}(${a}, ${b})`),
      fc.tuple(fc.constantFrom("attribute_exists", "attribute_not_exists"), path).map(([name, a]) => `${name}(${a})`),
    );
  return fc.oneof(
    { arbitrary: leafOf(any, value, fc.constant(":lo AND :hi")), weight: 5 },
    { arbitrary: leafOf(fc.constant("#c"), text, fc.constant(":clo AND :chi")), weight: 4 },
    { arbitrary: fc.tuple(any, any).map(([a, b]) => `${a} = ${b}`), weight: 1 },
    { arbitrary: any.map((a) => `size(${a}) > :one`), weight: 1 },
    { arbitrary: any.map((a) => `attribute_type(${a}, :type)`), weight: 1 },
    { arbitrary: fc.tuple(any, text).map(([a, b]) => `#c = ${a} OR #c = ${b}`), weight: 1 },
  );
}

export const searchNames: Readonly<Record<string, string>> = Object.fromEntries(
  ["x", "y", "s", "n", "p", "first", "last", "deep", "m", "k", "full", "bare", "plain", "zone", "signedOnly", "c"].map((name) => [
    `#${name}`,
    name,
  ]),
);

export function searchValues(): fc.Arbitrary<Record<string, AttributeValue>> {
  const scalar = fc.constantFrom(...scalars);
  return fc
    .record({
      a: scalar,
      b: scalar,
      d: fc.constantFrom(...texts),
      set: fc.constantFrom(...sets),
      c: compoundText,
      e: compoundText,
      clo: compoundText,
      chi: compoundText,
    })
    .map(({ a, b, d, set, c, e, clo, chi }) => {
      const [low, high] = (clo.S ?? "") <= (chi.S ?? "") ? [clo, chi] : [chi, clo];
      return {
        ":a": a,
        ":b": b,
        ":d": d,
        ":set": set,
        ":c": c,
        ":e": e,
        ":clo": low,
        ":chi": high,
        ":lo": { S: "A" },
        ":hi": { S: "b" },
        ":one": { N: "1" },
        ":type": { S: "S" },
      };
    });
}

/** Only what an expression uses: the service refuses a request with more. */
export function usedIn<Value>(text: string, placeholders: Readonly<Record<string, Value>>): Record<string, Value> | undefined {
  const used = Object.entries(placeholders).filter(([name]) => new RegExp(`${name}(?!\\w)`).test(text));
  return used.length === 0 ? undefined : Object.fromEntries(used);
}
