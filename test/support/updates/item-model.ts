import type { Model, Recorded } from "./linearizability.ts";

/** The attributes of an item under test; all but `open`, which is unsigned, are encrypted. */
export interface ItemValue {
  readonly count?: number;
  readonly open?: number;
  readonly last?: string;
  /** Every value that `last` has had, joined by spaces; a list in the item. */
  readonly log?: string;
}

/** What an update does: numbers are added, `last` is set and appended to the log. No two updates set the same. */
export type ItemChange = Omit<ItemValue, "log">;

export type Returns = "NONE" | "ALL_OLD" | "ALL_NEW" | "UPDATED_OLD" | "UPDATED_NEW";

/** How an operation ended, with the attributes it gave; `undefined` where it gave none. */
export interface ItemAnswer {
  /** `failed`: its condition did not hold; `unknown`: it may have taken effect, now or later. */
  readonly outcome: "done" | "failed" | "unknown";
  readonly item?: ItemValue | undefined;
  /** Attributes of `item` that the operation does not answer for. */
  readonly unsure?: readonly (keyof ItemValue)[];
}

/** One operation on the item, with its answer. */
export interface ItemOperation {
  readonly kind: "read" | "update" | "delete";
  readonly change?: ItemChange;
  /** The condition: `last` is this. */
  readonly expected?: string;
  readonly returns?: Returns;
  readonly answer: ItemAnswer;
}

/** `item` is `undefined` where there is none. */
export interface ItemState {
  readonly item: ItemValue | undefined;
}

/**
 * One item of DynamoDB with consistent reads, conditional updates and conditional deletes.
 *
 * @param log the log as the history's last read saw it, where nothing deletes the item: any log before is a beginning of it, which
 * spares the search from trying operations of unknown outcome that left no trace, or elsewhere than where they left it
 */
export function itemModel(log?: string): Model<ItemState, ItemOperation> {
  return {
    initial: { item: undefined },
    step: (state, operation) => {
      const after = itemAfter(state, operation);
      const possible = log === undefined || after?.item?.log === undefined || `${log} `.startsWith(`${after.item.log} `);
      return possible ? after : undefined;
    },
    keyOf: ({ item }) => (item === undefined ? "none" : `${item.count} ${item.open} ${item.last} ${item.log}`),
  };
}

/** The model for a history that ends with a read and has no deletes. */
export function itemModelOf(history: readonly Recorded<ItemOperation>[]): Model<ItemState, ItemOperation> {
  const last = history[history.length - 1]?.operation;
  if (last?.kind !== "read") throw new Error("the history does not end with a read");
  return itemModel(last.answer.item?.log ?? "");
}

/** The state after an operation that was answered like this; `undefined` where the state does not lead to such an answer. */
export function itemAfter(state: ItemState, operation: ItemOperation): ItemState | undefined {
  const { kind, expected, answer } = operation;
  if (kind === "read") return answer.outcome === "unknown" || same(answer, state.item) ? state : undefined;
  const holds = expected === undefined || state.item?.last === expected;
  const after: ItemState = { item: kind === "delete" ? undefined : changed(state.item ?? {}, operation.change ?? {}) };
  if (answer.outcome === "unknown") return holds ? after : state;
  if (answer.outcome === "failed") return !holds && same(answer, state.item) ? state : undefined;
  return holds && same(answer, returned(operation, state, after)) ? after : undefined;
}

function changed(item: ItemValue, { count, open, last }: ItemChange): ItemValue {
  return {
    ...item,
    ...(count === undefined ? {} : { count: (item.count ?? 0) + count }),
    ...(open === undefined ? {} : { open: (item.open ?? 0) + open }),
    ...(last === undefined ? {} : { last, log: item.log === undefined ? last : `${item.log} ${last}` }),
  };
}

/** What the service gives for the operation's ReturnValues. */
function returned({ returns = "NONE", change = {} }: ItemOperation, before: ItemState, after: ItemState): ItemValue | undefined {
  if (returns === "NONE") return undefined;
  if (returns === "ALL_OLD") return before.item;
  if (returns === "ALL_NEW") return after.item;
  const { item = {} } = returns === "UPDATED_OLD" ? before : after;
  const written: ItemValue = change.last === undefined ? change : { ...change, log: change.last };
  const named = Object.entries(item).filter(([name]) => Object.hasOwn(written, name));
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

const attributes = ["count", "open", "last", "log"] as const;

function same({ item, unsure = [] }: ItemAnswer, expected: ItemValue | undefined): boolean {
  if (item === undefined || expected === undefined) return item === expected;
  return attributes.every((name) => unsure.includes(name) || item[name] === expected[name]);
}
