import { utf8 } from "../bytes/index.ts";
import type { Randomness } from "../crypto/index.ts";
import { type ErrorCode, isDynasealError } from "../errors/index.ts";
import {
  type Clock,
  cacheIdentifiers,
  type KeyMaterialCache,
  type KeyMaterialCacheOptions,
  type KeyringCall,
  keyMaterialCache,
  type Lease,
  systemClock,
} from "../materials/index.ts";
import type { BeaconKeyMaterials, BranchKeyMaterials, BranchKeyStore } from "./branch-key-store.ts";
import { MissingVersions, type RequestIdentity } from "./missing-versions.ts";

/** How keys are kept; the same for keyrings and for beacons. */
export interface BranchKeyCaching {
  /** No key is used for longer without being fetched again; default 300. */
  readonly ttlSeconds?: number | undefined;
  /** A cache of one's own with these settings, or one made by `keyMaterialCache` that several share. */
  readonly cache?: KeyMaterialCacheOptions | KeyMaterialCache | undefined;
  /**
   * Users of one cache share entries where partition id and logical key store name are the same; random unless given,
   * so that nobody is served a key that he could not fetch himself.
   */
  readonly partitionId?: string | undefined;
}

/** A key store behind a cache. Keys are leased: they are readable until the lease is released. */
export interface CachedBranchKeys {
  activeBranchKey(branchKeyId: string, call: KeyringCall): Promise<Lease<BranchKeyMaterials>>;
  /**
   * @param request whose misses wait together, see {@link MissingVersions}
   * @throws ERR_BRANCH_KEY_NOT_REPLICATED and what the key store throws
   */
  branchKeyVersion(
    branchKeyId: string,
    branchKeyVersion: string,
    call: KeyringCall,
    request: RequestIdentity,
  ): Promise<Lease<BranchKeyMaterials>>;
  beaconKey(branchKeyId: string, call: KeyringCall): Promise<Lease<BeaconKeyMaterials>>;
}

const defaultTtlSeconds = 300;
const denials: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ERR_KMS_ACCESS_DENIED",
  "ERR_KEY_STORE_ACCESS_DENIED",
  "ERR_BRANCH_KEY_ERASED",
]);

/**
 * @throws ERR_INVALID_ARGUMENT
 *
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Cache Limit TTL", "Partition ID", "Query Branch Keystore OnEncrypt"
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "GetItem Branch Keystore OnDecrypt"
 */
export function cachedBranchKeys(
  keyStore: BranchKeyStore,
  caching: BranchKeyCaching,
  randomness: Randomness,
  clock: Clock = systemClock,
): CachedBranchKeys {
  const { ttlSeconds = defaultTtlSeconds, partitionId } = caching;
  const cache = sharedCache(caching.cache) ?? keyMaterialCache(ownCache(caching.cache));
  cache.checkTtl(ttlSeconds);
  const identifiers = cacheIdentifiers({
    partitionId: partitionId === undefined ? randomness.bytes(16) : utf8(partitionId),
    logicalKeyStoreName: keyStore.getKeyStoreInfo().logicalKeyStoreName,
  });
  // A fetch serves all who wait: it runs under its own signal, not under that of the first who asked.
  const missing = new MissingVersions({ waitSeconds: keyStore.replicationWaitSeconds ?? 0, clock });
  const revokes = (error: unknown): boolean => isDynasealError(error) && denials.has(error.code);
  return Object.freeze<CachedBranchKeys>({
    activeBranchKey: (branchKeyId, call) =>
      cache.lease({
        identifier: identifiers.active(branchKeyId),
        ttlSeconds,
        load: (signal) => keyStore.getActiveBranchKey({ branchKeyId }, { ...call, signal }),
        alsoServes: ({ branchKeyVersion }) => identifiers.version(branchKeyId, branchKeyVersion),
        revokes,
        wipe: wipeBranchKey,
        signal: call.signal,
      }),
    branchKeyVersion: (branchKeyId, branchKeyVersion, call, request) => {
      const identifier = identifiers.version(branchKeyId, branchKeyVersion);
      const load = (signal: AbortSignal): Promise<BranchKeyMaterials> =>
        keyStore.getBranchKeyVersion({ branchKeyId, branchKeyVersion }, { ...call, signal, replicationWaitSeconds: 0 });
      const find = (): Promise<Lease<BranchKeyMaterials>> =>
        cache.lease({ identifier, ttlSeconds, load, revokes, wipe: wipeBranchKey, signal: call.signal });
      return missing.get({ branchKeyId, identifier, request, signal: call.signal, find, abandoned: (lease) => lease.release() });
    },
    beaconKey: (branchKeyId, call) =>
      cache.lease({
        identifier: identifiers.beacon(branchKeyId),
        ttlSeconds,
        load: (signal) => keyStore.getBeaconKey({ branchKeyId }, { ...call, signal }),
        revokes,
        wipe: ({ beaconKey }) => beaconKey.wipe(),
        signal: call.signal,
      }),
  });
}

function wipeBranchKey({ branchKey }: BranchKeyMaterials): void {
  branchKey.wipe();
}

function sharedCache(cache: BranchKeyCaching["cache"]): KeyMaterialCache | undefined {
  return cache !== undefined && "lease" in cache ? cache : undefined;
}

function ownCache(cache: BranchKeyCaching["cache"]): KeyMaterialCacheOptions {
  return cache === undefined || "lease" in cache ? {} : cache;
}
