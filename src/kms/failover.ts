import { DynasealError, isDynasealError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";

/** Which failures another Region may answer for. Whatever KMS decides (denied, disabled, not found) never is. */
export type FailoverReason = "unreachable" | "throttled";

/**
 * Lets the replicas of a multi-Region key in other Regions serve while the own Region's KMS does not. Requests and
 * their encryption context then leave the Region, and items written meanwhile carry the other replica's ARN.
 */
export interface FailoverOptions {
  /** Asked in this order after the own Region. */
  readonly regions: readonly string[];
  /** Default `["unreachable"]`. `"throttled"` moves at most one call in ten. */
  readonly on?: readonly FailoverReason[] | undefined;
  /** How long one Region may take for one call, the SDK's retries included; default 1. */
  readonly deadlineSeconds?: number | undefined;
  /** How long an unreachable Region is left alone before one call probes it; default 10. */
  readonly breakerSeconds?: number | undefined;
}

/** Fails over where one of these codes says so; anything else is the answer. */
const reasonByCode: ReadonlyMap<string, FailoverReason> = new Map([
  ["ERR_KMS_UNREACHABLE", "unreachable"],
  ["ERR_KMS_THROTTLED", "throttled"],
]);

/** One throttled call in ten may move: each call earns one part, moving costs ten, and a hundred calls' worth is kept. */
const moveCost = 10;
const budgetMaximum = 100;

interface Breaker {
  /** In milliseconds of the clock. */
  probeAt: number;
  probing: boolean;
}

/**
 * Asks the Regions of one key in turn. A Region that could not be reached is left alone (its breaker is open); after
 * `breakerSeconds` one call is sent there beside the one that serves, and the first answer of any kind brings the
 * Region back. So nobody waits for a probe.
 */
export class RegionalFailover {
  readonly #regions: readonly string[];
  readonly #on: ReadonlySet<FailoverReason>;
  readonly #breakerMilliseconds: number;
  readonly #now: () => number;
  readonly #breakers: Map<string, Breaker> = new Map();
  /** Own Region → the Region that served last; for the events. */
  readonly #serving: Map<string, string> = new Map();
  #budget = 0;
  readonly deadlineSeconds: number;

  constructor(options: FailoverOptions, now: () => number = Date.now) {
    this.#regions = [...options.regions];
    this.#on = new Set(options.on ?? ["unreachable"]);
    this.#breakerMilliseconds = (options.breakerSeconds ?? 10) * 1000;
    this.deadlineSeconds = options.deadlineSeconds ?? 1;
    this.#now = now;
  }

  /** The answer of the first Region that gives one. When none does: the error of the Region asked first. */
  async run<Result>(ownRegion: string, call: KeyringCall, ask: (region: string) => Promise<Result>): Promise<Result> {
    this.#budget = Math.min(this.#budget + 1, budgetMaximum);
    const all = [ownRegion, ...this.#regions.filter((region) => region !== ownRegion)];
    const closed = all.filter((region) => !this.#breakers.has(region));
    const order = closed.length === 0 ? all : closed;
    if (closed.length > 0) this.#probe(all, ask);
    let first: DynasealError | undefined;
    for (const region of order) {
      try {
        const result = await ask(region);
        this.#answered(region);
        this.#report(ownRegion, region, first?.code, call);
        return result;
      } catch (error) {
        const reason = this.#reasonOf(error);
        if (reason === undefined || !isDynasealError(error)) {
          if (!isDynasealError(error, "ERR_ABORTED")) this.#answered(region);
          throw error;
        }
        first ??= error;
        if (reason === "unreachable") this.#open(region);
        else if (!this.#spend()) throw first;
      }
    }
    throw first ?? new DynasealError("ERR_ABORTED", { details: {} });
  }

  #reasonOf(error: unknown): FailoverReason | undefined {
    const reason = isDynasealError(error) ? reasonByCode.get(error.code) : undefined;
    return reason !== undefined && this.#on.has(reason) ? reason : undefined;
  }

  #spend(): boolean {
    if (this.#budget < moveCost) return false;
    this.#budget -= moveCost;
    return true;
  }

  #open(region: string): void {
    this.#breakers.set(region, { probeAt: this.#now() + this.#breakerMilliseconds, probing: false });
  }

  #answered(region: string): void {
    this.#breakers.delete(region);
  }

  #probe<Result>(regions: readonly string[], ask: (region: string) => Promise<Result>): void {
    for (const region of regions) {
      const breaker = this.#breakers.get(region);
      if (breaker === undefined || breaker.probing || this.#now() < breaker.probeAt) continue;
      breaker.probing = true;
      ask(region).then(
        () => this.#answered(region),
        (error: unknown) => {
          if (isDynasealError(error, "ERR_KMS_UNREACHABLE") || isDynasealError(error, "ERR_ABORTED")) this.#open(region);
          else this.#answered(region);
        },
      );
    }
  }

  /** A switch for good is told once; a throttled call that was moved is told each time. */
  #report(ownRegion: string, region: string, cause: string | undefined, call: KeyringCall): void {
    const from = this.#serving.get(ownRegion) ?? ownRegion;
    if (cause === "ERR_KMS_THROTTLED") {
      call.onEvent?.({ type: "kms-failover", from, to: region, reason: "throttled" });
    } else if (from !== region) {
      this.#serving.set(ownRegion, region);
      call.onEvent?.({ type: "kms-failover", from, to: region, reason: region === ownRegion ? "recovered" : "unreachable" });
    }
  }
}
