/** Where {@link LoopTurns} gets time and turns from; injected, so that tests count turns and wait for none. */
export interface TurnSource {
  /** Milliseconds from any beginning, never going back. */
  now(): number;
  /** Resolves after the event loop has served everything else that was ready. */
  nextTurn(): Promise<void>;
}

const systemTurns: TurnSource = Object.freeze({
  now: (): number => performance.now(),
  nextTurn: (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
});

/** How long items may keep the event loop from everything else, in milliseconds. */
const turnMilliseconds = 5;

/**
 * Lets the event loop turn every few milliseconds while many items are encrypted or decrypted one after the other, which
 * otherwise is one long chain of microtasks: 1,000 items would keep every other request of the process waiting.
 */
export class LoopTurns {
  readonly #source: TurnSource;
  #since: number;
  #turn: Promise<void> | undefined;

  constructor(source: TurnSource = systemTurns) {
    this.#source = source;
    this.#since = source.now();
  }

  /** The work begins now: time that passed before was not its own. */
  begin(): void {
    this.#since = this.#source.now();
  }

  /** To be awaited before each item; `undefined` while there is time left. */
  due(): Promise<void> | undefined {
    if (this.#turn !== undefined) return this.#turn;
    if (this.#source.now() - this.#since < turnMilliseconds) return undefined;
    // One for all that work at the same time: were each to wait for a turn of its own, the turns would add up.
    this.#turn = this.#source.nextTurn().then(() => {
      this.#turn = undefined;
      this.begin();
    });
    return this.#turn;
  }
}
