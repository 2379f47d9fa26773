import type { Change } from "./change.ts";
import type { ReplicationLag, ReplicationPath } from "./local-global-table.ts";
import { attributesOfWire } from "./wire.ts";

interface Delivery {
  readonly change: Change;
  readonly to: string;
}

/**
 * Carries changes between Regions: after the lag, unless their path is paused; then they wait for `resume`. Items
 * arrive one by one, those of a transaction too.
 */
export class Replication {
  lag: ReplicationLag;
  readonly #regions: readonly string[];
  readonly #apply: (change: Change, to: string) => Promise<void>;
  readonly #isDown: (region: string) => boolean;
  readonly #paused = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #held: Delivery[] = [];
  #inFlight = 0;
  #stopped = false;
  #failure: { readonly cause: unknown } | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: {
    readonly regions: readonly string[];
    readonly lag: ReplicationLag;
    readonly apply: (change: Change, to: string) => Promise<void>;
    readonly isDown: (region: string) => boolean;
  }) {
    this.lag = options.lag;
    this.#regions = options.regions;
    this.#apply = options.apply;
    this.#isDown = options.isDown;
  }

  send(change: Change): void {
    for (const to of change.table.regions) {
      if (to !== change.from) this.#sendTo({ change, to });
    }
  }

  pause(path: ReplicationPath): void {
    for (const name of this.#pathsOf(path)) this.#paused.add(name);
  }

  resume(path: ReplicationPath): void {
    for (const name of this.#pathsOf(path)) this.#paused.delete(name);
    this.release();
  }

  /** Delivers what was held back and no longer needs to be. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const delivery of held) {
      this.#inFlight++;
      this.#arrive(delivery);
    }
  }

  async settled(): Promise<void> {
    while (this.#inFlight > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held = [];
    this.#inFlight = 0;
    this.#wake();
  }

  #sendTo(delivery: Delivery): void {
    if (this.#stopped) return;
    this.#inFlight++;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#arrive(delivery);
    }, this.#lagOf(delivery));
    this.#timers.add(timer);
  }

  #arrive(delivery: Delivery): void {
    const { change, to } = delivery;
    if (this.#paused.has(pathName(change.from, to)) || this.#isDown(change.from) || this.#isDown(to)) {
      this.#held.push(delivery);
      this.#done();
      return;
    }
    this.#apply(change, to)
      .catch((cause: unknown) => {
        this.#failure ??= { cause };
      })
      .finally(() => this.#done());
  }

  #done(): void {
    this.#inFlight = Math.max(0, this.#inFlight - 1);
    if (this.#inFlight === 0) this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #lagOf({ change, to }: Delivery): number {
    if (typeof this.lag === "number") return this.lag;
    const { table, from, key } = change;
    return this.lag({ tableName: table.tableName, key: attributesOfWire(key), from, to });
  }

  #pathsOf({ from, to }: ReplicationPath): string[] {
    const sources = from === undefined ? this.#regions : [from];
    const targets = to === undefined ? this.#regions : [to];
    return sources.flatMap((source) => targets.map((target) => pathName(source, target)));
  }
}

function pathName(from: string, to: string): string {
  return `${from} ${to}`;
}
