import { Command } from "commander";
import { beaconLengthCommand } from "./beacon-length-command.ts";
import { diffCommand } from "./diff-command.ts";
import { lintCommand } from "./lint-command.ts";
import { pushCommand } from "./push-command.ts";
import { typesCommand } from "./types-command.ts";

/** `dynaseal schema …`: what concerns schema files alone. Nothing but `push` needs a network, and nothing a key. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("check, compare, type and push schema files")
    .addCommand(lintCommand())
    .addCommand(diffCommand())
    .addCommand(typesCommand())
    .addCommand(pushCommand())
    .addCommand(beaconLengthCommand());
}
