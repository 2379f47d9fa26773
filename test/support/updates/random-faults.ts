import { type FaultProxyOptions, lateWrite } from "./fault-proxy.ts";
import type { Draws } from "./random.ts";

type RandomKind = "refuse" | "lose" | "tear" | "hold" | "late";

export interface RandomFaults {
  /** The share of requests that are cut. */
  readonly rate: number;
  readonly kinds: readonly [RandomKind, ...RandomKind[]];
}

/** Long enough for a repeat to go first, short for a test. In milliseconds. */
const longestDelay = 60;

/**
 * Cuts connections at random. Half of the writes that come late do so in the worst moment: after the server answered a later read,
 * before its reader hears of it.
 */
export function randomFaults(random: Draws, { rate, kinds }: RandomFaults): FaultProxyOptions["fault"] {
  const waiting: (() => Promise<void>)[] = [];

  function late(): ReturnType<FaultProxyOptions["fault"]> {
    const write = lateWrite();
    const worst = random.next() < 0.5;
    setTimeout(write.come, worst ? longestDelay : random.below(longestDelay));
    if (worst) waiting.push(write.come);
    return write.fault;
  }

  return ({ operation }) => {
    if (random.next() < rate) {
      const kind = random.pick(kinds);
      if (kind !== "late") return { kind };
      return operation === "GetItem" ? { kind: "refuse" } : late();
    }
    if (operation !== "GetItem" || waiting.length === 0) return { kind: "pass" };
    const released = waiting.splice(0);
    const landed = async (): Promise<void> => void (await Promise.all(released.map((come) => come())));
    return { kind: "pass", landed };
  };
}
