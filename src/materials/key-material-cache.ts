import { invalidArgument, ownError } from "../errors/index.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Flight, untilAborted } from "./flight.ts";
import { checkStormTracking, defaultStormTracking, positive, type StormTracking } from "./storm-tracking.ts";

/** What a cache is made of; every field has a default. */
export interface KeyMaterialCacheOptions extends Partial<StormTracking> {
  /** Entries at most; the least recently used goes first. Default 1,000. */
  readonly capacity?: number;
  readonly clock?: Clock;
}

/** One look-up. */
export interface KeyMaterialRequest<Material> {
  /** From `cacheIdentifiers`; an identifier always stands for the same kind of material. */
  readonly identifier: string;
  /** No older material is taken, whoever put it there, and what is fetched is kept for this long. */
  readonly ttlSeconds: number;
  /** Fetches the material. Shared by all who ask meanwhile, so it gets the fetch's signal, not a caller's. */
  readonly load: (signal: AbortSignal) => Promise<Material>;
  /** Whether a failed fetch means that the caller lost the right to the material: the entry goes at once. */
  readonly revokes: (error: unknown) => boolean;
  /** A second identifier that the fetched material serves (an active branch key also is a version). */
  readonly alsoServes?: (material: Material) => string;
  /** The caller's own abort; the shared fetch goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps branch keys and beacon keys for a time, fetches each once however many ask, and renews it before it ends.
 *
 * @see framework/cryptographic-materials-cache.md
 * @see framework/cryptographic-materials-cache.md "Overview", "Cache Entry", "Time-to-live (TTL)", "Get Cache Entry"
 * @see framework/cryptographic-materials-cache.md "Background Processing"
 */
export interface KeyMaterialCache {
  /**
   * The material, from the cache or fetched.
   *
   * @throws ERR_KEY_MATERIAL_TIMEOUT, ERR_ABORTED, and whatever `load` throws
   */
  get<Material>(request: KeyMaterialRequest<Material>): Promise<Material>;
  /** Refuses a time to live that does not exceed the configured grace period. @throws ERR_INVALID_ARGUMENT */
  checkTtl(ttlSeconds: number): void;
}

interface Entry {
  readonly material: unknown;
  /** When its fetch began: a process frozen during a fetch must not take an old answer for a new one. */
  readonly createdAt: number;
  readonly expiresAt: number;
  refreshedAt: number;
}

const defaultCapacity = 1000;

/**
 * A cache that several keyrings and search configurations may share: they share entries where they name the same
 * `partitionId`.
 *
 * An entry is served up to its TTL and never longer. Within the grace period one caller's look-up starts a fetch in
 * the background while all are still served; if it fails the entry stays, but for a refusal of access, which evicts.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/storm-tracking-cryptographic-materials-cache.md
 * @see framework/local-cryptographic-materials-cache.md
 * @see framework/local-cryptographic-materials-cache.md "Initialization", "Entry Capacity", "Entry Pruning Tail Size"
 * @see framework/local-cryptographic-materials-cache.md "Put Cache Entry", "Get Cache Entry", "Pruning"
 * @see framework/storm-tracking-cryptographic-materials-cache.md "Behaviors", "In Flight", "PutCacheEntry", "GetCacheEntry"
 * @see framework/storm-tracking-cryptographic-materials-cache.md "Within Grace Period", "Within Grace Interval"
 */
export function keyMaterialCache(options: KeyMaterialCacheOptions = {}): KeyMaterialCache {
  return new StormTrackingCache(options);
}

class StormTrackingCache implements KeyMaterialCache {
  readonly #capacity: number;
  readonly #clock: Clock;
  readonly #settings: StormTracking;
  readonly #graceIsDefault: boolean;
  /** In the order of use, least recent first. */
  readonly #entries: Map<string, Entry> = new Map();
  readonly #flights: Map<string, Flight<unknown>> = new Map();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: KeyMaterialCacheOptions) {
    const { capacity = defaultCapacity, clock = systemClock, ...storm } = options;
    if (!Number.isSafeInteger(capacity) || capacity < 0) throw invalidArgument("cache.capacity", "a whole number of at least 0");
    this.#settings = { ...defaultStormTracking, ...storm };
    checkStormTracking(this.#settings);
    this.#capacity = capacity;
    this.#clock = clock;
    this.#graceIsDefault = storm.gracePeriodSeconds === undefined;
  }

  checkTtl(ttlSeconds: number): void {
    positive("ttlSeconds", ttlSeconds);
    if (!this.#graceIsDefault && ttlSeconds <= this.#settings.gracePeriodSeconds)
      throw invalidArgument("ttlSeconds", "more than the cache's gracePeriodSeconds");
  }

  async get<Material>(request: KeyMaterialRequest<Material>): Promise<Material> {
    const now = this.#clock.now();
    const entry = this.#entries.get(request.identifier);
    const expiry = entry === undefined ? 0 : Math.min(entry.expiresAt, entry.createdAt + request.ttlSeconds * 1000);
    // A clock that was set back must not lengthen a life: an entry from the future is none.
    if (entry === undefined || now >= expiry || now < entry.createdAt)
      return asOwn(untilAborted(this.#fetch(request, now), request.signal));
    this.#entries.delete(request.identifier);
    this.#entries.set(request.identifier, entry);
    if (now >= expiry - this.#gracePeriod(request.ttlSeconds)) this.#refresh(request, entry, now);
    // Sound because an identifier's scope says what kind of material it names.
    return entry.material as Material;
  }

  /** In milliseconds. The default shrinks for short TTLs, so that an entry is not born into its grace period. */
  #gracePeriod(ttlSeconds: number): number {
    const { gracePeriodSeconds } = this.#settings;
    return 1000 * (this.#graceIsDefault ? Math.min(gracePeriodSeconds, ttlSeconds / 4) : gracePeriodSeconds);
  }

  #refresh<Material>(request: KeyMaterialRequest<Material>, entry: Entry, now: number): void {
    if (now - entry.refreshedAt < this.#settings.graceIntervalSeconds * 1000) return;
    const underWay = this.#flights.has(request.identifier);
    if (!underWay && this.#running >= this.#settings.fanOut) return;
    entry.refreshedAt = now;
    // Not awaited on purpose: the flight handles its own failure.
    void this.#fetch(request, now);
  }

  #fetch<Material>(request: KeyMaterialRequest<Material>, now: number): Promise<Material> {
    const underWay = this.#flights.get(request.identifier) as Flight<Material> | undefined;
    if (underWay !== undefined) {
      const { attemptedAt } = underWay;
      if (attemptedAt !== undefined && now - attemptedAt >= this.#settings.graceIntervalSeconds * 1000)
        this.#attempt(underWay, request, now);
      return underWay.result;
    }
    let holdsPlace = false;
    const flight = new Flight<Material>(this.#settings.inFlightTtlSeconds, () => {
      this.#flights.delete(request.identifier);
      if (!holdsPlace) return;
      this.#running--;
      this.#startNext();
    });
    this.#flights.set(request.identifier, flight as Flight<unknown>);
    this.#waiting.push(() => {
      if (flight.landed) return;
      holdsPlace = true;
      this.#running++;
      this.#attempt(flight, request, this.#clock.now());
    });
    this.#startNext();
    return flight.result;
  }

  #startNext(): void {
    while (this.#running < this.#settings.fanOut) {
      const start = this.#waiting.shift();
      if (start === undefined) return;
      start();
    }
  }

  #attempt<Material>(flight: Flight<Material>, request: KeyMaterialRequest<Material>, now: number): void {
    flight.attempt(now, request.load, {
      success: (material, startedAt) => {
        const expiresAt = startedAt + request.ttlSeconds * 1000;
        this.#put(request.identifier, { material, createdAt: startedAt, expiresAt, refreshedAt: 0 });
        const other = request.alsoServes?.(material);
        if (other !== undefined) this.#put(other, { material, createdAt: startedAt, expiresAt, refreshedAt: 0 });
      },
      failure: (error) => {
        if (!request.revokes(error)) return "other";
        this.#entries.delete(request.identifier);
        return "final";
      },
    });
  }

  #put(identifier: string, entry: Entry): void {
    this.#entries.delete(identifier);
    this.#entries.set(identifier, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return;
      this.#entries.delete(oldest);
    }
  }
}

/** The failure of a fetch reaches all who wait for it, each as an error of its own. */
async function asOwn<Material>(result: Promise<Material>): Promise<Material> {
  try {
    return await result;
  } catch (error) {
    throw ownError(error);
  }
}
