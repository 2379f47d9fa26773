import { PutItemCommand, type PutItemCommandInput, type PutItemCommandOutput } from "@aws-sdk/client-dynamodb";
import {
  fromStored,
  type OperationCall,
  refuseLegacyParameters,
  requireItem,
  revised,
  toStored,
  withPlainWrites,
  withReadableFailure,
} from "../tables/index.ts";
import { checkedWrite, guardedPut, runGuarded } from "../writing/index.ts";

/**
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before PutItem"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after PutItem"
 */
export async function putItem(input: PutItemCommandInput, call: OperationCall): Promise<PutItemCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  if (table === undefined) return withPlainWrites([input.TableName], call, () => call.send(new PutItemCommand(input)));
  refuseLegacyParameters("PutItem", input);
  const { expressions, guarded } = checkedWrite(table, input, call);
  const item = requireItem(table, input.Item);
  if (guarded) {
    return runGuarded({ operation: "PutItem", write: guardedPut(table, { ...input, Item: item }, expressions), input, paths: [] }, call);
  }
  const Item = await toStored(table, revised(table, item, undefined, call), call);
  const output = await withReadableFailure(table, call, () => call.send(new PutItemCommand({ ...input, Item })));
  return output.Attributes === undefined ? output : { ...output, Attributes: await fromStored(table, output.Attributes, call) };
}
