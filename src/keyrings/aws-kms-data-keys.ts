import { decodeUtf8, type SecretBytes, utf8 } from "../bytes/index.ts";
import type { Randomness } from "../crypto/index.ts";
import { DynasealError, type ErrorDetails, isDynasealError } from "../errors/index.ts";
import {
  decrypt,
  generateDataKey,
  type KmsArn,
  type KmsConnection,
  type KmsIdentifier,
  type KmsTarget,
  parseKmsKeyArn,
} from "../kms/index.ts";
import { type EncryptedDataKey, type Keyring, type KeyringCall, keyNameOf, type WrappedIntermediateKey } from "../materials/index.ts";
import type { UnwrapLimit } from "./decrypt-call-limit.ts";
import { type SingleKeyRequest, singleKeyKeyring } from "./single-key-keyring.ts";

/** Provider id of every keyring around a symmetric KMS key. */
export const kmsProviderId = "aws-kms";

/** Asks one key where it is to be asked: a method of {@link KmsConnection}, bound to its key. */
export type AskKey = <Result>(ask: (target: KmsTarget) => Promise<Result>) => Promise<Result>;

/**
 * Wraps with GenerateDataKey and nothing else, also where the data key exists already: KMS makes the intermediate key.
 *
 * @see framework/aws-kms/aws-kms-keyring.md "OnEncrypt"
 */
async function generateWithKms(
  connection: KmsConnection,
  askKey: AskKey,
  { encryptionContext, suite, call }: SingleKeyRequest,
): Promise<WrappedIntermediateKey> {
  const { plaintext, ciphertext, keyArn } = await askKey((target) =>
    generateDataKey({ connection, target, call }, { encryptionContext, length: suite.encryptionKeyLength }),
  );
  return { keyProviderId: kmsProviderId, keyProviderInfo: utf8(keyArn), intermediateKey: plaintext, wrapped: ciphertext };
}

/**
 * @param named what the item itself says: its wrapped key and encryption context, with discovery the key too, and where any
 *   Region is asked also that
 * @see framework/aws-kms/aws-kms-keyring.md "OnDecrypt"
 */
export function unwrapWithKms(
  {
    connection,
    askKey,
    named = "ciphertext",
  }: { readonly connection: KmsConnection; readonly askKey: AskKey; readonly named?: NamedByItem },
  ciphertext: Uint8Array,
  { encryptionContext, suite, call }: SingleKeyRequest,
): Promise<SecretBytes> {
  return tellingCause(named, () =>
    askKey((target) => decrypt({ connection, target, call }, { ciphertext, encryptionContext, length: suite.encryptionKeyLength })),
  );
}

/** How much of a KMS call an item decides: each includes those before it. */
export type NamedByItem = "ciphertext" | "key" | "region";

/**
 * Asks KMS to unwrap, and marks the failures that the item caused: whoever may write one can put a ciphertext or encryption
 * context into it that KMS takes for malformed, or the name of a key or Region that does not exist.
 */
export async function tellingCause<Result>(named: NamedByItem, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (isDynasealError(error, "ERR_KMS_REFUSED") && error.details.name === "ValidationException") throw marked(error);
    if (named !== "ciphertext" && isDynasealError(error, "ERR_KMS_KEY_NOT_FOUND")) throw marked(error);
    if (named === "region" && isDynasealError(error, "ERR_KMS_UNREACHABLE") && error.details.reason === "ENOTFOUND") throw marked(error);
    throw error;
  }
}

function marked<Code extends "ERR_KMS_REFUSED" | "ERR_KMS_KEY_NOT_FOUND" | "ERR_KMS_UNREACHABLE">(
  error: DynasealError<Code>,
): DynasealError<Code> {
  const details = { ...error.details, causedBy: "item" } as ErrorDetails[Code];
  return new DynasealError(error.code, { details, cause: error.cause });
}

/** What tells one keyring around one KMS key from another. */
export interface OneKmsKey {
  readonly connection: KmsConnection;
  readonly key: KmsIdentifier;
  /** How the connection asks the key, for one call. */
  readonly askKey: (call: KeyringCall) => AskKey;
  /** Whether an encrypted data key under `stored` is under this key. */
  readonly isKey: (stored: KmsArn) => boolean;
  readonly limit: UnwrapLimit;
}

/** Writes and reads with one KMS key. Reading refuses a key that is not configured by ARN as soon as an item wants KMS. */
export function oneKeyKeyring({ connection, key, askKey, isKey, limit }: OneKmsKey, randomness: Randomness): Keyring {
  return singleKeyKeyring<true>({
    randomness,
    keyNames: [keyNameOf(kmsProviderId, key.text)],
    wrapping: { generateKey: (request) => generateWithKms(connection, askKey(request.call), request) },
    matching: () => (encryptedDataKey) => {
      const stored = storedKmsKey(encryptedDataKey);
      if (stored === undefined) return false;
      refuseUnlessKeyArn(key);
      return isKey(stored);
    },
    unwrapKey: (ciphertext, _, request) => unwrapWithKms({ connection, askKey: askKey(request.call) }, ciphertext, request),
    limit,
  });
}

/**
 * The key that an encrypted data key was wrapped under; `undefined` where it is of another provider.
 *
 * @throws ERR_HEADER_MALFORMED where the provider info is not a key ARN
 */
export function storedKmsKey(encryptedDataKey: EncryptedDataKey, providerId: string = kmsProviderId): KmsArn | undefined {
  if (encryptedDataKey.keyProviderId !== providerId) return undefined;
  const text = decodeUtf8(encryptedDataKey.keyProviderInfo);
  const arn = text === undefined ? undefined : parseKmsKeyArn(text);
  if (arn === undefined) throw new DynasealError("ERR_HEADER_MALFORMED", { details: { field: `the key of an ${providerId} data key` } });
  return arn;
}

/**
 * An alias or bare key id cannot be compared with what an item carries.
 *
 * @throws ERR_KMS_KEY_NOT_ARN
 */
export function refuseUnlessKeyArn(key: KmsIdentifier): void {
  if (key.arn === undefined || key.resourceType !== "key") {
    throw new DynasealError("ERR_KMS_KEY_NOT_ARN", { details: { keyId: key.text } });
  }
}
