import { systemRandomness } from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { isMultiRegionKey, KmsConnection, type KmsIdentifier, type MultiRegionKmsOptions } from "../kms/index.ts";
import type { Keyring } from "../materials/index.ts";
import { kmsIdentifier } from "./arguments.ts";
import { mrkKeyring } from "./aws-kms-mrk-keyring.ts";
import { type DecryptCallLimit, decryptCallLimit } from "./decrypt-call-limit.ts";
import { multiKeyring } from "./multi-keyring.ts";

export interface AwsKmsMrkMultiKeyringOptions extends MultiRegionKmsOptions, DecryptCallLimit {
  /** The key that makes new data keys; without it the keyring only reads. */
  readonly generator?: string | undefined;
  readonly keyIds?: readonly string[] | undefined;
}

/**
 * Several KMS keys as one keyring, each as `awsKmsMrkKeyring` takes it: every item carries an encrypted data key for
 * each of them, and any one alone reads it. One GenerateDataKey a key for an item that is written.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_MULTI_REGION_KEY_TWICE
 * @see framework/aws-kms/aws-kms-mrk-multi-keyrings.md
 * @see framework/aws-kms/aws-kms-mrk-multi-keyrings.md "AWS KMS MRK Multi-Keyring"
 */
export function awsKmsMrkMultiKeyring(options: AwsKmsMrkMultiKeyringOptions): Keyring {
  const generator = options.generator === undefined ? undefined : kmsIdentifier("generator", options.generator);
  const keys = (options.keyIds ?? []).map((keyId, index) => kmsIdentifier(`keyIds[${index}]`, keyId));
  if (generator === undefined && keys.length === 0) throw invalidArgument("generator or keyIds", "at least one KMS key");
  requireUniqueMultiRegionKeys(generator === undefined ? keys : [generator, ...keys]);
  const connection = new KmsConnection(options, "awsKmsMrkMultiKeyring");
  const limit = decryptCallLimit(options);
  return multiKeyring({
    generator: generator && mrkKeyring(generator, connection, limit, systemRandomness),
    children: keys.map((key) => mrkKeyring(key, connection, limit, systemRandomness)),
  });
}

/**
 * Replicas of one key are one key: naming two would only ask which of them is meant.
 *
 * @throws ERR_MULTI_REGION_KEY_TWICE
 * @see framework/aws-kms/aws-kms-mrk-are-unique.md
 * @see framework/aws-kms/aws-kms-mrk-are-unique.md "Implementation"
 */
function requireUniqueMultiRegionKeys(keys: readonly KmsIdentifier[]): void {
  const multiRegion = keys.filter(isMultiRegionKey);
  const twice = multiRegion.filter((key) => multiRegion.some((other) => other !== key && other.resourceId === key.resourceId));
  if (twice.length > 0) throw new DynasealError("ERR_MULTI_REGION_KEY_TWICE", { details: { keyIds: twice.map((key) => key.text) } });
}
