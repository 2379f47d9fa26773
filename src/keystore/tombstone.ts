import { type AttributeMap, type AttributeValue, attributeMap } from "../attributes/index.ts";
import { DynasealError, type ErrorDetails } from "../errors/index.ts";
import { isReplication } from "../schema/index.ts";

type ErasedSite = Omit<ErrorDetails["ERR_BRANCH_KEY_ERASED"], "state" | "since">;

const stateAttribute = "dynaseal-erasure";
const sinceAttribute = "dynaseal-erasure-time";
const itemAttribute = "dynaseal-disabled-item";

/** What stands in place of a branch key that was disabled or erased. */
export interface Tombstone {
  readonly state: "disabled" | "erased";
  /** ISO 8601 in UTC, as it was stored. */
  readonly since: string;
  /** The key store item that was disabled; absent where there was none, and once it is erased. */
  readonly item: AttributeMap | undefined;
}

/** The tombstone that a stored key store item is, if it is one. */
export function tombstoneOf(row: AttributeMap | undefined): Tombstone | undefined {
  if (row === undefined || !Object.hasOwn(row, stateAttribute)) return undefined;
  const item = Object.hasOwn(row, itemAttribute) ? row[itemAttribute]?.M : undefined;
  return {
    // Only what is known to be reversible is called so.
    state: row[stateAttribute]?.S === "disabled" ? "disabled" : "erased",
    since: (Object.hasOwn(row, sinceAttribute) ? row[sinceAttribute]?.S : undefined) ?? "",
    item: item && attributeMap(Object.entries(item)),
  };
}

/**
 * The key store item that holds the sort key of ACTIVE or of the beacon key, so that no library can create the id again.
 * Attributes: `branch-key-id` S, `type` S, `dynaseal-erasure` S (`disabled` or `erased`), `dynaseal-erasure-time` S, and
 * while it is disabled `dynaseal-disabled-item` M, the item as it was. It has no `enc`: other readers refuse it.
 */
export function serializeTombstone(site: Pick<ErasedSite, "branchKeyId" | "type">, { state, since, item }: Tombstone): AttributeMap {
  const row: Record<string, AttributeValue> = attributeMap();
  row["branch-key-id"] = { S: site.branchKeyId };
  row.type = { S: site.type };
  row[stateAttribute] = { S: state };
  row[sinceAttribute] = { S: since };
  if (item !== undefined) {
    const kept = Object.entries(item).filter(([name, value]) => !isReplication(name, value));
    row[itemAttribute] = { M: attributeMap(kept) };
  }
  return row;
}

/** @throws ERR_BRANCH_KEY_ERASED where the item is a tombstone */
export function refuseTombstone(row: AttributeMap | undefined, site: ErasedSite): void {
  const tombstone = tombstoneOf(row);
  if (tombstone === undefined) return;
  const { state, since } = tombstone;
  throw new DynasealError("ERR_BRANCH_KEY_ERASED", { details: { ...site, state, since } });
}
