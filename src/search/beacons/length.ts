import { invalidArgument } from "../../errors/index.ts";

/** What is known of an attribute's values. */
export interface BeaconLengthInput {
  /** How many different values there are, at least 1. */
  readonly distinct: number;
  /** How many items there are, at least as many; as many as there are values unless given. */
  readonly rows?: number;
}

/** One length and what it costs, if values are spread evenly. */
export interface BeaconLengthChoice {
  /** Bits. */
  readonly length: number;
  /** Different values that share a beacon, on average. */
  readonly valuesPerBeacon: number;
  /** Items that a query for one value reads from the table. */
  readonly rowsRead: number;
  /** Of these, items of other values, which are left out after decryption. */
  readonly falsePositives: number;
}

export interface BeaconLengthAdvice {
  /** Every length N with √distinct < 2^N < distinct / 2, shortest first; empty where there are too few values. */
  readonly choices: readonly BeaconLengthChoice[];
  /** The longest of them: the cheapest queries that still make every beacon ambiguous. `undefined`: have no beacon on this attribute alone. */
  readonly recommended: BeaconLengthChoice | undefined;
}

const maximumLength = 63;

/**
 * Which lengths hide which of several values a beacon stands for, and what they cost. Values that occur more often than
 * others stand out whatever the length.
 *
 * @example
 * ```ts
 * import { beaconLengthAdvice } from "dynaseal";
 *
 * const { recommended } = beaconLengthAdvice({ distinct: 5_000, rows: 100_000 });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see specification/searchable-encryption/beacons.md "Beacon Length"
 */
export function beaconLengthAdvice({ distinct, rows = distinct }: BeaconLengthInput): BeaconLengthAdvice {
  if (!Number.isFinite(distinct) || distinct < 1) throw invalidArgument("distinct", "a number of at least 1");
  if (!Number.isFinite(rows) || rows < distinct) throw invalidArgument("rows", "a number of at least distinct");
  const choices: BeaconLengthChoice[] = [];
  for (let length = 1; length <= maximumLength && 2 ** length < distinct / 2; length++) {
    if (2 ** length > Math.sqrt(distinct)) choices.push(expectedCost(length, distinct, rows));
  }
  return { choices, recommended: choices.at(-1) };
}

/** The expectation where each value falls on any beacon with the same probability. */
export function expectedCost(length: number, distinct: number, rows: number): BeaconLengthChoice {
  const perValue = rows / distinct;
  const falsePositives = (rows - perValue) / 2 ** length;
  return { length, valuesPerBeacon: distinct / 2 ** length, rowsRead: perValue + falsePositives, falsePositives };
}
