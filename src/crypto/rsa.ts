import { constants, createPrivateKey, createPublicKey, type KeyObject, privateDecrypt, publicEncrypt } from "node:crypto";
import type { HashName } from "./hash.ts";
import { systemRandomness } from "./randomness.ts";

/** @see framework/raw-rsa-keyring.md "Supported Padding Schemes" */
export type RsaPadding = "PKCS1" | "OAEP_SHA1_MGF1" | "OAEP_SHA256_MGF1" | "OAEP_SHA384_MGF1" | "OAEP_SHA512_MGF1";

/** Each padding, and the hash of OAEP and its MGF1; PKCS1 has none. */
const oaepHash: Readonly<Record<RsaPadding, HashName | undefined>> = {
  PKCS1: undefined,
  OAEP_SHA1_MGF1: "sha1",
  OAEP_SHA256_MGF1: "sha256",
  OAEP_SHA384_MGF1: "sha384",
  OAEP_SHA512_MGF1: "sha512",
};

export const rsaPaddings: readonly RsaPadding[] = Object.freeze(Object.keys(oaepHash) as RsaPadding[]);

/** Encrypts to whoever holds the private key. */
export interface RsaPublicKey {
  readonly modulusBits: number;
  /** A ciphertext of the modulus' length; `undefined` where the plaintext is too long for key and padding. */
  encrypt(padding: RsaPadding, plaintext: Uint8Array): Uint8Array | undefined;
}

/** An RSA private key that stays an OpenSSL handle. */
export interface RsaPrivateKey {
  readonly modulusBits: number;
  /**
   * The plaintext of `length` bytes. Where the padding does not hold: `undefined` under OAEP, random bytes under PKCS1,
   * so that an answer never tells whether PKCS1 padding was right. No other copy of it stays.
   */
  decrypt(padding: RsaPadding, ciphertext: Uint8Array, length: number): Uint8Array | undefined;
}

/** From PEM text or DER bytes of SubjectPublicKeyInfo; `undefined` for anything else, private keys included. */
export function importRsaPublicKey(key: string | Uint8Array): RsaPublicKey | undefined {
  const handle = rsaKey(() => {
    if (typeof key !== "string") return createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" });
    // node derives a public key from private PEM; a private key in this place is a mistake to be told.
    return key.includes("PRIVATE KEY") ? undefined : createPublicKey(key);
  });
  if (handle === undefined) return undefined;
  return Object.freeze<RsaPublicKey>({
    modulusBits: handle.asymmetricKeyDetails?.modulusLength ?? 0,
    encrypt: (padding, plaintext) => attempt(() => publicEncrypt({ key: handle, ...paddingOptions(padding) }, plaintext)),
  });
}

/** From PEM of PKCS#8 or PKCS#1; `undefined` for anything else. */
export function importRsaPrivateKey(pem: string): RsaPrivateKey | undefined {
  const handle = rsaKey(() => createPrivateKey(pem));
  if (handle === undefined) return undefined;
  const modulusBits = handle.asymmetricKeyDetails?.modulusLength ?? 0;
  return Object.freeze<RsaPrivateKey>({
    modulusBits,
    decrypt(padding, ciphertext, length) {
      if (ciphertext.length !== Math.ceil(modulusBits / 8)) return undefined;
      if (padding === "PKCS1") {
        // node 20 refuses PKCS1 decryption, since its OpenSSL does not reject implicitly; so it is done here.
        const block = attempt(() => privateDecrypt({ key: handle, padding: constants.RSA_NO_PADDING }, ciphertext));
        const message = block && withoutPkcs1Padding(block, length);
        block?.fill(0);
        return message;
      }
      const plaintext = attempt(() => privateDecrypt({ key: handle, ...paddingOptions(padding) }, ciphertext));
      if (plaintext?.length === length) return plaintext;
      plaintext?.fill(0);
      return undefined;
    },
  });
}

function paddingOptions(padding: RsaPadding): { readonly padding: number; readonly oaepHash?: string } {
  const hash = oaepHash[padding];
  return hash === undefined ? { padding: constants.RSA_PKCS1_PADDING } : { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash };
}

/**
 * The last `length` bytes of `0x00 ‖ 0x02 ‖ non-zero bytes (8 or more) ‖ 0x00 ‖ message`, or as many random ones, chosen
 * without a branch on the block's bytes.
 *
 * @see RFC 8017 section 7.2.2
 */
function withoutPkcs1Padding(block: Uint8Array, length: number): Uint8Array | undefined {
  const separator = block.length - length - 1;
  if (separator < 10) return undefined;
  let wrong = (block[0] ?? 0) | ((block[1] ?? 0) ^ 2) | (block[separator] ?? 0);
  for (let i = 2; i < separator; i++) wrong |= isZero(block[i] ?? 0);
  const keep = -isZero(wrong) & 0xff;
  const message = systemRandomness.bytes(length);
  for (let i = 0; i < length; i++) message[i] = ((message[i] ?? 0) & ~keep) | ((block[separator + 1 + i] ?? 0) & keep);
  return message;
}

/** 1 for 0, and 0 for any other byte. */
function isZero(byte: number): number {
  return ((byte - 1) >>> 31) & 1;
}

function rsaKey(load: () => KeyObject | undefined): KeyObject | undefined {
  try {
    const key = load();
    return key?.asymmetricKeyType === "rsa" ? key : undefined;
  } catch {
    return undefined;
  }
}

function attempt(operation: () => Buffer): Uint8Array | undefined {
  try {
    const { buffer, byteOffset, length } = operation();
    // A plain view of the same memory: no second copy, and callers never see a Buffer.
    return new Uint8Array(buffer, byteOffset, length);
  } catch {
    return undefined;
  }
}
