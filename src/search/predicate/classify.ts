import { DynasealError } from "../../errors/index.ts";
import type { Path } from "../../expressions/index.ts";
import {
  actionOf,
  type CompoundBeaconPlan,
  type NormalizedAttribute,
  type SearchPlan,
  type StandardBeaconPlan,
  type TablePlan,
} from "../../schema/index.ts";
import { searchOf, storesBeaconKey } from "../beacons/index.ts";

/** What a path in a request means on a protected table. */
export type Target =
  /** Stored in plain: the service decides. */
  | { readonly kind: "readable" }
  /** Encrypted, or a virtual field, without a beacon. */
  | { readonly kind: "hidden"; readonly virtual: boolean }
  /** Names the beacon key, and is not stored. */
  | { readonly kind: "beaconKey" }
  | { readonly kind: "standard"; readonly beacon: StandardBeaconPlan; readonly normalize: NormalizedAttribute["normalize"] | undefined }
  | { readonly kind: "compound"; readonly beacon: CompoundBeaconPlan };

/** What decides over paths, the same for all of a request. */
export interface TargetContext {
  readonly plan: TablePlan;
  /** The attribute that names the beacon key, where there are several tenants. */
  readonly beaconKeyAttribute: string | undefined;
}

/**
 * A beacon is meant by its name, and by the location that it is on.
 *
 * @throws ERR_ATTRIBUTE_NOT_CONFIGURED
 */
export function targetOf({ plan, beaconKeyAttribute }: TargetContext, { elements }: Path): Target {
  const search = searchOf(plan);
  const [attribute, ...steps] = elements;
  if (steps.length === 0) {
    const normalized = search.normalized.get(attribute);
    if (normalized !== undefined) return { kind: "standard", ...normalized };
    const beacon = search.beacons.get(attribute);
    if (beacon?.kind === "standard") return { kind: "standard", beacon, normalize: undefined };
    if (beacon?.kind === "compound") return beacon.encrypted ? { kind: "compound", beacon } : { kind: "readable" };
    if (search.virtualFields.has(attribute)) {
      const beacon = onVirtualField(search, attribute);
      return beacon === undefined ? { kind: "hidden", virtual: true } : { kind: "standard", beacon, normalize: undefined };
    }
    if (attribute === beaconKeyAttribute && !storesBeaconKey(plan, attribute)) return { kind: "beaconKey" };
  }
  const located = [...search.beacons.values()].find((beacon) => beacon.kind === "standard" && isOn(beacon, elements));
  if (located?.kind === "standard") return { kind: "standard", beacon: located, normalize: undefined };
  const action = actionOf(plan, attribute);
  // Another version of the schema may have encrypted it, and then its value must not travel in a request.
  if (action === undefined) throw new DynasealError("ERR_ATTRIBUTE_NOT_CONFIGURED", { details: { tableName: plan.tableName, attribute } });
  return action === "ENCRYPT_AND_SIGN" ? { kind: "hidden", virtual: false } : { kind: "readable" };
}

/** A beacon of another name on a virtual field. */
function onVirtualField({ beacons }: SearchPlan, field: string): StandardBeaconPlan | undefined {
  for (const beacon of beacons.values()) {
    if (beacon.kind === "standard" && "virtualField" in beacon.source && beacon.source.virtualField.name === field) return beacon;
  }
  return undefined;
}

function isOn({ source }: StandardBeaconPlan, elements: Path["elements"]): boolean {
  if (!("location" in source) || source.location.length !== elements.length) return false;
  return source.location.every((step, index) => step === elements[index]);
}
