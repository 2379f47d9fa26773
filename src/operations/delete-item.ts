import { DeleteItemCommand, type DeleteItemCommandInput, type DeleteItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { fromStored, type OperationCall, requirePrimaryKey, withReadableFailure } from "../tables/index.ts";
import { checkedWrite, guardedDelete, runGuarded } from "../writing/index.ts";

/**
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before DeleteItem"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after DeleteItem", "Validate Before DeleteItem"
 */
export async function deleteItem(input: DeleteItemCommandInput, call: OperationCall): Promise<DeleteItemCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  if (table === undefined) return call.send(new DeleteItemCommand(input));
  const asked = { table, key: requirePrimaryKey(table, input.Key, "Key") };
  const { expressions, guarded } = checkedWrite("Delete", { table, input, call });
  if (guarded) {
    return runGuarded({ operation: "DeleteItem", write: guardedDelete("Delete", table, input, expressions), input, paths: [] }, call);
  }
  const output = await withReadableFailure(asked, call, () => call.send(new DeleteItemCommand(input)));
  return output.Attributes === undefined ? output : { ...output, Attributes: await fromStored(asked, output.Attributes, call) };
}
