import { DeleteItemCommand, type DeleteItemCommandInput, type DeleteItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { withReadableFailure } from "./condition-failures.ts";
import { checkedExpressions } from "./expression-rules.ts";
import type { OperationCall } from "./operation.ts";
import { refuseLegacyParameters } from "./refusals.ts";
import { fromStored } from "./stored-items.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate before DeleteItem" */
export async function deleteItem(input: DeleteItemCommandInput, call: OperationCall): Promise<DeleteItemCommandOutput> {
  const table = call.tables.find(input.TableName);
  if (table === undefined) return call.send(new DeleteItemCommand(input));
  refuseLegacyParameters("DeleteItem", input);
  checkedExpressions(table.plan, input);
  const output = await withReadableFailure(table, call, () => call.send(new DeleteItemCommand(input)));
  return output.Attributes === undefined ? output : { ...output, Attributes: await fromStored(table, output.Attributes, call) };
}
