/** Runs tasks of the same key one after the other, in the order in which they came; others do not wait. */
export class KeyedQueue {
  readonly #last: Map<string, Promise<void>> = new Map();

  /** A task of several keys waits for all of them; it takes its places at once, so that tasks cannot wait for each other. */
  async run<Result>(keys: readonly string[], task: () => Promise<Result>): Promise<Result> {
    const unique = [...new Set(keys)];
    const before = unique.map((key) => this.#last.get(key));
    let done = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    for (const key of unique) this.#last.set(key, ended);
    try {
      await Promise.all(before);
      return await task();
    } finally {
      for (const key of unique) if (this.#last.get(key) === ended) this.#last.delete(key);
      done();
    }
  }
}
