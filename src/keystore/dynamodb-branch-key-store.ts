import { type Randomness, systemRandomness } from "../crypto/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { type Clock, type KeyringCall, systemClock } from "../materials/index.ts";
import type { BranchKeyStore } from "./branch-key-store.ts";
import { type CreateKeyInput, createKey } from "./create-key.ts";
import { type CreateTableInput, createTable } from "./create-table.ts";
import { comparableTime } from "./create-time.ts";
import { disableKey, type ErasedKey, type EraseKeyInput, enableKey, eraseKey, type KeyErasure, verifyKeyErased } from "./erase-key.ts";
import { getActiveBranchKey, getBeaconKey, getBranchKeyVersion } from "./get-keys.ts";
import type { KeyStoreContext } from "./key-store-context.ts";
import { type KeyStoreKms, kmsConfiguration } from "./kms-configuration.ts";
import { type BranchKeyDescription, describeKey, listKeys } from "./list-keys.ts";
import { RecentActive } from "./recent-active.ts";
import { Storage, type StorageOptions } from "./storage.ts";
import { versionKey } from "./version-key.ts";

/** What `branchKeyStore` takes. */
export interface BranchKeyStoreOptions extends StorageOptions {
  /** The physical table; a Global Table may have it in every Region. */
  readonly tableName: string;
  /** Bound into every key and never changed; one table has one, and two tables never share one. */
  readonly logicalKeyStoreName: string;
  readonly kms: KeyStoreKms;
  /** A name for logs; random unless given. */
  readonly keyStoreId?: string | undefined;
  /**
   * The Region of the table, and of KMS where `kms` says nothing else. By default that of `client`, of the wrapped
   * DynamoDB client, or of the KMS key's ARN, the first that is known (under `keyArn` always that of the ARN).
   */
  readonly region?: string | undefined;
  /** How long a version that another Region made is waited for; default 2. */
  readonly replicationWaitSeconds?: number | undefined;
  /** Lets items be written under a discovery configuration, hence under a KMS key that the row names. Default false. */
  readonly allowDiscoveryWrites?: boolean | undefined;
  /**
   * Refuses ACTIVE rows created earlier: the time of a rotation that must not be undone, as ISO 8601 in UTC, for every
   * branch key or by branch key id.
   */
  readonly minimumCreateTime?: string | Readonly<Record<string, string>> | undefined;
  readonly clock?: Clock | undefined;
}

/** A key store in DynamoDB, with the operations of those who manage it. */
export interface DynamoDbBranchKeyStore extends BranchKeyStore {
  /**
   * Creates the table and the replicas that are asked for.
   *
   * @throws ERR_KEY_STORE_TABLE_MISMATCH, ERR_KEY_STORE_ACCESS_DENIED, ERR_KEY_STORE_UNAVAILABLE
   */
  createTable(input?: CreateTableInput, call?: KeyringCall): Promise<{ readonly tableArn: string }>;
  /**
   * Creates a branch key with its first version and a beacon key.
   *
   * @throws ERR_BRANCH_KEY_EXISTS, ERR_BRANCH_KEY_CONFLICT, ERR_BRANCH_KEY_ERASED, ERR_KEY_STORE_DISCOVERY_WRITE, ERR_INVALID_ARGUMENT, the codes of KMS and of the table
   */
  createKey(input?: CreateKeyInput, call?: KeyringCall): Promise<{ readonly branchKeyId: string; readonly branchKeyVersion: string }>;
  /**
   * Rotates a branch key. Writers take the new version as soon as their cached one ends; the beacon key stays.
   *
   * @throws ERR_BRANCH_KEY_CONTENDED, ERR_BRANCH_KEY_ERASED, ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_NOT_AUTHENTIC, ERR_KEY_STORE_DISCOVERY_WRITE, the codes of KMS and of the table
   */
  versionKey(
    input: { readonly branchKeyId: string },
    call?: KeyringCall,
  ): Promise<{ readonly branchKeyId: string; readonly branchKeyVersion: string }>;
  /**
   * The ids of all branch keys, in no order, by a Scan of the whole key store that fetches page after page as the loop goes.
   *
   * @throws ERR_KEY_STORE_TABLE_NOT_FOUND, ERR_KEY_STORE_ACCESS_DENIED, ERR_KEY_STORE_UNAVAILABLE, ERR_ABORTED
   */
  listKeys(call?: KeyringCall): AsyncIterable<string>;
  /**
   * Versions, KMS keys and context of a branch key, as its key store items say them. KMS is not asked, so nothing is verified.
   *
   * @throws ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_ROW_MALFORMED, ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED, ERR_INVALID_ARGUMENT, the codes of the table
   */
  describeKey(input: { readonly branchKeyId: string }, call?: KeyringCall): Promise<BranchKeyDescription>;
  /**
   * Takes a branch key out of use, in every Region once it has replicated: all its versions and its beacon key. Nobody can
   * create the id again, by whatever library. Run it in the Region where the key is rotated: of two writes in two Regions
   * the later one wins. {@link DynamoDbBranchKeyStore.enableKey} is the way back.
   *
   * @throws ERR_BRANCH_KEY_ERASED, ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_CONTENDED, ERR_INVALID_ARGUMENT, the codes of the table
   */
  disableKey(
    input: { readonly branchKeyId: string },
    call?: KeyringCall,
  ): Promise<{ readonly branchKeyId: string; readonly disabledAt: string }>;
  /**
   * Takes a disabled branch key into use again.
   *
   * @throws ERR_BRANCH_KEY_NOT_DISABLED, ERR_BRANCH_KEY_ERASED, ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_CONTENDED, the codes of the table
   */
  enableKey(input: { readonly branchKeyId: string }, call?: KeyringCall): Promise<{ readonly branchKeyId: string }>;
  /**
   * Deletes the wrapped keys of a branch key that has been disabled for `pendingDays`. There is no way back but a backup.
   *
   * @throws ERR_BRANCH_KEY_NOT_DISABLED, ERR_BRANCH_KEY_ERASE_PENDING, ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_CONTENDED, ERR_INVALID_ARGUMENT, the codes of the table
   */
  eraseKey(input: EraseKeyInput, call?: KeyringCall): Promise<ErasedKey>;
  /**
   * Asks each Region, after the lag (`replicationWaitSeconds`, or `lagSeconds`), whether anything of an erased branch key is
   * left or came back: a rotation in another Region that was under way may have won.
   *
   * @throws ERR_INVALID_ARGUMENT, the codes of the table
   */
  verifyKeyErased(
    input: { readonly branchKeyId: string; readonly regions: readonly string[]; readonly lagSeconds?: number | undefined },
    call?: KeyringCall,
  ): Promise<KeyErasure>;
}

/**
 * Branch keys and beacon keys in a DynamoDB table, each wrapped by KMS.
 *
 * @example
 * ```ts
 * import { branchKeyStore } from "dynaseal";
 *
 * const keyStore = branchKeyStore({
 *   tableName: "key-store",
 *   logicalKeyStoreName: "customers-production",
 *   kms: { mrkArn: "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab" },
 * });
 * const branchKeyId = await keyStore.createKey();
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/branch-key-store.md
 * @see framework/branch-key-store.md "Initialization", "Keystore ID", "KMS Client", "Operations", "Logical KeyStore Name"
 */
export function branchKeyStore(options: BranchKeyStoreOptions): DynamoDbBranchKeyStore {
  return openKeyStore(options, systemRandomness);
}

/** As {@link branchKeyStore}, with the random bytes of the caller; for tests within this repository. */
export function openKeyStore(options: BranchKeyStoreOptions, randomness: Randomness): DynamoDbBranchKeyStore {
  const { tableName, logicalKeyStoreName, replicationWaitSeconds = 2, clock = systemClock } = options;
  checkName("tableName", tableName);
  checkName("logicalKeyStoreName", logicalKeyStoreName);
  if (!(replicationWaitSeconds >= 0 && Number.isFinite(replicationWaitSeconds)))
    throw invalidArgument("replicationWaitSeconds", "a number of at least 0");
  const kms = kmsConfiguration({ allowPlainHttp: options.allowPlainHttp, ...options.kms }, options.region);
  // A key that is bound to one Region says where its table lies, too; a multi-Region key only does so as a last resort.
  const region = options.region ?? (kms.info.type === "keyArn" && options.client === undefined ? kms.keyArn?.region : undefined);
  const storage = new Storage({ ...options, region }, kms.keyArn?.region);
  const store: KeyStoreContext = Object.freeze({
    logicalKeyStoreName,
    storage,
    recentActive: new RecentActive(storage),
    kms,
    randomness,
    clock,
    replicationWaitSeconds,
    allowDiscoveryWrites: options.allowDiscoveryWrites ?? false,
    minimumCreateTime: minimumCreateTimes(options.minimumCreateTime),
  });
  const info = Object.freeze({
    keyStoreId: options.keyStoreId ?? randomness.uuid(),
    tableName,
    logicalKeyStoreName,
    kms: kms.info,
  });
  return Object.freeze<DynamoDbBranchKeyStore>({
    replicationWaitSeconds,
    getKeyStoreInfo: () => info,
    createTable: async (input = {}, call = {}) => createTable(store.storage, input, call),
    createKey: async (input = {}, call = {}) => createKey(store, input, call),
    versionKey: async (input, call = {}) => versionKey(store, input, call),
    listKeys: (call = {}) => listKeys(store, call),
    describeKey: async (input, call = {}) => describeKey(store, input, call),
    disableKey: async (input, call = {}) => disableKey(store, input, call),
    enableKey: async (input, call = {}) => enableKey(store, input, call),
    eraseKey: async (input, call = {}) => eraseKey(store, input, call),
    verifyKeyErased: async (input, call = {}) => verifyKeyErased(store, input, call),
    getActiveBranchKey: async (input, call = {}) => getActiveBranchKey(store, input, call),
    getBranchKeyVersion: async (input, call = {}) => getBranchKeyVersion(store, input, call),
    getBeaconKey: async (input, call = {}) => getBeaconKey(store, input, call),
  });
}

function minimumCreateTimes(configured: BranchKeyStoreOptions["minimumCreateTime"]): (branchKeyId: string) => string | undefined {
  const parse = (text: string): string => {
    const time = comparableTime(text);
    if (time === undefined) throw invalidArgument("minimumCreateTime", "a time such as 2026-03-01T00:00:00Z");
    return time;
  };
  if (configured === undefined) return () => undefined;
  if (typeof configured === "string") {
    const time = parse(configured);
    return () => time;
  }
  const byId: ReadonlyMap<string, string> = new Map(Object.entries(configured).map(([branchKeyId, text]) => [branchKeyId, parse(text)]));
  return (branchKeyId) => byId.get(branchKeyId);
}

function checkName(argument: string, name: unknown): void {
  if (typeof name !== "string" || name === "" || !name.isWellFormed()) throw invalidArgument(argument, "a non-empty text");
}
