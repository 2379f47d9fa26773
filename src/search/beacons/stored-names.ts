import type { TablePlan } from "../../schema/index.ts";
import { beaconPrefix } from "./attributes.ts";
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

/** Whether an attribute of stored items is one of the table's beacons. */
export function isBeaconAttribute(plan: TablePlan, stored: string): boolean {
  return stored.startsWith(beaconPrefix) && searchOf(plan).beacons.has(stored.slice(beaconPrefix.length));
}
