import { DynasealError, isDynasealError, ownError } from "../errors/index.ts";
import { type Clock, untilAborted } from "../materials/index.ts";
import { BranchKeySlots } from "./branch-key-slots.ts";
import { pauseFor } from "./pause-for.ts";

/** Misses and found versions that are remembered, each. */
const capacity = 1000;
/** Versions of one branch key that are looked for again and again during waits; any others once more, at the end. */
const maximumPolled = 4;
const firstPauseMilliseconds = 50;
/** One request waits at most this many times `replicationWaitSeconds`, whatever the number of its branch keys. */
const maximumWaits = 4;

/** Stands for one request: the waits of one end together. */
export type RequestIdentity = object;

/** One look-up of a version. */
export interface VersionLookUp<Material> {
  readonly branchKeyId: string;
  /** Of the version, among all branch keys. */
  readonly identifier: string;
  readonly request: RequestIdentity;
  readonly signal: AbortSignal | undefined;
  /** Asks cache and key store, without waiting. @throws ERR_BRANCH_KEY_NOT_REPLICATED where the version is not there */
  readonly find: () => Promise<Material>;
  /** Gets what was found for a look-up that had been aborted. */
  readonly abandoned?: (material: Material) => void;
}

type Missed = DynasealError<"ERR_BRANCH_KEY_NOT_REPLICATED">;

interface Wait {
  /** Of `performance.now()`. */
  readonly deadline: number;
  /** Look-ups under way, so that many items under one late version wait as one. */
  readonly pending: Map<string, Promise<unknown>>;
}

interface RequestWaits {
  readonly end: number;
  readonly byBranchKey: Map<string, Wait>;
}

/**
 * Waits for versions of branch keys that another Region made and that have not arrived.
 *
 * Whoever may write one item of the table can invent any number of versions, so a version that is not there costs others
 * nothing: the wait holds no slot of the cache's shared limit; one request waits once for each branch key, so that all its
 * missing versions together cost one `replicationWaitSeconds`; the reads for one branch key take a few slots of their own.
 * A version that was waited for in vain is known to be missing for `replicationWaitSeconds` and not asked for meanwhile:
 * so one that arrives is readable at most that long afterwards. These misses are kept apart from keys, and bounded.
 */
export class MissingVersions {
  readonly #waitMilliseconds: number;
  readonly #clock: Clock;
  readonly #slots: BranchKeySlots = new BranchKeySlots();
  /** Identifier → since when, and the error; oldest first. */
  readonly #misses: Map<string, { readonly since: number; readonly error: Missed }> = new Map();
  /** Versions that exist, so that their look-ups queue behind nothing. */
  readonly #found: Map<string, true> = new Map();
  /** Branch key id → how many of its versions are looked for again and again just now. */
  readonly #polled: Map<string, number> = new Map();
  readonly #waits: WeakMap<RequestIdentity, RequestWaits> = new WeakMap();

  constructor(options: { readonly waitSeconds: number; readonly clock: Clock }) {
    this.#waitMilliseconds = options.waitSeconds * 1000;
    this.#clock = options.clock;
  }

  /** @throws what `find` throws, and ERR_ABORTED */
  async get<Material>(lookUp: VersionLookUp<Material>): Promise<Material> {
    const known = this.#knownMiss(lookUp.identifier);
    if (known !== undefined) throw ownError(known);
    try {
      return await this.#find(lookUp);
    } catch (error) {
      if (!isDynasealError(error, "ERR_BRANCH_KEY_NOT_REPLICATED") || this.#waitMilliseconds === 0) throw error;
      return untilAborted(this.#waitFor(lookUp, error), lookUp.signal, lookUp.abandoned);
    }
  }

  async #find<Material>({ branchKeyId, identifier, find, signal }: VersionLookUp<Material>): Promise<Material> {
    const material = this.#found.has(identifier) ? await find() : await this.#slots.run(branchKeyId, signal, find);
    this.#misses.delete(identifier);
    remember(this.#found, identifier, true);
    return material;
  }

  #knownMiss(identifier: string): unknown {
    const miss = this.#misses.get(identifier);
    if (miss === undefined) return undefined;
    const age = this.#clock.now() - miss.since;
    // A clock that was set back must not lengthen a miss's life.
    if (age >= 0 && age < this.#waitMilliseconds) return miss.error;
    this.#misses.delete(identifier);
    return undefined;
  }

  #waitFor<Material>(lookUp: VersionLookUp<Material>, missed: Missed): Promise<Material> {
    const wait = this.#waitOf(lookUp.request, lookUp.branchKeyId);
    const underWay = wait.pending.get(lookUp.identifier);
    // Each has to find it itself: what another found belongs to that one.
    if (underWay !== undefined) return underWay.then(() => this.#find(lookUp));
    // Others may join, so this one's abort does not end it; the wait itself ends soon.
    const waiting = this.#poll({ ...lookUp, signal: undefined }, wait, missed).finally(() => wait.pending.delete(lookUp.identifier));
    waiting.catch(() => undefined);
    wait.pending.set(lookUp.identifier, waiting);
    return waiting;
  }

  async #poll<Material>(lookUp: VersionLookUp<Material>, wait: Wait, missed: Missed): Promise<Material> {
    const { branchKeyId } = lookUp;
    const polled = this.#polled.get(branchKeyId) ?? 0;
    const polls = polled < maximumPolled;
    if (polls) this.#polled.set(branchKeyId, polled + 1);
    let last = missed;
    try {
      for (let pause = firstPauseMilliseconds; performance.now() < wait.deadline; pause *= 2) {
        const left = wait.deadline - performance.now();
        await pauseFor(polls ? Math.min(pause, left) : left, undefined);
        try {
          return await this.#find(lookUp);
        } catch (thrown) {
          if (!isDynasealError(thrown, "ERR_BRANCH_KEY_NOT_REPLICATED")) throw thrown;
          last = thrown;
        }
      }
    } finally {
      if (polls) this.#leavePolling(branchKeyId);
    }
    const details = { ...last.details, waitedSeconds: this.#waitMilliseconds / 1000 };
    const error = new DynasealError("ERR_BRANCH_KEY_NOT_REPLICATED", { details });
    remember(this.#misses, lookUp.identifier, { since: this.#clock.now(), error });
    throw ownError(error);
  }

  #leavePolling(branchKeyId: string): void {
    const left = (this.#polled.get(branchKeyId) ?? 1) - 1;
    if (left > 0) this.#polled.set(branchKeyId, left);
    else this.#polled.delete(branchKeyId);
  }

  #waitOf(request: RequestIdentity, branchKeyId: string): Wait {
    const now = performance.now();
    let waits = this.#waits.get(request);
    if (waits === undefined) {
      waits = { end: now + maximumWaits * this.#waitMilliseconds, byBranchKey: new Map() };
      this.#waits.set(request, waits);
    }
    let wait = waits.byBranchKey.get(branchKeyId);
    if (wait === undefined) {
      wait = { deadline: Math.min(now + this.#waitMilliseconds, waits.end), pending: new Map() };
      waits.byBranchKey.set(branchKeyId, wait);
    }
    return wait;
  }
}

/** The newest stays, the oldest goes. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return;
    map.delete(oldest);
  }
}
