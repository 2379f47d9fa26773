import type { AttributeValue } from "../../attributes/index.ts";
import { type Condition, compare, or, path, value } from "../../expressions/index.ts";
import type { BeaconPlan, StandardBeaconPlan } from "../../schema/index.ts";
import { beaconAttribute, type HmacKeys } from "../beacons/index.ts";

/** What beacons are computed with when a request is rewritten. */
export interface HashContext {
  readonly keys: HmacKeys;
  /** The partitions that an item which is looked for may be in. */
  readonly partitions: readonly number[];
}

/** How the service can answer a leaf of a condition. */
export type Answer =
  /** The leaf concerns what is stored in plain. */
  | { readonly kind: "asIs" }
  /** The leaf says under whose beacon key to look, which is not stored: nothing to ask. */
  | { readonly kind: "beaconKey" }
  | { readonly kind: "none"; readonly attribute: string; readonly reason: string | undefined }
  /** No row for which the leaf is true fails the condition; some for which it is false may fulfil it. */
  | {
      readonly kind: "beacon";
      /** Beacons whose hashes the condition holds; none: it needs no key. */
      readonly hashed: readonly StandardBeaconPlan[];
      readonly condition: (context: HashContext) => Condition;
    };

/** The service refuses longer lists. */
const maximumCandidates = 100;

/** Equality with any of the values on a beacon's attribute. */
export function equalsAny(beacon: BeaconPlan, values: readonly AttributeValue[]): Condition {
  const attribute = path(beaconAttribute(beacon));
  const candidates = distinct(values).map((one) => value(one));
  const [first, ...rest] = candidates;
  if (first !== undefined && rest.length === 0) return compare(attribute, "=", first);
  const lists: Condition[] = [];
  for (let start = 0; start < candidates.length; start += maximumCandidates) {
    lists.push({ kind: "in", operand: attribute, candidates: candidates.slice(start, start + maximumCandidates) });
  }
  return anyOf(lists);
}

/** At least one of the conditions, each once. @param conditions not empty */
export function anyOf(conditions: readonly Condition[]): Condition {
  const [first, ...rest] = distinct(conditions);
  if (first === undefined) throw new RangeError("no condition");
  return or(first, ...rest);
}

/** Beacons are texts and sets of texts, so that equal ones have equal JSON. */
function distinct<One>(all: readonly One[]): readonly One[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
