export type { BeaconKeyMaterials, BranchKeyMaterials, BranchKeyStore, KeyStoreInfo, KeyStoreKmsInfo } from "./branch-key-store.ts";
export { type BranchKeyCaching, type CachedBranchKeys, cachedBranchKeys } from "./cached-branch-keys.ts";
export type { CreateKeyInput } from "./create-key.ts";
export type { CreateTableInput } from "./create-table.ts";
export { type BranchKeyStoreDefinition, defineBranchKeyStore, type StoredKey } from "./define-branch-key-store.ts";
export { type BranchKeyStoreOptions, branchKeyStore, type DynamoDbBranchKeyStore } from "./dynamodb-branch-key-store.ts";
export type { KeyStoreDiscovery, KeyStoreKms } from "./kms-configuration.ts";
export { isBranchKeyVersion } from "./record.ts";
export type { StorageOptions } from "./storage.ts";
