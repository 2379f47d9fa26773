import { createHash, createHmac, hash as hashOnce, timingSafeEqual } from "node:crypto";
import { SecretBytes, secretMemory } from "../bytes/index.ts";
import { keyObject } from "./keys.ts";

export type HashName = "sha1" | "sha256" | "sha384" | "sha512";

/** Bytes of a block, which an HMAC key is padded to, and of the result. */
const facts: Readonly<Record<HashName, { readonly block: number; readonly length: number }>> = {
  sha1: { block: 64, length: 20 },
  sha256: { block: 64, length: 32 },
  sha384: { block: 128, length: 48 },
  sha512: { block: 128, length: 64 },
};

/** What is hashed is put together here and wiped before the call returns; a call into OpenSSL costs more than the copy. */
const scratch: Uint8Array = new Uint8Array(8192);
/** The outer block of an HMAC, and the inner hash. */
const outer: Uint8Array = new Uint8Array(128 + 64);

/** The hash of all parts, one after the other. */
export function digest(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  return digestOf(hash, parts);
}

/** As {@link digest}, of any number of parts: as arguments, hundreds of thousands would overflow the stack. */
export function digestOf(hash: HashName, parts: readonly Uint8Array[]): Uint8Array {
  const size = sizeOf(parts);
  if (size <= scratch.length) {
    try {
      put(parts, 0);
      return hashOnce(hash, scratch.subarray(0, size), "buffer");
    } finally {
      scratch.fill(0, 0, size);
    }
  }
  const hasher = createHash(hash);
  let small: Uint8Array[] = [];
  for (const part of parts) {
    if (part.length <= smallPart) {
      small.push(part);
      continue;
    }
    if (small.length > 0) hasher.update(Buffer.concat(small));
    small = [];
    hasher.update(part);
  }
  if (small.length > 0) hasher.update(Buffer.concat(small));
  return hasher.digest();
}

/** Parts up to this size are put together before they are hashed. */
const smallPart = 2048;

/** @see RFC 2104, RFC 4231 */
export function hmac(hash: HashName, key: SecretBytes, ...parts: readonly Uint8Array[]): Uint8Array {
  if (key.length <= facts[hash].block && sizeOf(parts) + facts[hash].block <= scratch.length) return shortHmac(hash, key.reveal(), parts);
  const mac = createHmac(hash, keyObject(key));
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/**
 * `hash(key ⊕ 0x5c… ‖ hash(key ⊕ 0x36… ‖ parts))` as two one-shot calls: `createHmac` makes three objects that the garbage
 * collector has to finalize, and takes nearly twice as long.
 *
 * @param key at most one block of the hash
 */
function shortHmac(hash: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const { block, length } = facts[hash];
  let size = block;
  try {
    scratch.fill(0x36, 0, block);
    outer.fill(0x5c, 0, block);
    for (let index = 0; index < key.length; index++) {
      const byte = key[index] ?? 0;
      scratch[index] = byte ^ 0x36;
      outer[index] = byte ^ 0x5c;
    }
    size = put(parts, block);
    const inner = hashOnce(hash, scratch.subarray(0, size), "buffer");
    outer.set(inner, block);
    inner.fill(0);
    return hashOnce(hash, outer.subarray(0, block + length), "buffer");
  } finally {
    scratch.fill(0, 0, size);
    outer.fill(0);
  }
}

function sizeOf(parts: readonly Uint8Array[]): number {
  let size = 0;
  for (const part of parts) size += part.length;
  return size;
}

/** Writes the parts into the scratch buffer and returns where they end. */
function put(parts: readonly Uint8Array[], start: number): number {
  let end = start;
  for (const part of parts) {
    scratch.set(part, end);
    end += part.length;
  }
  return end;
}

/** Equal length and equal bytes, in a time that depends on the length only. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** RFC 5869's salt where none is given, as many zeros as the hash has bytes, is what an empty key is padded to. */
const noSalt: Uint8Array = new Uint8Array(0);

/** An HMAC key with the bytes already extracted, for deriving several keys from one secret (RFC 5869 Extract). */
export function hkdfExtract(hash: HashName, secret: SecretBytes, salt: Uint8Array = noSalt): SecretBytes {
  // node's own hkdfSync costs 10 to 13 µs; two HMACs cost 6, and Extract is shared by the derivations of one item.
  return SecretBytes.take(hmac(hash, new SecretBytes(salt), secret.reveal()));
}

/**
 * RFC 5869 Expand. `info` parts are concatenated.
 *
 * @see framework/algorithm-suites.md "Encryption Key Derivation Algorithm", "Commit Key Derivation Algorithm"
 */
export function hkdfExpand(hash: HashName, extracted: SecretBytes, length: number, ...info: readonly Uint8Array[]): SecretBytes {
  const first = hmac(hash, extracted, ...info, Uint8Array.of(1));
  if (length === first.length) return SecretBytes.take(first);
  const output = secretMemory(length);
  let block = first;
  for (let filled = 0, counter = 2; ; counter++) {
    output.set(block.subarray(0, length - filled), filled);
    filled += block.length;
    const next = filled < length ? hmac(hash, extracted, block, ...info, Uint8Array.of(counter)) : undefined;
    block.fill(0);
    if (next === undefined) return SecretBytes.take(output);
    block = next;
  }
}

/**
 * KDF in counter mode with HMAC-SHA-256.
 *
 * Each block is HMAC(key, counter (4 bytes) ‖ label ‖ 0x00 ‖ context ‖ length in bits (4 bytes)).
 *
 * @see NIST SP 800-108 section 4.1
 */
export function kdfCounterMode(input: {
  readonly hash: "sha256" | "sha384";
  readonly key: SecretBytes;
  readonly label: Uint8Array;
  readonly context: Uint8Array;
  readonly length: number;
}): SecretBytes {
  const output = secretMemory(input.length);
  const bits = uint32(input.length * 8);
  for (let filled = 0, counter = 1; filled < input.length; counter++) {
    const block = hmac(input.hash, input.key, uint32(counter), input.label, Uint8Array.of(0), input.context, bits);
    output.set(block.subarray(0, input.length - filled), filled);
    filled += block.length;
    block.fill(0);
  }
  return SecretBytes.take(output);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
