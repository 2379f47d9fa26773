import type { AttributeMap } from "../attributes/index.ts";
import { bytesEqual } from "../bytes/index.ts";
import { footerName } from "../structure/index.ts";

/** The footer of a row: it names one state of an item, since it holds MACs under a data key that no other write has. */
export function footerOf(row: AttributeMap | undefined): Uint8Array | undefined {
  return row !== undefined && Object.hasOwn(row, footerName) ? row[footerName]?.B : undefined;
}

export function sameFooter(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && bytesEqual(a, b);
}
