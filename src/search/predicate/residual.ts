import { type AttributeMap, type AttributeValue, attributeMap } from "../../attributes/index.ts";
import {
  and,
  type Condition,
  compare,
  isJunction,
  type Leaf,
  leafOperands,
  not,
  type Operand,
  or,
  type Path,
  path,
  referencedAttributes,
  value,
} from "../../expressions/index.ts";
import type { CompoundBeaconPlan, NormalizedAttribute, TablePlan } from "../../schema/index.ts";
import { compoundPieces, normalizeValue, type Piece, parseCompound, plainCompound, searchOf, virtualFieldText } from "../beacons/index.ts";
import { commonPieces, searchedValues, withOperands, withoutBareEnd } from "./answer-compound.ts";
import { type TargetContext, targetOf } from "./classify.ts";

/**
 * Names that no attribute of an item can have: a compound beacon, which may be called like an attribute; the same between
 * two split characters; a normalised attribute.
 */
const compoundPrefix = "aws_dbe_compound_";
const boundedPrefix = "aws_dbe_bounded_";
const normalizedPrefix = "aws_dbe_normalized_";

/**
 * What a condition means on plain items that `withComputedAttributes` completed. It is the condition itself but for
 * normalised attributes, which are compared in one case, and for compound beacons, where
 * - an encrypted part at the end of what `begins_with` and `contains` look for is a whole part: a hash has no beginning;
 * - `contains` looks for parts, from the beginning of one;
 * - the bare prefix of an encrypted part comes before every value of that part, also before the empty one.
 */
export function plainMeaning(context: TargetContext, condition: Condition): Condition {
  if (condition.kind === "not") return not(plainMeaning(context, condition.term));
  if (isJunction(condition)) return { kind: condition.kind, terms: condition.terms.map((term) => plainMeaning(context, term)) };
  const [subject, ...others] = leafOperands(condition).filter((operand) => operand.kind === "path");
  const target = subject === undefined ? undefined : targetOf(context, subject);
  if (subject !== undefined && target?.kind === "compound" && others.length === 0) {
    const computed = path(compoundPrefix + target.beacon.name);
    const leaf = withOperands(condition, (operand) => (operand === subject ? computed : operand));
    return compoundMeaning(target.beacon, leaf, computed) ?? leaf;
  }
  return plainLeaf(context, condition);
}

function plainLeaf(context: TargetContext, leaf: Leaf): Condition {
  const existence = leaf.kind === "attribute_exists" || leaf.kind === "attribute_not_exists" || leaf.kind === "attribute_type";
  const normalize = existence ? undefined : normalizationOf(context, leaf);
  const replace = (operand: Operand): Operand => {
    if (operand.kind === "size") return { kind: "size", operand: atLocation(context, operand.operand) };
    if (operand.kind === "value") return { ...operand, value: normalizeValue(operand.value, normalize) };
    const [attribute, ...steps] = operand.elements;
    const isNormalized = !existence && steps.length === 0 && searchOf(context.plan).normalized.has(attribute);
    return isNormalized ? path(normalizedPrefix + attribute) : atLocation(context, operand);
  };
  return withOperands(leaf, replace);
}

function normalizationOf({ plan }: TargetContext, leaf: Leaf): NormalizedAttribute["normalize"] | undefined {
  for (const operand of leafOperands(leaf)) {
    const normalized =
      operand.kind === "path" && operand.elements.length === 1 ? searchOf(plan).normalized.get(operand.elements[0]) : undefined;
    if (normalized !== undefined) return normalized.normalize;
  }
  return undefined;
}

/** A beacon with a name of its own stands for the value that it is on, a compound beacon for its text. */
function atLocation({ plan }: TargetContext, operand: Operand): Operand {
  if (operand.kind !== "path" || operand.elements.length > 1) return operand;
  const beacon = searchOf(plan).beacons.get(operand.elements[0]);
  if (beacon === undefined) return operand;
  if (beacon.kind === "compound") return beacon.encrypted ? path(compoundPrefix + beacon.name) : operand;
  if ("virtualField" in beacon.source) return path(beacon.source.virtualField.name);
  const [attribute, ...steps] = beacon.source.location;
  return path(attribute, ...steps);
}

function compoundMeaning(beacon: CompoundBeaconPlan, leaf: Leaf, subject: Path): Condition | undefined {
  const values = searchedValues(leaf, subject);
  const parsed = values?.map((one) => parseCompound(beacon, one.value.S ?? ""));
  const pieces = parsed?.flatMap((one) => ("pieces" in one ? [one.pieces] : []));
  const [first, second] = pieces ?? [];
  if (first === undefined || pieces?.length !== values?.length) return undefined;
  const { split } = beacon;
  const bounded = path(boundedPrefix + beacon.name);
  const text = plainCompound(beacon, first);
  const endsInWholePart = first.at(-1)?.part.beacon !== undefined && withoutBareEnd(first).length === first.length;
  switch (leaf.kind) {
    case "begins_with":
      if (!endsInWholePart) return leaf;
      return or(compare(subject, "=", value({ S: text })), { ...leaf, argument: value({ S: text + split }) });
    case "contains":
      return { ...leaf, operand: bounded, argument: value({ S: split + text + (endsInWholePart ? split : "") }) };
    case "between": {
      const common = first.slice(0, commonPieces(first, second ?? []));
      const range = and(compare(subject, ">=", leaf.lower), compare(subject, endsBare(second ?? []) ? "<" : "<=", leaf.upper));
      if (!common.some(({ part }) => part.beacon !== undefined)) return range;
      const beginning = split + plainCompound(beacon, common) + split;
      return and({ kind: "begins_with", operand: bounded, argument: value({ S: beginning }) }, range);
    }
    case "comparison":
      return endsBare(first) ? { ...leaf, comparator: beforeBare(leaf.comparator, leaf.left === subject) } : leaf;
    default:
      return undefined;
  }
}

function endsBare(pieces: readonly Piece[]): boolean {
  return withoutBareEnd(pieces).length < pieces.length;
}

type Order = Extract<Leaf, { kind: "comparison" }>["comparator"];

/** `c <= prefix` is `c < prefix`, and `c > prefix` is `c >= prefix`: nothing is equal to the bare prefix. */
function beforeBare(comparator: Order, subjectIsLeft: boolean): Order {
  if (subjectIsLeft) return comparator === "<=" ? "<" : comparator === ">" ? ">=" : comparator;
  return comparator === ">=" ? ">" : comparator === "<" ? "<=" : comparator;
}

/**
 * A plain item with what the meaning of a condition speaks of: virtual fields, compound beacons, normalised attributes.
 * What cannot be computed is absent.
 */
export function withComputedAttributes(plan: TablePlan, item: AttributeMap, meaning: Condition): AttributeMap {
  const search = searchOf(plan);
  const completed = attributeMap(Object.entries(item));
  const set = (name: string, computed: AttributeValue | undefined): void => {
    if (computed === undefined) delete completed[name];
    else completed[name] = computed;
  };
  for (const name of referencedAttributes(meaning)) {
    const field = search.virtualFields.get(name);
    if (field !== undefined) {
      const text = virtualFieldText(field, item);
      set(name, "value" in text && text.value !== undefined ? { S: text.value } : undefined);
    } else if (name.startsWith(normalizedPrefix)) {
      const attribute = name.slice(normalizedPrefix.length);
      const given = Object.hasOwn(item, attribute) ? item[attribute] : undefined;
      set(name, given === undefined ? undefined : normalizeValue(given, search.normalized.get(attribute)?.normalize));
    } else {
      const bounded = name.startsWith(boundedPrefix);
      if (!bounded && !name.startsWith(compoundPrefix)) continue;
      const beacon = search.beacons.get(name.slice((bounded ? boundedPrefix : compoundPrefix).length));
      if (beacon?.kind !== "compound") continue;
      const pieces = compoundPieces(beacon, item);
      const text = "value" in pieces && pieces.value !== undefined ? plainCompound(beacon, pieces.value) : undefined;
      set(name, text === undefined ? undefined : { S: bounded ? beacon.split + text + beacon.split : text });
    }
  }
  return completed;
}
