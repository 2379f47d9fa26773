import { PutItemCommand, type PutItemCommandInput, type PutItemCommandOutput } from "@aws-sdk/client-dynamodb";
import {
  type AskedItem,
  footerOf,
  fromStored,
  keyOf,
  type OperationCall,
  reportReplaced,
  requireItem,
  revised,
  toStored,
  withPlainWrites,
  withReadableFailure,
} from "../tables/index.ts";
import { checkedWrite, guardedPut, runGuarded, writesPlaintext } from "../writing/index.ts";

/**
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before PutItem"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after PutItem"
 */
export async function putItem(input: PutItemCommandInput, call: OperationCall): Promise<PutItemCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  if (table === undefined) return withPlainWrites([input.TableName], call, () => call.send(new PutItemCommand(input)));
  const { expressions, guarded } = checkedWrite("Put", { table, input, call });
  const item = requireItem(table, input.Item);
  if (guarded) {
    return runGuarded({ operation: "PutItem", write: guardedPut(table, { ...input, Item: item }, expressions), input, paths: [] }, call);
  }
  const Item = await toStored(table, revised(table, item, undefined, call), call);
  const asked = { table, key: keyOf(table.plan, item) };
  if (writesPlaintext(table.plan)) return plainPut(asked, { ...input, Item }, call);
  const output = await withReadableFailure(asked, call, () => call.send(new PutItemCommand({ ...input, Item })));
  return output.Attributes === undefined ? output : { ...output, Attributes: await fromStored(asked, output.Attributes, call) };
}

/** The old item is asked for in any case: an encrypted one that a plain one takes the place of is worth an event. */
async function plainPut(asked: AskedItem, input: PutItemCommandInput, call: OperationCall): Promise<PutItemCommandOutput> {
  const isAsked = (input.ReturnValues ?? "NONE") !== "NONE";
  const sent: PutItemCommandInput = isAsked ? input : { ...input, ReturnValues: "ALL_OLD" };
  const { Attributes, ...output } = await withReadableFailure(asked, call, () => call.send(new PutItemCommand(sent)));
  if (footerOf(Attributes) !== undefined) reportReplaced(asked.table, call);
  return Attributes === undefined || !isAsked ? output : { ...output, Attributes: await fromStored(asked, Attributes, call) };
}
