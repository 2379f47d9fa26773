import type { ExportTableToPointInTimeCommandInput } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { checkedExpressions, type OperationCall, type ProtectedTable } from "../tables/index.ts";

/**
 * An export holds items as they are stored, encrypted. Its filter travels as given, so that of a protected table is
 * held to the rules of a Query.
 *
 * @throws ERR_PROJECTION_NOT_SUPPORTED, ERR_TABLE_NOT_CONFIGURED, and what `checkedExpressions` throws
 */
export function checkExport({ TableArn, FilterSpecification }: ExportTableToPointInTimeCommandInput, call: OperationCall): void {
  if (FilterSpecification === undefined) return;
  const table = call.state.tables.find(TableArn);
  if (table === undefined) return;
  refuseProjection(table, "ExportTableToPointInTime", FilterSpecification);
  checkedExpressions(table.plan, FilterSpecification);
}

/** Parts of an item cannot be verified. @throws ERR_PROJECTION_NOT_SUPPORTED */
function refuseProjection(
  table: ProtectedTable,
  operation: string,
  input: { readonly ProjectionExpression?: string | undefined; readonly Select?: string | undefined },
): void {
  const parameter =
    input.ProjectionExpression !== undefined ? "ProjectionExpression" : input.Select === "SPECIFIC_ATTRIBUTES" ? "Select" : undefined;
  if (parameter === undefined) return;
  throw new DynasealError("ERR_PROJECTION_NOT_SUPPORTED", { details: { tableName: table.plan.tableName, operation, parameter } });
}
