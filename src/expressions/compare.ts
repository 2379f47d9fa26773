import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { bytesEqual, compareBytes, compareUtf8, toHex } from "../bytes/index.ts";
import { compareDecimals, formatDecimal, parseDecimal } from "./decimal.ts";
import type { AttributeType } from "./tree.ts";
import { typeOf } from "./value-type.ts";

/**
 * The order of two values: strings by UTF-8 bytes, numbers by size, binary by unsigned bytes. `undefined` where the
 * types differ or have no order.
 */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined && b.S !== undefined) return compareUtf8(a.S, b.S);
  if (a.N !== undefined && b.N !== undefined) return compareDecimals(parseDecimal(a.N), parseDecimal(b.N));
  if (a.B !== undefined && b.B !== undefined) return compareBytes(a.B, b.B);
  return undefined;
}

/** Equality: numbers by size, sets whatever their order, lists and maps element by element. Types that differ are unequal. */
export function valuesEqual(a: AttributeValue, b: AttributeValue): boolean {
  return equalTo(b)(a);
}

/**
 * Whether a value equals this one. Comparing costs no more than the value that is asked about: a large one that is
 * looked for in a long list is taken apart once, not once per element.
 */
export function equalTo(wanted: AttributeValue): (value: AttributeValue) => boolean {
  const type = typeOf(wanted);
  const equal = equalOfType(type, wanted);
  return (value) => typeOf(value) === type && equal(value);
}

function equalOfType(type: AttributeType, wanted: AttributeValue): (value: AttributeValue) => boolean {
  switch (type) {
    case "S":
      return (value) => value.S === wanted.S;
    case "N": {
      const number = parseDecimal(wanted.N ?? "");
      return (value) => compareDecimals(parseDecimal(value.N ?? ""), number) === 0;
    }
    case "B":
      return (value) => compareValues(value, wanted) === 0;
    case "BOOL":
      return (value) => value.BOOL === wanted.BOOL;
    case "NULL":
      return () => true;
    case "L":
      return equalToList(wanted.L ?? []);
    case "M":
      return equalToMap(wanted.M ?? {});
    default: {
      const members = setKeys(wanted);
      return (value) => setLength(value) === setLength(wanted) && setsEqual(setKeys(value), members);
    }
  }
}

function equalToList(wanted: readonly AttributeValue[]): (value: AttributeValue) => boolean {
  const elements = wanted.map(equalTo);
  return ({ L = [] }) => L.length === elements.length && L.every((element, i) => elements[i]?.(element));
}

function equalToMap(wanted: Readonly<Record<string, AttributeValue>>): (value: AttributeValue) => boolean {
  const members = new Map(Object.entries(wanted).map(([key, member]) => [key, equalTo(member)]));
  return ({ M = {} }) => {
    const entries = Object.entries(M);
    return entries.length === members.size && entries.every(([key, member]) => members.get(key)?.(member));
  };
}

function setsEqual(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

function setLength(value: AttributeValue): number | undefined {
  return (value.SS ?? value.NS ?? value.BS)?.length;
}

/** The members of a set as texts that are equal exactly if the members are; empty for another type. */
export function setKeys(value: AttributeValue): ReadonlySet<string> {
  if (value.SS !== undefined) return new Set(value.SS);
  if (value.NS !== undefined) return new Set(value.NS.map(numberKey));
  return new Set(value.BS?.map(binaryKey));
}

export function numberKey(text: string): string {
  return formatDecimal(parseDecimal(text));
}

export function binaryKey(bytes: Uint8Array): string {
  return toHex(bytes);
}

/** Whether the bytes begin with the prefix. */
export function bytesBeginWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytesEqual(bytes.subarray(0, prefix.length), prefix);
}
