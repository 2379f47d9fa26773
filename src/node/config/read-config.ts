import { dirname, resolve } from "node:path";
import { type Path, Problems, readDefinition } from "../../schema/index.ts";
import { readJsonFile } from "../json-file.ts";
import { configDefinition } from "./config-definition.ts";
import type { ConfigInput, KeyringsConfig } from "./config-input.ts";

/** A configuration file that was checked. */
export interface ReadConfig {
  readonly config: ConfigInput;
  /** The files and folders of the schemas, as absolute paths. */
  readonly schemaPaths: readonly string[];
}

/**
 * Reads and checks a configuration file, without making anything of it.
 *
 * @throws ERR_CONFIG_INVALID with all that is wrong in `details.problems`; ERR_SCHEMA_FILE, ERR_SCHEMA_SYNTAX
 */
export function readConfig(file: string): ReadConfig {
  const problems = new Problems("a dynaseal configuration");
  const config = readDefinition(configDefinition, readJsonFile(file), [], problems) as ConfigInput;
  if (!problems.any) check(config, problems);
  problems.throwIfAny(file, "ERR_CONFIG_INVALID");
  const schemas = typeof config.schemas === "string" ? [config.schemas] : config.schemas;
  return { config, schemaPaths: schemas.map((path) => resolve(dirname(file), path)) };
}

function check(config: ConfigInput, problems: Problems): void {
  const { keyring, keyrings = new Map<string, KeyringsConfig>(), keyStore, beaconKeys } = config;
  const all: (readonly [Path, KeyringsConfig])[] = [...keyrings].map(([name, one]) => [["keyrings", name], one] as const);
  if (keyring !== undefined) all.push([["keyring"], keyring]);
  if (all.length === 0) problems.report(["keyring"], "is missing", 'add "keyring", or "keyrings" by logical table name');
  for (const [path, one] of all) checkKeyring(path, one, config, problems);
  if (keyStore !== undefined) {
    const kinds = ["mrkArn", "keyArn", "discovery", "mrkDiscovery"] as const;
    const said = kinds.filter((kind) => keyStore.kms[kind] !== undefined);
    if (said.length !== 1) requireOne(["keyStore", "kms"], said, kinds, problems);
    const asksOneRegion = said.some((kind) => kind === "keyArn" || kind === "discovery");
    if (asksOneRegion && keyStore.kms.failover !== undefined) {
      problems.report(["keyStore", "kms", "failover"], "needs a multi-Region key", "write mrkArn or mrkDiscovery, or leave failover out");
    }
  }
  if (beaconKeys === undefined) return;
  if (keyStore === undefined) problems.report(["beaconKeys"], "needs a key store", 'add "keyStore"');
  if (beaconKeys.branchKeyId !== undefined && beaconKeys.fromAttribute !== undefined) {
    problems.report(["beaconKeys"], "says both branchKeyId and fromAttribute", "keep one of them");
  }
}

function checkKeyring(path: Path, keyring: KeyringsConfig, config: ConfigInput, problems: Problems): void {
  const kinds = ["awsKmsMrkKeyring", "awsKmsHierarchicalKeyring", "awsKmsKeyring", "awsKmsMrkMultiKeyring"];
  const said = Object.keys(keyring);
  if (said.length !== 1) requireOne(path, said, kinds, problems);
  if (keyring.awsKmsHierarchicalKeyring !== undefined && config.keyStore === undefined) {
    problems.report([...path, "awsKmsHierarchicalKeyring"], "needs a key store", 'add "keyStore"');
  }
  const { multiKeyring } = keyring;
  if (multiKeyring === undefined) return;
  const { generator, children = [], decryptOnly = [] } = multiKeyring;
  if (generator !== undefined) checkKeyring([...path, "multiKeyring", "generator"], generator, config, problems);
  for (const [member, keyrings] of Object.entries({ children, decryptOnly }))
    for (const [index, child] of keyrings.entries()) checkKeyring([...path, "multiKeyring", member, index], child, config, problems);
}

function requireOne(path: Path, said: readonly string[], kinds: readonly string[], problems: Problems): void {
  const what = said.length === 0 ? "is empty" : `says ${said.join(" and ")}`;
  problems.report(path, what, `write exactly one member, such as ${kinds.slice(0, 2).join(" or ")}`);
}
