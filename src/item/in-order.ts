import { setMaxListeners } from "node:events";
import { LoopTurns, type TurnSource } from "./loop-turns.ts";

/** How {@link inOrder} runs its tasks. */
export interface InOrderOptions<Input, Output> {
  /** How many tasks may run at the same time; as many results wait at most. */
  readonly concurrency: number;
  /** The caller's abort, which every task gets. */
  readonly signal?: AbortSignal | undefined;
  readonly task: (input: Input, signal: AbortSignal) => Promise<Output>;
  /** By default those of the process. */
  readonly turns?: TurnSource | undefined;
}

/**
 * Runs a task for each input, some of them at the same time, and gives the results in the order of the inputs.
 *
 * The first task that fails, in that order, ends it; so does a consumer that leaves the loop. Tasks that are still
 * running then get an aborted signal and are waited for, and no further input is taken. The event loop turns every few
 * milliseconds.
 *
 * @throws what a task throws, and what the inputs throw
 */
export async function* inOrder<Input, Output>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  { concurrency, signal, task, turns: source }: InOrderOptions<Input, Output>,
): AsyncGenerator<Output, void, undefined> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  // Each task may listen; Node warns of a leak from the eleventh listener on.
  setMaxListeners(0, either);
  const running: Promise<Output>[] = [];
  const turns = new LoopTurns(source);
  try {
    for await (const input of inputs) {
      await turns.due();
      const result = task(input, either);
      // Whoever takes the result sees its failure; until then it must not count as one that nobody handles.
      result.catch(() => undefined);
      running.push(result);
      yield* oldest(running, concurrency);
    }
    yield* oldest(running, 1);
  } finally {
    stop.abort();
    await Promise.allSettled(running);
  }
}

/** The results of the oldest tasks, until fewer than `fewest` are left. */
async function* oldest<Output>(running: Promise<Output>[], fewest: number): AsyncGenerator<Output, void, undefined> {
  while (running.length >= fewest) {
    const next = running.shift();
    if (next !== undefined) yield await next;
  }
}
