import { setTimeout as delay } from "node:timers/promises";
import type { OperationCall } from "./operation.ts";

/** Doubling from 10 ms to 640 ms, and a random share of it, so that those who raced do not race again. */
export async function pause(attempt: number, call: OperationCall): Promise<void> {
  const longest = 10 * 2 ** Math.min(attempt - 1, 6);
  await delay(Math.random() * longest, undefined, call.keyring.signal === undefined ? {} : { signal: call.keyring.signal });
}
