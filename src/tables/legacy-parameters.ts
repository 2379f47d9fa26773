import { DynasealError } from "../errors/index.ts";

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
