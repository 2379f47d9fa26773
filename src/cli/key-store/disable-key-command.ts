import { Command } from "commander";
import { createScreen } from "../demo/screen.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { keyStoreToWrite, type WriteOptions, withDryRun } from "./opened-key-store.ts";
import { refuseErased } from "./taken-out-of-use.ts";

/** `dynaseal key-store disable-key`: nobody can use the key until it is enabled again. */
export function disableKeyCommand(): Command {
  const command = new Command("disable-key")
    .description("take a branch key out of use, all its versions and its beacon key; enable-key takes it back")
    .argument("<branch key id>", "the branch key; run it in the Region where the key is rotated")
    .addHelpText("after", "\nExamples:\n  dynaseal key-store disable-key tenant-7 --dry-run\n  dynaseal key-store disable-key tenant-7");
  return withDryRun(command).action(async (branchKeyId: string, options: WriteOptions) => {
    const { store } = await keyStoreToWrite(options);
    const { tableName } = store.getKeyStoreInfo();
    const screen = createScreen(process.stdout);
    if (options.dryRun === true) {
      const description = await store.describeKey({ branchKeyId });
      refuseErased(store, description);
      const { state, versions } = description;
      if (wantsJson(options)) return printJson({ dryRun: true, tableName, branchKeyId, state, versions: versions.length });
      const what = state === "disabled" ? "which is disabled already" : `with its ${versions.length} versions`;
      return screen.line(`Would disable ${printable(branchKeyId)}, ${what}, in ${tableName}. Nothing was written.`);
    }
    const { disabledAt } = await store.disableKey({ branchKeyId });
    if (wantsJson(options)) return printJson({ dryRun: false, tableName, branchKeyId, disabledAt });
    screen.done(`branch key ${printable(branchKeyId)} is disabled since ${printable(disabledAt)}`);
    screen.note("Services that hold it in memory go on until its TTL (ttlSeconds). Older releases and the Java library still");
    screen.note("read old versions. enable-key takes the key back; erase-key deletes it, after seven days by default.");
  });
}
