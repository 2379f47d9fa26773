import type { ItemActor, PlannedOperation } from "./item-actors.ts";
import type { ItemAnswer, ItemOperation, Returns } from "./item-model.ts";
import type { Recorded } from "./linearizability.ts";
import type { Draws } from "./random.ts";

export interface HistoryOptions {
  /** The item, which nobody else uses. */
  readonly id: string;
  /** One a worker. */
  readonly actors: readonly ItemActor[];
  readonly operationsEach: number;
  /** `seen`: values of `last` that somebody was answered, the newest at the end; `unique`: one that nobody wrote yet. */
  readonly plan: (hints: { readonly seen: readonly string[]; readonly unique: string; readonly worker: number }) => PlannedOperation;
}

/** Has the workers do their operations side by side, and notes when each was called and answered. */
export async function recordHistory({ id, actors, operationsEach, plan }: HistoryOptions): Promise<Recorded<ItemOperation>[]> {
  const history: Recorded<ItemOperation>[] = [];
  const seen: string[] = [];
  let moment = 0;

  const work = async (actor: ItemActor, worker: number): Promise<void> => {
    for (let index = 0; index < operationsEach; index++) {
      const planned = plan({ seen, unique: `${worker}.${index}`, worker });
      const invoked = moment++;
      const answer = await actor(id, planned);
      const returned = moment++;
      if (answer === undefined) continue;
      if (answer.item?.last !== undefined) seen.push(answer.item.last);
      history.push({ operation: { ...planned, answer }, invoked, returned: answer.outcome === "unknown" ? undefined : returned });
    }
  };
  await Promise.all(actors.map(work));
  return history;
}

/** A last read, after everything: what the operations have come to. */
export async function withLastRead(
  history: readonly Recorded<ItemOperation>[],
  id: string,
  actor: ItemActor,
): Promise<Recorded<ItemOperation>[]> {
  const planned = { kind: "read" } as const;
  const answer: ItemAnswer | undefined = await actor(id, planned);
  if (answer?.outcome !== "done") throw new Error("the last read did not succeed");
  return [...history, { operation: { ...planned, answer }, invoked: Number.MAX_SAFE_INTEGER - 1, returned: Number.MAX_SAFE_INTEGER }];
}

/** Updates of all attributes, a third of them conditional, and reads. */
export function guardedPlan({ pick, next, below }: Draws, returns: readonly [Returns, ...Returns[]]): HistoryOptions["plan"] {
  return ({ seen, unique }) => {
    if (next() < 0.2) return { kind: "read" };
    const change = { count: 1 + below(3), open: 1 + below(3), last: unique };
    const expected = next() < 0.33 ? seen[seen.length - 1 - below(2)] : undefined;
    return { kind: "update", change, returns: pick(returns), ...(expected === undefined ? {} : { expected }) };
  };
}

/** As {@link guardedPlan}, with native updates of the unsigned number and conditional deletes. */
export function anyPlan(random: Draws, returns: readonly [Returns, ...Returns[]]): HistoryOptions["plan"] {
  const guarded = guardedPlan(random, returns);
  return (hints) => {
    const kind = random.next();
    if (kind < 0.15) return { kind: "update", change: { open: 10 }, returns: random.pick(returns) };
    const expected = hints.seen[hints.seen.length - 1];
    if (kind > 0.3 || expected === undefined) return guarded(hints);
    return { kind: "delete", expected, returns: random.pick(["NONE", "ALL_OLD"]) };
  };
}
