import { Command } from "commander";
import { compareUtf16 } from "../../bytes/index.ts";
import type { BranchKeyDescription } from "../../keystore/index.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { type KeyStoreOptions, openedKeyStore, withKeyStore } from "./opened-key-store.ts";

interface Options extends KeyStoreOptions {
  readonly reveal?: true;
}

/** `dynaseal key-store describe-key`: what the key store says of one branch key. */
export function describeKeyCommand(): Command {
  const command = new Command("describe-key")
    .description("print versions, KMS keys and context names of a branch key; asks no KMS, and verifies nothing")
    .argument("<branch key id>", "the branch key")
    .option("--reveal", "print the values of its encryption context, too")
    .addHelpText("after", "\nExample:\n  dynaseal key-store describe-key tenant-7");
  return withKeyStore(command).action(async (branchKeyId: string, options: Options) => {
    const { encryptionContext, activeVersion, stateSince, ...described } = await openedKeyStore(options).store.describeKey({ branchKeyId });
    if (!wantsJson(options)) {
      return print(createScreen(process.stdout), { encryptionContext, activeVersion, stateSince, ...described }, options.reveal === true);
    }
    printJson({
      ...described,
      stateSince: stateSince ?? null,
      activeVersion: activeVersion ?? null,
      encryptionContextKeys: Object.keys(encryptionContext).toSorted(compareUtf16),
      ...(options.reveal === true && { encryptionContext }),
    });
  });
}

function print(screen: Screen, description: BranchKeyDescription, reveal: boolean): void {
  const { branchKeyId, state, stateSince, activeVersion, versions, beaconKey, kmsArns, encryptionContext } = description;
  screen.line(`Branch key ${printable(branchKeyId)}. Nothing of this was verified.`);
  screen.line("Versions, oldest first:");
  for (const { branchKeyVersion, createTime, active } of versions) {
    screen.line(`  ${branchKeyVersion}  ${printable(createTime)}${active ? "  active" : ""}`);
  }
  if (state !== "active")
    screen.failed(`the key is ${state} since ${printable(stateSince ?? "")}: nothing can be written, read or searched`);
  else if (activeVersion === undefined) screen.failed("no version is active: nothing can be written");
  if (state === "active" && !beaconKey) screen.failed("there is no beacon key: nothing can be searched");
  screen.line(`KMS keys: ${kmsArns.map(printable).join(", ")}`);
  const context = Object.entries(encryptionContext)
    .toSorted(([one], [other]) => compareUtf16(one, other))
    .map(([name, value]) => printable(reveal ? `${name}=${value}` : name));
  if (context.length > 0) screen.line(`Encryption context: ${context.join(", ")}`);
}
