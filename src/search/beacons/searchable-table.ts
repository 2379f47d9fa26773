import type { SearchPlan, TablePlan } from "../../schema/index.ts";

/** A table whose schema has beacons. */
export type SearchableTable = TablePlan & { readonly search: SearchPlan };

/**
 * Whether items are stored with an attribute that names the beacon key. DO_NOTHING counts as not named by the schema: the
 * Java library stores no such attribute either, so that a condition on it would lose its items.
 *
 * @see specification/dynamodb-encryption-client/ddb-support.md "HandleBeaconKeyFieldName"
 */
export function storesBeaconKey({ actions }: Pick<TablePlan, "actions">, attribute: string): boolean {
  const action = actions.get(attribute);
  return action !== undefined && action !== "DO_NOTHING";
}

export function isSearchable(plan: TablePlan): plan is SearchableTable {
  return plan.search !== undefined;
}

const noSearch: SearchPlan = {
  beacons: new Map(),
  virtualFields: new Map(),
  normalized: new Map(),
  partitions: 1,
  beaconKeyFrom: undefined,
};

/** What a schema says about searching: nothing where it has no beacon. */
export function searchOf(plan: TablePlan): SearchPlan {
  return plan.search ?? noSearch;
}
