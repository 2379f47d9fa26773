import type { BeaconPlan, TablePlan } from "../../schema/index.ts";
import { beaconAttribute, beaconPrefix } from "./attributes.ts";
import { searchOf } from "./searchable-table.ts";

/**
 * What an application calls an attribute of stored items: that of a beacon is called after what the beacon is on, if that
 * is a whole attribute, otherwise after the beacon, unless that is the name of an attribute that the beacon is not on.
 */
export function applicationName(plan: TablePlan, stored: string): string {
  if (!stored.startsWith(beaconPrefix)) return stored;
  const name = stored.slice(beaconPrefix.length);
  const { beacons, normalized } = searchOf(plan);
  for (const [attribute, { beacon }] of normalized) if (beacon.name === name) return attribute;
  const beacon = beacons.get(name);
  const own = plan.actions.has(name) ? stored : name;
  if (beacon?.kind !== "standard" || !("location" in beacon.source)) return own;
  const [attribute, ...steps] = beacon.source.location;
  return steps.length === 0 ? attribute : own;
}

/** How what an application calls a key of an index is stored. */
export interface StoredIndexKey {
  /** `undefined`: the beacon has no attribute that could be the key of an index. */
  readonly attribute: string | undefined;
}

/**
 * The inverse of {@link applicationName} for the key of an index: the beacon's attribute, if the name means a beacon.
 *
 * @returns `undefined` for the name of anything else
 */
export function storedIndexKey(plan: TablePlan, name: string): StoredIndexKey | undefined {
  const { beacons, normalized } = searchOf(plan);
  const beacon =
    normalized.get(name)?.beacon ?? beacons.get(name) ?? [...beacons.values()].find((one) => !isReadable(plan, name) && isOn(one, name));
  if (beacon === undefined || (beacon.kind === "compound" && !beacon.encrypted)) return undefined;
  const cannot = beacon.kind === "standard" && (beacon.partOnly || beacon.asSet);
  return { attribute: cannot ? undefined : beaconAttribute(beacon) };
}

function isReadable({ actions }: TablePlan, name: string): boolean {
  return actions.has(name) && actions.get(name) !== "ENCRYPT_AND_SIGN";
}

/** Whether a beacon is on a whole attribute or virtual field of that name. */
function isOn(beacon: BeaconPlan, name: string): boolean {
  if (beacon.kind === "compound") return false;
  const { source } = beacon;
  return "location" in source ? source.location.length === 1 && source.location[0] === name : source.virtualField.name === name;
}

/** Whether an attribute of stored items is one of the table's beacons. */
export function isBeaconAttribute(plan: TablePlan, stored: string): boolean {
  return stored.startsWith(beaconPrefix) && searchOf(plan).beacons.has(stored.slice(beaconPrefix.length));
}
