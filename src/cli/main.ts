#!/usr/bin/env node
import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { demoCommand } from "./demo-command.ts";

const program = new Command("dynaseal")
  .description("Client-side encryption for Amazon DynamoDB.")
  .version(packageJson.version)
  .addCommand(demoCommand());

await program.parseAsync();
