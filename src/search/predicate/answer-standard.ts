import { type AttributeValue, serializeAttributeValue } from "../../attributes/index.ts";
import { utf8 } from "../../bytes/index.ts";
import { compare, type Leaf, type Operand, path, type Value, value } from "../../expressions/index.ts";
import { beaconAttribute, beaconHash, normalizeValue, setMembers, valueText } from "../beacons/index.ts";
import { type Answer, anyOf, equalsAny, type HashContext } from "./answer.ts";
import type { Target } from "./classify.ts";

type StandardTarget = Extract<Target, { kind: "standard" }>;

/**
 * What a standard beacon can answer without losing a row: equality with values, and membership in a set.
 *
 * @param leaf not negated; `subject` is the only path in it
 * @see specification/searchable-encryption/beacons.md "Standard Beacon"
 */
export function answerStandard(target: StandardTarget, leaf: Leaf, subject: Operand): Answer | undefined {
  const { beacon } = target;
  if (leaf.kind === "contains") {
    const { argument } = leaf;
    if (!beacon.asSet || leaf.operand !== subject || argument.kind !== "value" || setMembers(argument.value) !== undefined)
      return undefined;
    const attribute = path(beaconAttribute(beacon));
    return {
      kind: "beacon",
      hashed: [beacon],
      condition: ({ keys, partitions }) =>
        anyOf(
          partitions.map((partition) => {
            const member = { S: hashOfValue(target, argument.value, { keys, partition }) };
            return { kind: "contains", operand: attribute, argument: value(member) } as const;
          }),
        ),
    };
  }
  const values = equalityValues(leaf, subject);
  if (values === undefined) return undefined;
  return {
    kind: "beacon",
    hashed: [beacon],
    condition: ({ keys, partitions }) =>
      equalsAny(
        beacon,
        partitions.flatMap((partition) => values.map((one) => storedForm(target, one.value, { keys, partition }))),
      ),
  };
}

/** `a = b` on two attributes: equal values have equal beacons only under one key, length and partition. */
export function answerTwoStandard(leaf: Leaf, left: StandardTarget, right: StandardTarget): Answer | undefined {
  const [a, b] = [left.beacon, right.beacon];
  if (leaf.kind !== "comparison" || leaf.comparator !== "=" || a.partOnly || b.partOnly) return undefined;
  // The service refuses an attribute compared with itself.
  if (a === b || a.keyName !== b.keyName || a.length !== b.length || a.partitions !== b.partitions || a.asSet !== b.asSet) return undefined;
  const condition = compare(path(beaconAttribute(a)), "=", path(beaconAttribute(b)));
  return { kind: "beacon", hashed: [], condition: () => condition };
}

/** The values that a leaf compares its subject for equality with; `undefined` where it does something else. */
export function equalityValues(leaf: Leaf, subject: Operand): readonly Value[] | undefined {
  const others =
    leaf.kind === "comparison" && leaf.comparator === "="
      ? [leaf.left, leaf.right].filter((operand) => operand !== subject)
      : leaf.kind === "in" && leaf.operand === subject
        ? leaf.candidates
        : undefined;
  const values = others?.filter((operand) => operand.kind === "value");
  return values !== undefined && values.length > 0 && values.length === others?.length ? values : undefined;
}

interface Under {
  readonly keys: HashContext["keys"];
  readonly partition: number;
}

function storedForm(target: StandardTarget, given: AttributeValue, under: Under): AttributeValue {
  const members = target.beacon.asSet ? setMembers(given) : undefined;
  if (members === undefined) return { S: hashOfValue(target, given, under) };
  return { SS: [...new Set(members.map((member) => hashOfValue(target, member, under)))] };
}

function hashOfValue({ beacon, normalize }: StandardTarget, given: AttributeValue, { keys, partition }: Under): string {
  return beaconHash(beacon, hashedBytes(given, normalize), keys, partition);
}

/** A normalised attribute is hashed as the text that its virtual field has. */
function hashedBytes(given: AttributeValue, normalize: StandardTarget["normalize"]): Uint8Array {
  const normal = normalizeValue(given, normalize);
  const text = normalize === undefined ? undefined : valueText(normal);
  if (text !== undefined && "value" in text && text.value !== undefined) return utf8(text.value);
  return serializeAttributeValue(normal).value;
}
