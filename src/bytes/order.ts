import { utf8 } from "./utf8.ts";

/** Ascending order of unsigned bytes; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Ascending order of the UTF-8 bytes of two strings (encryption context, canonical paths). */
export function compareUtf8(a: string, b: string): number {
  return a === b ? 0 : compareBytes(utf8(a), utf8(b));
}

/**
 * Ascending order of UTF-16 code units (sets, map keys), which is what `<` on strings does.
 *
 * @see specification/dynamodb-encryption-client/string-ordering.md "UTF-16 Binary Order"
 */
export function compareUtf16(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}
