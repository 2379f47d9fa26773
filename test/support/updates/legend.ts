import type { AttributeMap } from "../../../src/attributes/index.ts";
import { compareBytes, utf8 } from "../../../src/bytes/index.ts";
import { headerName, parseHeader, type SignedAction } from "../../../src/structure/index.ts";

const reserved = "aws_dbe_";

/**
 * What the legend of a stored row says of each of its attributes, read without any key; unsigned ones are left out.
 *
 * @param unsigned names that no signature covers
 */
export function storedActions(row: AttributeMap, unsigned: ReadonlySet<string>): ReadonlyMap<string, SignedAction> {
  const header = row[headerName]?.B;
  if (header === undefined) throw new Error("the row has no header");
  const { legend } = parseHeader(header);
  // Canonical paths of one table order by the length of the name, then by its bytes.
  const names = Object.keys(row)
    .filter((name) => !name.startsWith(reserved) && !unsigned.has(name))
    .toSorted((a, b) => a.length - b.length || compareBytes(utf8(a), utf8(b)));
  if (names.length !== legend.length) throw new Error(`${legend.length} actions for ${names.length} attributes: ${names.join()}`);
  return new Map(names.map((name, index) => [name, legend[index] ?? "SIGN_ONLY"]));
}

/** Attributes that are stored weaker in `next` than in `previous`: encrypted became readable, or signed became unsigned. */
export function weakenedAttributes(previous: AttributeMap, next: AttributeMap, unsigned: ReadonlySet<string>): readonly string[] {
  const after = storedActions(next, unsigned);
  return [...storedActions(previous, unsigned)]
    .filter(([name, action]) => Object.hasOwn(next, name) && isWeaker(after.get(name), action))
    .map(([name, action]) => `${name}: ${action} → ${after.get(name) ?? "DO_NOTHING"}`);
}

function isWeaker(after: SignedAction | undefined, before: SignedAction): boolean {
  return after === undefined || (before === "ENCRYPT_AND_SIGN" && after !== "ENCRYPT_AND_SIGN");
}
