import { systemRandomness } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { identifierOf, isMultiRegionKey, KmsConnection, type KmsIdentifier, type MultiRegionKmsOptions } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { storedKmsKey, unwrapWithKms } from "./aws-kms-data-keys.ts";
import { type DecryptCallLimit, decryptCallLimit } from "./decrypt-call-limit.ts";
import { type DiscoveryFilter, discoveryFilter, discoveryName } from "./discovery-filter.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

export interface AwsKmsMrkDiscoveryKeyringOptions extends MultiRegionKmsOptions, DecryptCallLimit {
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
  const limit = decryptCallLimit(options);
  const connection = new KmsConnection(options, "awsKmsMrkDiscoveryKeyring");
  return singleKeyKeyring<KmsIdentifier>({
    randomness: systemRandomness,
    keyNames: [discoveryName(options.discoveryFilter)],
    wrapping: { readsOnly: "A discovery keyring" },
    async matching(_, call) {
      const own = await connection.ownRegion(call);
      await refuseOtherRegion(options);
      return (encryptedDataKey) => {
        const stored = storedKmsKey(encryptedDataKey);
        return stored !== undefined && passes(stored) && (isMultiRegionKey(stored) || stored.region === own) && identifierOf(stored);
      };
    },
    unwrapKey: (ciphertext, key, request) =>
      unwrapWithKms({ connection, askKey: (ask) => connection.inOwnRegion(key, request.call, ask), named: "key" }, ciphertext, request),
    limit,
  });
}

/**
 * With a client of another Region than `region` says, every multi-Region key would be asked for by an ARN that is not of
 * the Region that is asked. A client's Region is known only once it has been asked for.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
async function refuseOtherRegion({ region, client }: MultiRegionKmsOptions): Promise<void> {
  if (region === undefined || client === undefined) return;
  const actual = await client.config.region().catch(() => undefined);
  if (actual !== undefined && actual !== region) throw invalidArgument("region", `absent, or ${actual} as the client's`);
}
