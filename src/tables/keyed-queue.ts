import { untilAborted } from "../materials/index.ts";

/** What a task waits for. */
export interface Turn {
  readonly keys: readonly string[];
  /** Of the request that the task belongs to. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs tasks of the same key one after the other, in the order in which they came; others do not wait. */
export class KeyedQueue {
  readonly #last: Map<string, Promise<void>> = new Map();

  /**
   * A task of several keys waits for all of them; it takes its places at once, so that tasks cannot wait for each other.
   *
   * @throws ERR_ABORTED where the signal aborts before the task's turn comes; the task is not begun then
   */
  async run<Result>({ keys, signal }: Turn, task: () => Promise<Result>): Promise<Result> {
    const unique = [...new Set(keys)];
    const before = Promise.all(unique.map((key) => this.#last.get(key)));
    let done = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    for (const key of unique) this.#last.set(key, ended);
    try {
      await untilAborted(before, signal);
      return await task();
    } finally {
      // Who leaves early keeps his place: those behind him still wait for those before him.
      void before.then(() => {
        for (const key of unique) if (this.#last.get(key) === ended) this.#last.delete(key);
        done();
      });
    }
  }
}
