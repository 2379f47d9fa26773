import { Command } from "commander";
import { createScreen } from "../demo/screen.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { keyStoreToWrite, type WriteOptions, withDryRun } from "./opened-key-store.ts";
import { refuseErased, requireTakenOutOfUse } from "./taken-out-of-use.ts";

/** `dynaseal key-store enable-key`: the way back from `disable-key`. */
export function enableKeyCommand(): Command {
  const command = new Command("enable-key")
    .description("take a disabled branch key into use again, as it was")
    .argument("<branch key id>", "the branch key; run it in the Region where the key was disabled")
    .addHelpText("after", "\nExamples:\n  dynaseal key-store enable-key tenant-7 --dry-run\n  dynaseal key-store enable-key tenant-7");
  return withDryRun(command).action(async (branchKeyId: string, options: WriteOptions) => {
    const { store } = await keyStoreToWrite(options);
    const { tableName } = store.getKeyStoreInfo();
    const screen = createScreen(process.stdout);
    if (options.dryRun === true) {
      const description = await store.describeKey({ branchKeyId });
      refuseErased(store, description);
      const { stateSince } = requireTakenOutOfUse(store, description);
      if (wantsJson(options)) return printJson({ dryRun: true, tableName, branchKeyId, disabledAt: stateSince });
      const since = `disabled since ${printable(stateSince)}`;
      return screen.line(`Would enable ${printable(branchKeyId)}, ${since}, in ${tableName}. Nothing was written.`);
    }
    await store.enableKey({ branchKeyId });
    if (wantsJson(options)) return printJson({ dryRun: false, tableName, branchKeyId });
    screen.done(`branch key ${printable(branchKeyId)} is in use again`);
  });
}
