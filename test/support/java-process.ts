import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** How long a process may take to end by itself once its input has ended, in milliseconds. */
const grace = 10_000;

/** A program of interop/ that runs until its standard input ends. */
export interface JavaProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Settles with what there is to say when the process ends, whoever ended it. */
  readonly ended: Promise<string>;
  /** Ends this process and no other. */
  stop(): Promise<void>;
}

/**
 * Starts the main class of a project below interop/, which `interop/prepare.sh` has built beforehand into
 * `target/<jar>` and, for its dependencies, `target/lib`.
 */
export function startJava(options: {
  readonly project: "dynamodb-local" | "java" | "java-old";
  /** The folder below `target/`, where a project is built several times. */
  readonly build?: string;
  readonly jar: string;
  readonly mainClass: string;
  readonly flags?: readonly string[];
}): JavaProcess {
  const targets = fileURLToPath(new URL(`../../interop/${options.project}/target/`, import.meta.url));
  if (!existsSync(`${targets}prepared`)) throw new Error(`not built yet: run interop/prepare.sh ${options.project}`);
  const target = options.build === undefined ? targets : `${targets}${options.build}/`;
  const flags = [`-Djava.library.path=${target}lib`, ...(options.flags ?? []), "-cp", `${target}${options.jar}:${target}lib/*`];
  const child = spawn("java", [...flags, options.mainClass]);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  // A request that meets a process on its way out: the exit says more than the broken pipe.
  child.stdin.on("error", () => {});
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`${options.mainClass} did not start: ${error.message}`));
    child.once("close", (code, signal) => resolve(`${options.mainClass} ended with ${signal ?? code}: ${errors}`));
  });
  return { child, ended, stop: () => end(child) };
}

async function end(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), grace);
  child.stdin.end();
  await exit;
  clearTimeout(timer);
}
