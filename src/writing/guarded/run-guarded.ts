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
  requireMayDecrypt,
  sumCapacity,
} from "../../tables/index.ts";
import { conditionHolds, type GuardedWrite, type PreparedWrite } from "./guarded-write.ts";
import { isLostRace, isWithoutAnswer, mayHaveLanded, outcomeOf } from "./outcome.ts";
import { fetchRow, type ReadItem, readItem } from "./read-item.ts";
import { type ReturnValues, returnedAttributes, wholeItemOf } from "./returned-attributes.ts";
import { SdkAttempts } from "./sdk-attempts.ts";

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
    const { row, capacity } = await fetchRow(target, call);
    capacities.push(capacity);
    return row;
  };
  const decide = async (known: AttributeMap | undefined): Promise<{ readonly read: ReadItem; readonly prepared: PreparedWrite }> => {
    if (known !== undefined) requireMayDecrypt(call.role, request.operation);
    const read = await readItem(write.table, known, call);
    if (!conditionHolds(write, read)) throw conditionFailure(input, read.item);
    return { read, prepared: await write.prepare(read, call) };
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
    const answer = (output: WriteOutput, stored: AttributeMap | undefined): WriteOutput =>
      answerOf(request, { read, prepared, output, stored, capacities });
    const sdk = new SdkAttempts();
    try {
      sent.push(prepared);
      const output = await send({ prepared, request, sdk }, call);
      return answer(output, output.Attributes);
    } catch (error) {
      if (call.keyring.signal?.aborted === true) throw error;
      const landed = mayHaveLanded(error, sdk);
      if (!landed && !isLostRace(error)) return failUnlessLost(error);
      row = await rowAfter({ error, landed }, write, rowNow).catch(failUnlessLost);
      if (landed || lost !== undefined) {
        const outcome = outcomeOf(row, read, sent);
        if (outcome.kind === "done") {
          return answerOf(request, { read, prepared: outcome.write, output: { $metadata: metadataOf(error) }, stored: row, capacities });
        }
        if (outcome.kind === "unknown") throw outcomeUnknown(write, error);
        if (!isLostRace(error) && !isWithoutAnswer(error)) return failUnlessLost(error);
        lost ??= { error };
      }
      await pause(attempt, call);
    }
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
  const ReturnValues = operation === "UpdateItem" ? (wholeItemOf(input.ReturnValues) ?? input.ReturnValues) : input.ReturnValues;
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

/** @param stored the row that came with the answer, or that showed that the write was done */
function answerOf(
  { write, input, paths }: GuardedRequest,
  parts: {
    readonly read: ReadItem;
    readonly prepared: PreparedWrite;
    readonly output: WriteOutput;
    readonly stored: AttributeMap | undefined;
    readonly capacities: readonly (ConsumedCapacity | undefined)[];
  },
): WriteOutput {
  const { read, prepared, output, stored, capacities } = parts;
  const { Attributes: _row, ConsumedCapacity: own, ...rest } = output;
  const isNew = wholeItemOf(input.ReturnValues) === "ALL_NEW";
  const row = isNew || output.Attributes !== undefined ? stored : read.row;
  const { plan } = write.table;
  const Attributes = returnedAttributes({
    ...{ plan, paths, row, wanted: input.ReturnValues },
    ...{ old: read.item, new: prepared.item },
  });
  const ConsumedCapacity = sumCapacity([...capacities, own]);
  return { ...rest, ...(Attributes && { Attributes }), ...(ConsumedCapacity && { ConsumedCapacity }) };
}

function outcomeUnknown({ table }: GuardedWrite, cause: unknown): DynasealError {
  return new DynasealError("ERR_UPDATE_OUTCOME_UNKNOWN", { details: { tableName: table.plan.tableName }, cause });
}

function metadataOf(error: unknown): WriteOutput["$metadata"] {
  return (error as { $metadata?: WriteOutput["$metadata"] }).$metadata ?? {};
}
