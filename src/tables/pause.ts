import { setTimeout as delay } from "node:timers/promises";
import type { OperationCall } from "./operation-call.ts";

/** Doubling from 10 ms to 640 ms, and a random share of it, so that those who raced do not race again. */
export async function pause(attempt: number, { state, keyring: { signal } }: OperationCall): Promise<void> {
  const longest = 10 * 2 ** Math.min(attempt - 1, 6);
  const [random = 0] = state.randomness.bytes(1);
  await delay((random / 256) * longest, undefined, signal === undefined ? {} : { signal });
}
