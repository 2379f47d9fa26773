import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { invalidArgument } from "../../errors/index.ts";
import type { DynamoDbBranchKeyStore } from "../../keystore/index.ts";
import { type KeyStoreConfig, keyStoreOf, readConfig } from "../../node/index.ts";
import { callerIn, printCaller } from "../caller.ts";
import { type ConnectionOptions, connect, withConnection } from "../connection-options.ts";
import { type OutputOptions, withOutput } from "../output-option.ts";

export interface KeyStoreOptions extends ConnectionOptions, OutputOptions {
  readonly config: string;
}

interface OpenedKeyStore {
  readonly store: DynamoDbBranchKeyStore;
  /** `undefined`: the AWS configuration says it, which only reads may rely on. */
  readonly region: string | undefined;
}

interface KeyStoreToWrite extends OpenedKeyStore {
  readonly region: string;
}

export interface WriteOptions extends KeyStoreOptions {
  readonly dryRun?: true;
}

/** Adds what every command of the key store takes. */
export function withKeyStore(command: Command): Command {
  command.addOption(new Option("--config <file>", "the configuration, which says where the key store is").default("dynaseal.config.json"));
  return withOutput(withConnection(command));
}

/** Adds what the commands take that write. */
export function withDryRun(command: Command): Command {
  return withKeyStore(command).option("--dry-run", "say who would write what, and write nothing");
}

/** The key store of the configuration. @throws ERR_INVALID_ARGUMENT, and what `readConfig` throws */
export function openedKeyStore(options: KeyStoreOptions): OpenedKeyStore {
  connect(options);
  const read = readConfig(resolve(options.config));
  const { keyStore } = read.config;
  const region = keyStore && regionOf(keyStore, options);
  const located = keyStore && { ...keyStore, ...(region !== undefined && { region }) };
  const store = located && keyStoreOf({ ...read, config: { ...read.config, keyStore: located } });
  if (store === undefined) throw invalidArgument("--config", "a configuration that has a keyStore");
  return { store, region };
}

/**
 * The key store, once the terminal has shown who is about to write, and where.
 *
 * @throws ERR_INVALID_ARGUMENT if no Region is known; what STS answers
 */
export async function keyStoreToWrite(options: WriteOptions): Promise<KeyStoreToWrite> {
  const { store, region } = openedKeyStore(options);
  if (region === undefined) throw invalidArgument("--region", "given if neither the configuration nor AWS_REGION says a Region");
  printCaller(await callerIn(region));
  return { store, region };
}

/** Where a service with this configuration has its key store: a single-Region key says it, before the environment does. */
function regionOf({ region, kms: { keyArn, mrkArn } }: KeyStoreConfig, options: KeyStoreOptions): string | undefined {
  const ofArn = (arn: string | undefined): string | undefined => arn?.split(":")[3];
  return options.region ?? region ?? ofArn(keyArn) ?? process.env["AWS_REGION"] ?? ofArn(mrkArn);
}
