import type { AttributeMap } from "../../attributes/index.ts";
import { compoundPieces, plainCompound } from "./compound-value.ts";
import type { SearchableTable } from "./searchable-table.ts";
import { virtualFieldText } from "./source-values.ts";

/** Name → text. The maps have no prototype. */
export interface ResolvedAttributes {
  readonly virtualFields: Readonly<Record<string, string>>;
  readonly compoundBeacons: Readonly<Record<string, string>>;
}

/**
 * The virtual fields and compound beacons of a plain item, as queries compare with them; what the item has no values
 * for is left out.
 */
export function resolvedAttributesOf({ search }: SearchableTable, item: AttributeMap): ResolvedAttributes {
  const virtualFields = Object.create(null) as Record<string, string>;
  const compoundBeacons = Object.create(null) as Record<string, string>;
  for (const field of search.virtualFields.values()) {
    const text = virtualFieldText(field, item);
    if ("value" in text && text.value !== undefined) virtualFields[field.name] = text.value;
  }
  for (const beacon of search.beacons.values()) {
    if (beacon.kind !== "compound") continue;
    const pieces = compoundPieces(beacon, item);
    if ("value" in pieces && pieces.value !== undefined) compoundBeacons[beacon.name] = plainCompound(beacon, pieces.value);
  }
  return { virtualFields, compoundBeacons };
}
