/**
 * The lock of one Region: any number of readers, or one writer. Whoever comes first is served first, so neither kind
 * starves the other, and a transaction is never seen half done.
 */
export class RegionLock {
  #readers = 0;
  #writing = false;
  readonly #queue: { readonly exclusive: boolean; readonly start: () => void }[] = [];

  shared<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#run(false, work);
  }

  exclusive<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#run(true, work);
  }

  async #run<Result>(exclusive: boolean, work: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((start) => {
      this.#queue.push({ exclusive, start });
      this.#advance();
    });
    try {
      return await work();
    } finally {
      if (exclusive) this.#writing = false;
      else this.#readers--;
      this.#advance();
    }
  }

  #advance(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#writing || (next.exclusive && this.#readers > 0)) return;
      this.#queue.shift();
      if (next.exclusive) this.#writing = true;
      else this.#readers++;
      next.start();
    }
  }
}
