import { DynasealError } from "../errors/index.ts";
import { identifierOf, isMultiRegionKey, KmsConnection, type MultiRegionKmsOptions } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { unwrapFirst } from "./attempts.ts";
import { storedKmsKey, unwrapWithKms } from "./aws-kms-data-keys.ts";
import { type DiscoveryFilter, discoveryFilter } from "./discovery-filter.ts";

export interface AwsKmsMrkDiscoveryKeyringOptions extends MultiRegionKmsOptions {
  readonly discoveryFilter: DiscoveryFilter;
}

/**
 * Reads in the own Region what was written under any KMS key that the filter lets pass: multi-Region keys by their
 * replica here, single-Region keys where they are of this Region. It cannot write.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/aws-kms/aws-kms-mrk-discovery-keyring.md
 * @see framework/aws-kms/aws-kms-mrk-discovery-keyring.md "Interface", "Initialization", "OnEncrypt", "OnDecrypt"
 */
export function awsKmsMrkDiscoveryKeyring(options: AwsKmsMrkDiscoveryKeyringOptions): Keyring {
  const passes = discoveryFilter(options.discoveryFilter);
  const connection = new KmsConnection(options);
  return Object.freeze<Keyring>({
    async onEncrypt() {
      throw new DynasealError("ERR_KEYRING_CANNOT_ENCRYPT", { details: { keyring: "A discovery keyring" } });
    },
    async onDecrypt(materials, encryptedDataKeys, call) {
      const own = await connection.ownRegion(call);
      return unwrapFirst(
        materials,
        encryptedDataKeys,
        (encryptedDataKey) => {
          const stored = storedKmsKey(encryptedDataKey);
          return stored !== undefined && passes(stored) && (isMultiRegionKey(stored) || stored.region === own) && identifierOf(stored);
        },
        (encryptedDataKey, key) =>
          unwrapWithKms(connection, (ask) => connection.inOwnRegion(key, call, ask), materials, encryptedDataKey, call),
      );
    },
  });
}
