import { type CipherGCMTypes, createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { SecretBytes } from "../bytes/index.ts";
import { keyObject } from "./keys.ts";

const gcmByKeyLength: Readonly<Record<number, CipherGCMTypes>> = { 16: "aes-128-gcm", 24: "aes-192-gcm", 32: "aes-256-gcm" };

export interface AesGcmInput {
  /** Raw bytes are for keys that serve once (field keys); a key that serves twice is SecretBytes. */
  readonly key: SecretBytes | Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
  readonly aad: Uint8Array;
}

const tagLength = 16;
const gcmOptions = { authTagLength: tagLength };
const noBytes: Uint8Array = new Uint8Array(0);

/**
 * AES-GCM; returns `prefix ‖ ciphertext ‖ tag (16)`. The key's length (16, 24 or 32 bytes) picks the cipher.
 *
 * @see framework/algorithm-suites.md "GCM", "Encryption Algorithm Mode"
 */
export function aesGcmEncrypt(input: AesGcmInput, plaintext: Uint8Array, prefix: Uint8Array = noBytes): Uint8Array {
  const cipher = createCipheriv(cipherName(input.key), asKey(input.key), input.iv, gcmOptions);
  cipher.setAAD(input.aad);
  const body = cipher.update(plaintext);
  cipher.final();
  const sealed = new Uint8Array(prefix.length + body.length + tagLength);
  sealed.set(prefix);
  sealed.set(body, prefix.length);
  sealed.set(cipher.getAuthTag(), prefix.length + body.length);
  return sealed;
}

/** The plaintext of ciphertext ‖ tag, or `undefined` where the tag does not match. Nothing is released before the tag is checked. */
export function aesGcmDecrypt(input: AesGcmInput, sealed: Uint8Array): Uint8Array | undefined {
  const plaintext = opened(input, sealed);
  // A plain Uint8Array with a buffer of its own: callers never see a Buffer or its pool.
  return plaintext && new Uint8Array(plaintext);
}

/** As {@link aesGcmDecrypt}, where the plaintext is a key: no copy of it stays behind. */
export function aesGcmDecryptKey(input: AesGcmInput, sealed: Uint8Array): SecretBytes | undefined {
  const plaintext = opened(input, sealed);
  return plaintext && SecretBytes.take(plaintext);
}

function opened(input: AesGcmInput, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < tagLength) return undefined;
  const body = sealed.subarray(0, sealed.length - tagLength);
  const decipher = createDecipheriv(cipherName(input.key), asKey(input.key), input.iv, gcmOptions);
  decipher.setAAD(input.aad);
  decipher.setAuthTag(sealed.subarray(body.length));
  const plaintext = decipher.update(body);
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

/** The first `length` bytes of the AES-256-CTR key stream from a 16-byte counter block. */
export function aesCtrKeyStream(key: SecretBytes, counter: Uint8Array, length: number): SecretBytes {
  return SecretBytes.take(createCipheriv("aes-256-ctr", asKey(key), counter).update(new Uint8Array(length)));
}

function cipherName(key: { readonly length: number }): CipherGCMTypes {
  const name = gcmByKeyLength[key.length];
  if (name === undefined) throw new TypeError("an AES key has 16, 24 or 32 bytes");
  return name;
}

/** From Node 24 on a raw key costs 12 µs more per call than a key object; before, a key object costs 1.5 µs more. */
const rawKeysAreCheap = Number.parseInt(process.versions.node, 10) < 24;

function asKey(key: SecretBytes | Uint8Array): KeyObject | Uint8Array {
  if (!(key instanceof SecretBytes)) return rawKeysAreCheap ? key : createSecretKey(key);
  return rawKeysAreCheap ? key.reveal() : keyObject(key);
}
