import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { demoCommand } from "./demo-command.ts";
import { itemCommand } from "./item/item-command.ts";
import { keyStoreCommand } from "./key-store/key-store-command.ts";
import { beaconLengthCommand } from "./schema/beacon-length-command.ts";
import { schemaCommand } from "./schema/schema-command.ts";
import { tableCommand } from "./table/table-command.ts";

/** The whole command line, not yet run. */
export function createProgram(): Command {
  const program = new Command("dynaseal")
    .description("Client-side encryption for Amazon DynamoDB.")
    .version(packageJson.version)
    .addCommand(demoCommand())
    .addCommand(schemaCommand())
    .addCommand(itemCommand())
    .addCommand(tableCommand())
    .addCommand(keyStoreCommand())
    // As it was called before there was `schema`.
    .addCommand(beaconLengthCommand(), { hidden: true });
  return withoutExit(program);
}

/** Errors of usage are thrown, here and in every command below, so that all of them end with the same exit code. */
function withoutExit(command: Command): Command {
  command.exitOverride().configureHelp({ showGlobalOptions: true });
  for (const child of command.commands) withoutExit(child);
  return command;
}
