import {
  type ConsumedCapacity,
  type TransactGetItem,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
  type TransactWriteItemsCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { DynasealError, isDynasealError } from "../../errors/index.ts";
import {
  footerOf,
  hasItem,
  isTransactionFailure,
  itemKey,
  type OperationCall,
  pause,
  requireMayDecrypt,
  type SentForm,
  sameFooter,
  sumCapacities,
  type TokenUse,
  type TransactionFailure,
  tokenOfAttempt,
} from "../../tables/index.ts";
import { conditionHolds, type GuardedWrite, type PreparedWrite } from "../guarded/guarded-write.ts";
import { fetchRow, type ReadItem, readItem } from "../guarded/read-item.ts";
import { reportWrite } from "../guarded/run-guarded.ts";
import { settleTakeover } from "../guarded/settle-takeover.ts";
import { nativeGuardHolds } from "../native-update.ts";
import { spendToken } from "./spend-token.ts";
import { actionItem, neverFits, neverHolds, type TransactionAction } from "./transaction-action.ts";

/** A transaction with at least one action on a protected table. */
export interface Transaction {
  readonly input: TransactWriteItemsCommandInput;
  readonly actions: readonly TransactionAction[];
  /** What the application's ClientRequestToken allows; `undefined` without one. */
  readonly token: TokenUse | undefined;
}

/** One action as it is about to be sent. */
interface SentAction {
  readonly item: TransactWriteItem;
  /** Of a guarded action. */
  readonly done?: { readonly read: ReadItem; readonly prepared: PreparedWrite; readonly write: GuardedWrite };
  /** Whether only a lost race can fail its condition. */
  readonly guardedAndHolds: boolean;
}

/**
 * Reads what the guarded actions need, decides and encrypts, and sends one transaction that holds only as long as every
 * item is what was read; begins anew where one is not.
 *
 * @throws ERR_UPDATE_CONTENDED, ERR_IDEMPOTENCY_CAPACITY, ERR_ROLE_FORBIDS, and the service's own
 *   TransactionCanceledException
 */
export async function runTransaction(transaction: Transaction, call: OperationCall): Promise<TransactWriteItemsCommandOutput> {
  const { actions, token } = transaction;
  if (actions.some(({ guarded }) => guarded)) requireMayDecrypt(call.role, "TransactWriteItems");
  const keys = actions.flatMap(({ write, guarded }) => (write !== undefined && guarded ? [itemKey(write)] : []));
  return call.state.queue.run({ keys, signal: call.keyring.signal }, async () => {
    const earlier = token?.earlier;
    if (earlier === undefined) return attempts(transaction, { spent: token?.spent ?? 0, cancelled: undefined }, call);
    const repeated = await resend(transaction, earlier, call);
    return repeated ?? attempts(transaction, { spent: earlier.attempt, cancelled: earlier.items }, call);
  });
}

/**
 * `undefined` where what was sent before was not done, and somebody else has changed an item since. Where other
 * transactions were in the way, it is still what this token stands for.
 */
async function resend(
  { input, token }: Transaction,
  earlier: SentForm,
  call: OperationCall,
): Promise<TransactWriteItemsCommandOutput | undefined> {
  const { items, token: ClientRequestToken, attempt } = earlier;
  try {
    return await call.send(new TransactWriteItemsCommand({ ...input, TransactItems: [...items], ClientRequestToken }));
  } catch (error) {
    if (!isTransactionFailure(error) || passesBy(error)) throw error;
    token?.forget(attempt);
    return undefined;
  }
}

/** What went before the first of the attempts. */
interface Before {
  /** Attempts whose tokens are used up. */
  readonly spent: number;
  /** What the last of them sent, where it is known. */
  readonly cancelled: readonly TransactWriteItem[] | undefined;
}

async function attempts(transaction: Transaction, before: Before, call: OperationCall): Promise<TransactWriteItemsCommandOutput> {
  const { input, actions, token } = transaction;
  const { maxUpdateAttempts } = call.options;
  const capacities: (readonly ConsumedCapacity[] | undefined)[] = [];
  // Updates that the service could not do alone.
  const promoted = new Set<number>();
  let { cancelled } = before;
  for (let attempt = before.spent + 1; attempt <= before.spent + maxUpdateAttempts; attempt++) {
    if (attempt === 2) {
      const done = await spendOwnToken(transaction, cancelled ?? [], call);
      if (done !== undefined) return done;
    }
    const isGuarded = (action: TransactionAction, index: number): boolean => action.guarded || promoted.has(index);
    const { reads, capacity } = await readAll(transaction, isGuarded, call);
    capacities.push(capacity);
    const sent = await Promise.all(actions.map((action, index) => sentAction(action, reads.get(index), call)));
    const TransactItems = sent.map(({ item }) => item);
    const ClientRequestToken = input.ClientRequestToken && tokenOfAttempt(input.ClientRequestToken, attempt);
    if (ClientRequestToken !== undefined) token?.remember({ items: TransactItems, token: ClientRequestToken, attempt });
    try {
      const output = await call.send(new TransactWriteItemsCommand({ ...input, TransactItems, ClientRequestToken }));
      capacities.push(...(await settled(sent, input, call)));
      const sum = sumCapacities([...capacities, output.ConsumedCapacity]);
      return sum === undefined ? output : { ...output, ConsumedCapacity: sum };
    } catch (error) {
      if (!isTransactionFailure(error)) {
        if (isRefused(error)) token?.forget(attempt === 1 ? 0 : attempt);
        throw error;
      }
      if (passesBy(error)) throw error;
      const lost = lostRace(error, { actions, sent, promoted });
      // The application's own token may come again, derived ones do not.
      token?.forget(attempt === 1 && !lost ? 0 : attempt);
      if (!lost) throw error;
      cancelled = TransactItems;
      await pause(attempt - before.spent, call);
    }
  }
  const tableName = actions.find(({ table }) => table !== undefined)?.table?.plan.tableName ?? "";
  throw new DynasealError("ERR_UPDATE_CONTENDED", { details: { tableName, attempts: maxUpdateAttempts } });
}

/** Before the first repetition that goes under a derived token. */
async function spendOwnToken(
  { input, actions }: Transaction,
  items: readonly TransactWriteItem[],
  call: OperationCall,
): Promise<TransactWriteItemsCommandOutput | undefined> {
  const { ClientRequestToken } = input;
  const action = actions.find(({ write }) => write !== undefined);
  return ClientRequestToken && action ? spendToken({ ClientRequestToken, action, items }, call) : undefined;
}

/** One snapshot of all items that are to be read. */
async function readAll(
  { input, actions }: Transaction,
  isGuarded: (action: TransactionAction, index: number) => boolean,
  call: OperationCall,
): Promise<{ readonly reads: ReadonlyMap<number, ReadItem>; readonly capacity: readonly ConsumedCapacity[] | undefined }> {
  const wanted = actions.flatMap(({ write }, index) => {
    const action = actions[index];
    return write !== undefined && action !== undefined && isGuarded(action, index) ? [{ index, write }] : [];
  });
  if (wanted.length === 0) return { reads: new Map(), capacity: undefined };
  const TransactItems = wanted.map(({ write }): TransactGetItem => ({ Get: { TableName: write.tableName, Key: { ...write.key } } }));
  const { ReturnConsumedCapacity } = input;
  const output = await call.send(new TransactGetItemsCommand({ TransactItems, ReturnConsumedCapacity })).catch((error: unknown) => {
    if (isTransactionFailure(error)) {
      reorderReasons(error, { count: actions.length, indexes: wanted.map(({ index }) => index) });
    }
    throw error;
  });
  const reads = wanted.map(async ({ index, write }, position): Promise<readonly [number, ReadItem]> => {
    const response = output.Responses?.[position] ?? {};
    const row = hasItem(response) ? response.Item : undefined;
    if (row !== undefined) requireMayDecrypt(call.role, "TransactWriteItems");
    return [index, await readItem(write, row, call)];
  });
  return { reads: new Map(await Promise.all(reads)), capacity: output.ConsumedCapacity };
}

/**
 * What a transaction leaves to do: attributes that others wrote to plain rows, past the guard of the updates that encrypted
 * them, are taken in. No answer of a transaction shows its rows.
 *
 * @throws ERR_UPDATE_CONTENDED
 */
async function settled(
  sent: readonly SentAction[],
  { ReturnConsumedCapacity }: TransactWriteItemsCommandInput,
  call: OperationCall,
): Promise<readonly ConsumedCapacity[][]> {
  const capacities: ConsumedCapacity[][] = [];
  const note = (capacity: ConsumedCapacity | undefined): void => {
    if (capacity !== undefined) capacities.push([capacity]);
  };
  await Promise.all(
    sent.map(async ({ done }) => {
      if (done === undefined) return;
      const { write, read, prepared } = done;
      reportWrite(write, { read, prepared }, call);
      const { takeover } = prepared;
      if (takeover === undefined) return;
      const { row, capacity } = await fetchRow(write, { TableName: write.tableName, Key: { ...write.key }, ReturnConsumedCapacity }, call);
      note(capacity);
      if (row === undefined || !sameFooter(footerOf(row), prepared.footer)) return;
      await settleTakeover({ write, prepared, takeover, seen: { when: "after", row }, ReturnConsumedCapacity, note }, call);
    }),
  );
  return capacities;
}

/** A read that was cancelled gives its reasons in the order of what was read; the application knows its actions only. */
function reorderReasons(
  error: TransactionFailure,
  { count, indexes }: { readonly count: number; readonly indexes: readonly number[] },
): void {
  const reasons: NonNullable<TransactionFailure["CancellationReasons"]> = Array.from({ length: count }, () => ({ Code: "None" }));
  for (const [position, reason] of (error.CancellationReasons ?? []).entries()) {
    const index = indexes[position];
    if (index !== undefined) reasons[index] = reason;
  }
  error.CancellationReasons = reasons;
  const codes = reasons.map(({ Code }) => Code).join(", ");
  error.message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
}

async function sentAction(action: TransactionAction, read: ReadItem | undefined, call: OperationCall): Promise<SentAction> {
  const { write } = action;
  if (read === undefined || write === undefined) return { item: await action.native(call), guardedAndHolds: false };
  try {
    if (!conditionHolds(write, read)) return { item: neverHolds(action), guardedAndHolds: false };
    const prepared = await write.prepare(read, call, "transaction");
    const item = withFailureValues(actionItem(prepared.action), action.given);
    return { item, guardedAndHolds: true, done: { read, prepared, write } };
  } catch (error) {
    if (isDynasealError(error, "ERR_EXPRESSION_INVALID")) return { item: neverFits(action), guardedAndHolds: false };
    throw error;
  }
}

/** What the application asked to be shown of an item whose condition fails; the reasons of a transaction keep it. */
function withFailureValues(item: TransactWriteItem, { Put, Update, Delete, ConditionCheck }: TransactWriteItem): TransactWriteItem {
  const { ReturnValuesOnConditionCheckFailure } = Put ?? Update ?? Delete ?? ConditionCheck ?? {};
  if (ReturnValuesOnConditionCheckFailure === undefined) return item;
  const members = Object.entries(item).map(([kind, input]) => [kind, { ...input, ReturnValuesOnConditionCheckFailure }]);
  return Object.fromEntries(members) as TransactWriteItem;
}

/**
 * Whether any action failed for another reason than the application's own. An update that the service was to do alone
 * fails its guard where there is no item to update, or a plaintext one: it is guarded from then on.
 */
function lostRace(
  error: TransactionFailure,
  { actions, sent, promoted }: { actions: readonly TransactionAction[]; sent: readonly SentAction[]; promoted: Set<number> },
): boolean {
  let lost = false;
  for (const [index, reason] of (error.CancellationReasons ?? []).entries()) {
    if (reason.Code !== "ConditionalCheckFailed") continue;
    const action = actions[index];
    if (sent[index]?.guardedAndHolds === true) lost = true;
    if (action?.nativeUpdate !== true || promoted.has(index)) continue;
    if (action.table === undefined || !hasItem(reason) || !nativeGuardHolds(action.table.plan, reason.Item)) {
      promoted.add(index);
      lost = true;
    } else if (action.given.Update?.ReturnValuesOnConditionCheckFailure !== "ALL_OLD") Reflect.deleteProperty(reason, "Item");
  }
  return lost;
}

const passing: ReadonlySet<unknown> = new Set(["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);

/** Nothing but other requests was in the way: the same transaction may be done later. */
function passesBy({ CancellationReasons = [] }: TransactionFailure): boolean {
  return CancellationReasons.length > 0 && CancellationReasons.every(({ Code }) => passing.has(Code));
}

const refusals: ReadonlySet<unknown> = new Set(["ValidationException", "ResourceNotFoundException", "AccessDeniedException"]);

/** The service took the request for wrong, so that nothing of it was done. */
function isRefused(error: unknown): boolean {
  return refusals.has((error as { name?: unknown }).name);
}
