import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../materials/index.ts";

export interface UnitBucketOptions {
  readonly unitsPerSecond: number;
  readonly clock: Clock;
  /** Waits; replaced in tests. */
  readonly sleep?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/**
 * Holds a rate of units per second. What a request costs is known after it was answered, so that it is a debt that the next
 * one waits for. The bucket starts empty and saves nothing up: a pause is not followed by a burst.
 */
export class UnitBucket {
  readonly #perMillisecond: number;
  readonly #clock: Clock;
  readonly #sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** When the units that were spent are paid, in milliseconds of the clock. */
  #paidAt: number;

  constructor({ unitsPerSecond, clock, sleep = wait }: UnitBucketOptions) {
    this.#perMillisecond = unitsPerSecond / 1000;
    this.#clock = clock;
    this.#sleep = sleep;
    this.#paidAt = clock.now();
  }

  /** Takes units before they are used, and waits until they are there. */
  async take(units: number, signal?: AbortSignal): Promise<void> {
    this.spend(units);
    const wait = this.#paidAt - this.#clock.now();
    if (wait > 0) await this.#sleep(wait, signal);
  }

  /** Counts units, which may be fewer than none where too many were taken. */
  spend(units: number): void {
    this.#paidAt = Math.max(this.#paidAt, this.#clock.now()) + units / this.#perMillisecond;
  }
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
}
