import { bytesEqual, SecretBytes } from "../bytes/index.ts";
import {
  importRsaPrivateKey,
  importRsaPublicKey,
  type Randomness,
  type RsaPadding,
  rsaPaddings,
  systemRandomness,
} from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type Keyring, keyNameOf } from "../materials/index.ts";
import { rawKeyName } from "./arguments.ts";
import { singleKeyKeyring } from "./single-key-keyring.ts";

export interface RawRsaKeyringOptions {
  /** Who manages the key; any text that does not begin with `aws-kms`. */
  readonly keyNamespace: string;
  /** Which of its keys. */
  readonly keyName: string;
  readonly padding: RsaPadding;
  /** To write. PEM of SubjectPublicKeyInfo. */
  readonly publicKey?: string | undefined;
  /** To read. PEM of PKCS#8 or PKCS#1. */
  readonly privateKey?: string | undefined;
}

/**
 * A keyring around an RSA key pair that the application itself keeps. Everybody with the public key can write, only
 * the owner of the private key reads.
 *
 * Its encrypted data key: provider id = key namespace; provider info = key name; ciphertext = `wrapped data key (48) ‖
 * RSA(public key, padding, intermediate key) (length of the modulus)`. RSA does not bind the encryption context; the
 * wrapped data key does.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_KEY_NAMESPACE_RESERVED
 * @see framework/raw-rsa-keyring.md
 * @see framework/raw-rsa-keyring.md "Changelog", "Initialization", "Padding Scheme", "Public Key", "Private Key", "OnEncrypt"
 * @see framework/raw-rsa-keyring.md "OnDecrypt"
 */
export function rawRsaKeyring(options: RawRsaKeyringOptions): Keyring {
  return rsaKeyring(options, systemRandomness);
}

/** As {@link rawRsaKeyring}, with the random bytes of the caller. */
export function rsaKeyring(options: RawRsaKeyringOptions, randomness: Randomness): Keyring {
  const { keyNamespace, keyName } = rawKeyName(options);
  const { padding } = options;
  if (!rsaPaddings.includes(padding)) throw invalidArgument("padding", `one of ${rsaPaddings.join(", ")}`);
  const publicKey = options.publicKey === undefined ? undefined : importRsaPublicKey(options.publicKey);
  const privateKey = options.privateKey === undefined ? undefined : importRsaPrivateKey(options.privateKey);
  if (options.publicKey !== undefined && publicKey === undefined) throw invalidArgument("publicKey", "PEM of an RSA public key (SPKI)");
  if (options.privateKey !== undefined && privateKey === undefined)
    throw invalidArgument("privateKey", "PEM of an RSA private key (PKCS#8)");
  if (publicKey === undefined && privateKey === undefined) throw invalidArgument("publicKey or privateKey", "present");
  return singleKeyKeyring<true>({
    randomness,
    keyNames: [keyNameOf(keyNamespace, options.keyName)],
    wrapping:
      publicKey === undefined
        ? { readsOnly: "A raw RSA keyring without publicKey" }
        : {
            wrapKey(intermediateKey) {
              const wrapped = publicKey.encrypt(padding, intermediateKey.reveal());
              if (wrapped === undefined) throw invalidArgument("publicKey", `an RSA key long enough for ${padding}`);
              return { keyProviderId: keyNamespace, keyProviderInfo: keyName, wrapped };
            },
          },
    matching:
      () =>
      ({ keyProviderId, keyProviderInfo }) =>
        keyProviderId === keyNamespace && bytesEqual(keyProviderInfo, keyName),
    unwrapKey(wrapped, _, { suite }) {
      if (privateKey === undefined)
        throw new DynasealError("ERR_KEYRING_CANNOT_DECRYPT", { details: { keyring: "A raw RSA keyring without privateKey" } });
      const bytes = privateKey.decrypt(padding, wrapped, suite.encryptionKeyLength);
      return bytes && SecretBytes.take(bytes);
    },
  });
}
