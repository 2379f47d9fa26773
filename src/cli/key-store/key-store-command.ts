import { Command } from "commander";
import { createCommand } from "./create-command.ts";
import { createKeyCommand } from "./create-key-command.ts";
import { describeKeyCommand } from "./describe-key-command.ts";
import { disableKeyCommand } from "./disable-key-command.ts";
import { enableKeyCommand } from "./enable-key-command.ts";
import { eraseKeyCommand } from "./erase-key-command.ts";
import { listKeysCommand } from "./list-keys-command.ts";
import { versionKeyCommand } from "./version-key-command.ts";

/** `dynaseal key-store …`: the table of branch keys, and the keys in it. */
export function keyStoreCommand(): Command {
  return new Command("key-store")
    .description("create the key store, and create, rotate, list, describe, disable and erase its branch keys")
    .addCommand(createCommand())
    .addCommand(createKeyCommand())
    .addCommand(versionKeyCommand())
    .addCommand(listKeysCommand())
    .addCommand(describeKeyCommand())
    .addCommand(disableKeyCommand())
    .addCommand(enableKeyCommand())
    .addCommand(eraseKeyCommand());
}
