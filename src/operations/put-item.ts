import { PutItemCommand, type PutItemCommandInput, type PutItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { withReadableFailure } from "./condition-failures.ts";
import { checkedExpressions } from "./expression-rules.ts";
import type { OperationCall } from "./operation.ts";
import { refuseLegacyParameters } from "./refusals.ts";
import { fromStored, toStored } from "./stored-items.ts";

/** @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before PutItem" */
export async function putItem(input: PutItemCommandInput, call: OperationCall): Promise<PutItemCommandOutput> {
  const table = call.tables.find(input.TableName);
  if (table === undefined) return call.send(new PutItemCommand(input));
  refuseLegacyParameters("PutItem", input);
  checkedExpressions(table.plan, input);
  const Item = await toStored(table, input.Item, call);
  const output = await withReadableFailure(table, call, () => call.send(new PutItemCommand({ ...input, Item })));
  return output.Attributes === undefined ? output : { ...output, Attributes: await fromStored(table, output.Attributes, call) };
}
