import { Command } from "commander";
import { decryptCommand } from "./decrypt-command.ts";
import { describeCommand } from "./describe-command.ts";

/** `dynaseal item …`: single stored items, for questions of operation. */
export function itemCommand(): Command {
  return new Command("item")
    .description("explain a stored item, or verify and decrypt it")
    .addCommand(describeCommand())
    .addCommand(decryptCommand());
}
