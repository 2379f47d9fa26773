import type { AttributeMap } from "../attributes/index.ts";
import type { SecretBytes } from "../bytes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { decrypt } from "../kms/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import type { BeaconKeyMaterials, BranchKeyMaterials } from "./branch-key-store.ts";
import { comparableTime } from "./create-time.ts";
import { checkBranchKeyId, type KeyStoreContext, kmsCall, permittedKey, type RowSite, rowFailure, rowSite } from "./key-store-context.ts";
import { pauseFor } from "./pause-for.ts";
import { activeType, type BranchKeyRecord, beaconType, customContextOf, isBranchKeyVersion, parseRecord, versionType } from "./record.ts";
import { refuseTombstone } from "./tombstone.ts";

const keyLength = 32;
const firstPauseMilliseconds = 50;

/** @see framework/branch-key-store.md "GetActiveBranchKey" */
export async function getActiveBranchKey(
  store: KeyStoreContext,
  { branchKeyId }: { readonly branchKeyId: string },
  call: KeyringCall,
): Promise<BranchKeyMaterials> {
  checkBranchKeyId(branchKeyId);
  if (store.kms.keyArn === undefined && !store.allowDiscoveryWrites) {
    throw new DynasealError("ERR_KEY_STORE_DISCOVERY_WRITE", {
      details: { tableName: store.storage.tableName, operation: "getActiveBranchKey" },
    });
  }
  const site = await rowSite(store, branchKeyId, activeType, call);
  const record = await readRecord(store, site, call);
  const minimum = store.minimumCreateTime(branchKeyId);
  if (minimum !== undefined && (comparableTime(record.createTime) ?? "") < minimum) {
    throw new DynasealError("ERR_BRANCH_KEY_STALE", { details: { ...site, createTime: record.createTime, minimumCreateTime: minimum } });
  }
  return branchKeyMaterials(record, await unwrap(store, record, site, call));
}

/**
 * The version's row, waited for if it has not arrived. Meanwhile the ACTIVE row serves where it is a copy of that
 * version: the rows of one transaction replicate one by one.
 *
 * @see framework/branch-key-store.md "GetBranchKeyVersion"
 */
export async function getBranchKeyVersion(
  store: KeyStoreContext,
  { branchKeyId, branchKeyVersion }: { readonly branchKeyId: string; readonly branchKeyVersion: string },
  call: KeyringCall,
): Promise<BranchKeyMaterials> {
  checkBranchKeyId(branchKeyId);
  if (!isBranchKeyVersion(branchKeyVersion)) {
    throw invalidArgument("branchKeyVersion", "a UUID in lower case");
  }
  const site = await rowSite(store, branchKeyId, versionType(branchKeyVersion), call);
  const activeSite = { ...site, type: activeType };
  const waitedSeconds = call.replicationWaitSeconds ?? store.replicationWaitSeconds;
  const deadline = performance.now() + waitedSeconds * 1000;
  for (let pause = firstPauseMilliseconds; ; pause *= 2) {
    // Versions of a disabled key stay where they are: ACTIVE says that they are not to be used.
    const [row, active] = await Promise.all([store.storage.get(branchKeyId, site.type, call), store.recentActive.get(site, call)]);
    refuseTombstone(active, activeSite);
    const found = row !== undefined ? site : active?.version?.S === site.type ? activeSite : undefined;
    if (found !== undefined) {
      const record = parse(store, row ?? active ?? {}, found);
      return branchKeyMaterials(record, await unwrap(store, record, found, call));
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      const details = { ...site, waitedSeconds, branchKeyIsHere: store.recentActive.isHere(site) };
      throw new DynasealError("ERR_BRANCH_KEY_NOT_REPLICATED", { details });
    }
    await pauseFor(Math.min(pause, left), call.signal);
  }
}

/** @see framework/branch-key-store.md "GetBeaconKey" */
export async function getBeaconKey(
  store: KeyStoreContext,
  { branchKeyId }: { readonly branchKeyId: string },
  call: KeyringCall,
): Promise<BeaconKeyMaterials> {
  checkBranchKeyId(branchKeyId);
  const site = await rowSite(store, branchKeyId, beaconType, call);
  const record = await readRecord(store, site, call);
  const beaconKey = await unwrap(store, record, site, call);
  return Object.freeze({ branchKeyId, beaconKey, encryptionContext: customContextOf(record.context) });
}

/** Reads and checks one row. @throws ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_ROW_MALFORMED */
export async function readRecord(store: KeyStoreContext, site: RowSite, call: KeyringCall): Promise<BranchKeyRecord> {
  const row = await store.storage.get(site.branchKeyId, site.type, call);
  if (row === undefined) throw new DynasealError("ERR_BRANCH_KEY_NOT_FOUND", { details: { ...site } });
  return parse(store, row, site);
}

/** A row that was read, checked. @throws ERR_BRANCH_KEY_ROW_MALFORMED, ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED */
export function parse(store: KeyStoreContext, row: AttributeMap, site: RowSite): BranchKeyRecord {
  refuseTombstone(row, site);
  const { branchKeyId, type } = site;
  const expected = { branchKeyId, type, logicalKeyStoreName: store.logicalKeyStoreName };
  return parseRecord(row, expected, {
    malformed: (field) => new DynasealError("ERR_BRANCH_KEY_ROW_MALFORMED", { details: { ...site, field } }),
    unsupported: (hierarchyVersion) =>
      new DynasealError("ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED", { details: { ...site, hierarchyVersion } }),
  });
}

/** @see framework/branch-key-store.md "AWS KMS Branch Key Decryption" */
async function unwrap(store: KeyStoreContext, record: BranchKeyRecord, site: RowSite, call: KeyringCall): Promise<SecretBytes> {
  const key = permittedKey(store, record, site);
  const inRegion = await kmsCall(store, call);
  const request = { ciphertext: record.ciphertext, encryptionContext: record.context, length: keyLength };
  try {
    return await store.kms.ask(key, inRegion, (target) => decrypt({ connection: store.kms.connection, target, call: inRegion }, request));
  } catch (error) {
    throw rowFailure(error, site);
  }
}

/** @see framework/branch-key-store.md "Branch Key Materials From Authenticated Encryption Context" */
function branchKeyMaterials({ branchKeyId, version = "", context }: BranchKeyRecord, branchKey: SecretBytes): BranchKeyMaterials {
  return Object.freeze({ branchKeyId, branchKeyVersion: version, branchKey, encryptionContext: customContextOf(context) });
}
