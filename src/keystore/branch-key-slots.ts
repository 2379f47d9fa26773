import { untilAborted } from "../materials/index.ts";

/** Reads of versions that one branch key may have under way: a fifth of what the cache lets all of them have. */
const slotsPerBranchKey = 4;

interface Slots {
  running: number;
  readonly waiting: Set<() => void>;
}

/** Bounds, for each branch key by itself, how many tasks run at the same time; the others wait in the order in which they came. */
export class BranchKeySlots {
  readonly #slots: Map<string, Slots> = new Map();

  /** @throws what the task throws, and ERR_ABORTED while it waits */
  async run<Result>(branchKeyId: string, signal: AbortSignal | undefined, task: () => Promise<Result>): Promise<Result> {
    const slots = this.#slots.get(branchKeyId) ?? { running: 0, waiting: new Set() };
    this.#slots.set(branchKeyId, slots);
    if (slots.running < slotsPerBranchKey) slots.running++;
    else await this.#turn(slots, signal);
    try {
      return await task();
    } finally {
      this.#leave(branchKeyId, slots);
    }
  }

  async #turn(slots: Slots, signal: AbortSignal | undefined): Promise<void> {
    let start: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      start = resolve;
    });
    slots.waiting.add(start);
    try {
      await untilAborted(turn, signal);
    } catch (error) {
      // A place that came together with the abort goes on to the next one.
      if (!slots.waiting.delete(start)) this.#pass(slots);
      throw error;
    }
  }

  #leave(branchKeyId: string, slots: Slots): void {
    this.#pass(slots);
    if (slots.running === 0) this.#slots.delete(branchKeyId);
  }

  /** The place goes over to the next one, so that nobody can slip in between. */
  #pass(slots: Slots): void {
    for (const next of slots.waiting) {
      slots.waiting.delete(next);
      next();
      return;
    }
    slots.running--;
  }
}
