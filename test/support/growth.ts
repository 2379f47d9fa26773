import { expect } from "vitest";

const smallSize = 8 * 1024;
/** Each is tried in turn, so that what grows with the square fails before it takes minutes. */
const growth = [4, 32] as const;
const attempts = 5;
/** What the small input counts as at least and at most, in microseconds: not less than a clock tells, not more than any code of ours needs. */
const clamp = { least: 250, most: 10_000 } as const;
/** How much more than its share a larger input may take. What is quadratic takes `growth` times its share. */
const margin = 8;

/**
 * Holds that the time of `work` grows with its input and not with the square of it. Counts the processor's time of this
 * process, the least of several attempts, so that other work on the machine does not fail it. What `work` throws with a
 * code is an answer like any other.
 */
export function expectLinear(name: string, work: (size: number) => () => unknown): void {
  const small = leastTime(work(smallSize), clamp.least);
  for (const factor of growth) {
    const allowed = factor * margin * Math.min(Math.max(small, clamp.least), clamp.most);
    const large = leastTime(work(factor * smallSize), allowed);
    expect(large, `${name}: ${small} µs for ${smallSize}, ${large} µs for ${factor * smallSize}`).toBeLessThanOrEqual(allowed);
  }
}

/** The least of a few attempts; the first that is at most `enough` will do. */
function leastTime(work: () => unknown, enough: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts && least > enough; attempt++) {
    const before = process.cpuUsage();
    try {
      work();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
}
