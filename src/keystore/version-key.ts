import { DynasealError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import { refuseErased, rewrap, wrappedBranchKey, writingKey } from "./create-key.ts";
import { createTimeOf } from "./create-time.ts";
import { readRecord } from "./get-keys.ts";
import { checkBranchKeyId, type KeyStoreContext, permittedKey, rowFailure, rowSite } from "./key-store-context.ts";
import { activeContextOf, activeType, nextVersionContext, serializeRecord } from "./record.ts";

/**
 * Makes a new version and copies it over ACTIVE, if ACTIVE still is what was read. Old versions stay readable.
 *
 * @see framework/branch-key-store.md "VersionKey"
 * @see framework/branch-key-store.md "Authenticating a Keystore item"
 */
export async function versionKey(
  store: KeyStoreContext,
  { branchKeyId }: { readonly branchKeyId: string },
  call: KeyringCall,
): Promise<{ readonly branchKeyId: string; readonly branchKeyVersion: string }> {
  checkBranchKeyId(branchKeyId);
  writingKey(store, "versionKey");
  const site = await rowSite(store, branchKeyId, activeType, call);
  const active = await readRecord(store, site, call);
  const key = permittedKey(store, active, site);
  try {
    await rewrap(store, key, { ciphertext: active.ciphertext, from: active.context, to: active.context }, call);
  } catch (error) {
    throw rowFailure(error, site);
  }
  const branchKeyVersion = store.randomness.uuid();
  const context = nextVersionContext(active.context, branchKeyVersion, createTimeOf(store.clock.now()));
  const [version, next] = await wrappedBranchKey(store, key, context, call);
  const written = await store.storage.put(
    [{ row: serializeRecord(context, version) }, { row: serializeRecord(activeContextOf(context), next), replaces: active.ciphertext }],
    call,
  );
  if (!written) {
    await refuseErased(store, branchKeyId, call);
    throw new DynasealError("ERR_BRANCH_KEY_CONTENDED", { details: { tableName: store.storage.tableName, branchKeyId } });
  }
  return { branchKeyId, branchKeyVersion };
}
