import {
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  type TransactWriteItemsCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { invalidArgument } from "../errors/index.ts";
import { withReadableReasons } from "./condition-failures.ts";
import { checkedExpressions } from "./expression-rules.ts";
import { nativeUpdate } from "./native-update.ts";
import type { OperationCall } from "./operation.ts";
import type { ProtectedTable } from "./protected-tables.ts";
import { requireItem, toStored } from "./stored-items.ts";

/**
 * Plain and protected tables may stand in one transaction. An update of unsigned attributes is guarded as in UpdateItem;
 * where its item does not exist, the transaction is cancelled, since only a whole item can be encrypted.
 *
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before TransactWriteItems"
 */
export async function transactWriteItems(
  input: TransactWriteItemsCommandInput,
  call: OperationCall,
): Promise<TransactWriteItemsCommandOutput> {
  const actions = input.TransactItems ?? [];
  const tables = actions.map((action) => checkedTable(action, call));
  const stored = actions.map((action, index) => {
    const table = tables[index];
    return table === undefined ? action : storedAction(table, action, call);
  });
  const TransactItems = input.TransactItems && (await Promise.all(stored));
  return withReadableReasons(tables, call, () => call.send(new TransactWriteItemsCommand({ ...input, TransactItems })));
}

/** The protected table of an action, after all that can be refused without encrypting. */
function checkedTable(action: TransactWriteItem, call: OperationCall): ProtectedTable | undefined {
  const { Put, Update, Delete, ConditionCheck } = action;
  const [request, ...others] = [Put, Update, Delete, ConditionCheck].filter((part) => part !== undefined);
  if (request === undefined || others.length > 0) {
    throw invalidArgument("each of TransactItems", "exactly one of Put, Update, Delete, ConditionCheck");
  }
  const table = call.tables.find(request.TableName);
  if (table === undefined) return undefined;
  checkedExpressions(table.plan, request);
  return table;
}

async function storedAction(table: ProtectedTable, action: TransactWriteItem, call: OperationCall): Promise<TransactWriteItem> {
  const { Put, Update } = action;
  if (Put !== undefined) return { Put: { ...Put, Item: await toStored(table, requireItem(table, Put.Item), call) } };
  return Update === undefined ? action : { Update: nativeUpdate(table.plan, Update) };
}
