import { invalidArgument, ownError, requireWhole } from "../errors/index.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ExpiringEntries } from "./expiring-entries.ts";
import { Flight, untilAborted } from "./flight.ts";
import { type Lease, LeasedMaterial } from "./lease.ts";
import { checkStormTracking, defaultStormTracking, positive, type StormTracking, stormTrackingFor } from "./storm-tracking.ts";

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
  /**
   * Overwrites the keys of a fetched material. Called once, when no identifier stands for it any longer and the last
   * lease has ended; never where the same material was also handed out by `get`.
   */
  readonly wipe?: ((material: Material) => void) | undefined;
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
   * The material, from the cache or fetched. Its keys stay readable until the lease is released, also where the entry is
   * evicted, expires or is renewed meanwhile.
   *
   * @throws ERR_KEY_MATERIAL_TIMEOUT, ERR_ABORTED, and whatever `load` throws
   */
  lease<Material>(request: KeyMaterialRequest<Material>): Promise<Lease<Material>>;
  /**
   * As {@link KeyMaterialCache.lease} with a lease that never ends, so that the material's keys are never wiped.
   *
   * @deprecated
   */
  get<Material>(request: KeyMaterialRequest<Material>): Promise<Material>;
  /** Refuses a time to live that does not exceed the configured grace period. @throws ERR_INVALID_ARGUMENT */
  checkTtl(ttlSeconds: number): void;
}

interface Entry {
  /** The identifier's own lease. */
  readonly lease: Lease<unknown>;
  readonly held: LeasedMaterial<unknown>;
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
 * What has expired is dropped on the next look-up of whatever key, and by a timer. The keys of what is evicted, expires or
 * is renewed are wiped at the end of the last lease.
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
  readonly #clock: Clock;
  readonly #given: Partial<StormTracking>;
  readonly #fanOut: number;
  readonly #entries: ExpiringEntries<Entry>;
  /** A key store may answer with the same object again: it is wiped when no answer stands for it. */
  readonly #held: WeakMap<object, LeasedMaterial<unknown>> = new WeakMap();
  readonly #flights: Map<string, Flight<LeasedMaterial<unknown>>> = new Map();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: KeyMaterialCacheOptions) {
    const { capacity = defaultCapacity, clock = systemClock, ...storm } = options;
    requireWhole("cache.capacity", capacity, 0);
    const settings = { ...defaultStormTracking, ...storm };
    checkStormTracking(settings);
    this.#given = storm;
    this.#fanOut = settings.fanOut;
    this.#clock = clock;
    this.#entries = new ExpiringEntries({ capacity, clock, dropped: ({ lease }) => lease.release() });
  }

  checkTtl(ttlSeconds: number): void {
    positive("ttlSeconds", ttlSeconds);
    const settings = stormTrackingFor(this.#given, ttlSeconds);
    if (ttlSeconds <= settings.gracePeriodSeconds) throw invalidArgument("ttlSeconds", "more than the cache's gracePeriodSeconds");
    // What was given may fit the usual defaults, but not those of a short life.
    if (settings.gracePeriodSeconds > 0) checkStormTracking(settings);
  }

  async get<Material>(request: KeyMaterialRequest<Material>): Promise<Material> {
    return (await this.lease(request)).material;
  }

  async lease<Material>(request: KeyMaterialRequest<Material>): Promise<Lease<Material>> {
    const now = this.#clock.now();
    const entry = this.#entries.get(request.identifier, now);
    const expiry = entry === undefined ? 0 : Math.min(entry.expiresAt, entry.createdAt + request.ttlSeconds * 1000);
    // A clock that was set back must not lengthen a life: an entry from the future is none.
    if (entry === undefined || now >= expiry || now < entry.createdAt) return this.#leaseFetched(request, now);
    if (now >= expiry - this.#tracking(request).gracePeriodSeconds * 1000) this.#refresh(request, entry, now);
    // Sound because an identifier's scope says what kind of material it names.
    return entry.held.lease() as Lease<Material>;
  }

  #leaseFetched<Material>(request: KeyMaterialRequest<Material>, now: number): Promise<Lease<Material>> {
    // Leased as soon as it is there, before anything can evict it.
    const leased = this.#fetch(request, now).then((held) => held.lease());
    return asOwn(untilAborted(leased, request.signal, (lease) => lease.release()));
  }

  #tracking({ ttlSeconds }: { readonly ttlSeconds: number }): StormTracking {
    return stormTrackingFor(this.#given, ttlSeconds);
  }

  #refresh<Material>(request: KeyMaterialRequest<Material>, entry: Entry, now: number): void {
    if (now - entry.refreshedAt < this.#tracking(request).graceIntervalSeconds * 1000) return;
    const underWay = this.#flights.has(request.identifier);
    if (!underWay && this.#running >= this.#fanOut) return;
    entry.refreshedAt = now;
    // Not awaited on purpose: the flight handles its own failure.
    void this.#fetch(request, now);
  }

  #fetch<Material>(request: KeyMaterialRequest<Material>, now: number): Promise<LeasedMaterial<Material>> {
    const underWay = this.#flights.get(request.identifier) as Flight<LeasedMaterial<Material>> | undefined;
    if (underWay !== undefined) {
      const { attemptedAt } = underWay;
      if (attemptedAt !== undefined && now - attemptedAt >= this.#tracking(request).graceIntervalSeconds * 1000)
        this.#attempt(underWay, request, now);
      return underWay.result;
    }
    let holdsPlace = false;
    const flight = new Flight<LeasedMaterial<Material>>(this.#tracking(request).inFlightTtlSeconds, () => {
      this.#flights.delete(request.identifier);
      if (!holdsPlace) return;
      this.#running--;
      this.#startNext();
    });
    this.#flights.set(request.identifier, flight as Flight<LeasedMaterial<unknown>>);
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
    while (this.#running < this.#fanOut) {
      const start = this.#waiting.shift();
      if (start === undefined) return;
      start();
    }
  }

  #attempt<Material>(flight: Flight<LeasedMaterial<Material>>, request: KeyMaterialRequest<Material>, now: number): void {
    const load = (signal: AbortSignal): Promise<LeasedMaterial<Material>> =>
      request.load(signal).then((material) => this.#hold(material, request.wipe));
    flight.attempt(now, load, {
      success: (held, startedAt) => {
        const first = held.lease();
        // The last to hear of it, so that all who wait have leases of their own.
        void flight.result.then(() => first.release());
        const expiresAt = startedAt + request.ttlSeconds * 1000;
        this.#put(request.identifier, held, { createdAt: startedAt, expiresAt });
        const other = request.alsoServes?.(first.material);
        if (other !== undefined) this.#put(other, held, { createdAt: startedAt, expiresAt });
      },
      late: (held) => held.lease().release(),
      failure: (error) => {
        if (!request.revokes(error)) return "other";
        this.#entries.delete(request.identifier);
        return "final";
      },
    });
  }

  #hold<Material>(material: Material, wipe: KeyMaterialRequest<Material>["wipe"]): LeasedMaterial<Material> {
    if (typeof material !== "object" || material === null) return new LeasedMaterial(material, wipe);
    const known = this.#held.get(material) as LeasedMaterial<Material> | undefined;
    if (known !== undefined && !known.ended) return known;
    const held = new LeasedMaterial(material, wipe);
    this.#held.set(material, held);
    return held;
  }

  #put(identifier: string, held: LeasedMaterial<unknown>, times: Pick<Entry, "createdAt" | "expiresAt">): void {
    this.#entries.set(identifier, { held, lease: held.lease(), ...times, refreshedAt: 0 }, times.expiresAt);
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
