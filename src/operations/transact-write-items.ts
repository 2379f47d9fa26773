import {
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  type TransactWriteItemsCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { itemKey, type OperationCall, withPlainWrites, withReadableReasons } from "../tables/index.ts";
import { runTransaction, type TransactionAction, transactionAction } from "../writing/index.ts";

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
  const plain = actions.flatMap(({ table, given: { Put, Update } }) => (table === undefined ? [(Put ?? Update)?.TableName] : []));
  return withPlainWrites(plain, call, () => {
    if (tables.every((table) => table === undefined)) return call.send(new TransactWriteItemsCommand(input));
    requireDistinctItems(actions);
    return withReadableReasons(
      actions.map(({ write }) => write),
      call,
      () => protectedTransaction(input, actions, call),
    );
  });
}

function protectedTransaction(
  input: TransactWriteItemsCommandInput,
  actions: readonly TransactionAction[],
  call: OperationCall,
): Promise<TransactWriteItemsCommandOutput> {
  const { ClientRequestToken } = input;
  if (ClientRequestToken === undefined) return runTransaction({ input, actions, token: undefined }, call);
  const request = { token: ClientRequestToken, request: input.TransactItems, signal: call.keyring.signal };
  return call.state.tokens.use(request, (token) => runTransaction({ input, actions, token }, call));
}

/**
 * As the service does, before anything is read. The guard of one action would fail on what another one of the same
 * transaction writes, as if a race had been lost.
 */
function requireDistinctItems(actions: readonly TransactionAction[]): void {
  const keys = actions.flatMap(({ write }) => (write === undefined ? [] : [itemKey(write)]));
  if (new Set(keys).size === keys.length) return;
  const reason = "Transaction request cannot include multiple operations on one item";
  throw new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
}
