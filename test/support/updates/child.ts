import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A script of this folder in a process of its own. */
export interface Child {
  /** The next line of its output; fails where it ends before. */
  line(): Promise<string>;
  /** A line of input. */
  tell(text: string): void;
  /** As a crash would end it: at once, without a chance to do anything. */
  kill(): Promise<void>;
  /** Settles when it ended by itself; fails where it ended badly. */
  ended(): Promise<void>;
}

/** Starts `<script>` of this folder with one argument, as JSON. */
export function startChild(script: string, argument: unknown): Child {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", file, JSON.stringify(argument)], { cwd: root });
  const errors = collect(child);
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on("error", () => {});
  return {
    line: async () => {
      const { value, done } = await lines.next();
      if (done !== true) return value;
      await closed;
      throw new Error(`${script} ended: ${errors()}`);
    },
    tell: (text) => void child.stdin.write(`${text}\n`),
    kill: async () => {
      child.kill("SIGKILL");
      await closed;
    },
    ended: async () => {
      await closed;
      if (child.exitCode !== 0) throw new Error(`${script} ended with ${child.signalCode ?? child.exitCode}: ${errors()}`);
    },
  };
}

function collect(child: ChildProcessWithoutNullStreams): () => string {
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  return () => errors;
}
