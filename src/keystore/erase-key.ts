import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import { checkBranchKeyId, type KeyStoreContext, rowSite } from "./key-store-context.ts";
import { pauseFor } from "./pause-for.ts";
import { activeType, beaconType } from "./record.ts";
import { refuseTombstone, serializeTombstone, type Tombstone, tombstoneOf } from "./tombstone.ts";

const millisecondsPerDay = 86_400_000;
const defaultPendingDays = 7;
/** DynamoDB's longest window of point-in-time recovery. */
const longestRecoveryDays = 35;
/** Rotations that may come between the reads and the write of one call. */
const maximumAttempts = 5;

/** What `eraseKey` takes. */
export interface EraseKeyInput {
  readonly branchKeyId: string;
  /** The branch key id once more, typed out. */
  readonly confirm: string;
  /** How long the key must have been disabled; default 7, at least 0. */
  readonly pendingDays?: number | undefined;
}

/** What `eraseKey` did. */
export interface ErasedKey {
  readonly branchKeyId: string;
  /** ISO 8601 in UTC. */
  readonly erasedAt: string;
  /** Versions that this call deleted. */
  readonly deletedVersions: number;
  /**
   * ISO 8601 in UTC: from then on no point-in-time recovery of the table holds the key, whatever its window. On-demand
   * backups, those of AWS Backup, and exports of the key store hold it until they are deleted.
   */
  readonly noPointInTimeRecoveryAfter: string;
}

/** A key store item that should not be there. */
export interface KeyStoreItemThatCameBack {
  readonly region: string;
  /** `branch:ACTIVE`, `beacon:ACTIVE`, or `branch:version:` and a UUID. */
  readonly type: string;
}

/** What `verifyKeyErased` found. */
export interface KeyErasure {
  readonly branchKeyId: string;
  /** Whether every Region holds the two tombstones and nothing else. */
  readonly erased: boolean;
  /** Key store items that are there though they should not be. */
  readonly cameBack: readonly KeyStoreItemThatCameBack[];
  /** Tombstones that have not arrived. */
  readonly missing: readonly KeyStoreItemThatCameBack[];
}

interface StoredPair {
  readonly active: AttributeMap;
  readonly beacon: AttributeMap | undefined;
}

/** ACTIVE and beacon key become tombstones that keep them. Versions stay; readers look for the tombstone, and refuse. */
export async function disableKey(
  store: KeyStoreContext,
  { branchKeyId }: { readonly branchKeyId: string },
  call: KeyringCall,
): Promise<{ readonly branchKeyId: string; readonly disabledAt: string }> {
  checkBranchKeyId(branchKeyId);
  const disabledAt = new Date(store.clock.now()).toISOString();
  return attempts(store, branchKeyId, async () => {
    const { active, beacon } = await readPair(store, branchKeyId, call);
    const [known, knownBeacon] = [tombstoneOf(active), tombstoneOf(beacon)];
    if (known?.state === "erased") refuseTombstone(active, await rowSite(store, branchKeyId, activeType, call));
    if (known !== undefined && knownBeacon !== undefined) return { branchKeyId, disabledAt: known.since };
    const tombstone = (type: string, row: AttributeMap | undefined): { row: AttributeMap; inPlaceOf: AttributeMap | undefined } => ({
      row: serializeTombstone({ branchKeyId, type }, tombstoneOf(row) ?? { state: "disabled", since: disabledAt, item: row }),
      inPlaceOf: row,
    });
    const written = await store.storage.replace([tombstone(activeType, active), tombstone(beaconType, beacon)], call);
    return written ? { branchKeyId, disabledAt: known?.since ?? disabledAt } : undefined;
  });
}

/** The way back from {@link disableKey}: the key store items as they were. */
export async function enableKey(
  store: KeyStoreContext,
  { branchKeyId }: { readonly branchKeyId: string },
  call: KeyringCall,
): Promise<{ readonly branchKeyId: string }> {
  checkBranchKeyId(branchKeyId);
  return attempts(store, branchKeyId, async () => {
    const { active, beacon } = await readPair(store, branchKeyId, call);
    const disabled = disabledOrThrow(store, branchKeyId, active);
    if (disabled.state === "erased" || disabled.item === undefined) {
      refuseTombstone(active, await rowSite(store, branchKeyId, activeType, call));
    }
    const beaconTombstone = tombstoneOf(beacon);
    const written = await store.storage.replace(
      [
        { row: disabled.item, inPlaceOf: active },
        ...(beaconTombstone === undefined ? [] : [{ row: beaconTombstone.item, inPlaceOf: beacon }]),
      ],
      call,
    );
    return written ? { branchKeyId } : undefined;
  });
}

/** Drops what the tombstones keep, then deletes every version. May be run again after it was interrupted. */
export async function eraseKey(store: KeyStoreContext, input: EraseKeyInput, call: KeyringCall): Promise<ErasedKey> {
  const { branchKeyId, confirm, pendingDays = defaultPendingDays } = input;
  checkBranchKeyId(branchKeyId);
  if (confirm !== branchKeyId) throw invalidArgument("confirm", "the branchKeyId once more: what is erased cannot be brought back");
  if (!(pendingDays >= 0 && Number.isFinite(pendingDays))) throw invalidArgument("pendingDays", "a number of at least 0");
  const now = store.clock.now();
  const erasedAt = await attempts(store, branchKeyId, async () => {
    const { active, beacon } = await readPair(store, branchKeyId, call);
    const tombstone = disabledOrThrow(store, branchKeyId, active);
    const finished = tombstone.state === "erased";
    if (!finished) requirePendingOver(store, branchKeyId, tombstone, pendingDays, now);
    const since = finished ? tombstone.since : new Date(now).toISOString();
    const tombstones = [activeType, beaconType].map((type) => ({
      row: serializeTombstone({ branchKeyId, type }, { state: "erased", since, item: undefined }),
      inPlaceOf: type === activeType ? active : beacon,
    }));
    return (await store.storage.replace(tombstones, call)) ? since : undefined;
  });
  const versions = (await store.storage.types(branchKeyId, call)).filter((type) => type !== activeType && type !== beaconType);
  for (const type of versions) await store.storage.delete(branchKeyId, type, call);
  const noPointInTimeRecoveryAfter = new Date(now + longestRecoveryDays * millisecondsPerDay).toISOString();
  return { branchKeyId, erasedAt, deletedVersions: versions.length, noPointInTimeRecoveryAfter };
}

/** Waits for `lagSeconds`, then reads each Region's key store items: a write that was under way there may have won. */
export async function verifyKeyErased(
  store: KeyStoreContext,
  input: { readonly branchKeyId: string; readonly regions: readonly string[]; readonly lagSeconds?: number | undefined },
  call: KeyringCall,
): Promise<KeyErasure> {
  const { branchKeyId, regions, lagSeconds = store.replicationWaitSeconds } = input;
  checkBranchKeyId(branchKeyId);
  if (!Array.isArray(regions) || regions.length === 0) throw invalidArgument("regions", "the Regions of the key store table, one at least");
  if (!(lagSeconds >= 0 && Number.isFinite(lagSeconds))) throw invalidArgument("lagSeconds", "a number of at least 0");
  await pauseFor(lagSeconds * 1000, call.signal);
  const cameBack: KeyStoreItemThatCameBack[] = [];
  const missing: KeyStoreItemThatCameBack[] = [];
  for (const region of regions) {
    const storage = await store.storage.inRegion(region);
    const types = await storage.types(branchKeyId, call);
    for (const type of types) {
      const erased = type === activeType || type === beaconType ? tombstoneOf(await storage.get(branchKeyId, type, call)) : undefined;
      if (erased?.state !== "erased") cameBack.push({ region, type });
    }
    for (const type of [activeType, beaconType]) if (!types.includes(type)) missing.push({ region, type });
  }
  return { branchKeyId, erased: cameBack.length === 0 && missing.length === 0, cameBack, missing };
}

async function attempts<Result>(store: KeyStoreContext, branchKeyId: string, attempt: () => Promise<Result | undefined>): Promise<Result> {
  for (let left = maximumAttempts; left > 0; left--) {
    const result = await attempt();
    if (result !== undefined) return result;
  }
  throw new DynasealError("ERR_BRANCH_KEY_CONTENDED", { details: { tableName: store.storage.tableName, branchKeyId } });
}

async function readPair(store: KeyStoreContext, branchKeyId: string, call: KeyringCall): Promise<StoredPair> {
  const active = await store.storage.get(branchKeyId, activeType, call);
  if (active === undefined) {
    throw new DynasealError("ERR_BRANCH_KEY_NOT_FOUND", { details: await rowSite(store, branchKeyId, activeType, call) });
  }
  return { active, beacon: await store.storage.get(branchKeyId, beaconType, call) };
}

function disabledOrThrow(store: KeyStoreContext, branchKeyId: string, active: AttributeMap): Tombstone {
  const tombstone = tombstoneOf(active);
  if (tombstone !== undefined) return tombstone;
  throw new DynasealError("ERR_BRANCH_KEY_NOT_DISABLED", { details: { tableName: store.storage.tableName, branchKeyId } });
}

function requirePendingOver(store: KeyStoreContext, branchKeyId: string, { since }: Tombstone, pendingDays: number, now: number): void {
  const erasableAt = Date.parse(since) + pendingDays * millisecondsPerDay;
  // A time that cannot be read is not a time that has passed.
  if (now >= erasableAt) return;
  const erasableFrom = Number.isNaN(erasableAt) ? "a time that cannot be read" : new Date(erasableAt).toISOString();
  throw new DynasealError("ERR_BRANCH_KEY_ERASE_PENDING", { details: { tableName: store.storage.tableName, branchKeyId, erasableFrom } });
}
