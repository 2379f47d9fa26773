import { invalidArgument, requireWhole } from "../errors/index.ts";

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

/** A grace period that is derived and shorter than this would leave no time for a fetch; then nothing is renewed in the background. */
const shortestGracePeriodSeconds = 5;

/**
 * The settings for entries of one time to live: what was given, and defaults derived from the time to live so that they
 * keep the specification's rule (interval ≤ in-flight TTL ≤ grace period < time to live). The grace period is at most a
 * quarter of the time to live, so that an entry is not born into it; below 20 s of life there is none, and an entry that
 * ended is fetched as any other.
 *
 * @see framework/storm-tracking-cryptographic-materials-cache.md "Consistency"
 */
export function stormTrackingFor(given: Partial<StormTracking>, ttlSeconds: number): StormTracking {
  const defaults = defaultStormTracking;
  const quarter = Math.min(defaults.gracePeriodSeconds, ttlSeconds / 4);
  const gracePeriodSeconds = given.gracePeriodSeconds ?? (quarter < shortestGracePeriodSeconds ? 0 : quarter);
  // Without a grace period there is nothing that they could contradict.
  const within = gracePeriodSeconds === 0 ? defaults.gracePeriodSeconds : gracePeriodSeconds;
  const inFlightTtlSeconds = given.inFlightTtlSeconds ?? Math.min(defaults.inFlightTtlSeconds, within);
  const graceIntervalSeconds =
    given.graceIntervalSeconds ?? Math.min(defaults.graceIntervalSeconds, Math.max(1, within / 4), inFlightTtlSeconds);
  return { gracePeriodSeconds, graceIntervalSeconds, inFlightTtlSeconds, fanOut: given.fanOut ?? defaults.fanOut };
}

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
  requireWhole("cache.fanOut", fanOut, 1);
  if (graceIntervalSeconds > inFlightTtlSeconds) throw invalidArgument("cache.graceIntervalSeconds", "at most inFlightTtlSeconds");
  if (inFlightTtlSeconds > gracePeriodSeconds) throw invalidArgument("cache.inFlightTtlSeconds", "at most gracePeriodSeconds");
}

/** @throws ERR_INVALID_ARGUMENT */
export function positive(argument: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0) throw invalidArgument(argument, "a positive number of seconds");
}
