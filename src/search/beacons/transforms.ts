import type { Transform } from "../../schema/index.ts";

/**
 * Changes a text. Positions count UTF-16 code units, as the Java library does, so that half of a surrogate pair may be
 * left; whoever hashes the result has to check it.
 *
 * @see specification/searchable-encryption/virtual.md "Virtual Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "Upper Transform Initialization", "Lower Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "Insert Transform Initialization", "GetPrefix Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "GetSuffix Transform Initialization", "GetSubstring Transform Initialization"
 * @see specification/searchable-encryption/virtual.md "GetSegment Transform Initialization", "GetSegments Transform Initialization"
 */
export function transformText(text: string, transform: Transform): string {
  switch (transform.kind) {
    case "uppercase":
      return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
    case "lowercase":
      return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    case "insert":
      return text + transform.text;
    case "prefix":
      return text.slice(0, transform.length);
    case "suffix":
      return transform.length >= 0 ? text.slice(Math.max(0, text.length - transform.length)) : text.slice(-transform.length);
    case "substring":
      return range(transform, text.length, (low, high) => text.slice(low, high));
    case "segment": {
      const pieces = text.split(transform.split);
      return pieces.at(transform.index) ?? "";
    }
    case "segments": {
      const pieces = text.split(transform.split);
      return range(transform, pieces.length, (low, high) => pieces.slice(low, high).join(transform.split));
    }
  }
}

/**
 * Positions, negative ones from the end; the second one is left out.
 *
 * The specification clamps a position to just behind the last character, the published library to the last one (vector
 * "virtual field: subFar": 3 … 99 loses the last character). The hash is made of the result, so the library's way stands.
 *
 * @see specification/searchable-encryption/virtual.md "Position Definition"
 */
function range(positions: { low: number; high: number }, length: number, take: (low: number, high: number) => string): string {
  const [low, high] = [place(positions.low, length), place(positions.high, length)];
  return low < high ? take(low, high) : "";
}

function place(position: number, length: number): number {
  return Math.max(Math.min(position < 0 ? length + position : position, length - 1), 0);
}
