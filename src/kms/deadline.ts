import { setMaxListeners } from "node:events";
import { DynasealError } from "../errors/index.ts";
import { DeadlineExceeded } from "./failures.ts";

/**
 * Runs one call that ends with the caller's abort or after so many seconds, also where the client pays no heed to its
 * signal.
 *
 * @throws ERR_ABORTED on the caller's abort, DeadlineExceeded afterwards
 */
export async function withDeadline<Result>(
  seconds: number,
  callerSignal: AbortSignal | undefined,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (callerSignal?.aborted) throw aborted();
  const controller = new AbortController();
  let end: (reason: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    end = (reason) => {
      reject(reason);
      controller.abort(reason);
    };
  });
  const onAbort = (): void => end(aborted());
  const timer = setTimeout(() => end(new DeadlineExceeded(`no answer within ${seconds} s`)), seconds * 1000);
  // One request may have more calls under way than the ten listeners at which node warns of a leak; all are removed.
  if (callerSignal !== undefined) setMaxListeners(0, callerSignal);
  callerSignal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([task(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    callerSignal?.removeEventListener("abort", onAbort);
  }
}

function aborted(): DynasealError {
  return new DynasealError("ERR_ABORTED", { details: {} });
}
