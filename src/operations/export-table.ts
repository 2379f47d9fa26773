import type { ExportTableToPointInTimeCommandInput } from "@aws-sdk/client-dynamodb";
import { checkedExpressions } from "./expression-rules.ts";
import type { OperationCall } from "./operation.ts";
import { refuseProjection } from "./refusals.ts";

/**
 * An export holds items as they are stored, encrypted. Its filter travels as given, so that of a protected table is
 * held to the rules of a Query.
 *
 * @throws ERR_PROJECTION_NOT_SUPPORTED, ERR_TABLE_NOT_CONFIGURED, and what `checkedExpressions` throws
 */
export function checkExport({ TableArn, FilterSpecification }: ExportTableToPointInTimeCommandInput, call: OperationCall): void {
  if (FilterSpecification === undefined) return;
  const table = call.tables.find(TableArn);
  if (table === undefined) return;
  refuseProjection(table, "ExportTableToPointInTime", FilterSpecification);
  checkedExpressions(table.plan, FilterSpecification);
}
