import type { SearchPlan, TablePlan } from "../schema/index.ts";

/** A table whose schema has beacons. */
export type SearchableTable = TablePlan & { readonly search: SearchPlan };

export function isSearchable(plan: TablePlan): plan is SearchableTable {
  return plan.search !== undefined;
}
