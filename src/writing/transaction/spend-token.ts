import { type TransactWriteItem, TransactWriteItemsCommand, type TransactWriteItemsCommandOutput } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../../errors/index.ts";
import { isTransactionFailure, type OperationCall, pause } from "../../tables/index.ts";
import { alwaysHolds, type TransactionAction } from "./transaction-action.ts";

/** A transaction that was cancelled, and is to be repeated under another token than the application's. */
export interface CancelledTransaction {
  /** The application's own. */
  readonly ClientRequestToken: string;
  /** Of a protected table. */
  readonly action: TransactionAction;
  /** What was sent under it; empty where that is not known. */
  readonly items: readonly TransactWriteItem[];
}

/**
 * Uses the application's token up, by a transaction that changes nothing. Otherwise a process that comes with the same
 * token while this one repeats under derived ones, or after it, would do the transaction a second time.
 *
 * @returns the answer, where what was cancelled was done after all
 * @throws IdempotentParameterMismatchException where another process has used the token; ERR_UPDATE_CONTENDED
 */
export async function spendToken(
  { ClientRequestToken, action, items }: CancelledTransaction,
  call: OperationCall,
): Promise<TransactWriteItemsCommandOutput | undefined> {
  const { maxUpdateAttempts } = call.options;
  const send = (TransactItems: TransactWriteItem[]): Promise<TransactWriteItemsCommandOutput> =>
    call.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
  for (let attempt = 1; attempt <= maxUpdateAttempts; attempt++) {
    try {
      await send([alwaysHolds(action)]);
      return undefined;
    } catch (error) {
      if (isMismatch(error) && items.length > 0) return itsOwn(() => send([...items]));
      // Somebody writes the item that it looks at.
      if (!isTransactionFailure(error)) throw error;
      await pause(attempt, call);
    }
  }
  const tableName = action.table?.plan.tableName ?? "";
  throw new DynasealError("ERR_UPDATE_CONTENDED", { details: { tableName, attempts: maxUpdateAttempts } });
}

/** A service that keeps a token for what it cancelled knows it by these bytes; then nobody else can have used it. */
async function itsOwn(sendAgain: () => Promise<TransactWriteItemsCommandOutput>): Promise<TransactWriteItemsCommandOutput | undefined> {
  try {
    return await sendAgain();
  } catch (error) {
    if (isTransactionFailure(error)) return undefined;
    throw error;
  }
}

/** By name, since the application's copy of the SDK need not be ours. */
function isMismatch(error: unknown): boolean {
  return error instanceof Error && error.name === "IdempotentParameterMismatchException";
}
