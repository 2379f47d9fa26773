import { Command } from "commander";
import { createScreen } from "../demo/screen.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { keyStoreToWrite, type WriteOptions, withDryRun } from "./opened-key-store.ts";

/** `dynaseal key-store version-key`: rotates one branch key. */
export function versionKeyCommand(): Command {
  const command = new Command("version-key")
    .description("rotate a branch key: new items get a new version, old ones stay readable, the beacon key stays")
    .argument("<branch key id>", "the branch key")
    .addHelpText("after", "\nExamples:\n  dynaseal key-store version-key tenant-7 --dry-run\n  dynaseal key-store version-key tenant-7");
  return withDryRun(command).action(async (branchKeyId: string, options: WriteOptions) => {
    const { store } = await keyStoreToWrite(options);
    const { tableName } = store.getKeyStoreInfo();
    const screen = createScreen(process.stdout);
    if (options.dryRun === true) {
      const { activeVersion } = await store.describeKey({ branchKeyId });
      if (wantsJson(options)) return printJson({ dryRun: true, tableName, branchKeyId, activeVersion: activeVersion ?? null });
      const now = activeVersion === undefined ? "which has no active version" : `whose active version is ${activeVersion}`;
      return screen.line(`Would rotate ${printable(branchKeyId)}, ${now}, in ${tableName}. Nothing was written.`);
    }
    const rotated = await store.versionKey({ branchKeyId });
    if (wantsJson(options)) return printJson({ dryRun: false, tableName, ...rotated });
    screen.done(`branch key ${printable(branchKeyId)} now has version ${rotated.branchKeyVersion}`);
    screen.note("Services take it when their cached version ends (ttlSeconds). Everything older stays readable.");
  });
}
