import { Command } from "commander";
import { runDemo } from "./demo/run-demo.ts";
import { createScreen } from "./demo/screen.ts";

/** `dynaseal demo`: two Regions in one process, no account needed. Exit code 1 where any step fails. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("run the main job on embedded servers: write in one Region, read and verify in the other")
    .action(async () => {
      const succeeded = await runDemo(createScreen(process.stdout));
      if (!succeeded) process.exitCode = 1;
    });
}
