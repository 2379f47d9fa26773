/** What time it is. Injected by the composition root, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch, wall clock: a frozen process (Lambda) sees the time that passed. */
  now(): number;
}

export const systemClock: Clock = Object.freeze({ now: (): number => Date.now() });
