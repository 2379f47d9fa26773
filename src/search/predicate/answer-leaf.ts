import {
  attributeExists,
  attributeNotExists,
  type Leaf,
  leafOperands,
  leafPaths,
  type Path,
  path,
  type SignedLeaf,
} from "../../expressions/index.ts";
import { beaconAttribute } from "../beacons/index.ts";
import type { Answer } from "./answer.ts";
import { answerCompound, type CompoundSite } from "./answer-compound.ts";
import { answerStandard, answerTwoStandard } from "./answer-standard.ts";
import { type Target, type TargetContext, targetOf } from "./classify.ts";

/** Where a leaf stands. */
export interface LeafContext extends TargetContext, CompoundSite {}

/**
 * How the service can answer a leaf.
 *
 * @throws ERR_ATTRIBUTE_NOT_CONFIGURED, ERR_BEACON_QUERY_VALUE_INVALID
 */
export function answerLeaf(context: LeafContext, { leaf, negated }: SignedLeaf): Answer {
  const found = leafPaths(leaf).map((subject) => ({ subject, target: targetOf(context, subject) }));
  const searched = found.filter(({ target }) => target.kind !== "readable");
  const [first] = searched;
  if (first === undefined) return { kind: "asIs" };
  const { subject, target } = first;
  const none = (reason?: string): Answer => ({ kind: "none", attribute: subject.elements[0], reason });
  if (leaf.kind === "attribute_exists" || leaf.kind === "attribute_not_exists") {
    return answerExistence(target, subject, (leaf.kind === "attribute_exists") !== negated) ?? none();
  }
  const hidden = searched.find((one) => one.target.kind === "hidden" || isInSize(leaf, one.subject));
  if (hidden !== undefined) return { kind: "none", attribute: hidden.subject.elements[0], reason: undefined };
  if (target.kind === "beaconKey") return isEqualityWithValue(leaf) && !negated ? { kind: "beaconKey" } : none("it is not stored");
  if (negated) return none("a beacon cannot tell what is different");
  const [, second] = searched;
  if (second !== undefined && target.kind === "standard" && second.target.kind === "standard" && searched.length === 2) {
    return answerTwoStandard(leaf, target, second.target) ?? none("the two have no beacon in common");
  }
  if (found.length > 1) return none("a beacon cannot be compared with another attribute");
  if (target.kind === "compound") {
    return answerCompound(target.beacon, leaf, subject, context) ?? none("a compound beacon cannot answer this");
  }
  if (target.kind !== "standard") return none();
  if (target.beacon.partOnly) return none("its beacon is partOnly, stored inside compound beacons only");
  return answerStandard(target, leaf, subject) ?? none("a beacon answers equality only");
}

/** An encrypted attribute is there if its item has it; what is inside, or computed, is there if its beacon is. */
function answerExistence(target: Target, subject: Path, exists: boolean): Answer | undefined {
  const answer = (attribute: string): Answer => {
    const condition = exists ? attributeExists(path(attribute)) : attributeNotExists(path(attribute));
    return { kind: "beacon", hashed: [], condition: () => condition };
  };
  if (target.kind === "hidden" && !target.virtual && subject.elements.length === 1) return { kind: "asIs" };
  if (target.kind === "compound") return answer(beaconAttribute(target.beacon));
  if (target.kind !== "standard") return undefined;
  const { beacon, normalize } = target;
  const whole = "location" in beacon.source && beacon.source.location.length === 1 ? beacon.source.location[0] : undefined;
  if (normalize !== undefined || whole === subject.elements[0]) return { kind: "asIs" };
  if (whole !== undefined) return answer(whole);
  return beacon.partOnly ? undefined : answer(beaconAttribute(beacon));
}

function isInSize(leaf: Leaf, subject: Path): boolean {
  return leafOperands(leaf).every((operand) => operand !== subject);
}

function isEqualityWithValue(leaf: Leaf): boolean {
  return leaf.kind === "comparison" && leaf.comparator === "=" && (leaf.left.kind === "value" || leaf.right.kind === "value");
}

/** The operator of a leaf as it is written. */
export function operatorOf(leaf: Leaf): string {
  if (leaf.kind === "comparison") return leaf.comparator;
  return leaf.kind === "between" || leaf.kind === "in" ? leaf.kind.toUpperCase() : leaf.kind;
}
