import { median } from "./measure.ts";

/** One of those that do the same operation, each on its own table. */
export interface LatencyContender {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** Requests that went out so far, repetitions by the SDK included. */
  readonly requests: () => number;
}

export interface Latency {
  readonly name: string;
  /** Requests for one operation. */
  readonly requests: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Against the first contender: median, over the rounds, of the ratio of the round's medians. */
  readonly ratio: number;
}

export interface LatencyOptions {
  readonly rounds: number;
  /** Operations of each contender in one round, one after the other. */
  readonly operations: number;
}

/** Until the compiler has seen enough. */
const warmUpRounds = 5;

/**
 * Times single operations. In each round all contenders have their turn, every time beginning with another one, so that
 * a machine whose speed drifts is the same for all.
 */
export async function measureLatency(contenders: readonly LatencyContender[], options: LatencyOptions): Promise<readonly Latency[]> {
  const { rounds, operations } = options;
  for (let round = 0; round < Math.min(rounds, warmUpRounds); round++) {
    for (const contender of contenders) await turn(contender, operations);
  }
  const before = contenders.map(({ requests }) => requests());
  const turns: number[][][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contenders.length; place++) {
      const index = (round + place) % contenders.length;
      const contender = contenders[index];
      if (contender !== undefined) turns[index]?.push(await turn(contender, operations));
    }
  }
  const [base = []] = turns;
  return contenders.map(({ name, requests }, index) => {
    const own = turns[index] ?? [];
    const all = own.flat();
    return {
      name,
      requests: (requests() - (before[index] ?? 0)) / (rounds * operations),
      medianMs: median(all),
      p95Ms: percentile(all, 0.95),
      ratio: median(own.map((times, round) => median(times) / median(base[round] ?? times))),
    };
  });
}

async function turn({ run }: LatencyContender, operations: number): Promise<number[]> {
  const times: number[] = [];
  for (let operation = 0; operation < operations; operation++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times;
}

/** The smallest value that is not exceeded by this share of all. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
