import type { ErrorTable } from "./error-table.ts";

/** One key store item: table, Region where it was read, branch key id, and its `type`. */
interface Row {
  tableName: string;
  region?: string;
  branchKeyId: string;
  type: string;
}

/** Codes of the key store and of the cache of its keys. */
export interface KeystoreErrorDetails {
  ERR_BRANCH_KEY_NOT_FOUND: Row;
  /** The key store item of a version is not in this Region, also after the wait. */
  ERR_BRANCH_KEY_NOT_REPLICATED: Row & {
    waitedSeconds: number;
    /** The branch key itself is in this Region, so that only this version of it is missing. */
    branchKeyIsHere?: boolean;
  };
  ERR_BRANCH_KEY_ROW_MALFORMED: Row & { field: string };
  /** The key store item is of a later version of the branch key hierarchy, whose keys are wrapped in another way. */
  ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED: Row & { hierarchyVersion: string };
  /** The key store item was changed, moved or wrapped for another key store: its encryption context or ciphertext does not authenticate. */
  ERR_BRANCH_KEY_NOT_AUTHENTIC: Row;
  /** The key store item names a KMS key that the key store's `kms` does not allow. */
  ERR_BRANCH_KEY_KMS_KEY_REFUSED: Row & { kmsArn: string };
  /** A tombstone stands in place of the branch key. `since`: ISO 8601 in UTC. */
  ERR_BRANCH_KEY_ERASED: Row & { state: "disabled" | "erased"; since: string };
  ERR_BRANCH_KEY_NOT_DISABLED: { tableName: string; branchKeyId: string };
  ERR_BRANCH_KEY_ERASE_PENDING: { tableName: string; branchKeyId: string; erasableFrom: string };
  ERR_BRANCH_KEY_STALE: Row & { createTime: string; minimumCreateTime: string };
  ERR_BRANCH_KEY_EXISTS: { tableName: string; branchKeyId: string };
  ERR_BRANCH_KEY_CONFLICT: { tableName: string; region?: string; branchKeyId: string; branchKeyVersion: string; lost: readonly string[] };
  ERR_BRANCH_KEY_CONTENDED: { tableName: string; branchKeyId: string };
  ERR_BRANCH_KEY_ID_INVALID: { reason: string };
  ERR_KEY_STORE_DISCOVERY_WRITE: { tableName: string; operation: string };
  ERR_KEY_STORE_TABLE_NOT_FOUND: { tableName: string; region?: string };
  ERR_KEY_STORE_TABLE_MISMATCH: { tableName: string; reason: string };
  ERR_KEY_STORE_ACCESS_DENIED: { tableName: string; region?: string; action: string };
  ERR_KEY_STORE_UNAVAILABLE: { tableName: string; region?: string; action: string };
  /** A key store of the application, made by `defineBranchKeyStore`, threw or answered with something else than it should. */
  ERR_KEY_STORE_FAILED: { logicalKeyStoreName: string; branchKeyId: string; type: string; operation: string; reason: string };
  ERR_KEY_MATERIAL_TIMEOUT: { inFlightTtlSeconds: number };
}

const row = ({ branchKeyId, type, tableName, region }: Row): string =>
  `The key store item "${type}" of branch key "${branchKeyId}" in key store table "${tableName}"${region === undefined ? "" : ` (${region})`}`;

const rowForged =
  "Somebody who may write to the key store table changed it, or the store's logicalKeyStoreName or kms differ from its creator's. Compare them, then restore the key store item from a backup and find out who may write to the table.";

export const keystoreErrors: ErrorTable<KeystoreErrorDetails> = {
  ERR_BRANCH_KEY_NOT_FOUND: {
    meaning: (details) => `${row(details)} does not exist.`,
    hint: "Create the branch key with createKey, correct branchKeyId, or let the key store read the table of the Region where the key was created.",
  },
  ERR_BRANCH_KEY_NOT_REPLICATED: {
    meaning: (details) => `${row(details)} did not arrive within ${details.waitedSeconds} s.`,
    hint: "A version made in another Region is still being replicated: try again, or raise replicationWaitSeconds. If it stays away, compare the table's replicas: the key store item was deleted, or the item belongs to another key store.",
  },
  ERR_BRANCH_KEY_ROW_MALFORMED: {
    meaning: (details) => `${row(details)} is malformed: ${details.field}.`,
    hint: rowForged,
  },
  ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED: {
    meaning: (details) => `${row(details)} has hierarchy version ${details.hierarchyVersion}; this release reads version 1.`,
    hint: "Nothing was tampered with: a newer library created or migrated the branch key. Use a release of dynaseal that reads this version, or let the library that created it use version 1.",
  },
  ERR_BRANCH_KEY_NOT_AUTHENTIC: { meaning: (details) => `${row(details)} failed authentication; its key is not used.`, hint: rowForged },
  ERR_BRANCH_KEY_KMS_KEY_REFUSED: {
    meaning: (details) => `${row(details)} is wrapped under ${details.kmsArn}, which this key store does not allow.`,
    hint: "If the KMS key is yours, name it in the key store's kms (mrkArn takes any Region's replica of one key). If not, somebody planted the key store item: find out who may write to the table.",
  },
  ERR_BRANCH_KEY_ERASED: {
    meaning: ({ branchKeyId, tableName, region, state, since }) =>
      `Branch key "${branchKeyId}" of key store table "${tableName}"${region === undefined ? "" : ` (${region})`} was ${state} at ${since}.`,
    hint: "Somebody disabled or erased this key on purpose, and its id cannot be used again. If state is disabled, enableKey brings it back; if it is erased, nothing that was encrypted under it can be read.",
  },
  ERR_BRANCH_KEY_NOT_DISABLED: {
    meaning: ({ branchKeyId, tableName }) =>
      `Branch key "${branchKeyId}" of key store table "${tableName}" is not disabled; nothing was changed.`,
    hint: "Only a disabled key can be enabled or erased. Disable it with disableKey, and look meanwhile who still fails with ERR_BRANCH_KEY_ERASED.",
  },
  ERR_BRANCH_KEY_ERASE_PENDING: {
    meaning: ({ branchKeyId, tableName, erasableFrom }) =>
      `Branch key "${branchKeyId}" of key store table "${tableName}" can be erased from ${erasableFrom} on; nothing was changed.`,
    hint: "The key has not been disabled for pendingDays. Wait, so that whoever still needs it finds out while enableKey can bring it back; or give a smaller pendingDays.",
  },
  ERR_BRANCH_KEY_STALE: {
    meaning: (details) => `${row(details)} was created at ${details.createTime}, before ${details.minimumCreateTime}.`,
    hint: "The ACTIVE key store item is older than the rotation that minimumCreateTime names: it was rolled back, or the rotation has not reached this Region. Wait for replication; else rotate with versionKey.",
  },
  ERR_BRANCH_KEY_EXISTS: {
    meaning: ({ branchKeyId, tableName }) =>
      `Branch key "${branchKeyId}" exists already in key store table "${tableName}"; nothing was changed.`,
    hint: "Use the key that exists, rotate it with versionKey, or choose another id.",
  },
  ERR_BRANCH_KEY_CONFLICT: {
    meaning: ({ branchKeyId, tableName, lost }) =>
      `Branch key "${branchKeyId}" of key store table "${tableName}" was created in another Region at the same time; overwritten: ${lost.join(", ")}.`,
    hint: "The key store item of the version stays, so items written under it stay readable. A lost beacon key is lost for good: write items that got beacons meanwhile again. Create a key with a given id in one Region only.",
  },
  ERR_BRANCH_KEY_CONTENDED: {
    meaning: ({ branchKeyId, tableName }) =>
      `Branch key "${branchKeyId}" of key store table "${tableName}" was rotated by somebody else meanwhile; nothing was changed.`,
    hint: "Another rotation just took place. Run versionKey again only if you need one more.",
  },
  ERR_BRANCH_KEY_ID_INVALID: {
    meaning: ({ reason }) => `There is no branch key id for the item: ${reason}.`,
    hint: "Give the keyring a branchKeyId, or a branchKeyIdSupplier that returns a non-empty string for every item; in a schema, complete branchKey.map.",
  },
  ERR_KEY_STORE_DISCOVERY_WRITE: {
    meaning: ({ operation, tableName }) => `${operation} is refused: key store table "${tableName}" is configured for discovery.`,
    hint: "Under discovery the key store item itself says which KMS key protects it, so whoever may write to the table could choose the writers' key. Configure kms with keyArn or mrkArn; for writing items alone, allowDiscoveryWrites: true accepts that risk.",
  },
  ERR_KEY_STORE_TABLE_NOT_FOUND: {
    meaning: ({ tableName, region }) => `There is no key store table "${tableName}"${region === undefined ? "" : ` in ${region}`}.`,
    hint: "Create it with createTable, add the Region as a replica, or name with region where the table lies.",
  },
  ERR_KEY_STORE_TABLE_MISMATCH: {
    meaning: ({ tableName, reason }) => `Table "${tableName}" cannot be a key store: ${reason}.`,
    hint: "A key store table has the partition key branch-key-id and the sort key type, both strings. Choose another table name.",
  },
  ERR_KEY_STORE_ACCESS_DENIED: {
    meaning: ({ tableName, region, action }) =>
      `${action} on key store table "${tableName}"${region === undefined ? "" : ` (${region})`} was denied.`,
    hint: "Readers and writers of items need dynamodb:GetItem on the key store table; createKey and versionKey also dynamodb:PutItem, disableKey and enableKey too; enableKey and eraseKey dynamodb:DeleteItem, eraseKey and verifyKeyErased dynamodb:Query.",
  },
  ERR_KEY_STORE_UNAVAILABLE: {
    meaning: ({ tableName, region, action }) =>
      `${action} on key store table "${tableName}"${region === undefined ? "" : ` (${region})`} failed.`,
    hint: "The cause holds DynamoDB's answer. Keys in the cache keep serving until their time to live ends.",
  },
  ERR_KEY_STORE_FAILED: {
    meaning: ({ logicalKeyStoreName, operation, type, branchKeyId, reason }) =>
      `${operation} of the key store "${logicalKeyStoreName}" failed for "${type}" of branch key "${branchKeyId}": ${reason}.`,
    hint: "The key store is your own: its cause, if there is one, is what it threw. It returns { key } of 32 bytes, the active one with branchKeyVersion, a UUID in lower case; or undefined where there is no such key.",
  },
  ERR_KEY_MATERIAL_TIMEOUT: {
    meaning: ({ inFlightTtlSeconds }) => `A branch or beacon key was not fetched within ${inFlightTtlSeconds} s.`,
    hint: "The key store table or KMS does not answer. Look at both in this Region; failover lets another Region's KMS answer.",
  },
};
