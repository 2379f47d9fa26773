import { Command } from "commander";
import { DynasealError, invalidArgument, isDynasealError } from "../../errors/index.ts";
import type { DynamoDbBranchKeyStore } from "../../keystore/index.ts";
import { createScreen } from "../demo/screen.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { keyStoreToWrite, type WriteOptions, withDryRun } from "./opened-key-store.ts";

interface Options extends WriteOptions {
  readonly branchKeyId?: string;
  readonly encryptionContext?: readonly string[];
}

/** `dynaseal key-store create-key`: a branch key, its first version and its beacon key. */
export function createKeyCommand(): Command {
  const command = new Command("create-key")
    .description("create a branch key with its first version and a beacon key")
    .option("--branch-key-id <id>", "a random UUID unless given; needs --encryption-context")
    .option("--encryption-context <name=value...>", "bound to every version of the key; readable in the table and in CloudTrail")
    .addHelpText(
      "after",
      "\nExamples:\n  dynaseal key-store create-key\n  dynaseal key-store create-key --branch-key-id tenant-7 --encryption-context tenant=7",
    );
  return withDryRun(command).action(async (options: Options) => {
    const { branchKeyId } = options;
    const encryptionContext = options.encryptionContext && contextOf(options.encryptionContext);
    if (branchKeyId !== undefined && encryptionContext === undefined) {
      throw invalidArgument("--encryption-context", "given together with --branch-key-id, so that the id is bound to what it stands for");
    }
    const { store } = await keyStoreToWrite(options);
    const { tableName } = store.getKeyStoreInfo();
    const screen = createScreen(process.stdout);
    if (options.dryRun === true) {
      if (branchKeyId !== undefined) await refuseExisting(store, branchKeyId);
      if (wantsJson(options)) return printJson({ dryRun: true, tableName, ...(branchKeyId !== undefined && { branchKeyId }) });
      const name = branchKeyId === undefined ? "under a random id" : printable(branchKeyId);
      return screen.line(`Would create a branch key ${name} in ${tableName}. Nothing was written.`);
    }
    const created = await store.createKey({
      ...(branchKeyId !== undefined && { branchKeyId }),
      ...(encryptionContext !== undefined && { encryptionContext }),
    });
    if (wantsJson(options)) return printJson({ dryRun: false, tableName, ...created });
    screen.done(`branch key ${printable(created.branchKeyId)}, version ${created.branchKeyVersion}`);
  });
}

/** @throws ERR_BRANCH_KEY_EXISTS, as `createKey` does */
async function refuseExisting(store: DynamoDbBranchKeyStore, branchKeyId: string): Promise<void> {
  try {
    await store.describeKey({ branchKeyId });
  } catch (error) {
    if (isDynasealError(error) && error.code === "ERR_BRANCH_KEY_NOT_FOUND") return;
    throw error;
  }
  throw new DynasealError("ERR_BRANCH_KEY_EXISTS", { details: { tableName: store.getKeyStoreInfo().tableName, branchKeyId } });
}

/** @throws ERR_INVALID_ARGUMENT, which quotes no value */
function contextOf(pairs: readonly string[]): Readonly<Record<string, string>> {
  const context = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1 || context.has(pair.slice(0, at))) throw invalidArgument("--encryption-context", "pairs name=value, each name once");
    context.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return Object.fromEntries(context);
}
