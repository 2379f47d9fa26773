import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { Item } from "../../../src/expressions/index.ts";
import { pooledItem, pooledValue } from "../expression-arbitraries.ts";
import { contextAttribute, type PathType } from "./attribute-pool.ts";

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const texts = ["", "a", "ab", "abc", "b", "é", "😀", "S"];

/** Few values of each type, so that comparisons are true as well as false. */
const numbers: readonly string[] = [
  ...["0", "1", "2", "3", "-1", "1.0", "0.1", "10", "1e2", "12.50", "-0"],
  ...["12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678", "9.9e125", "-9.9e125", "1e-130"],
];

const sets: readonly AttributeValue[] = [
  ...[["a"], ["a", "b"], ["b", "a", "ab"], ["", "a"], ["b", "c", "d"]].map((SS) => ({ SS })),
  ...[["1"], ["2", "1.0"]].map((NS) => ({ NS })),
  ...[[bytes(97)], [bytes(97), bytes(0)]].map((BS) => ({ BS })),
];

const small = fc.constantFrom(...numbers.slice(0, 6));
export const numberValue: fc.Arbitrary<AttributeValue> = fc
  .oneof({ arbitrary: small, weight: 4 }, { arbitrary: fc.constantFrom(...numbers), weight: 1 })
  .map((N) => ({ N }));
export const stringValue: fc.Arbitrary<AttributeValue> = fc.constantFrom(...texts).map((S) => ({ S }));
/** Mostly of strings, so that ADD and DELETE mostly fit. */
export const setValue: fc.Arbitrary<AttributeValue> = fc.oneof(
  { arbitrary: fc.constantFrom(...sets.slice(0, 5)), weight: 9 },
  { arbitrary: fc.constantFrom(...sets), weight: 1 },
);
export const listValue: fc.Arbitrary<AttributeValue> = fc
  .array(fc.oneof({ arbitrary: numberValue, weight: 3 }, { arbitrary: pooledValue(), weight: 1 }), { maxLength: 4 })
  .map((L) => ({ L }));
const binaryValue: fc.Arbitrary<AttributeValue> = fc.constantFrom(bytes(), bytes(0), bytes(97), bytes(97, 98)).map((B) => ({ B }));

/** Key attributes of indexes may not be empty. */
export const tagValue: fc.Arbitrary<AttributeValue> = fc.constantFrom("red", "blue").map((S) => ({ S }));
export const groupValue: fc.Arbitrary<AttributeValue> = fc.constantFrom("x", "y").map((S) => ({ S }));
export const scoreValue: fc.Arbitrary<AttributeValue> = fc.constantFrom("1", "2", "3").map((N) => ({ N }));

const mapValue: fc.Arbitrary<AttributeValue> = itemOf([
  ["a", often(numberValue)],
  ["b", often(listValue)],
  ["order", sometimes(setValue)],
  ["Notes", sometimes(pooledValue())],
  ["constructor", seldom(stringValue)],
]).map((M) => ({ M }));

export const anyValue: fc.Arbitrary<AttributeValue> = fc.oneof(
  { arbitrary: fc.oneof(numberValue, stringValue, binaryValue), weight: 5 },
  { arbitrary: fc.oneof(setValue, listValue, mapValue), weight: 2 },
  { arbitrary: pooledValue(), weight: 2 },
);

export const valueOf: Readonly<Record<PathType, fc.Arbitrary<AttributeValue>>> = {
  number: numberValue,
  string: stringValue,
  set: setValue,
  list: listValue,
  map: mapValue,
  any: anyValue,
};

/** What the service takes in no item. */
const refusedValue: fc.Arbitrary<AttributeValue> = fc.constantFrom<AttributeValue>(
  { SS: [] },
  { SS: ["a", "a"] },
  { NS: ["1", "1.0"] },
  { BS: [bytes(1), bytes(1)] },
  { N: "123456789012345678901234567890123456789" },
  { N: "1e126" },
  { N: "1e-131" },
  { N: "one" },
  { N: "" },
  { L: [{ SS: [] }] },
);

type Maybe = fc.Arbitrary<AttributeValue | undefined>;

function often(value: fc.Arbitrary<AttributeValue>): Maybe {
  return fc.option(value, { freq: 5, nil: undefined });
}

function sometimes(value: fc.Arbitrary<AttributeValue>): Maybe {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 1 }, { arbitrary: value, weight: 1 });
}

function seldom(value: fc.Arbitrary<AttributeValue>): Maybe {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 }, { arbitrary: value, weight: 1 });
}

/** Of entries, since `__proto__` is a name like any other. */
function itemOf(attributes: readonly (readonly [string, Maybe])[]): fc.Arbitrary<Record<string, AttributeValue>> {
  return fc.tuple(...attributes.map(([name, value]) => value.map((chosen) => [name, chosen] as const))).map((entries) => {
    return Object.fromEntries(entries.filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined));
  });
}

/** An item without its key, most of whose attributes have the type that updates and conditions expect. */
function typedItem(): fc.Arbitrary<Item> {
  return itemOf([
    ["a", often(numberValue)],
    ["in_1", often(numberValue)],
    ["b", often(listValue)],
    ["sized", sometimes(listValue)],
    ["c", often(mapValue)],
    ["x.y", often(mapValue)],
    ["order", often(setValue)],
    ["Notes", sometimes(anyValue)],
    ["ordering", sometimes(stringValue)],
    ["9 ü", seldom(anyValue)],
    ["constructor", seldom(stringValue)],
  ]);
}

/** An item without its key. */
export function anyItem(): fc.Arbitrary<Item> {
  const body = fc.oneof({ arbitrary: typedItem(), weight: 8 }, { arbitrary: pooledItem(), weight: 1 });
  const index = itemOf([
    ["tag", often(tagValue)],
    ["group", often(groupValue)],
    ["score", often(scoreValue)],
  ]);
  const context = itemOf([[contextAttribute, fc.oneof(stringValue, numberValue, anyValue)]]);
  const spoilt = itemOf([
    ["Notes", rarely(refusedValue)],
    ["tag", rarely(anyValue)],
  ]);
  return fc.tuple(body, index, context, spoilt).map((parts) => Object.fromEntries(parts.flatMap((part) => Object.entries(part))));
}

/** For what makes a whole item refused. */
function rarely(value: fc.Arbitrary<AttributeValue>): Maybe {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 39 }, { arbitrary: value, weight: 1 });
}
