import type { SearchPlan, TablePlan } from "../../schema/index.ts";

/** A table whose schema has beacons. */
export type SearchableTable = TablePlan & { readonly search: SearchPlan };

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
