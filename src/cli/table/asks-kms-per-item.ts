import { resolve } from "node:path";
import { type KeyringsConfig, readConfig } from "../../node/index.ts";

/** Whether the keyring of a table asks KMS for every item; a hierarchical one asks once per branch key and version. */
export function asksKmsPerItem(configFile: string, tableName: string): boolean {
  const { keyrings, keyring } = readConfig(resolve(configFile)).config;
  const configured = keyrings?.get(tableName) ?? keyring;
  return configured !== undefined && asks(configured);
}

function asks({ multiKeyring, ...single }: KeyringsConfig): boolean {
  if (multiKeyring === undefined) return single.awsKmsHierarchicalKeyring === undefined;
  const { generator, children = [], decryptOnly = [] } = multiKeyring;
  return [...(generator === undefined ? [] : [generator]), ...children, ...decryptOnly].some(asks);
}
