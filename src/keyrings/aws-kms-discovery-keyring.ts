import { systemRandomness } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { identifierOf, type KmsArn, KmsConnection, type KmsIdentifier, type KmsOptions } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { storedKmsKey, unwrapWithKms } from "./aws-kms-data-keys.ts";
import { type DecryptCallLimit, decryptCallLimit } from "./decrypt-call-limit.ts";
import { type DiscoveryFilter, discoveryFilter, discoveryName } from "./discovery-filter.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

export interface AwsKmsDiscoveryKeyringOptions extends KmsOptions, DecryptCallLimit {
  readonly discoveryFilter: DiscoveryFilter;
  /** Only keys of these Regions. Without it an item may name any Region, and the clients of at most 16 are kept. */
  readonly regions?: readonly string[] | undefined;
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
  const connection = new KmsConnection(options, "awsKmsDiscoveryKeyring");
  const limit = decryptCallLimit(options);
  const regions = regionList(options.regions);
  const oneRegion = options.region !== undefined || options.client !== undefined;
  const named = oneRegion || regions !== undefined ? "key" : "region";
  const isNear = ({ region }: KmsArn, only: string | undefined): boolean =>
    (only === undefined || region === only) && (regions === undefined || regions.has(region));
  return singleKeyKeyring<KmsIdentifier>({
    randomness: systemRandomness,
    keyNames: [discoveryName(options.discoveryFilter)],
    wrapping: { readsOnly: "A discovery keyring" },
    async matching(_, call) {
      const only = oneRegion ? await connection.ownRegion(call) : undefined;
      return (encryptedDataKey) => {
        const stored = storedKmsKey(encryptedDataKey);
        return stored !== undefined && passes(stored) && isNear(stored, only) && identifierOf(stored);
      };
    },
    unwrapKey: (ciphertext, key, request) =>
      unwrapWithKms({ connection, askKey: (ask) => connection.asConfigured(key, request.call, ask), named }, ciphertext, request),
    limit,
  });
}

/** @throws ERR_INVALID_ARGUMENT */
function regionList(regions: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (regions === undefined) return undefined;
  if (!Array.isArray(regions) || regions.length === 0 || !regions.every((region) => typeof region === "string" && region !== "")) {
    throw invalidArgument("regions", "a list of at least one Region");
  }
  return new Set(regions);
}
