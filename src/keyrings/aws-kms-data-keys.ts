import { decodeUtf8, utf8 } from "../bytes/index.ts";
import { systemRandomness } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import {
  decrypt,
  generateDataKey,
  type KmsArn,
  type KmsConnection,
  type KmsIdentifier,
  type KmsTarget,
  parseKmsKeyArn,
} from "../kms/index.ts";
import {
  type DecryptionMaterials,
  type EncryptedDataKey,
  type EncryptionMaterials,
  type Keyring,
  type KeyringCall,
  unwrapDataKey,
  wrapDataKey,
} from "../materials/index.ts";
import { unwrapFirst } from "./attempts.ts";
import type { UnwrapLimit } from "./decrypt-call-limit.ts";

/** Provider id of every keyring around a symmetric KMS key. */
export const kmsProviderId = "aws-kms";

/** Asks one key where it is to be asked: a method of {@link KmsConnection}, bound to its key. */
export type AskKey = <Result>(ask: (target: KmsTarget) => Promise<Result>) => Promise<Result>;

/**
 * Wraps with GenerateDataKey and nothing else, also where the data key exists already: KMS makes the intermediate key.
 *
 * @see framework/aws-kms/aws-kms-keyring.md "OnEncrypt"
 */
export function wrapWithKms(
  connection: KmsConnection,
  askKey: AskKey,
  materials: EncryptionMaterials,
  call: KeyringCall,
): Promise<EncryptionMaterials> {
  const { encryptionContext, algorithmSuite } = materials;
  return wrapDataKey(materials, systemRandomness, async () => {
    const { plaintext, ciphertext, keyArn } = await askKey((target) =>
      generateDataKey({ connection, target, call }, { encryptionContext, length: algorithmSuite.encryptionKeyLength }),
    );
    return { keyProviderId: kmsProviderId, keyProviderInfo: utf8(keyArn), intermediateKey: plaintext, wrapped: ciphertext };
  });
}

/** @see framework/aws-kms/aws-kms-keyring.md "OnDecrypt" */
export function unwrapWithKms(
  connection: KmsConnection,
  askKey: AskKey,
  materials: DecryptionMaterials,
  encryptedDataKey: EncryptedDataKey,
  call: KeyringCall,
): Promise<DecryptionMaterials | undefined> {
  const { encryptionContext, algorithmSuite } = materials;
  return unwrapDataKey(materials, encryptedDataKey, (ciphertext) =>
    askKey((target) =>
      decrypt({ connection, target, call }, { ciphertext, encryptionContext, length: algorithmSuite.encryptionKeyLength }),
    ),
  );
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
export function oneKeyKeyring({ connection, key, askKey, isKey, limit }: OneKmsKey): Keyring {
  return Object.freeze<Keyring>({
    onEncrypt: (materials, call) => wrapWithKms(connection, askKey(call), materials, call),
    onDecrypt(materials, encryptedDataKeys, call) {
      const isOwn = (encryptedDataKey: EncryptedDataKey): boolean => {
        const stored = storedKmsKey(encryptedDataKey);
        if (stored === undefined) return false;
        refuseUnlessKeyArn(key);
        return isKey(stored);
      };
      const unwrap = (encryptedDataKey: EncryptedDataKey): Promise<DecryptionMaterials | undefined> =>
        unwrapWithKms(connection, askKey(call), materials, encryptedDataKey, call);
      return unwrapFirst(materials, encryptedDataKeys, isOwn, unwrap, limit);
    },
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
