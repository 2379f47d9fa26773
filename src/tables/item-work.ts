import { LoopTurns, type TurnSource } from "../item/index.ts";

/**
 * The encrypting and decrypting of all items of one request: so many at a time, in the order in which they came, and
 * with a turn of the event loop every few milliseconds, however many items a page, batch or transaction has.
 */
export class ItemWork {
  readonly #concurrency: number;
  readonly #turns: LoopTurns;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ concurrency, turns }: { readonly concurrency: number; readonly turns?: TurnSource }) {
    this.#concurrency = concurrency;
    this.#turns = new LoopTurns(turns);
  }

  /** Runs one item's part when its time has come. It must not wait for another part of the same request. */
  async run<Result>(part: () => Promise<Result>): Promise<Result> {
    await this.#place();
    try {
      // Again after a turn: those that waited for the same one come first, and may have used it up.
      for (let due = this.#turns.due(); due !== undefined; due = this.#turns.due()) await due;
      return await part();
    } finally {
      // The place goes over to the next one, so that nobody can slip in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** The request is over: parts that still wait are never begun, so that a failed page stops costing time. */
  end(): void {
    this.#waiting.length = 0;
  }

  async #place(): Promise<void> {
    if (this.#running >= this.#concurrency) return new Promise((start) => this.#waiting.push(start));
    if (this.#running === 0) this.#turns.begin();
    this.#running++;
    return undefined;
  }
}
