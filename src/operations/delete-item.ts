import { DeleteItemCommand, type DeleteItemCommandInput, type DeleteItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { withReadableFailure } from "./condition-failures.ts";
import { guardedDelete } from "./guarded/guarded-delete.ts";
import { runGuarded } from "./guarded/run-guarded.ts";
import type { OperationCall } from "./operation.ts";
import { refuseLegacyParameters } from "./refusals.ts";
import { fromStored } from "./stored-items.ts";
import { checkedWrite } from "./write-rules.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate before DeleteItem" */
export async function deleteItem(input: DeleteItemCommandInput, call: OperationCall): Promise<DeleteItemCommandOutput> {
  const table = call.tables.find(input.TableName);
  if (table === undefined) return call.send(new DeleteItemCommand(input));
  refuseLegacyParameters("DeleteItem", input);
  const { expressions, guarded } = checkedWrite(table, input, call);
  if (guarded) {
    return runGuarded({ operation: "DeleteItem", write: guardedDelete("Delete", table, input, expressions), input, paths: [] }, call);
  }
  const output = await withReadableFailure(table, call, () => call.send(new DeleteItemCommand(input)));
  return output.Attributes === undefined ? output : { ...output, Attributes: await fromStored(table, output.Attributes, call) };
}
