import { type BeaconLengthChoice, type BeaconLengthInput, beaconLengthAdvice, expectedCost } from "../../search/index.ts";

/** A length, what it costs, and whether it lies within the bounds. */
export interface NeighbouringLength extends BeaconLengthChoice {
  readonly advice: "too-short" | "fits" | "too-long";
}

export interface AdviceInNeighbourhood {
  /** Bits; `undefined` where no length fits. */
  readonly recommended: number | undefined;
  /** The lengths that fit, and the two on either side of them, shortest first. */
  readonly lengths: readonly NeighbouringLength[];
}

const neighbours = 2;
const maximumLength = 63;

/** The advice, and what would be gained and lost by a bit less or more. */
export function adviceInNeighbourhood(input: Required<BeaconLengthInput>): AdviceInNeighbourhood {
  const { choices, recommended } = beaconLengthAdvice(input);
  const lowest = choices[0]?.length ?? 1;
  const highest = choices.at(-1)?.length ?? 0;
  const first = Math.max(1, lowest - neighbours);
  const last = Math.min(maximumLength, highest + neighbours);
  const lengths = Array.from({ length: last - first + 1 }, (_, index) => first + index).map((length) => ({
    ...expectedCost(length, input.distinct, input.rows),
    advice: length < lowest ? ("too-short" as const) : length > highest ? ("too-long" as const) : ("fits" as const),
  }));
  return { recommended: recommended?.length, lengths };
}
