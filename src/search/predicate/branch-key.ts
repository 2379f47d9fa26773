import { type Condition, isJunction, type Leaf, leafOperands, pushNegations } from "../../expressions/index.ts";
import { type Piece, parseCompound, searchOf } from "../beacons/index.ts";
import { commonPieces, searchedValues } from "./answer-compound.ts";
import { equalityValues } from "./answer-standard.ts";
import type { TargetContext } from "./classify.ts";

/** The leaves all of which have to hold. */
export function requiredLeaves(condition: Condition | undefined): readonly Leaf[] {
  if (condition === undefined || condition.kind === "not" || condition.kind === "or") return [];
  return isJunction(condition) ? condition.terms.flatMap(requiredLeaves) : [condition];
}

/**
 * The branch keys that a request demands of every item: from equality on the attribute that names them, and from that
 * attribute's part in values of compound beacons. An alternative (OR) demands nothing; the Java library takes a key from
 * there too, and then loses rows (vector "beacon key named by an attribute", `tenant = :t OR x = :v`).
 *
 * @see specification/searchable-encryption/search-config.md "Get beacon key for query"
 */
export function demandedBranchKeys(context: TargetContext, conditions: readonly (Condition | undefined)[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const condition of conditions) {
    for (const leaf of requiredLeaves(condition === undefined ? undefined : pushNegations(condition))) {
      for (const id of demandedBy(context, leaf)) ids.add(id);
    }
  }
  return ids;
}

function demandedBy({ plan, beaconKeyAttribute }: TargetContext, leaf: Leaf): readonly string[] {
  const [subject, ...others] = leafOperands(leaf).filter((operand) => operand.kind === "path");
  if (subject === undefined || others.length > 0 || subject.elements.length > 1) return [];
  const [attribute] = subject.elements;
  const equal = equalityValues(leaf, subject);
  if (attribute === beaconKeyAttribute) {
    const [id, ...more] = (equal ?? []).map(({ value }) => value.S);
    return id === undefined || more.length > 0 ? [] : [id];
  }
  const beacon = searchOf(plan).beacons.get(attribute);
  if (beacon?.kind !== "compound") return [];
  const isKeyPart = ({ part: { source } }: Piece): boolean =>
    "location" in source && source.location.length === 1 && source.location[0] === beaconKeyAttribute;
  const values = equal ?? searchedValues(leaf, subject) ?? [];
  const parsed = values.map(({ value }) => parseCompound(beacon, value.S ?? ""));
  const pieces = parsed.flatMap((one) => ("pieces" in one ? [one.pieces] : []));
  const [first = [], second] = pieces;
  if (pieces.length !== values.length || (equal !== undefined && values.length > 1)) return [];
  const whole = equal === undefined ? wholePieces(leaf, first, second ?? []) : first;
  return whole.filter(isKeyPart).map(({ text }) => text);
}

/** The pieces that an item has to have as they are: the last one that is looked for may be only the beginning of a part. */
function wholePieces(leaf: Leaf, first: readonly Piece[], second: readonly Piece[]): readonly Piece[] {
  if (leaf.kind !== "between") return leaf.kind === "comparison" ? [] : first.slice(0, -1);
  const common = first.slice(0, commonPieces(first, second));
  return common.length < Math.min(first.length, second.length) ? common : common.slice(0, -1);
}
