import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { invalidArgument } from "../../errors/index.ts";
import type { Keyring } from "../../materials/index.ts";
import type { TableSchema } from "../../schema/index.ts";
import type { BeaconKeyOptions } from "../../search/index.ts";
import { loadSchemas } from "../load-schemas.ts";
import { configuredKeyring } from "./configured-keyring.ts";
import { keyStoreOf } from "./load-config.ts";
import { readConfig } from "./read-config.ts";

/** What a configuration file says of one table. */
export interface LoadedTable {
  readonly schema: TableSchema;
  readonly keyring: Keyring;
  /** The name in DynamoDB. */
  readonly physicalTable: string;
  /** Where beacon keys come from, if the file says so; jobs over tables need it, single items do not. */
  readonly beaconKeys?: BeaconKeyOptions;
}

/**
 * One table of a file `dynaseal.config.json`, as `itemEncryptor` and `tableJob` take it:
 *
 * ```ts
 * const customers = itemEncryptor(loadTable("dynaseal.config.json", "customers"));
 * ```
 *
 * @param file a path, or a `file:` URL
 * @param tableName the logical name; needed if the file has schemas of several tables
 * @throws ERR_INVALID_ARGUMENT if the file has no such table, or no keyring for it; ERR_CONFIG_INVALID, and what `loadSchemas` throws
 */
export function loadTable(file: string | URL, tableName?: string): LoadedTable {
  const read = readConfig(resolve(typeof file === "string" ? file : fileURLToPath(file)));
  const schema = schemaOf(
    read.schemaPaths.flatMap((path) => loadSchemas(path)),
    tableName,
  );
  const { keyrings, keyring, tableNames, beaconKeys } = read.config;
  const keyringConfig = keyrings?.get(schema.tableName) ?? keyring;
  if (keyringConfig === undefined) throw invalidArgument("tableName", "a table that the configuration has a keyring for");
  const keyStore = keyStoreOf(read);
  return {
    schema,
    keyring: configuredKeyring(keyringConfig, keyStore),
    physicalTable: tableNames?.get(schema.tableName) ?? schema.tableName,
    ...(beaconKeys !== undefined && keyStore !== undefined && { beaconKeys: { keyStore, ...beaconKeys } }),
  };
}

function schemaOf(schemas: readonly TableSchema[], tableName: string | undefined): TableSchema {
  const [first, ...others] = tableName === undefined ? schemas : schemas.filter((schema) => schema.tableName === tableName);
  if (first !== undefined && others.length === 0) return first;
  throw invalidArgument(
    "tableName",
    `the logical name of one table of the configuration: ${schemas.map((one) => one.tableName).join(", ")}`,
  );
}
