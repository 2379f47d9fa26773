import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { EncryptedClientOptions } from "../../client/index.ts";
import { branchKeyStore, type DynamoDbBranchKeyStore, type KeyStoreKms } from "../../keystore/index.ts";
import type { Keyring } from "../../materials/index.ts";
import { loadSchemas } from "../load-schemas.ts";
import type { KeyStoreConfig } from "./config-input.ts";
import { configuredKeyring } from "./configured-keyring.ts";
import { type ReadConfig, readConfig } from "./read-config.ts";

/** The options of a client that a configuration file says. */
export type LoadedConfig = Pick<EncryptedClientOptions, "schemas" | "keyring" | "tableNames" | "plainTables" | "beaconKeys">;

/**
 * The options of `encryptedClient` from a file `dynaseal.config.json`: schemas, table names, KMS keyrings, key store. One
 * file for each environment, JSON without code; the command line reads the same.
 *
 * Reads synchronously: it runs once, when a service starts. Further options stand beside:
 * `{ ...loadConfig(file), acknowledgePlaintext: true }`.
 *
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
 * import { encryptedClient } from "dynaseal";
 * import { loadConfig } from "dynaseal/node";
 *
 * const documents = encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient({})), loadConfig("dynaseal.config.json"));
 * ```
 *
 * @param file a path, or a `file:` URL such as `new URL("./dynaseal.config.json", import.meta.url)`
 * @throws ERR_CONFIG_INVALID, and what `loadSchemas` throws
 */
export function loadConfig(file: string | URL): LoadedConfig {
  const read = readConfig(resolve(typeof file === "string" ? file : fileURLToPath(file)));
  return clientOptions(read, keyStoreOf(read));
}

/** The key store of a configuration; `undefined` where it says none. */
export function keyStoreOf({ config: { keyStore } }: ReadConfig): DynamoDbBranchKeyStore | undefined {
  if (keyStore === undefined) return undefined;
  const { tableName, logicalKeyStoreName, region } = keyStore;
  return branchKeyStore({ tableName, logicalKeyStoreName, kms: kmsOf(keyStore), ...(region !== undefined && { region }) });
}

/** @param keyStore see {@link keyStoreOf} */
export function clientOptions({ config, schemaPaths }: ReadConfig, keyStore: DynamoDbBranchKeyStore | undefined): LoadedConfig {
  const { keyring, keyrings, tableNames, plainTables, beaconKeys } = config;
  const schemas = schemaPaths.flatMap((path) => loadSchemas(path));
  const common = keyring && configuredKeyring(keyring, keyStore);
  const single = new Map([...(keyrings ?? [])].map(([name, one]) => [name, configuredKeyring(one, keyStore)]));
  return {
    schemas,
    keyring: keyringsByTable({ names: schemas.map(({ tableName }) => tableName), common, single }),
    ...(tableNames !== undefined && { tableNames: Object.fromEntries(tableNames) }),
    ...(plainTables !== undefined && { plainTables }),
    ...(beaconKeys !== undefined && keyStore !== undefined && { beaconKeys: { keyStore, ...beaconKeys } }),
  };
}

/** One for all where the file says no other; otherwise one for each table, as `encryptedClient` takes them. */
function keyringsByTable(parts: {
  readonly names: readonly string[];
  readonly common: Keyring | undefined;
  readonly single: ReadonlyMap<string, Keyring>;
}): EncryptedClientOptions["keyring"] {
  const { names, common, single } = parts;
  if (single.size === 0 && common !== undefined) return common;
  const others = names.filter((name) => !single.has(name)).flatMap((name) => (common === undefined ? [] : [[name, common] as const]));
  return Object.fromEntries([...single, ...others]);
}

/** Exactly one of them is there; see readConfig. */
function kmsOf({ kms: { mrkArn, keyArn, discovery, mrkDiscovery, failover } }: KeyStoreConfig): KeyStoreKms {
  const options = failover === undefined ? {} : { failover };
  if (mrkArn !== undefined) return { mrkArn, ...options };
  if (mrkDiscovery !== undefined) return { mrkDiscovery, ...options };
  return discovery !== undefined ? { discovery } : { keyArn: keyArn ?? "" };
}
