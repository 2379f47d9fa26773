import { DynasealError } from "../errors/index.ts";
import type { ProtectedTable } from "./protected-tables.ts";

/** Parameters from before expressions, and what took their place. */
const legacyParameters: Readonly<Record<string, string>> = {
  AttributesToGet: "ProjectionExpression",
  AttributeUpdates: "UpdateExpression",
  ConditionalOperator: "AND and OR in an expression",
  Expected: "ConditionExpression",
  KeyConditions: "KeyConditionExpression",
  QueryFilter: "FilterExpression",
  ScanFilter: "FilterExpression",
};

/** @throws ERR_LEGACY_PARAMETER */
export function refuseLegacyParameters(operation: string, input: object): void {
  for (const [parameter, instead] of Object.entries(legacyParameters)) {
    if ((input as Record<string, unknown>)[parameter] === undefined) continue;
    throw new DynasealError("ERR_LEGACY_PARAMETER", { details: { operation, parameter, instead } });
  }
}

/** Parts of an item cannot be verified. @throws ERR_PROJECTION_NOT_SUPPORTED */
export function refuseProjection(
  table: ProtectedTable,
  operation: string,
  input: { readonly ProjectionExpression?: string | undefined; readonly Select?: string | undefined },
): void {
  const parameter =
    input.ProjectionExpression !== undefined ? "ProjectionExpression" : input.Select === "SPECIFIC_ATTRIBUTES" ? "Select" : undefined;
  if (parameter === undefined) return;
  throw new DynasealError("ERR_PROJECTION_NOT_SUPPORTED", { details: { tableName: table.plan.tableName, operation, parameter } });
}
