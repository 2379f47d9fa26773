import { bytesEqual, concatBytes, SecretBytes } from "../bytes/index.ts";
import { aesGcmDecryptKey, aesGcmEncrypt, type Randomness, systemRandomness } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { type Keyring, keyNameOf } from "../materials/index.ts";
import { rawKeyName } from "./arguments.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

export interface RawAesKeyringOptions {
  /** Who manages the key; any text that does not begin with `aws-kms`. */
  readonly keyNamespace: string;
  /** Which of its keys. */
  readonly keyName: string;
  /** 16, 24 or 32 bytes; copied. */
  readonly wrappingKey: Uint8Array;
}

const ivLength = 12;
/** Tag length in bits (4) and IV length in bytes (4), the same for all three key lengths. */
const lengths = Uint8Array.of(0, 0, 0, 128, 0, 0, 0, ivLength);

/**
 * A keyring around one AES key that the application itself keeps. Whoever can read can also write.
 *
 * Its encrypted data key: provider id = key namespace; provider info = `key name ‖ 128 (4) ‖ 12 (4) ‖ IV (12)`;
 * ciphertext = `wrapped data key (48) ‖ AES-GCM(wrapping key, IV, AAD = encryption context, intermediate key) (32 + 16)`.
 *
 * @example
 * ```ts
 * import { rawAesKeyring } from "dynaseal";
 *
 * const wrappingKey = Buffer.from(process.env["CUSTOMERS_KEY"] ?? "", "base64"); // 32 bytes
 * const keyring = rawAesKeyring({ keyNamespace: "customers", keyName: "2026", wrappingKey });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_KEY_NAMESPACE_RESERVED
 * @see framework/raw-aes-keyring.md
 * @see framework/raw-aes-keyring.md "Changelog", "Wrapping Key", "Wrapping Algorithm", "Authentication Tag Length", "IV Length"
 * @see framework/raw-aes-keyring.md "OnEncrypt", "OnDecrypt"
 */
export function rawAesKeyring(options: RawAesKeyringOptions): Keyring {
  return aesKeyring(options, systemRandomness);
}

/** As {@link rawAesKeyring}, with the random bytes of the caller. */
export function aesKeyring(options: RawAesKeyringOptions, randomness: Randomness): Keyring {
  const { keyNamespace, keyName } = rawKeyName(options);
  if (!(options.wrappingKey instanceof Uint8Array) || ![16, 24, 32].includes(options.wrappingKey.length)) {
    throw invalidArgument("wrappingKey", "16, 24 or 32 bytes");
  }
  const key = new SecretBytes(options.wrappingKey);
  const infoPrefix = concatBytes(keyName, lengths);
  const infoLength = infoPrefix.length + ivLength;
  return singleKeyKeyring<Uint8Array>({
    randomness,
    keyNames: [keyNameOf(keyNamespace, options.keyName)],
    wrapping: {
      wrapKey(intermediateKey, { aad }) {
        const iv = randomness.bytes(ivLength);
        const wrapped = aesGcmEncrypt({ key, iv, aad }, intermediateKey.reveal());
        return { keyProviderId: keyNamespace, keyProviderInfo: concatBytes(infoPrefix, iv), wrapped };
      },
    },
    matching:
      () =>
      ({ keyProviderId, keyProviderInfo }) =>
        keyProviderId === keyNamespace &&
        keyProviderInfo.length === infoLength &&
        bytesEqual(keyProviderInfo.subarray(0, infoPrefix.length), infoPrefix) &&
        keyProviderInfo.subarray(infoPrefix.length),
    unwrapKey: (wrapped, iv, { aad }) => aesGcmDecryptKey({ key, iv, aad }, wrapped),
  });
}
