import { Command } from "commander";
import { DynasealError, invalidArgument } from "../../errors/index.ts";
import type { DynamoDbBranchKeyStore, ErasedKey, KeyErasure } from "../../keystore/index.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { reportFailure } from "../report-failure.ts";
import { keyStoreToWrite, type WriteOptions, withDryRun } from "./opened-key-store.ts";
import { requireTakenOutOfUse } from "./taken-out-of-use.ts";

interface Options extends WriteOptions {
  readonly confirm: string;
  readonly pendingDays: string;
  readonly regions?: readonly string[];
}

const millisecondsPerDay = 86_400_000;

/** What stays readable, or linkable, after a branch key was erased. */
const notTouched = [
  "partition and sort keys, SIGN_ONLY and unsigned attributes: they are plaintext in the items, which stay until you delete them",
  "keys in the memory of running services, until their TTL (ttlSeconds)",
  "on-demand backups, backups of AWS Backup and exports of the key store, until you delete them",
  "exports, logs and other copies of what was decrypted",
  "equal beacons: under a beacon key that tenants share, equal values can still be seen to be equal",
];

/** `dynaseal key-store erase-key`: deletes a disabled key, then asks each Region whether anything is left. */
export function eraseKeyCommand(): Command {
  const command = new Command("erase-key")
    .description("delete a disabled branch key for good, then verify it; what was encrypted under it is lost")
    .argument("<branch key id>", "the branch key; run it in the Region where the key is rotated")
    .requiredOption("--confirm <branch key id>", "the branch key id once more, typed out")
    .option("--pending-days <days>", "how long the key must have been disabled", "7")
    .option("--regions <region...>", "all Regions of the key store, each of which is asked afterwards; by default only this one")
    .addHelpText(
      "after",
      "\nExamples:\n  dynaseal key-store erase-key tenant-7 --confirm tenant-7 --dry-run" +
        "\n  dynaseal key-store erase-key tenant-7 --confirm tenant-7 --pending-days 14 --regions us-east-1 eu-west-1" +
        "\n\nMay be run again: after an interruption, and to verify once more.",
    );
  return withDryRun(command).action(async (branchKeyId: string, options: Options) => {
    if (options.confirm !== branchKeyId)
      throw invalidArgument("--confirm", "the branch key id once more: what is erased cannot be brought back");
    const pendingDays = daysOf(options.pendingDays);
    const { store, region } = await keyStoreToWrite(options);
    if (options.dryRun === true) return dryRun(store, branchKeyId, pendingDays, options);
    const { tableName } = store.getKeyStoreInfo();
    const erased = await store.eraseKey({ branchKeyId, confirm: options.confirm, pendingDays });
    const screen = createScreen(process.stdout);
    if (!wantsJson(options)) printErased(screen, erased);
    const regions = options.regions ?? [region];
    const verification = await verified(store, branchKeyId, regions);
    if (wantsJson(options)) printJson({ dryRun: false, tableName, ...erased, regions, verification: verification ?? null, notTouched });
    else if (verification !== undefined) printVerification(screen, verification, regions, options.regions !== undefined);
  });
}

/** A number of days as text. @throws ERR_INVALID_ARGUMENT */
function daysOf(text: string): number {
  const days = Number(text);
  if (text.trim() !== "" && Number.isFinite(days) && days >= 0) return days;
  throw invalidArgument("--pending-days", "a number of at least 0");
}

/** Fails where the erasure would, and says what it would delete. */
async function dryRun(store: DynamoDbBranchKeyStore, branchKeyId: string, pendingDays: number, options: Options): Promise<void> {
  const { tableName } = store.getKeyStoreInfo();
  const { state, stateSince, versions } = requireTakenOutOfUse(store, await store.describeKey({ branchKeyId }));
  const erasableAt = Date.parse(stateSince) + pendingDays * millisecondsPerDay;
  if (state === "disabled" && !(Date.now() >= erasableAt)) {
    const erasableFrom = Number.isNaN(erasableAt) ? "a time that cannot be read" : new Date(erasableAt).toISOString();
    throw new DynasealError("ERR_BRANCH_KEY_ERASE_PENDING", { details: { tableName, branchKeyId, erasableFrom } });
  }
  if (wantsJson(options)) return printJson({ dryRun: true, tableName, branchKeyId, state, stateSince, versions: versions.length });
  const what = `${state} since ${printable(stateSince)}, with ${versions.length} versions`;
  createScreen(process.stdout).line(`Would erase ${printable(branchKeyId)}, ${what}, in ${tableName}. Nothing was written.`);
}

/** What the Regions hold; `undefined` if one of them could not be asked, for the key is erased nevertheless. */
async function verified(store: DynamoDbBranchKeyStore, branchKeyId: string, regions: readonly string[]): Promise<KeyErasure | undefined> {
  try {
    const verification = await store.verifyKeyErased({ branchKeyId, regions });
    if (!verification.erased) process.exitCode = exitCodes.findings;
    return verification;
  } catch (error) {
    reportFailure(error);
    process.stderr.write("The key was erased here, but not verified. Run the command again once every Region answers.\n");
    process.exitCode = exitCodes.partial;
    return undefined;
  }
}

function printErased(screen: Screen, { branchKeyId, erasedAt, deletedVersions, noPointInTimeRecoveryAfter }: ErasedKey): void {
  screen.done(`branch key ${printable(branchKeyId)} is erased since ${printable(erasedAt)}; versions deleted now: ${deletedVersions}`);
  screen.note(`No point-in-time recovery of the key store holds it after ${noPointInTimeRecoveryAfter}.`);
  screen.line("Erasing a branch key does not touch:");
  for (const text of notTouched) screen.line(`  - ${text}`);
}

function printVerification(screen: Screen, verification: KeyErasure, regions: readonly string[], allNamed: boolean): void {
  const { erased, cameBack, missing } = verification;
  for (const { region, type } of cameBack) {
    const remedy = type === "branch:ACTIVE" ? "disable-key, then erase-key with --pending-days 0" : "erase-key again";
    screen.failed(`${printable(region)}: ${printable(type)} is there, written after the erasure: run ${remedy}`);
  }
  for (const { region, type } of missing) screen.failed(`${printable(region)}: the tombstone of ${type} has not arrived; verify again`);
  if (erased) screen.done(`verified in ${regions.map(printable).join(", ")}: nothing is left, and nobody can create the id again`);
  if (!allNamed) screen.note("No other Region was asked. Name all Regions of the key store with --regions.");
}
