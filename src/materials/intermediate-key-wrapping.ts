import { concatBytes, type SecretBytes, utf8 } from "../bytes/index.ts";
import {
  type AlgorithmSuite,
  aesGcmDecryptKey,
  aesGcmEncrypt,
  hkdfExpand,
  hkdfExtract,
  type Randomness,
  randomKey,
} from "../crypto/index.ts";
import { encryptionContextToAad } from "./encryption-context.ts";
import type { DecryptionMaterials, EncryptedDataKey, EncryptionMaterials } from "./materials.ts";

const macInfo = utf8("AWS_MPL_INTERMEDIATE_KEYWRAP_MAC");
const encInfo = utf8("AWS_MPL_INTERMEDIATE_KEYWRAP_ENC");
const zeroIv = new Uint8Array(12);

/** What a keyring contributes to one encrypted data key. */
export interface WrappedIntermediateKey {
  readonly keyProviderId: string;
  readonly keyProviderInfo: Uint8Array;
  /** 32 random bytes, new for each encrypted data key; wiped as soon as it has served. */
  readonly intermediateKey: SecretBytes;
  /** The same bytes wrapped by the keyring. */
  readonly wrapped: Uint8Array;
}

/**
 * The onEncrypt of every keyring but the multi keyring: makes the data key if there is none, and adds one encrypted
 * data key `AES-256-GCM(kek, IV 0, AAD = encryption context, data key) (48) ‖ wrapped intermediate key`, together with
 * its symmetric signing key. kek and signing key are HKDF-SHA-512 of the intermediate key.
 *
 * @see framework/algorithm-suites.md "Intermediate Key Wrapping"
 * @see framework/algorithm-suites.md "Wrapped Plaintext Data Key"
 */
export async function wrapDataKey(
  materials: EncryptionMaterials,
  randomness: Randomness,
  wrapIntermediateKey: (aad: Uint8Array) => Promise<WrappedIntermediateKey> | WrappedIntermediateKey,
): Promise<EncryptionMaterials> {
  const { algorithmSuite } = materials;
  const aad = encryptionContextToAad(materials.encryptionContext);
  const provider = await wrapIntermediateKey(aad);
  const { keyEncryptionKey, symmetricSigningKey } = deriveFromIntermediateKey(algorithmSuite, provider.intermediateKey);
  const plaintextDataKey = materials.plaintextDataKey ?? randomKey(randomness, algorithmSuite.encryptionKeyLength);
  const wrappedDataKey = aesGcmEncrypt({ key: keyEncryptionKey, iv: zeroIv, aad }, plaintextDataKey.reveal());
  keyEncryptionKey.wipe();
  const encryptedDataKey: EncryptedDataKey = {
    keyProviderId: provider.keyProviderId,
    keyProviderInfo: provider.keyProviderInfo,
    ciphertext: concatBytes(wrappedDataKey, provider.wrapped),
  };
  return {
    ...materials,
    plaintextDataKey,
    encryptedDataKeys: [...materials.encryptedDataKeys, encryptedDataKey],
    symmetricSigningKeys: [...materials.symmetricSigningKeys, symmetricSigningKey],
  };
}

/**
 * Unwraps one encrypted data key.
 *
 * @param unwrapIntermediateKey gets the part behind the first 48 bytes, and the context as additional authenticated data;
 *   what it returns is wiped as soon as it has served.
 * @returns `undefined` where the ciphertext is too short or does not authenticate, or the keyring returned `undefined`.
 */
export async function unwrapDataKey(
  materials: DecryptionMaterials,
  encryptedDataKey: EncryptedDataKey,
  unwrapIntermediateKey: (wrapped: Uint8Array, aad: Uint8Array) => Promise<SecretBytes | undefined> | SecretBytes | undefined,
): Promise<DecryptionMaterials | undefined> {
  const { algorithmSuite } = materials;
  const wrappedLength = algorithmSuite.encryptionKeyLength + algorithmSuite.tagLength;
  if (encryptedDataKey.ciphertext.length < wrappedLength) return undefined;
  const aad = encryptionContextToAad(materials.encryptionContext);
  const intermediateKey = await unwrapIntermediateKey(encryptedDataKey.ciphertext.subarray(wrappedLength), aad);
  if (intermediateKey === undefined) return undefined;
  if (intermediateKey.length !== algorithmSuite.encryptionKeyLength) {
    intermediateKey.wipe();
    return undefined;
  }
  const { keyEncryptionKey, symmetricSigningKey } = deriveFromIntermediateKey(algorithmSuite, intermediateKey);
  const wrappedDataKey = encryptedDataKey.ciphertext.subarray(0, wrappedLength);
  const plaintextDataKey = aesGcmDecryptKey({ key: keyEncryptionKey, iv: zeroIv, aad }, wrappedDataKey);
  keyEncryptionKey.wipe();
  if (plaintextDataKey !== undefined) return { ...materials, plaintextDataKey, symmetricSigningKey };
  symmetricSigningKey.wipe();
  return undefined;
}

/** Both keys; the intermediate key has served, and is wiped. */
function deriveFromIntermediateKey(
  suite: AlgorithmSuite,
  intermediateKey: SecretBytes,
): { readonly keyEncryptionKey: SecretBytes; readonly symmetricSigningKey: SecretBytes } {
  const extracted = hkdfExtract(suite.kdfHash, intermediateKey);
  intermediateKey.wipe();
  const keyEncryptionKey = hkdfExpand(suite.kdfHash, extracted, suite.encryptionKeyLength, encInfo);
  const symmetricSigningKey = hkdfExpand(suite.kdfHash, extracted, suite.encryptionKeyLength, macInfo);
  extracted.wipe();
  return { keyEncryptionKey, symmetricSigningKey };
}
