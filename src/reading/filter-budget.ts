import { DynasealError } from "../errors/index.ts";
import type { OperationCall, ProtectedTable } from "../tables/index.ts";

/**
 * Bounds how many items one request decrypts to filter them.
 *
 * @throws ERR_FILTER_BUDGET
 */
export function requireBudget({ plan }: ProtectedTable, items: number, { options }: OperationCall): void {
  const maximum = options.maxItemsEvaluated;
  if (items > maximum) throw new DynasealError("ERR_FILTER_BUDGET", { details: { tableName: plan.tableName, maximum } });
}
