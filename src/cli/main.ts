#!/usr/bin/env node
import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { beaconLengthCommand } from "./beacon-length-command.ts";
import { demoCommand } from "./demo-command.ts";

const program = new Command("dynaseal")
  .description("Client-side encryption for Amazon DynamoDB.")
  .version(packageJson.version)
  .addCommand(beaconLengthCommand())
  .addCommand(demoCommand());

await program.parseAsync();
