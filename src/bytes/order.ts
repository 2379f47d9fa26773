/** Ascending order of unsigned bytes; a prefix comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * Ascending order of the UTF-8 bytes of two well-formed strings (encryption context), without encoding them:
 * it is the order of UTF-16 code units, but for surrogates, which stand for code points above U+E000 … U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return rankByCodePoint(unitA) - rankByCodePoint(unitB);
  }
  return a.length - b.length;
}

function rankByCodePoint(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
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
