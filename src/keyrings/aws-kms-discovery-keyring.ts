import { DynasealError } from "../errors/index.ts";
import { identifierOf, KmsConnection, type KmsOptions } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { unwrapFirst } from "./attempts.ts";
import { storedKmsKey, unwrapWithKms } from "./aws-kms-data-keys.ts";
import { type DiscoveryFilter, discoveryFilter } from "./discovery-filter.ts";

export interface AwsKmsDiscoveryKeyringOptions extends KmsOptions {
  readonly discoveryFilter: DiscoveryFilter;
}

/**
 * Reads what was written under any KMS key that the filter lets pass, asking exactly the key that the item names, in
 * its own Region; with `region` or `client` only keys of that Region. It cannot write.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/aws-kms/aws-kms-discovery-keyring.md
 * @see framework/aws-kms/aws-kms-discovery-keyring.md "Interface", "Initialization", "OnEncrypt"
 */
export function awsKmsDiscoveryKeyring(options: AwsKmsDiscoveryKeyringOptions): Keyring {
  const passes = discoveryFilter(options.discoveryFilter);
  const connection = new KmsConnection(options);
  const oneRegion = options.region !== undefined || options.client !== undefined;
  return Object.freeze<Keyring>({
    async onEncrypt() {
      throw new DynasealError("ERR_KEYRING_CANNOT_ENCRYPT", { details: { keyring: "A discovery keyring" } });
    },
    async onDecrypt(materials, encryptedDataKeys, call) {
      const only = oneRegion ? await connection.ownRegion(call) : undefined;
      return unwrapFirst(
        materials,
        encryptedDataKeys,
        (encryptedDataKey) => {
          const stored = storedKmsKey(encryptedDataKey);
          return stored !== undefined && passes(stored) && (only === undefined || stored.region === only) && identifierOf(stored);
        },
        (encryptedDataKey, key) =>
          unwrapWithKms(connection, (ask) => connection.asConfigured(key, call, ask), materials, encryptedDataKey, call),
      );
    },
  });
}
