import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How long a server started by a test may take to end by itself, in milliseconds. */
const GRACE = 5_000;

/** Ends a child that runs until its standard input is closed; kills it if it does not. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE);
  child.stdin?.end();
  await ended;
  clearTimeout(timer);
}
