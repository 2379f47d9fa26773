import { utf8 } from "../../bytes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import { type Leaf, type Operand, path, type Value, value } from "../../expressions/index.ts";
import type { CompoundBeaconPlan } from "../../schema/index.ts";
import { beaconAttribute, beaconHash, hashedCompound, type Piece, parseCompound } from "../beacons/index.ts";
import { type Answer, anyOf, equalsAny, type HashContext } from "./answer.ts";
import { equalityValues } from "./answer-standard.ts";

/** Where a compound beacon stands in a request; for errors. */
export interface CompoundSite {
  readonly tableName: string;
  readonly parameter: string;
}

/**
 * What a compound beacon can answer: equality; `begins_with` and `contains`, where an encrypted part is matched as a
 * whole; order, as long as only readable parts decide.
 *
 * @param leaf not negated; `subject` is the only path in it
 * @throws ERR_BEACON_QUERY_VALUE_INVALID
 * @see specification/searchable-encryption/beacons.md "Querying Compound Beacons"
 */
export function answerCompound(beacon: CompoundBeaconPlan, leaf: Leaf, subject: Operand, site: CompoundSite): Answer | undefined {
  const values = equalityValues(leaf, subject);
  if (values !== undefined) {
    const parsed = values.map((one) => piecesOf(beacon, one, site));
    return {
      kind: "beacon",
      hashed: hashedParts(parsed.flat()),
      condition: ({ keys, partitions }) =>
        equalsAny(
          beacon,
          partitions.flatMap((partition) =>
            parsed.map((pieces) => ({ S: hashedCompound(beacon, pieces, hashPiece({ keys, partition })) })),
          ),
        ),
    };
  }
  const operands = searchedValues(leaf, subject);
  if (operands === undefined) return undefined;
  const parsed = operands.map((one) => piecesOf(beacon, one, site));
  if (leaf.kind !== "begins_with" && leaf.kind !== "contains") {
    const [first = [], second = []] = parsed;
    const common = parsed.length === 1 ? 0 : commonPieces(first, second);
    if (!parsed.every((pieces) => isOrderedByReadableParts(pieces.slice(common)))) return undefined;
  }
  const attribute = path(beaconAttribute(beacon));
  return {
    kind: "beacon",
    hashed: hashedParts(parsed.flatMap(withoutBareEnd)),
    condition: ({ keys, partitions }) =>
      anyOf(
        partitions.map((partition) => {
          const hashed = new Map(
            operands.map((operand, index): [Operand, Operand] => {
              const pieces = parsed[index] ?? [];
              const hash = hashPiece({ keys, partition });
              const bareEnd = withoutBareEnd(pieces).length < pieces.length ? pieces.at(-1) : undefined;
              return [operand, value({ S: hashedCompound(beacon, pieces, (piece) => (piece === bareEnd ? "" : hash(piece))) })];
            }),
          );
          return withOperands(leaf, (operand) => (operand === subject ? attribute : (hashed.get(operand) ?? operand)));
        }),
      ),
  };
}

/** The values of `begins_with`, `contains`, `BETWEEN` with the subject in front, and of an order comparison. */
export function searchedValues(leaf: Leaf, subject: Operand): readonly Value[] | undefined {
  let others: readonly Operand[] | undefined;
  if ((leaf.kind === "begins_with" || leaf.kind === "contains") && leaf.operand === subject) others = [leaf.argument];
  else if (leaf.kind === "between" && leaf.operand === subject) others = [leaf.lower, leaf.upper];
  else if (leaf.kind === "comparison" && leaf.comparator !== "=" && leaf.comparator !== "<>") {
    others = [leaf.left, leaf.right].filter((operand) => operand !== subject);
  }
  const values = others?.filter((operand) => operand.kind === "value");
  return values !== undefined && values.length > 0 && values.length === others?.length ? values : undefined;
}

/** Puts other operands into a leaf. */
export function withOperands(leaf: Leaf, replace: (operand: Operand) => Operand): Leaf {
  switch (leaf.kind) {
    case "comparison":
      return { ...leaf, left: replace(leaf.left), right: replace(leaf.right) };
    case "between":
      return { ...leaf, operand: replace(leaf.operand), lower: replace(leaf.lower), upper: replace(leaf.upper) };
    case "in":
      return { ...leaf, operand: replace(leaf.operand), candidates: leaf.candidates.map(replace) };
    case "begins_with":
    case "contains":
      return { ...leaf, operand: replace(leaf.operand), argument: replace(leaf.argument) };
    case "attribute_type":
      return { ...leaf, operand: replace(leaf.operand) };
    case "attribute_exists":
    case "attribute_not_exists": {
      const replaced = replace(leaf.path);
      return replaced.kind === "path" ? { ...leaf, path: replaced } : leaf;
    }
  }
}

function piecesOf(beacon: CompoundBeaconPlan, { value: given }: Value, { tableName, parameter }: CompoundSite): readonly Piece[] {
  const parsed = given.S === undefined ? { unparsable: "it is no string" } : parseCompound(beacon, given.S);
  if ("pieces" in parsed) return parsed.pieces;
  const reason = parsed.unparsable;
  throw new DynasealError("ERR_BEACON_QUERY_VALUE_INVALID", { details: { tableName, beacon: beacon.name, parameter, reason } });
}

/** How many pieces two values begin with in common. */
export function commonPieces(first: readonly Piece[], second: readonly Piece[]): number {
  const differs = first.findIndex(({ part, text }, index) => part !== second[index]?.part || text !== second[index]?.text);
  return differs < 0 ? first.length : differs;
}

/**
 * Readable parts, and perhaps the bare prefix of an encrypted one at the end.
 *
 * @see specification/searchable-encryption/beacons.md "LessThanComparable"
 */
export function isOrderedByReadableParts(pieces: readonly Piece[]): boolean {
  return withoutBareEnd(pieces).every(({ part }) => part.beacon === undefined);
}

/** Leaves out an encrypted part of which only the prefix is there: outside equality it stands for any value. */
export function withoutBareEnd(pieces: readonly Piece[]): readonly Piece[] {
  const last = pieces.at(-1);
  return last?.part.beacon !== undefined && last.text === "" ? pieces.slice(0, -1) : pieces;
}

function hashedParts(pieces: readonly Piece[]): Extract<Answer, { kind: "beacon" }>["hashed"] {
  return pieces.map(({ part }) => part.beacon).filter((beacon) => beacon !== undefined);
}

function hashPiece({ keys, partition }: { readonly keys: HashContext["keys"]; readonly partition: number }): (piece: Piece) => string {
  return ({ part, text }) => (part.beacon === undefined ? text : beaconHash(part.beacon, utf8(text), keys, partition));
}
