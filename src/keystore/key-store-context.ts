import type { Randomness } from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import type { KmsArn } from "../kms/index.ts";
import type { Clock, KeyringCall } from "../materials/index.ts";
import type { KmsConfiguration } from "./kms-configuration.ts";
import type { RecentActive } from "./recent-active.ts";
import type { BranchKeyRecord } from "./record.ts";
import type { Storage } from "./storage.ts";

/** What every operation of one key store works with. */
export interface KeyStoreContext {
  readonly logicalKeyStoreName: string;
  readonly storage: Storage;
  readonly recentActive: RecentActive;
  readonly kms: KmsConfiguration;
  readonly randomness: Randomness;
  readonly clock: Clock;
  readonly replicationWaitSeconds: number;
  readonly allowDiscoveryWrites: boolean;
  /** For one branch key, in the form that `comparableTime` gives. */
  minimumCreateTime(branchKeyId: string): string | undefined;
}

/** Where a row is, for the details of errors. */
export interface RowSite {
  readonly tableName: string;
  readonly region?: string;
  readonly branchKeyId: string;
  readonly type: string;
}

export async function rowSite(store: KeyStoreContext, branchKeyId: string, type: string, call: KeyringCall): Promise<RowSite> {
  const region = await store.storage.region(call);
  return { tableName: store.storage.tableName, ...(region === undefined ? {} : { region }), branchKeyId, type };
}

/** KMS is asked in the table's Region unless its own configuration says otherwise. */
export async function kmsCall(store: KeyStoreContext, call: KeyringCall): Promise<KeyringCall> {
  return { ...call, region: await store.storage.region(call) };
}

/** The key that protects a row. @throws ERR_BRANCH_KEY_KMS_KEY_REFUSED */
export function permittedKey(store: KeyStoreContext, record: BranchKeyRecord, site: RowSite): KmsArn {
  const key = store.kms.permitted(record.kmsArn);
  if (key === undefined) throw new DynasealError("ERR_BRANCH_KEY_KMS_KEY_REFUSED", { details: { ...site, kmsArn: record.kmsArn } });
  return key;
}

/** Names the row that KMS could not authenticate; any other failure of KMS passes as it is. */
export function rowFailure(error: unknown, site: RowSite): unknown {
  return error instanceof DynasealError && error.code === "ERR_NOT_AUTHENTIC"
    ? new DynasealError("ERR_BRANCH_KEY_NOT_AUTHENTIC", { details: { ...site }, cause: error })
    : error;
}

/** @throws ERR_INVALID_ARGUMENT */
export function checkBranchKeyId(branchKeyId: unknown): asserts branchKeyId is string {
  // 2,048 bytes are DynamoDB's limit of a partition key.
  if (typeof branchKeyId !== "string" || branchKeyId === "" || branchKeyId.length > 2048 || !branchKeyId.isWellFormed()) {
    throw invalidArgument("branchKeyId", "a text of 1 to 2048 bytes");
  }
}
