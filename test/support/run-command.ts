import { vi } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { reportFailure } from "../../src/cli/report-failure.ts";

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line in this process, as `main.ts` does, with an environment of its own. One call at a time: streams,
 * environment and exit code belong to the process.
 */
export async function runCommand(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const spies = [collect(process.stdout, stdout), collect(process.stderr, stderr)];
  const kept = { environment: process.env, exitCode: process.exitCode };
  process.env = { ...environment };
  process.exitCode = undefined;
  try {
    await createProgram().parseAsync([...args], { from: "user" });
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
  const code = Number(process.exitCode ?? 0);
  process.env = kept.environment;
  process.exitCode = kept.exitCode;
  for (const spy of spies) spy.mockRestore();
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}

function collect(stream: NodeJS.WriteStream, chunks: string[]): { mockRestore(): void } {
  return vi.spyOn(stream, "write").mockImplementation((chunk) => {
    chunks.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    return true;
  });
}
