import { setTimeout as sleep } from "node:timers/promises";
import type { LiftFault } from "../local-kms/faults.ts";
import { dynamodbException } from "./service-exception.ts";

/** Narrows a fault. Without it the fault meets every request in the Region until it is lifted. */
export interface TableFaultScope {
  /** An operation such as `"GetItem"`. */
  readonly action?: string;
  /** Only the next so many requests: what a client's retries have to survive. */
  readonly times?: number;
}

/**
 * What can go wrong with a Region of the local Global Table. Each function returns a function that lifts what it set;
 * faults add up.
 *
 * @throws ERR_INVALID_ARGUMENT where the Region is not served: a misspelt fault would make a test pass for nothing.
 */
export interface LocalGlobalTableFaults {
  /** Connections break. Without a scope, nothing is replicated from or to the Region either until it is back. */
  down(region: string, scope?: TableFaultScope): LiftFault;
  /** No answer until the fault is lifted (then the request goes on) or the server stops. */
  hanging(region: string, scope?: TableFaultScope): LiftFault;
  /** ProvisionedThroughputExceededException, which the SDK retries. */
  throttled(region: string, scope?: TableFaultScope): LiftFault;
  /** The answer waits. */
  slow(region: string, scope: TableFaultScope & { readonly delayMilliseconds: number }): LiftFault;
  /** Lifts all of them. */
  clear(): void;
}

type Effect =
  | { readonly kind: "down" | "throttled" }
  | { readonly kind: "slow"; readonly delayMilliseconds: number }
  | { readonly kind: "hanging"; readonly lifted: Promise<void>; readonly release: () => void };

interface Fault {
  readonly region: string;
  readonly effect: Effect;
  readonly action: string | undefined;
  left: number;
}

/** The server's side of the faults. */
export class FaultGate implements LocalGlobalTableFaults {
  readonly #faults = new Set<Fault>();
  readonly #checkRegion: (region: string) => void;
  readonly #onLift: () => void;

  constructor(options: { readonly checkRegion: (region: string) => void; readonly onLift: () => void }) {
    this.#checkRegion = options.checkRegion;
    this.#onLift = options.onLift;
  }

  down(region: string, scope: TableFaultScope = {}): LiftFault {
    return this.#add(region, { kind: "down" }, scope);
  }

  hanging(region: string, scope: TableFaultScope = {}): LiftFault {
    let release = (): void => undefined;
    const lifted = new Promise<void>((resolve) => {
      release = resolve;
    });
    return this.#add(region, { kind: "hanging", lifted, release }, scope);
  }

  throttled(region: string, scope: TableFaultScope = {}): LiftFault {
    return this.#add(region, { kind: "throttled" }, scope);
  }

  slow(region: string, scope: TableFaultScope & { readonly delayMilliseconds: number }): LiftFault {
    return this.#add(region, { kind: "slow", delayMilliseconds: scope.delayMilliseconds }, scope);
  }

  clear(): void {
    for (const fault of this.#faults) this.#lift(fault);
  }

  /** Whether the whole Region is cut off. */
  isDown(region: string): boolean {
    return Array.from(this.#faults).some(
      (fault) => fault.region === region && fault.effect.kind === "down" && fault.action === undefined && fault.left === Infinity,
    );
  }

  /** Holds a request as long as the faults say; false where its connection is to break, the service's exception where it is refused. */
  async pass(region: string, operation: string): Promise<boolean> {
    const met = Array.from(this.#faults).filter(
      (fault) => fault.region === region && fault.left > 0 && (fault.action ?? operation) === operation,
    );
    for (const fault of met) fault.left--;
    if (met.some(({ effect }) => effect.kind === "down")) return false;
    for (const { effect } of met) {
      if (effect.kind === "hanging") await effect.lifted;
      if (effect.kind === "slow") await sleep(effect.delayMilliseconds);
    }
    if (met.some(({ effect }) => effect.kind === "throttled")) {
      throw dynamodbException("ProvisionedThroughputExceededException", "The level of configured provisioned throughput was exceeded");
    }
    return true;
  }

  #add(region: string, effect: Effect, { action, times = Infinity }: TableFaultScope): LiftFault {
    this.#checkRegion(region);
    const fault: Fault = { region, effect, action, left: times };
    this.#faults.add(fault);
    return () => this.#lift(fault);
  }

  #lift(fault: Fault): void {
    if (!this.#faults.delete(fault)) return;
    if (fault.effect.kind === "hanging") fault.effect.release();
    this.#onLift();
  }
}
