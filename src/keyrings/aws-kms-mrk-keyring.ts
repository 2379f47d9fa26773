import { type Randomness, systemRandomness } from "../crypto/index.ts";
import { KmsConnection, type KmsIdentifier, type MultiRegionKmsOptions, multiRegionMatch } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { kmsIdentifier } from "./arguments.ts";
import { oneKeyKeyring } from "./aws-kms-data-keys.ts";
import { type DecryptCallLimit, decryptCallLimit, type UnwrapLimit } from "./decrypt-call-limit.ts";

export interface AwsKmsMrkKeyringOptions extends MultiRegionKmsOptions, DecryptCallLimit {
  /** ARN of the primary or any replica; also what `awsKmsKeyring` takes. */
  readonly keyId: string;
}

/**
 * A keyring around a multi-Region key, asked by its replica in the own Region for writing and reading, whichever
 * Region's ARN is configured and whichever the item carries. So one configuration serves every Region. Other keys are
 * asked as they are configured.
 *
 * Its encrypted data key is that of `awsKmsKeyring`, with the ARN of the replica that wrote; the MRK keyring of other
 * implementations reads it in any Region, their plain KMS keyring only where the ARN is the configured one.
 *
 * @example
 * ```ts
 * import { awsKmsMrkKeyring } from "dynaseal";
 *
 * const keyring = awsKmsMrkKeyring({
 *   keyId: "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
 *   failover: { regions: ["eu-west-1"] },
 * });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/aws-kms/aws-kms-mrk-keyring.md
 * @see framework/aws-kms/aws-kms-mrk-keyring.md "Interface", "Initialization", "OnEncrypt", "OnDecrypt"
 */
export function awsKmsMrkKeyring(options: AwsKmsMrkKeyringOptions): Keyring {
  return mrkKeyring(
    kmsIdentifier("keyId", options.keyId),
    new KmsConnection(options, "awsKmsMrkKeyring"),
    decryptCallLimit(options),
    systemRandomness,
  );
}

/** The same around a connection that several keyrings share. */
export function mrkKeyring(key: KmsIdentifier, connection: KmsConnection, limit: UnwrapLimit, randomness: Randomness): Keyring {
  return oneKeyKeyring(
    {
      connection,
      key,
      askKey: (call) => (ask) => connection.inOwnRegion(key, call, ask),
      isKey: (stored) => multiRegionMatch(key, stored),
      limit,
    },
    randomness,
  );
}
