/** Draws that a seed repeats. */
export interface Draws {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number of at least 0, less than `bound`. */
  below(bound: number): number;
  pick<Value>(from: readonly [Value, ...Value[]]): Value;
}

/** The seed of a run: from the environment, or new. */
export function seedOf(variable: string): number {
  return Number(process.env[variable] ?? Math.trunc(Math.random() * 0x7fffffff));
}

/** mulberry32: small, and even enough to choose what a test does next. */
export function draws(seed: number): Draws {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { next, below, pick: (from) => from[below(from.length)] ?? from[0] };
}
