import { ByteWriter, compareBytes, encodeUtf8, utf8 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";

/** How many names a table's paths are remembered for; schemas name tens of attributes, attackers any number. */
const remembered = 1024;

/**
 * The canonical path of one top-level attribute, and its place in the order of paths.
 *
 * `table name ‖ depth 1 (8) ‖ 0x24 ‖ name length (8) ‖ name`. The length counts UTF-16 code units, not bytes: so does
 * every implementation (vector "names: odd ones"), which the specification leaves open. All paths of a table share what
 * stands before the length, so paths order by the length of the name, then by its bytes.
 *
 * @see specification/structured-encryption/header.md "Canonical Path"
 */
export interface CanonicalPath {
  readonly bytes: Uint8Array;
  /** Of the attribute's name, in UTF-16 code units. */
  readonly nameLength: number;
}

/** The canonical paths of one table. */
export class CanonicalPaths {
  readonly #prefix: Uint8Array;
  readonly #paths = new Map<string, CanonicalPath>();

  constructor(tableName: string) {
    this.#prefix = new ByteWriter().bytes(utf8(tableName)).uint64(1).uint8(0x24).finish();
  }

  /** @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE where the name holds half of a surrogate pair */
  of(attribute: string): CanonicalPath {
    const known = this.#paths.get(attribute);
    if (known !== undefined) return known;
    const name = encodeUtf8(attribute);
    if (name === undefined) {
      throw new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", {
        details: { reason: "an attribute name holds half of a surrogate pair" },
      });
    }
    const bytes = new ByteWriter().bytes(this.#prefix).uint64(attribute.length).bytes(name).finish();
    const path: CanonicalPath = { bytes, nameLength: attribute.length };
    if (this.#paths.size < remembered) this.#paths.set(attribute, path);
    return path;
  }
}

export function compareCanonicalPaths(a: CanonicalPath, b: CanonicalPath): number {
  return a.nameLength - b.nameLength || compareBytes(a.bytes, b.bytes);
}
