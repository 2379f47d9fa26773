import { bytesEqual } from "../bytes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { generateDataKeyWithoutPlaintext, type KmsArn, reEncrypt } from "../kms/index.ts";
import type { EncryptionContext, KeyringCall } from "../materials/index.ts";
import { createTimeOf } from "./create-time.ts";
import { checkBranchKeyId, type KeyStoreContext, kmsCall, rowSite } from "./key-store-context.ts";
import { pauseFor } from "./pause-for.ts";
import { activeContextOf, activeType, beaconContextOf, beaconType, serializeRecord, versionContext } from "./record.ts";
import { refuseTombstone } from "./tombstone.ts";

const keyLength = 32;

/** What `createKey` takes. */
export interface CreateKeyInput {
  /** A random UUID unless given. A given id wants an `encryptionContext`, and one Region alone may create it. */
  readonly branchKeyId?: string | undefined;
  /** Bound to every version of the key, by whatever names; rows and KMS carry them as `aws-crypto-ec:` and the name. */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
  /**
   * After how long the rows of a given id are read back, to see whether another Region created the same id meanwhile.
   * By default the store's `replicationWaitSeconds`; 0 for a table without replicas.
   */
  readonly conflictCheckSeconds?: number | undefined;
}

/**
 * Three rows in one transaction: the first version, its ACTIVE copy, and the beacon key.
 *
 * @see framework/branch-key-store.md "CreateKey"
 * @see framework/branch-key-store.md "Branch Key and Beacon Key Creation"
 */
export async function createKey(
  store: KeyStoreContext,
  input: CreateKeyInput,
  call: KeyringCall,
): Promise<{ readonly branchKeyId: string; readonly branchKeyVersion: string }> {
  const { branchKeyId = store.randomness.uuid(), encryptionContext = {}, conflictCheckSeconds = store.replicationWaitSeconds } = input;
  checkBranchKeyId(branchKeyId);
  if (input.branchKeyId !== undefined && input.encryptionContext === undefined) {
    throw invalidArgument("encryptionContext", "given together with branchKeyId, so that the id is bound to what it stands for");
  }
  checkCustomContext(encryptionContext);
  const key = writingKey(store, "createKey");
  const branchKeyVersion = store.randomness.uuid();
  const context = versionContext({
    branchKeyId,
    version: branchKeyVersion,
    createTime: createTimeOf(store.clock.now()),
    logicalKeyStoreName: store.logicalKeyStoreName,
    kmsArn: key.text,
    encryptionContext,
  });
  const beaconContext = beaconContextOf(context);
  const [version, active] = await wrappedBranchKey(store, key, context, call);
  const beacon = await generate(store, key, beaconContext, call);
  const written = await store.storage.put(
    [
      { row: serializeRecord(context, version) },
      { row: serializeRecord(activeContextOf(context), active) },
      { row: serializeRecord(beaconContext, beacon) },
    ],
    call,
  );
  const { tableName } = store.storage;
  if (!written) {
    await refuseErased(store, branchKeyId, call);
    throw new DynasealError("ERR_BRANCH_KEY_EXISTS", { details: { tableName, branchKeyId } });
  }
  if (input.branchKeyId !== undefined && conflictCheckSeconds > 0) {
    await pauseFor(conflictCheckSeconds * 1000, call.signal);
    await refuseErased(store, branchKeyId, call);
    const lost = await overwritten(store, branchKeyId, { [activeType]: active, [beaconType]: beacon }, call);
    if (lost.length > 0) {
      const region = await store.storage.region(call);
      const details = { tableName, ...(region === undefined ? {} : { region }), branchKeyId, branchKeyVersion, lost };
      throw new DynasealError("ERR_BRANCH_KEY_CONFLICT", { details });
    }
  }
  return { branchKeyId, branchKeyVersion };
}

/** @throws ERR_BRANCH_KEY_ERASED where the branch key was disabled or erased */
export async function refuseErased(store: KeyStoreContext, branchKeyId: string, call: KeyringCall): Promise<void> {
  for (const type of [activeType, beaconType]) {
    refuseTombstone(await store.storage.get(branchKeyId, type, call), await rowSite(store, branchKeyId, type, call));
  }
}

/**
 * A new branch key, wrapped for its version row and, by ReEncrypt, for the ACTIVE row; its plaintext never leaves KMS.
 *
 * @see framework/branch-key-store.md "Wrapped Branch Key Creation"
 */
export async function wrappedBranchKey(
  store: KeyStoreContext,
  key: KmsArn,
  context: EncryptionContext,
  call: KeyringCall,
): Promise<readonly [version: Uint8Array, active: Uint8Array]> {
  const version = await generate(store, key, context, call);
  const active = await rewrap(store, key, { ciphertext: version, from: context, to: activeContextOf(context) }, call);
  return [version, active];
}

/** ReEncrypt within one key: proves that `ciphertext` belongs to `from`, and wraps it for `to`. */
export async function rewrap(
  store: KeyStoreContext,
  key: KmsArn,
  input: { readonly ciphertext: Uint8Array; readonly from: EncryptionContext; readonly to: EncryptionContext },
  call: KeyringCall,
): Promise<Uint8Array> {
  const inRegion = await kmsCall(store, call);
  const { ciphertext } = await store.kms.ask(key, inRegion, (target) =>
    reEncrypt(
      { connection: store.kms.connection, target, call: inRegion },
      {
        ciphertext: input.ciphertext,
        sourceEncryptionContext: input.from,
        destinationKeyId: target.keyId,
        destinationEncryptionContext: input.to,
      },
    ),
  );
  return ciphertext;
}

/** The key that new rows are wrapped under. @throws ERR_KEY_STORE_DISCOVERY_WRITE */
export function writingKey(store: KeyStoreContext, operation: string): KmsArn {
  if (store.kms.keyArn === undefined) {
    throw new DynasealError("ERR_KEY_STORE_DISCOVERY_WRITE", { details: { tableName: store.storage.tableName, operation } });
  }
  return store.kms.keyArn;
}

async function generate(store: KeyStoreContext, key: KmsArn, encryptionContext: EncryptionContext, call: KeyringCall): Promise<Uint8Array> {
  const inRegion = await kmsCall(store, call);
  const { ciphertext } = await store.kms.ask(key, inRegion, (target) =>
    generateDataKeyWithoutPlaintext({ connection: store.kms.connection, target, call: inRegion }, { encryptionContext, length: keyLength }),
  );
  return ciphertext;
}

/** The types of the rows that no longer hold what was written. */
async function overwritten(
  store: KeyStoreContext,
  branchKeyId: string,
  written: Readonly<Record<string, Uint8Array>>,
  call: KeyringCall,
): Promise<string[]> {
  const lost: string[] = [];
  for (const [type, ciphertext] of Object.entries(written)) {
    const stored = (await store.storage.get(branchKeyId, type, call))?.enc?.B;
    if (stored === undefined || !bytesEqual(stored, ciphertext)) lost.push(type);
  }
  // A rotation meanwhile replaces ACTIVE by right; a beacon key never is.
  return lost.includes(beaconType) ? lost : [];
}

function checkCustomContext(context: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(context)) {
    if (key === "" || !key.isWellFormed() || typeof value !== "string" || !value.isWellFormed()) {
      throw invalidArgument("encryptionContext", "a map from names to texts, without lone surrogates");
    }
  }
}
