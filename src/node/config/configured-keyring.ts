import { invalidArgument } from "../../errors/index.ts";
import {
  awsKmsDiscoveryKeyring,
  awsKmsHierarchicalKeyring,
  awsKmsKeyring,
  awsKmsMrkDiscoveryKeyring,
  awsKmsMrkKeyring,
  awsKmsMrkMultiKeyring,
  multiKeyring,
} from "../../keyrings/index.ts";
import type { BranchKeyStore } from "../../keystore/index.ts";
import type { Keyring } from "../../materials/index.ts";
import type { KeyringConfig, KeyringsConfig } from "./config-input.ts";

/** Each makes a keyring of the member that is called like its function, if it is there. */
const makers: readonly ((config: KeyringConfig, keyStore: BranchKeyStore | undefined) => Keyring | undefined)[] = [
  ({ awsKmsMrkKeyring: options }) => options && awsKmsMrkKeyring(options),
  ({ awsKmsKeyring: options }) => options && awsKmsKeyring(options),
  ({ awsKmsMrkMultiKeyring: options }) => options && awsKmsMrkMultiKeyring(options),
  ({ awsKmsDiscoveryKeyring: options }) => options && awsKmsDiscoveryKeyring(options),
  ({ awsKmsMrkDiscoveryKeyring: options }) => options && awsKmsMrkDiscoveryKeyring(options),
  ({ awsKmsHierarchicalKeyring: options }, keyStore) => options && keyStore && awsKmsHierarchicalKeyring({ keyStore, ...options }),
];

/**
 * The keyring that a configuration says.
 *
 * @param config exactly one member; see readConfig
 * @throws ERR_INVALID_ARGUMENT, and what the keyring's function throws
 */
export function configuredKeyring(config: KeyringsConfig, keyStore: BranchKeyStore | undefined): Keyring {
  const { multiKeyring: several } = config;
  if (several !== undefined) {
    const { generator, children = [], decryptOnly = [] } = several;
    return multiKeyring({
      generator: generator && configuredKeyring(generator, keyStore),
      children: children.map((child) => configuredKeyring(child, keyStore)),
      decryptOnly: decryptOnly.map((old) => configuredKeyring(old, keyStore)),
    });
  }
  for (const make of makers) {
    const keyring = make(config, keyStore);
    if (keyring !== undefined) return keyring;
  }
  throw invalidArgument("keyring", "an object with one member that names a keyring");
}
