import {
  type ConsumedCapacity,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import type { Path } from "../../expressions/index.ts";
import {
  conditionFailure,
  hasItem,
  isConditionFailure,
  itemKey,
  type OperationCall,
  pause,
  reportReplaced,
  requireMayDecrypt,
  sumCapacity,
} from "../../tables/index.ts";
import { conditionHolds, type GuardedWrite, type PreparedWrite } from "./guarded-write.ts";
import { isLostRace, isWithoutAnswer, mayHaveLanded, outcomeOf } from "./outcome.ts";
import { fetchRow, type ReadItem, readItem } from "./read-item.ts";
import { type ReturnValues, returnedAttributes, wholeItemOf } from "./returned-attributes.ts";
import { SdkAttempts } from "./sdk-attempts.ts";
import { type SeenRow, settleTakeover } from "./settle-takeover.ts";

/** What PutItem, UpdateItem and DeleteItem answer. */
export type WriteOutput = Pick<UpdateItemCommandOutput, "$metadata" | "Attributes" | "ConsumedCapacity" | "ItemCollectionMetrics">;

/** A guarded write by itself, with what its request asks of the answer. */
export interface GuardedRequest {
  readonly operation: string;
  readonly write: GuardedWrite;
  readonly input: AnswerOptions;
  /** What the update names. */
  readonly paths: readonly Path[];
  /** The row, where an attempt of the service to do it alone has shown it. */
  readonly known?: { readonly row: AttributeMap | undefined };
}

interface AnswerOptions {
  readonly ReturnValues?: ReturnValues | undefined;
  readonly ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE" | undefined;
  readonly ReturnItemCollectionMetrics?: "SIZE" | "NONE" | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE" | undefined;
}

/**
 * Reads, decides, writes under a guard, and begins anew where somebody else was faster, until `maxUpdateAttempts`.
 *
 * A write that may have been done, because its connection was lost or the SDK sent it more than once, is looked for in
 * the item: it is never done twice.
 *
 * @throws ERR_UPDATE_CONTENDED, ERR_UPDATE_OUTCOME_UNKNOWN, ERR_ROLE_FORBIDS, what `decryptItem` and `prepare` throw,
 *   and the service's own ConditionalCheckFailedException where the application's condition fails
 */
export async function runGuarded(request: GuardedRequest, call: OperationCall): Promise<WriteOutput> {
  const { write, operation, known } = request;
  if (known === undefined) requireMayDecrypt(call.role, operation);
  return call.state.queue.run({ keys: [itemKey(write)], signal: call.keyring.signal }, () => attempts(request, call));
}

async function attempts(request: GuardedRequest, call: OperationCall): Promise<WriteOutput> {
  const { write, input } = request;
  const { maxUpdateAttempts } = call.options;
  const target = { TableName: write.tableName, Key: { ...write.key }, ReturnConsumedCapacity: input.ReturnConsumedCapacity };
  const capacities: (ConsumedCapacity | undefined)[] = [];
  const rowNow = async (): Promise<AttributeMap | undefined> => {
    const { row, capacity } = await fetchRow(write, target, call);
    capacities.push(capacity);
    return row;
  };
  const decide = async (known: AttributeMap | undefined): Promise<{ readonly read: ReadItem; readonly prepared: PreparedWrite }> => {
    if (known !== undefined) requireMayDecrypt(call.role, request.operation);
    const read = await readItem(write, known, call);
    if (!conditionHolds(write, read)) throw conditionFailure(input, read.item);
    return { read, prepared: await write.prepare(read, call, "request") };
  };
  const sent: PreparedWrite[] = [];
  /** The first failure of a write that may still come, although the item was seen unchanged after it. */
  let lost: { readonly error: unknown } | undefined;
  const failUnlessLost = (error: unknown): never => {
    throw lost === undefined ? error : outcomeUnknown(write, lost.error);
  };
  let row = request.known === undefined ? await rowNow() : request.known.row;
  for (let attempt = 1; attempt <= maxUpdateAttempts; attempt++) {
    const { read, prepared } = await decide(row).catch(failUnlessLost);
    const sdk = new SdkAttempts();
    let output: WriteOutput;
    try {
      sent.push(prepared);
      output = await send({ prepared, request, sdk }, call);
    } catch (error) {
      if (call.keyring.signal?.aborted === true) throw error;
      const landed = mayHaveLanded(error, sdk);
      if (!landed && !isLostRace(error)) return failUnlessLost(error);
      row = await rowAfter({ error, landed }, write, rowNow).catch(failUnlessLost);
      if (landed || lost !== undefined) {
        const outcome = outcomeOf(row, read, sent);
        if (outcome.kind === "done") {
          const done = { read, prepared: outcome.write, output: { $metadata: metadataOf(error) }, stored: row, capacities };
          const answer = await answerOf(request, done, call);
          // What the guard did not hold may have been overwritten, and the answer that showed it is lost.
          if (outcome.write.takeover?.holdsRow === false) throw outcomeUnknown(write, error);
          return answer;
        }
        if (outcome.kind === "unknown") throw outcomeUnknown(write, error);
        if (!isLostRace(error) && !isWithoutAnswer(error)) return failUnlessLost(error);
        lost ??= { error };
      }
      await pause(attempt, call);
      continue;
    }
    return answerOf(request, { read, prepared, output, stored: output.Attributes, capacities }, call);
  }
  const { tableName } = write.table.plan;
  return failUnlessLost(new DynasealError("ERR_UPDATE_CONTENDED", { details: { tableName, attempts: maxUpdateAttempts } }));
}

async function send(
  { prepared, request, sdk }: { readonly prepared: PreparedWrite; readonly request: GuardedRequest; readonly sdk: SdkAttempts },
  call: OperationCall,
): Promise<WriteOutput> {
  const { action } = prepared;
  const { operation, input } = request;
  const { ReturnConsumedCapacity, ReturnItemCollectionMetrics } = input;
  // The row that a lost race shows saves the next read. What the service does not know goes there, to be refused.
  const { ReturnValuesOnConditionCheckFailure: onFailure = "NONE" } = input;
  const ReturnValuesOnConditionCheckFailure = onFailure === "NONE" ? "ALL_OLD" : onFailure;
  const asked = { ReturnConsumedCapacity, ReturnItemCollectionMetrics, ReturnValuesOnConditionCheckFailure };
  const whole = operation === "UpdateItem" ? (wholeItemOf(input.ReturnValues) ?? input.ReturnValues) : input.ReturnValues;
  // The old row shows what others did past the guard.
  const ReturnValues = prepared.takeover === undefined ? whole : "ALL_OLD";
  if (action.kind === "Delete") return call.send(sdk.watch(new DeleteItemCommand({ ...action.input, ...asked, ReturnValues })));
  if (action.kind !== "Put") return call.send(sdk.watch(new UpdateItemCommand({ ...action.input, ...asked, ReturnValues })));
  // An update that became a Put gives a new item that is known here.
  const replaced = operation === "UpdateItem" && ReturnValues === "ALL_NEW" ? undefined : ReturnValues;
  return call.send(sdk.watch(new PutItemCommand({ ...action.input, ...asked, ReturnValues: replaced })));
}

async function rowAfter(
  { error, landed }: { readonly error: unknown; readonly landed: boolean },
  write: GuardedWrite,
  rowNow: () => Promise<AttributeMap | undefined>,
): Promise<AttributeMap | undefined> {
  if (isConditionFailure(error) && hasItem(error)) return error.Item;
  try {
    return await rowNow();
  } catch (readError) {
    throw landed ? outcomeUnknown(write, error) : readError;
  }
}

/** A write that was done. */
interface Done {
  readonly read: ReadItem;
  readonly prepared: PreparedWrite;
  readonly output: WriteOutput;
  /** The row that came with the answer, or that showed that the write was done. */
  readonly stored: AttributeMap | undefined;
  readonly capacities: (ConsumedCapacity | undefined)[];
}

async function answerOf(request: GuardedRequest, done: Done, call: OperationCall): Promise<WriteOutput> {
  const { write } = request;
  const { read, prepared, output, capacities } = done;
  reportWrite(write, { read, prepared }, call);
  const Attributes = await attributesOf(request, done, call);
  const { Attributes: _row, ConsumedCapacity: own, ...rest } = output;
  const ConsumedCapacity = sumCapacity([...capacities, own]);
  return { ...rest, ...(Attributes && { Attributes }), ...(ConsumedCapacity && { ConsumedCapacity }) };
}

async function attributesOf(request: GuardedRequest, done: Done, call: OperationCall): Promise<WriteOutput["Attributes"]> {
  const { write, input, paths } = request;
  const { read, prepared, output, stored, capacities } = done;
  const { plan } = write.table;
  const asked = { plan, paths, wanted: input.ReturnValues };
  const { takeover } = prepared;
  if (takeover !== undefined) {
    const old = output.Attributes ?? read.row ?? {};
    const isSeenSince = output.Attributes === undefined && stored !== undefined;
    const seen: SeenRow = isSeenSince ? { when: "after", row: stored } : { when: "before", row: old };
    const { ReturnConsumedCapacity } = input;
    const note = (capacity: ConsumedCapacity | undefined): unknown => capacities.push(capacity);
    const settled = await settleTakeover({ write, prepared, takeover, seen, ReturnConsumedCapacity, note }, call);
    const isNew = wholeItemOf(input.ReturnValues) === "ALL_NEW";
    return returnedAttributes({ ...asked, old, new: settled.item, row: isNew ? settled.row : old });
  }
  // A row that was plain before and after is what the service says: the guard holds only what the write names.
  const isPlain = read.row !== undefined && read.actions === undefined && prepared.footer === undefined;
  const isNew = wholeItemOf(input.ReturnValues) === "ALL_NEW";
  const isOldPlain = !isNew && read.row !== undefined && read.actions === undefined;
  const row = isNew || output.Attributes !== undefined ? stored : read.row;
  const known = stored !== undefined && (isOldPlain || isPlain) ? { old: stored, new: stored } : { old: read.item, new: prepared.item };
  return returnedAttributes({ ...asked, ...known, row });
}

/** What the application's auditors are to know. */
export function reportWrite(
  { table }: GuardedWrite,
  { read, prepared }: { readonly read: ReadItem; readonly prepared: PreparedWrite },
  call: OperationCall,
): void {
  const { tableName } = table.plan;
  for (const disclosure of prepared.disclosures ?? []) call.keyring.onEvent?.({ type: "attribute-disclosed", tableName, ...disclosure });
  const isPlainPut = prepared.action.kind === "Put" && prepared.footer === undefined;
  if (isPlainPut && read.actions !== undefined) reportReplaced(table, call);
}

function outcomeUnknown({ table }: GuardedWrite, cause: unknown): DynasealError {
  return new DynasealError("ERR_UPDATE_OUTCOME_UNKNOWN", { details: { tableName: table.plan.tableName }, cause });
}

function metadataOf(error: unknown): WriteOutput["$metadata"] {
  return (error as { $metadata?: WriteOutput["$metadata"] }).$metadata ?? {};
}
