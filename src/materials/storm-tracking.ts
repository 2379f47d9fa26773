import { invalidArgument } from "../errors/index.ts";

/** How a cache fetches, in seconds; every one may be a fraction. */
export interface StormTracking {
  /** An entry that ends within this time is fetched again in the background while it still serves. */
  readonly gracePeriodSeconds: number;
  /** A fetch that has taken this long no longer keeps another from being started. */
  readonly graceIntervalSeconds: number;
  /** How many different keys may be fetched at the same time. */
  readonly fanOut: number;
  /** A fetch that has taken this long fails for all who wait. */
  readonly inFlightTtlSeconds: number;
}

/**
 * The specification's own defaults (10 s, 1 s, 20, 20 s) break its rule that the in-flight TTL is at most the grace
 * period, and 1 s is less than one KMS call with a retry. Ours leave room for several fetches within the grace period.
 */
export const defaultStormTracking: StormTracking = Object.freeze({
  gracePeriodSeconds: 30,
  graceIntervalSeconds: 5,
  fanOut: 20,
  inFlightTtlSeconds: 20,
});

/**
 * Refuses settings that contradict each other.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/storm-tracking-cryptographic-materials-cache.md "Consistency"
 * @see framework/storm-tracking-cryptographic-materials-cache.md "Initialization"
 */
export function checkStormTracking(settings: StormTracking): void {
  const { gracePeriodSeconds, graceIntervalSeconds, fanOut, inFlightTtlSeconds } = settings;
  positive("cache.gracePeriodSeconds", gracePeriodSeconds);
  positive("cache.graceIntervalSeconds", graceIntervalSeconds);
  positive("cache.inFlightTtlSeconds", inFlightTtlSeconds);
  if (!Number.isSafeInteger(fanOut) || fanOut < 1) throw invalidArgument("cache.fanOut", "a whole number of at least 1");
  if (graceIntervalSeconds > inFlightTtlSeconds) throw invalidArgument("cache.graceIntervalSeconds", "at most inFlightTtlSeconds");
  if (inFlightTtlSeconds > gracePeriodSeconds) throw invalidArgument("cache.inFlightTtlSeconds", "at most gracePeriodSeconds");
}

/** @throws ERR_INVALID_ARGUMENT */
export function positive(argument: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw invalidArgument(argument, "a positive number of seconds");
}
