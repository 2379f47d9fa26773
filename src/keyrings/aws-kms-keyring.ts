import { type Randomness, systemRandomness } from "../crypto/index.ts";
import { KmsConnection, type KmsOptions } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { kmsIdentifier } from "./arguments.ts";
import { oneKeyKeyring } from "./aws-kms-data-keys.ts";
import { type DecryptCallLimit, decryptCallLimit } from "./decrypt-call-limit.ts";

export interface AwsKmsKeyringOptions extends KmsOptions, DecryptCallLimit {
  /** Key ARN; alias ARN, key id or alias name, with which one can write only. */
  readonly keyId: string;
}

/**
 * A keyring around one KMS key, asked exactly as it is configured: an ARN in its own Region, and on reading only for
 * items that carry that very ARN. For multi-Region keys see `awsKmsMrkKeyring`.
 *
 * Its encrypted data key: provider id = `aws-kms`; provider info = the key ARN that KMS returned; ciphertext =
 * `wrapped data key (48) ‖ CiphertextBlob of GenerateDataKey (the intermediate key)`. One KMS call an item: a data key
 * is never used again.
 *
 * @example
 * ```ts
 * import { awsKmsKeyring } from "dynaseal";
 *
 * const keyring = awsKmsKeyring({ keyId: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/aws-kms/aws-kms-keyring.md
 * @see framework/aws-kms/aws-kms-keyring.md "Interface", "Initialization"
 */
export function awsKmsKeyring(options: AwsKmsKeyringOptions): Keyring {
  return kmsKeyring(options, systemRandomness);
}

/** As {@link awsKmsKeyring}, with the random bytes of the caller. */
export function kmsKeyring(options: AwsKmsKeyringOptions, randomness: Randomness): Keyring {
  const key = kmsIdentifier("keyId", options.keyId);
  const connection = new KmsConnection(options, "awsKmsKeyring");
  return oneKeyKeyring(
    {
      connection,
      key,
      askKey: (call) => (ask) => connection.asConfigured(key, call, ask),
      isKey: (stored) => stored.text === key.text,
      limit: decryptCallLimit(options),
    },
    randomness,
  );
}
