/** What the attacker sees and knows of a table. */
export interface Sighting {
  /** Rows under each beacon that occurs. */
  readonly counts: Float64Array;
  /** How many beacons there could be: 2^length. */
  readonly beacons: number;
  readonly rows: number;
  /** How frequent each value is among people, most frequent first; together 1. */
  readonly shares: Float64Array;
  /** Into how many beacons each value is spread. */
  readonly partitions: number;
}

/** The value, by its place in `shares`, that the attacker reads from each beacon; -1 where he has none. */
export type Guesses = Int32Array;

/** Keeps one attack within a few seconds. */
const maximumSteps = 1e8;

/** The most frequent beacon is the most frequent value, and so on down. */
export function matchRanks({ counts, shares, partitions }: Sighting): Guesses {
  const guesses = new Int32Array(counts.length).fill(-1);
  assignByRank(guesses, byCount(counts), shares.length * partitions, 0, partitions);
  return guesses;
}

/**
 * Also reckons with values that share a beacon. From the most frequent value down, each goes to the beacon whose count it
 * explains best, i.e. where the likelihood rises most: counts are Poisson, and hold what was put there before and an even
 * part of all that is still to come. The first value of a beacon is the guess for its rows.
 */
export function matchLikelihood({ counts, beacons, rows, shares, partitions }: Sighting): Guesses {
  const guesses = new Int32Array(counts.length).fill(-1);
  const expected = new Float64Array(counts.length);
  const pieces = shares.length * partitions;
  const steps = Math.min(pieces, 2 * beacons, Math.floor(maximumSteps / counts.length));
  let remaining = 1;
  for (let piece = 0; piece < steps; piece++) {
    const value = Math.floor(piece / partitions);
    const share = (shares[value] ?? 0) / partitions;
    remaining = Math.max(0, remaining - share);
    const background = Math.max((rows * remaining) / beacons, 1e-9);
    const added = rows * share;
    let best = 0;
    let bestGain = -1;
    for (let beacon = 0; beacon < counts.length; beacon++) {
      const gain = (counts[beacon] as number) * Math.log1p(added / ((expected[beacon] as number) + background));
      if (gain > bestGain) {
        bestGain = gain;
        best = beacon;
      }
    }
    expected[best] = (expected[best] as number) + added;
    if (guesses[best] === -1) guesses[best] = value;
  }
  const open = byCount(counts).filter((beacon) => guesses[beacon] === -1);
  assignByRank(guesses, open, pieces, steps, partitions);
  return guesses;
}

/**
 * Names a value as often as it pays: for each beacon the value whose rows are most probably there. Where a value is comes
 * from Bayes' rule over all beacons; what else is in a beacon is normal, with the variance that random sharing has.
 */
export function matchBayes({ counts, beacons, rows, shares, partitions }: Sighting): Guesses {
  const guesses = new Int32Array(counts.length).fill(-1);
  const bestScores = new Float64Array(counts.length);
  const evidence = new Float64Array(counts.length);
  const mean = rows / beacons;
  const squares = shares.reduce((sum, share) => sum + share * share, 0) / partitions;
  const values = Math.min(shares.length, Math.floor(maximumSteps / counts.length));
  for (let value = 0; value < values; value++) {
    const share = (shares[value] ?? 0) / partitions;
    const added = rows * share;
    const variance = mean + ((rows * rows) / beacons) * Math.max(0, squares - share * share);
    const rest = mean - added / beacons;
    let top = Number.NEGATIVE_INFINITY;
    for (let beacon = 0; beacon < counts.length; beacon++) {
      const excess = (counts[beacon] as number) - rest;
      const logRatio = (excess * excess - (excess - added) * (excess - added)) / (2 * variance);
      evidence[beacon] = logRatio;
      if (logRatio > top) top = logRatio;
    }
    let all = 0;
    for (let beacon = 0; beacon < counts.length; beacon++) {
      const weight = Math.exp((evidence[beacon] as number) - top);
      evidence[beacon] = weight;
      all += weight;
    }
    for (let beacon = 0; beacon < counts.length; beacon++) {
      const score = share * Math.min(1, (partitions * (evidence[beacon] as number)) / all);
      if (score > (bestScores[beacon] as number)) {
        bestScores[beacon] = score;
        guesses[beacon] = value;
      }
    }
  }
  return guesses;
}

function assignByRank(guesses: Guesses, beacons: readonly number[], pieces: number, first: number, partitions: number): void {
  beacons.forEach((beacon, rank) => {
    if (first + rank < pieces) guesses[beacon] = Math.floor((first + rank) / partitions);
  });
}

function byCount(counts: Float64Array): readonly number[] {
  return Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number));
}
