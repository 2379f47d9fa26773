import type { Command } from "commander";
import { Option } from "commander";

/** What `--output` and `--json` say. */
export interface OutputOptions {
  readonly output: "json" | "text";
  readonly json?: true;
}

/** Adds `--output json|text` and `--json`. */
export function withOutput(command: Command): Command {
  return command
    .addOption(new Option("--output <format>", "how to print the result").choices(["json", "text"]).default("text"))
    .option("--json", "the same as --output json");
}

export function wantsJson({ output, json }: OutputOptions): boolean {
  return json === true || output === "json";
}

/** JSON alone on standard output, for pipes. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}
