/** One thing to time: runs a batch and says how many operations it did. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

export interface Measured {
  readonly name: string;
  /** Operations a second, median of the rounds. */
  readonly perSecond: number;
  /** Against the first contender, median of the ratios round by round, so that a machine whose speed drifts cancels out. */
  readonly ratio: number;
}

export interface MeasureOptions {
  readonly rounds?: number;
  readonly sliceMs?: number;
}

/** Times the contenders in turn, A B C A B C …, after one warm-up slice each. */
export async function measure(contenders: readonly Contender[], options: MeasureOptions = {}): Promise<readonly Measured[]> {
  const { rounds = 11, sliceMs = 200 } = options;
  for (const contender of contenders) await slice(contender, sliceMs);
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) rates[index]?.push(await slice(contender, sliceMs));
  }
  const [base = []] = rates;
  return contenders.map(({ name }, index) => {
    const own = rates[index] ?? [];
    return { name, perSecond: median(own), ratio: median(own.map((rate, round) => rate / (base[round] ?? rate))) };
  });
}

async function slice({ run }: Contender, milliseconds: number): Promise<number> {
  const start = performance.now();
  let operations = 0;
  for (;;) {
    for (let i = 0; i < 8; i++) await run();
    operations += 8;
    const elapsed = performance.now() - start;
    if (elapsed >= milliseconds) return (operations / elapsed) * 1000;
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
