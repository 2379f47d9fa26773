import { Command } from "commander";
import { beaconLengthCommand } from "./beacon-length-command.ts";
import { diffCommand } from "./diff-command.ts";
import { lintCommand } from "./lint-command.ts";
import { typesCommand } from "./types-command.ts";

/** `dynaseal schema …`: what concerns schema files alone. Nothing here needs a network or a key. */
export function schemaCommand(): Command {
  return new Command("schema")
    .description("check, compare and type schema files")
    .addCommand(lintCommand())
    .addCommand(diffCommand())
    .addCommand(typesCommand())
    .addCommand(beaconLengthCommand());
}
