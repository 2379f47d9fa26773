import {
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  type TransactWriteItemsCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { withReadableReasons } from "./condition-failures.ts";
import type { OperationCall } from "./operation.ts";
import { runTransaction } from "./transaction/run-transaction.ts";
import { transactionAction } from "./transaction/transaction-action.ts";

/**
 * Plain and protected tables may stand in one transaction, and actions that the service does alone beside those that
 * have to read first.
 *
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before TransactWriteItems"
 */
export async function transactWriteItems(
  input: TransactWriteItemsCommandInput,
  call: OperationCall,
): Promise<TransactWriteItemsCommandOutput> {
  const actions = (input.TransactItems ?? []).map((action) => transactionAction(action, call));
  const tables = actions.map(({ table }) => table);
  if (tables.every((table) => table === undefined)) return call.send(new TransactWriteItemsCommand(input));
  const { ClientRequestToken } = input;
  return withReadableReasons(tables, call, () => {
    if (ClientRequestToken === undefined) return runTransaction({ input, actions, token: undefined }, call);
    const request = { token: ClientRequestToken, request: input.TransactItems, signal: call.keyring.signal };
    return call.tables.tokens.use(request, (token) => runTransaction({ input, actions, token }, call));
  });
}
