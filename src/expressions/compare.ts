import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { bytesEqual, compareBytes, compareUtf8, toHex } from "../bytes/index.ts";
import { compareDecimals, formatDecimal, parseDecimal } from "./decimal.ts";
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
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  switch (type) {
    case "S":
    case "N":
    case "B":
      return compareValues(a, b) === 0;
    case "BOOL":
      return a.BOOL === b.BOOL;
    case "NULL":
      return true;
    case "L":
      return listsEqual(a.L ?? [], b.L ?? []);
    case "M":
      return mapsEqual(a.M ?? {}, b.M ?? {});
    default:
      return setsEqual(setKeys(a), setKeys(b));
  }
}

function listsEqual(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((element, i) => valuesEqual(element, b[i] ?? { NULL: true }));
}

function mapsEqual(a: Readonly<Record<string, AttributeValue>>, b: Readonly<Record<string, AttributeValue>>): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => {
    const [left, right] = [a[key], Object.hasOwn(b, key) ? b[key] : undefined];
    return left !== undefined && right !== undefined && valuesEqual(left, right);
  });
}

function setsEqual(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
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

/** Whether the part stands anywhere in the bytes. */
export function bytesContain(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (bytesBeginWith(bytes.subarray(at), part)) return true;
  }
  return false;
}
