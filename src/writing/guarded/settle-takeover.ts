import { type ConsumedCapacity, PutItemCommand, UpdateItemCommand, type UpdateItemCommandOutput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import { footerOf, hasItem, isConditionFailure, type OperationCall, pause, sameFooter } from "../../tables/index.ts";
import type { Changes, GuardedWrite, PreparedWrite, Takeover, WriteAction } from "./guarded-write.ts";
import { fetchRow } from "./read-item.ts";
import { changesOf, withChanges } from "./takeover.ts";

/** A row that tells what an update made of a plain one. */
export interface SeenRow {
  /** `"before"`: as it was when the update was done. `"after"`: as it is since. */
  readonly when: "before" | "after";
  readonly row: AttributeMap;
}

/** What an update of a plain row made of it, with what others had written until then. */
export interface Settled {
  readonly item: AttributeMap | undefined;
  /** The whole row as it was stored. */
  readonly row: AttributeMap;
}

/** A write that was done, on its way to be settled. */
export interface Settling {
  readonly write: GuardedWrite;
  readonly prepared: PreparedWrite;
  readonly takeover: Takeover;
  readonly seen: SeenRow;
  readonly ReturnConsumedCapacity?: "INDEXES" | "TOTAL" | "NONE" | undefined;
  readonly note?: (capacity: ConsumedCapacity | undefined) => void;
}

/**
 * Takes into an item what others wrote past the guard of the update that encrypted it, until nothing is left. Ends at
 * once where the item was replaced or deleted since: that came after the update.
 *
 * @throws ERR_UPDATE_CONTENDED with the attributes that are left
 */
export async function settleTakeover(settling: Settling, call: OperationCall): Promise<Settled> {
  const { write } = settling;
  const { plan } = write.table;
  const { maxUpdateAttempts } = call.options;
  let { prepared, takeover, seen } = settling;
  let pending: Changes = new Map();
  let settled: Settled | undefined;
  let cause: unknown;
  for (let attempt = 1; ; attempt++) {
    const found = changesOf(plan, seen.when === "before" ? takeover.before : takeover.after, seen.row);
    const changes: Changes = new Map([...pending, ...found]);
    const row = seen.when === "before" ? takeover.rowAfter(seen.row) : seen.row;
    // What came later is no part of the answer.
    const isLater = settled !== undefined || seen.when === "after";
    settled ??= { item: prepared.item && (isLater ? prepared.item : withChanges(prepared.item, changes)), row };
    if (changes.size === 0) return settled;
    if (attempt > maxUpdateAttempts) throw unsettled(write, changes, { call, cause });
    const failed = (error: unknown): never => {
      throw unsettled(write, changes, { call, cause: error });
    };
    const next = await again({ prepared, takeover, changes, row }, settling, call).catch(failed);
    if (next === "replaced") return settled;
    if (next.error !== undefined) {
      cause = next.error;
      await pause(attempt, call).catch(failed);
    }
    // What was not taken in stays to be taken in: the row need not show it any more.
    pending = next.prepared === prepared ? changes : new Map();
    ({ prepared, takeover, seen } = next);
  }
}

/** A write that leaves something to be taken in. */
interface Step {
  readonly prepared: PreparedWrite;
  readonly takeover: Takeover;
  readonly changes: Changes;
  /** After the write. */
  readonly row: AttributeMap;
}

interface NextStep extends Pick<Step, "prepared" | "takeover"> {
  readonly seen: SeenRow;
  readonly error: unknown;
}

/** `"replaced"` where the item is no longer what was written. */
async function again(step: Step, settling: Settling, call: OperationCall): Promise<NextStep | "replaced"> {
  const { prepared, takeover } = step;
  const next = await takeover.again(step.changes, step.row, call);
  if (next.takeover === undefined) return "replaced";
  try {
    const { ReturnConsumedCapacity } = settling;
    const output = await send(next.action, { ReturnConsumedCapacity }, call);
    settling.note?.(output.ConsumedCapacity);
    return { prepared: next, takeover: next.takeover, seen: { when: "before", row: output.Attributes ?? step.row }, error: undefined };
  } catch (error) {
    const row = isConditionFailure(error) && hasItem(error) ? error.Item : await rowNow(settling, call);
    if (row === undefined) return "replaced";
    const seen: SeenRow = { when: "after", row };
    if (sameFooter(footerOf(row), next.footer)) return { prepared: next, takeover: next.takeover, seen, error };
    return sameFooter(footerOf(row), prepared.footer) ? { prepared, takeover, seen, error } : "replaced";
  }
}

async function rowNow({ write, ReturnConsumedCapacity, note }: Settling, call: OperationCall): Promise<AttributeMap | undefined> {
  const target = { TableName: write.tableName, Key: { ...write.key }, ReturnConsumedCapacity };
  const { row, capacity } = await fetchRow(write, target, call);
  note?.(capacity);
  return row;
}

function send(
  action: WriteAction,
  asked: Pick<Settling, "ReturnConsumedCapacity">,
  call: OperationCall,
): Promise<Pick<UpdateItemCommandOutput, "Attributes" | "ConsumedCapacity">> {
  const shown = { ...asked, ReturnValues: "ALL_OLD", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
  return action.kind === "Put"
    ? call.send(new PutItemCommand({ ...action.input, ...shown }))
    : call.send(new UpdateItemCommand({ ...action.input, ...shown }));
}

function unsettled(write: GuardedWrite, changes: Changes, { call, cause }: { call: OperationCall; cause: unknown }): DynasealError {
  const { tableName } = write.table.plan;
  const details = { tableName, attempts: call.options.maxUpdateAttempts, attributes: [...changes.keys()] };
  return new DynasealError("ERR_UPDATE_CONTENDED", { details, ...(cause === undefined ? {} : { cause }) });
}
