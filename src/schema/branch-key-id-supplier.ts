import { DynasealError } from "../errors/index.ts";
import type { BranchKeyIdSupplier } from "../materials/index.ts";
import type { TablePlan } from "./table-plan.ts";

/**
 * The supplier that a schema's `"branchKey": { "from", "map" }` stands for: the text of one S or N attribute, through
 * the map where there is one. A text that the map lacks is refused, never taken as it is.
 *
 * @throws ERR_BRANCH_KEY_ID_INVALID when it is called
 */
export function branchKeyIdSupplierOf(branchKey: NonNullable<TablePlan["branchKey"]>): BranchKeyIdSupplier {
  const { from, map } = branchKey;
  return ({ attributes }) => {
    const value = attributes[from];
    const text = value?.S ?? value?.N;
    if (text === undefined) throw invalid(`the item's "${from}" is missing or neither a string nor a number`);
    const branchKeyId = map === undefined ? text : map.get(text);
    if (branchKeyId === undefined) throw invalid(`the schema's branchKey.map does not know the item's "${from}"`);
    return branchKeyId;
  };
}

function invalid(reason: string): DynasealError {
  return new DynasealError("ERR_BRANCH_KEY_ID_INVALID", { details: { reason } });
}
