import type { AttributeMap } from "../../attributes/index.ts";
import { utf8 } from "../../bytes/index.ts";
import type { CompoundBeaconPlan, ConstructorPartPlan, PartPlan } from "../../schema/index.ts";
import { beaconHash } from "./hash.ts";
import type { HmacKeys } from "./keys.ts";
import { type Found, sourceText } from "./source-values.ts";

/** What stands between two split characters. */
export interface Piece {
  readonly part: PartPlan;
  /** Without the prefix. */
  readonly text: string;
}

/**
 * The pieces of an item's compound beacon, from the first constructor all of whose required parts the item has.
 *
 * @see specification/searchable-encryption/beacons.md "value for a compound beacon"
 */
export function compoundPieces(beacon: CompoundBeaconPlan, item: AttributeMap): Found<readonly Piece[]> {
  for (const order of beacon.constructors) {
    const pieces = construct(beacon, order, item);
    if ("unsupported" in pieces || pieces.value !== undefined) return pieces;
  }
  return { value: undefined };
}

function construct(beacon: CompoundBeaconPlan, parts: readonly ConstructorPartPlan[], item: AttributeMap): Found<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const { part, required } of parts) {
    const found = sourceText(part.source, item);
    if ("unsupported" in found) return { unsupported: `part "${part.name}": ${found.unsupported}` };
    if (found.value !== undefined) {
      if (found.value.includes(beacon.split)) return { unsupported: `part "${part.name}" holds the split character` };
      pieces.push({ part, text: found.value });
    } else if (required) return { value: undefined };
  }
  return { value: pieces };
}

/** The readable text of a compound beacon. */
export function plainCompound({ split }: CompoundBeaconPlan, pieces: readonly Piece[]): string {
  return pieces.map(({ part, text }) => part.prefix + text).join(split);
}

/** What is stored, or sent in a query: encrypted parts hashed. @see specification/searchable-encryption/beacons.md "Part Value Calculation" */
export function hashedCompound({ split }: CompoundBeaconPlan, pieces: readonly Piece[], hash: (piece: Piece) => string): string {
  return pieces.map((piece) => piece.part.prefix + (piece.part.beacon === undefined ? piece.text : hash(piece))).join(split);
}

/** The hash of a piece's text under the part's beacon. */
export function pieceHash({ part, text }: Piece, keys: HmacKeys, partition: number): string {
  return part.beacon === undefined ? text : beaconHash(part.beacon, utf8(text), keys, partition);
}

/** Why a text is no value of a compound beacon; never the text itself. */
export interface Unparsable {
  readonly unparsable: string;
}

/**
 * Takes a value in a query apart. It may be any run of parts that follow each other in a constructor.
 *
 * @see specification/searchable-encryption/beacons.md "getPart for a compound beacon"
 */
export function parseCompound(beacon: CompoundBeaconPlan, text: string): { readonly pieces: readonly Piece[] } | Unparsable {
  const pieces: Piece[] = [];
  for (const piece of text.split(beacon.split)) {
    const part = beacon.parts.find(({ prefix }) => piece.startsWith(prefix));
    if (part === undefined) return { unparsable: "a piece begins with no part's prefix" };
    pieces.push({ part, text: piece.slice(part.prefix.length) });
  }
  const names = pieces.map(({ part }) => part);
  if (beacon.constructors.some((order) => canConstruct(order, names))) return { pieces };
  return { unparsable: `no constructor puts ${names.map(({ name }) => `"${name}"`).join(", ")} in this order` };
}

/** Whether a constructor can put the parts directly after one another; what stands before the first of them may be left out. */
function canConstruct(order: readonly ConstructorPartPlan[], parts: readonly PartPlan[]): boolean {
  let next = 0;
  for (const { part, required } of order) {
    if (next === parts.length) return true;
    if (part === parts[next]) next++;
    else if (required && next > 0) return false;
  }
  return next === parts.length;
}
