import { TransactGetItemsCommand, type TransactGetItemsCommandInput, type TransactGetItemsCommandOutput } from "@aws-sdk/client-dynamodb";
import type { OperationCall } from "./operation.ts";
import { refuseProjection } from "./refusals.ts";
import { fromStored } from "./stored-items.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after TransactGetItems" */
export async function transactGetItems(input: TransactGetItemsCommandInput, call: OperationCall): Promise<TransactGetItemsCommandOutput> {
  const tables = (input.TransactItems ?? []).map(({ Get }) => {
    const table = call.tables.find(Get?.TableName);
    if (table !== undefined) refuseProjection(table, "TransactGetItems", Get ?? {});
    return table;
  });
  const output = await call.send(new TransactGetItemsCommand(input));
  if (output.Responses === undefined) return output;
  const responses = output.Responses.map(async (response, index) => {
    const table = tables[index];
    if (table === undefined || response.Item === undefined) return response;
    return { ...response, Item: await fromStored(table, response.Item, call) };
  });
  return { ...output, Responses: await Promise.all(responses) };
}
