import type { SecretBytes } from "../bytes/index.ts";
import type { EncryptionContext, KeyringCall } from "../materials/index.ts";

/**
 * One version of a branch key, unwrapped.
 *
 * @see framework/structures.md "Branch Key Materials"
 * @see framework/structures.md "Branch Key", "Branch Key Version"
 */
export interface BranchKeyMaterials {
  readonly branchKeyId: string;
  /** A UUID, 36 characters, lower case. */
  readonly branchKeyVersion: string;
  /** 32 bytes. */
  readonly branchKey: SecretBytes;
  /** The key's own context, without the prefix `aws-crypto-ec:`. */
  readonly encryptionContext: EncryptionContext;
}

/** A beacon key, unwrapped; every beacon's key is derived from it. @see framework/structures.md "Beacon Key Materials" */
export interface BeaconKeyMaterials {
  readonly branchKeyId: string;
  /** 32 bytes. */
  readonly beaconKey: SecretBytes;
  readonly encryptionContext: EncryptionContext;
}

/** @see framework/branch-key-store.md "GetKeyStoreInfo" */
export interface KeyStoreInfo {
  /** A name of this configuration, for logs; random unless given. */
  readonly keyStoreId: string;
  /** The physical table. */
  readonly tableName: string;
  /** Bound into every key; stays when a backup is restored under another table name. */
  readonly logicalKeyStoreName: string;
  readonly kms: KeyStoreKmsInfo;
}

/** Which KMS keys a key store takes. */
export interface KeyStoreKmsInfo {
  readonly type: "keyArn" | "mrkArn" | "discovery" | "mrkDiscovery" | "static" | "own";
  readonly keyArn?: string;
  readonly accountIds?: readonly string[];
  /** By Region where they were given so. */
  readonly grantTokens: readonly string[] | Readonly<Record<string, readonly string[]>>;
}

/**
 * Where keyrings and beacons get their keys. `branchKeyStore` keeps them in DynamoDB; `dynaseal/testing` has one that
 * holds keys in memory.
 *
 * The optional `call` carries Region, abort signal and the bound on KMS calls of the request that needs the key.
 *
 * @see framework/branch-key-store.md
 */
export interface BranchKeyStore {
  /** How long a version that another Region made is waited for. Absent: keyrings do not wait for versions of this store. */
  readonly replicationWaitSeconds?: number;
  getKeyStoreInfo(): KeyStoreInfo;
  /** The version that new items are written under. */
  getActiveBranchKey(input: { readonly branchKeyId: string }, call?: KeyringCall): Promise<BranchKeyMaterials>;
  /** The version that an item was written under. */
  getBranchKeyVersion(
    input: { readonly branchKeyId: string; readonly branchKeyVersion: string },
    call?: KeyringCall,
  ): Promise<BranchKeyMaterials>;
  getBeaconKey(input: { readonly branchKeyId: string }, call?: KeyringCall): Promise<BeaconKeyMaterials>;
}
