import { GetItemCommand, type GetItemCommandInput, type GetItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { wholeRead } from "../reading/index.ts";
import { consistencyOf, type OperationCall, readStored, requireAnswered, requirePrimaryKey } from "../tables/index.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after GetItem" */
export async function getItem(input: GetItemCommandInput, call: OperationCall): Promise<GetItemCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  if (table === undefined) return call.send(new GetItemCommand(input));
  const key = requirePrimaryKey(table, input.Key, "Key");
  const read = wholeRead(table.plan, input);
  const output = await call.send(new GetItemCommand(read.input));
  if (output.Item === undefined) return output;
  requireAnswered({ table, key }, output.Item);
  const { item } = await readStored(table, output.Item, call, consistencyOf(input));
  return { ...output, Item: read.project(item) };
}
