import { Command } from "commander";
import { jobCommand } from "./job-command.ts";

/** `dynaseal table …`: jobs over every item of one table. */
export function tableCommand(): Command {
  return new Command("table")
    .description("encrypt, re-encrypt, decrypt, verify or count every item of a table that is in use")
    .addCommand(jobCommand("encrypt", "encrypt every plain item, under live traffic"))
    .addCommand(jobCommand("re-encrypt", "write anew what is not as the keyring and the schema would write it now"))
    .addCommand(jobCommand("update-beacons", "write anew every encrypted item that has not exactly the beacons of the schema"))
    .addCommand(jobCommand("decrypt", "make every encrypted item plain again"))
    .addCommand(jobCommand("verify", "read and verify every item, and report keys, versions, suites and what cannot be decrypted"))
    .addCommand(jobCommand("count", "count plain and encrypted items, without any key"));
}
