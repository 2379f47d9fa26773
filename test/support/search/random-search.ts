import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { resolveAttributes } from "../../../src/search/index.ts";
import type { Draws } from "../updates/random.ts";

export type Item = Record<string, AttributeValue>;

/** A leaf of a condition as the encrypted table is asked, and as a plain table with computed attributes would be. */
interface TwofoldText {
  readonly asked: string;
  readonly plain: string;
}

export interface RandomSearch {
  readonly schema: Record<string, unknown>;
  /** The attributes that have a beacon which can be an index's partition key: what a key condition names. */
  readonly searchable: readonly [string, ...string[]];
  item(number: number): Item;
  /** The item as the plain table holds it: with everything computed that conditions speak of. */
  plainItem(item: Item): Item;
  condition(): TwofoldText;
  keyCondition(name: string): TwofoldText;
  /** Every placeholder of conditions; requests take what they use. */
  readonly names: Readonly<Record<string, string>>;
  values(): Item;
}

const texts = ["", "a", "A", "b", "B", "ab", "aB", "Ba", "zz"] as const;
const filled = ["a", "A", "b", "B", "ab", "aB", "Ba", "zz"] as const;
const lowered = "lowered_";

/**
 * A random schema with beacons of one length, and items and conditions for it. Few values, so that they meet; in the
 * compound beacon `c` encrypted parts are matched as a whole, and in `low` case is ignored, so that conditions on these
 * two are put differently to the plain table.
 */
export function randomSearch(
  random: Draws,
  { length, partitions }: { readonly length: number; readonly partitions: number },
): RandomSearch {
  const chance = (): boolean => random.below(2) === 0;
  const few = (): object => (partitions > 1 && chance() ? { partitions: 1 + random.below(partitions - 1) } : {});
  const encrypted = (more: object = {}): object => ({ action: "ENCRYPT_AND_SIGN", beacon: { length, ...more } });
  const transforms = [["lowercase"], [{ prefix: 1 }], ["uppercase", { suffix: 1 }], [{ segment: { split: "a", index: 0 } }]] as const;
  const orders: readonly [unknown, ...unknown[]] = [
    [["zone", "first"]],
    [["first", "zone"], ["first"]],
    [["zone", { optional: "first" }, { optional: "x" }]],
    [
      ["first", "x"],
      ["zone", "x"],
    ],
  ];
  const schema = {
    tableName: "searched",
    partitionKey: "pk",
    sortKey: "sk",
    algorithmSuite: "HMAC",
    attributes: {
      x: encrypted(few()),
      y: chance() ? encrypted({ style: "shared", sharedWith: "x" }) : encrypted(few()),
      first: encrypted(few()),
      tags: encrypted({ style: "asSet" }),
      low: encrypted({ normalize: "lowercase", ...few() }),
      bare: "ENCRYPT_AND_SIGN",
      m: "ENCRYPT_AND_SIGN",
      zone: "SIGN_ONLY",
      rank: "SIGN_ONLY",
      open: "DO_NOTHING",
    },
    beacons: { deep: { location: "m.k", length } },
    virtualFields: {
      full: {
        parts: [{ location: "first", transforms: random.pick<readonly unknown[]>(transforms) }, "zone"],
        beacon: { length, ...few() },
      },
      unhashed: { parts: ["bare", "x"] },
    },
    compoundBeacons: {
      c: {
        split: ".",
        encrypted: [
          { name: "first", prefix: "F-" },
          { name: "x", prefix: "X-" },
        ],
        signed: [{ name: "zone", prefix: "Z-" }],
        constructors: random.pick(orders),
      },
    },
    ...(partitions > 1 && { beaconPartitions: partitions }),
  };
  const anyText = (): string => random.pick(texts);
  const scalar = (): AttributeValue => (random.below(6) === 0 ? { N: random.pick(["7", "-1", "0"]) } : { S: anyText() });

  const item = (number: number): Item => {
    const optional = (name: string, value: () => AttributeValue): Item => (random.below(4) === 0 ? {} : { [name]: value() });
    return {
      pk: { S: random.pick(["p", "q"]) },
      sk: { N: String(number) },
      rank: { N: String((number * 37) % 101) },
      ...optional("x", scalar),
      ...optional("y", scalar),
      ...optional("first", () => ({ S: anyText() })),
      ...optional("tags", () => ({ SS: random.pick([["a"], ["a", "b"], ["A", "b"], ["zz"]]) })),
      ...optional("low", scalar),
      ...optional("bare", scalar),
      ...optional("m", () => ({ M: chance() ? { k: scalar() } : { other: { S: "a" } } })),
      ...optional("zone", () => ({ S: random.pick(filled) })),
      ...optional("open", () => ({ S: anyText() })),
    };
  };

  const plainItem = (given: Item): Item => {
    const { virtualFields, compoundBeacons } = resolveAttributes(schema, given);
    const computed = Object.entries({ ...virtualFields, ...compoundBeacons }).map(([name, S]) => [name, { S }] as const);
    const low = given["low"];
    return {
      ...given,
      ...Object.fromEntries(computed.filter(([name]) => name !== "low_normalized")),
      ...(low && { [`${lowered}low`]: low.S === undefined ? low : { S: low.S.toLowerCase() } }),
    };
  };

  const both = (text: string): TwofoldText => ({ asked: text, plain: text });
  const paths = ["#x", "#y", "#first", "#tags", "#bare", "#m.#k", "#full", "#unhashed", "#zone", "#rank", "#open"] as const;
  const existence = (path: string): string => `${random.pick(["attribute_exists", "attribute_not_exists"])}(${path})`;
  const leafOn = (path: string, value: () => string): string =>
    random.pick<() => string>([
      () => `${path} = ${value()}`,
      () => `${path} = ${value()}`,
      () => `${path} IN (${value()}, ${value()}, ${value()})`,
      () => `${value()} ${random.pick(["=", "<>", "<"])} ${path}`,
      () => `${path} ${random.pick(["<>", "<", "<=", ">", ">="])} ${value()}`,
      () => `${path} BETWEEN :lo AND :hi`,
      () => `contains(${path}, ${value()})`,
    ])();
  const plainLeaf = (): string => {
    const path = random.pick(paths);
    return random.pick<() => string>([
      () => leafOn(path, () => random.pick([":a", ":b", ":d"])),
      () => leafOn(path, () => random.pick([":a", ":b", ":d"])),
      () => `begins_with(${path}, :b)`,
      () => existence(path),
      () => `attribute_type(${path}, :type)`,
      () => `size(${path}) > :one`,
      () => "#x = #y",
    ])();
  };
  /** The beacon with a name of its own stands for a value inside the map. */
  const deepLeaf = (): TwofoldText => {
    const text = leafOn("#deep", () => random.pick([":a", ":b"]));
    return { asked: text, plain: text.replaceAll("#deep", "#m.#k") };
  };
  const lowLeaf = (): TwofoldText => {
    const text = leafOn("#low", () => random.pick([":n1", ":n2"]));
    return { asked: text, plain: text.replaceAll("#low", "#lowered").replaceAll(/:n(\d)/g, ":m$1") };
  };
  const compoundLeaf = (): TwofoldText =>
    random.pick<() => TwofoldText>([
      () => both("#c = :c1"),
      () => both("#c IN (:c1, :c2)"),
      () => both("NOT #c = :c1"),
      () => both("#c <> :c2"),
      () => both(existence("#c")),
      () => ({ asked: "begins_with(#c, :f)", plain: "#c = :f OR begins_with(#c, :fs)" }),
      () => both("begins_with(#c, :z)"),
    ])();
  const leaf = (): TwofoldText => random.pick([() => both(plainLeaf()), () => both(plainLeaf()), deepLeaf, lowLeaf, compoundLeaf])();

  const condition = (): TwofoldText => {
    const one = leaf();
    const join = (word: string, other: TwofoldText): TwofoldText => ({
      asked: `(${one.asked}) ${word} (${other.asked})`,
      plain: `(${one.plain}) ${word} (${other.plain})`,
    });
    switch (random.below(6)) {
      case 0:
        return join("AND", condition());
      case 1:
        return join("OR", condition());
      case 2:
        return { asked: `NOT (${one.asked})`, plain: `NOT (${one.plain})` };
      default:
        return one;
    }
  };

  const keyCondition = (name: string): TwofoldText => {
    if (name === "low") return { asked: "#low = :n1", plain: "#lowered = :m1" };
    if (name === "deep") return { asked: "#deep = :a", plain: "#m.#k = :a" };
    return both(name === "c" ? "#c = :c1" : `#${name} = :a`);
  };

  const own = [...Object.keys(schema.attributes), "full", "unhashed", "deep", "c", "k", "pk", "sk"];
  return {
    schema,
    searchable: ["x", "y", "first", "low", "full", "c", "deep"],
    item,
    plainItem,
    condition,
    keyCondition,
    names: { ...Object.fromEntries(own.map((name) => [`#${name}`, name])), "#lowered": `${lowered}low` },
    values() {
      const compounds = [0, 1].map(() =>
        someCompound(
          schema,
          Array.from({ length: 8 }, (_, number) => item(number)),
        ),
      );
      const [n1 = "", n2 = ""] = [anyText(), anyText()];
      const first = anyText();
      return {
        ":a": scalar(),
        ":b": { S: anyText() },
        ":d": scalar(),
        ":lo": { S: "A" },
        ":hi": { S: "b" },
        ":type": { S: random.pick(["S", "N", "SS"]) },
        ":one": { N: "1" },
        ":n1": { S: n1 },
        ":n2": { S: n2 },
        ":m1": { S: n1.toLowerCase() },
        ":m2": { S: n2.toLowerCase() },
        ":c1": { S: compounds[0] ?? "F-a" },
        ":c2": { S: compounds[1] ?? "F-a" },
        ":f": { S: `F-${first === "" ? "a" : first}` },
        ":fs": { S: `F-${first === "" ? "a" : first}.` },
        ":z": { S: `Z-${random.pick(filled).slice(0, 1)}` },
        ":p": { S: random.pick(["p", "q"]) },
        ":low": { N: String(random.below(20)) },
      };
    },
  };
}

/** The text of the compound beacon of one of the items. */
function someCompound(schema: object, items: readonly Item[]): string | undefined {
  return items.map((item) => resolveAttributes(schema, item).compoundBeacons["c"]).find((text) => text !== undefined);
}
