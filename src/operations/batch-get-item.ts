import { BatchGetItemCommand, type BatchGetItemCommandInput, type BatchGetItemCommandOutput } from "@aws-sdk/client-dynamodb";
import type { OperationCall } from "./operation.ts";
import { refuseLegacyParameters, refuseProjection } from "./refusals.ts";
import { allFromStored, type SdkItem } from "./stored-items.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after BatchGetItem" */
export async function batchGetItem(input: BatchGetItemCommandInput, call: OperationCall): Promise<BatchGetItemCommandOutput> {
  for (const [tableName, request] of Object.entries(input.RequestItems ?? {})) {
    const table = call.tables.find(tableName);
    if (table === undefined) continue;
    refuseLegacyParameters("BatchGetItem", request);
    refuseProjection(table, "BatchGetItem", request);
  }
  const output = await call.send(new BatchGetItemCommand(input));
  if (output.Responses === undefined) return output;
  const responses = Object.entries(output.Responses).map(async ([tableName, items]): Promise<[string, SdkItem[]]> => {
    const table = call.tables.find(tableName);
    return [tableName, table === undefined ? items : await allFromStored(table, items, call)];
  });
  return { ...output, Responses: Object.fromEntries(await Promise.all(responses)) };
}
