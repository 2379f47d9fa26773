import { Command } from "commander";
import { printJson, wantsJson } from "../output-option.ts";
import { printable } from "../printable.ts";
import { type KeyStoreOptions, openedKeyStore, withKeyStore } from "./opened-key-store.ts";

/** `dynaseal key-store list-keys`: the ids of all branch keys. */
export function listKeysCommand(): Command {
  const command = new Command("list-keys")
    .description("print the ids of all branch keys, one per line; reads the whole key store")
    .addHelpText("after", "\nExample:\n  dynaseal key-store list-keys --region eu-west-1");
  return withKeyStore(command).action(async (options: KeyStoreOptions) => {
    const { store } = openedKeyStore(options);
    if (wantsJson(options)) return printJson({ branchKeyIds: await all(store.listKeys()) });
    for await (const branchKeyId of store.listKeys()) process.stdout.write(`${printable(branchKeyId)}\n`);
  });
}

async function all(ids: AsyncIterable<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const id of ids) found.push(id);
  return found;
}
