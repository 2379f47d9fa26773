import type { JobProgress } from "../../jobs/index.ts";
import type { Clock } from "../../materials/index.ts";

/** How often a line is printed: seldom where lines are kept, in logs. */
const everyMilliseconds = { terminal: 2000, log: 30_000 };

/**
 * Prints how far a job is, with its rate and an estimate of what is left, on standard error.
 *
 * @param share the part of the table that this process does
 */
export function progressLines(output: NodeJS.WriteStream, clock: Clock, share: number): (progress: JobProgress) => void {
  const every = output.isTTY === true ? everyMilliseconds.terminal : everyMilliseconds.log;
  let printed = clock.now();
  let began: { readonly phase: JobProgress["phase"]; readonly read: number; readonly at: number } | undefined;
  return (progress) => {
    const now = clock.now();
    // The first page of a job that goes on counts what was read before it was stopped: not to its rate.
    if (began?.phase !== progress.phase) began = { phase: progress.phase, read: progress.counts.read, at: now };
    if (now - printed < every) return;
    printed = now;
    output.write(`${lineOf(progress, { seconds: (now - began.at) / 1000, readBefore: began.read, share })}\n`);
  };
}

/** One line, such as `write: 1200 of about 5000 items, 1100 written, 0 failed; 40 items/s, about 95 s left`. */
function lineOf(
  { phase, counts, itemCount }: JobProgress,
  { seconds, readBefore, share }: { readonly seconds: number; readonly readBefore: number; readonly share: number },
): string {
  const { read, written, failed, tooWide } = counts;
  const all = Math.round(itemCount * share);
  const of = all > 0 ? ` of about ${all}` : "";
  const what = phase === "write" ? `${written} written` : `${written} left to write`;
  const said = `${phase}: ${read}${of} items, ${what}, ${failed + tooWide} failed`;
  if (seconds <= 0) return said;
  const rate = (read - readBefore) / seconds;
  const left = rate > 0 && all > read ? `, about ${Math.ceil((all - read) / rate)} s left` : "";
  return `${said}; ${Math.round(rate)} items/s${left}`;
}
