import { Command } from "commander";
import { createScreen } from "../demo/screen.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { keyStoreToWrite, type WriteOptions, withDryRun } from "./opened-key-store.ts";

interface Options extends WriteOptions {
  readonly replicas?: readonly string[];
}

/** `dynaseal key-store create`: the table, with recovery and deletion protection, and its replicas. */
export function createCommand(): Command {
  const command = new Command("create")
    .description("create the key store's table; one that exists keeps its settings and gets the replicas it lacks")
    .option("--replicas <region...>", "further Regions that shall hold a replica")
    .addHelpText(
      "after",
      "\nExamples:\n  dynaseal key-store create --replicas eu-west-1 --dry-run\n  dynaseal key-store create --replicas eu-west-1",
    );
  return withDryRun(command).action(async (options: Options) => {
    const { replicas = [] } = options;
    const { store } = await keyStoreToWrite(options);
    const { tableName } = store.getKeyStoreInfo();
    const plan = { dryRun: options.dryRun === true, tableName, replicas };
    const result = options.dryRun === true ? plan : { ...plan, ...(await store.createTable({ replicas })) };
    if (wantsJson(options)) return printJson(result);
    const where = replicas.length === 0 ? "" : ` with replicas in ${replicas.map(printable).join(", ")}`;
    const screen = createScreen(process.stdout);
    if (options.dryRun === true) screen.line(`Would create the key store ${tableName}${where}, unless it exists. Nothing was written.`);
    else screen.done(`key store ${tableName}${where}`);
  });
}
