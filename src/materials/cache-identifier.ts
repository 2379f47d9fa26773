import { concatBytes, toHex, utf8 } from "../bytes/index.ts";
import { digest } from "../crypto/index.ts";

const hierarchicalKeyring = Uint8Array.of(0x02);
const scopes = {
  encrypt: Uint8Array.of(0x01),
  decrypt: Uint8Array.of(0x02),
  searchableEncryption: Uint8Array.of(0x03),
} as const;
const nullByte = Uint8Array.of(0x00);
/** Identifiers kept at hand: a digest an item would cost as much as wrapping its key. */
const maximumRemembered = 4096;

/** Names the cache entries of one user of a cache. Each is the lower-case hex of 48 bytes. */
export interface CacheIdentifiers {
  /** What encryption uses. */
  active(branchKeyId: string): string;
  /** What decryption uses. */
  version(branchKeyId: string, branchKeyVersion: string): string;
  /** What beacons use. */
  beacon(branchKeyId: string): string;
}

/**
 * SHA-384 of `0x02 ‖ 0x00 ‖ scope (1) ‖ 0x00 ‖ partition id ‖ 0x00 ‖ logical key store name ‖ 0x00 ‖ branch key id`,
 * for a version followed by `0x00 ‖ branch key version` (36 characters). Two users share an entry exactly if partition
 * id and logical key store name are the same.
 *
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Appendix A: Cache Entry Identifier Formulas"
 * @see specification/searchable-encryption/search-config.md "Searchable Encryption Cache Identifier"
 * @see specification/searchable-encryption/search-config.md "Resource Suffix", "Logical Key Store Name"
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Resource Suffix", "Encryption Materials", "Decryption Materials"
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Logical Key Store Name"
 */
export function cacheIdentifiers(input: { readonly partitionId: Uint8Array; readonly logicalKeyStoreName: string }): CacheIdentifiers {
  const name = utf8(input.logicalKeyStoreName);
  const identifier = (scope: Uint8Array, ...suffix: readonly string[]): string => {
    const parts = [hierarchicalKeyring, nullByte, scope, nullByte, input.partitionId, nullByte, name];
    for (const part of suffix) parts.push(nullByte, utf8(part));
    return toHex(digest("sha384", concatBytes(...parts)));
  };
  return Object.freeze({
    active: remembered((branchKeyId) => identifier(scopes.encrypt, branchKeyId)),
    version: rememberedPair((branchKeyId, branchKeyVersion) => identifier(scopes.decrypt, branchKeyId, branchKeyVersion)),
    beacon: remembered((branchKeyId) => identifier(scopes.searchableEncryption, branchKeyId)),
  });
}

function remembered(compute: (key: string) => string): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= maximumRemembered) known.clear();
    const made = compute(key);
    known.set(key, made);
    return made;
  };
}

function rememberedPair(compute: (first: string, second: string) => string): (first: string, second: string) => string {
  // A version is a UUID of 36 characters, so the first 36 always are the version and no two pairs collide.
  const byPair = remembered((pair) => compute(pair.slice(36), pair.slice(0, 36)));
  return (first, second) => (second.length === 36 ? byPair(second + first) : compute(first, second));
}
