export { branchKeyOf, hierarchyLengths, hierarchyProviderId, uuidBytes } from "./branch-key-hierarchy.ts";
export type { BranchKeyIdInput, BranchKeyIdSupplier } from "./branch-key-id-supplier.ts";
export { type CacheIdentifiers, cacheIdentifiers } from "./cache-identifier.ts";
export { type Clock, systemClock } from "./clock.ts";
export {
  type CryptographicMaterialsManager,
  type DecryptionMaterialsRequest,
  type DefaultCmmOptions,
  defaultCmm,
  type EncryptionMaterialsRequest,
} from "./cmm.ts";
export { cmmOf, isKeyringOrCmm, type KeyringOrCmm } from "./cmm-of.ts";
export {
  type EncryptionContext,
  encryptionContextOf,
  encryptionContextToAad,
  itemContextKeys,
  readEncryptionContext,
  serializeEncryptionContext,
} from "./encryption-context.ts";
export {
  type AttributeDisclosedEvent,
  type DynasealEvent,
  type EventListener,
  eventChannelName,
  eventListener,
  type ItemUndecryptableEvent,
  type KmsFailoverEvent,
  type PlaintextReadEvent,
  type PlaintextWriteEvent,
  type WeakerSuiteReadEvent,
} from "./event.ts";
export { untilAborted } from "./flight.ts";
export { unwrapDataKey, type WrappedIntermediateKey, wrapDataKey } from "./intermediate-key-wrapping.ts";
export { type KeyMaterialCache, type KeyMaterialCacheOptions, type KeyMaterialRequest, keyMaterialCache } from "./key-material-cache.ts";
export { keyNameOf } from "./key-names.ts";
export type { KeyRequest } from "./key-request.ts";
export type { Keyring, KeyringCall } from "./keyring.ts";
export { type Lease, RequestLeases } from "./lease.ts";
export { limitedCmm, requireMaximum } from "./limited-cmm.ts";
export {
  type CompleteDecryptionMaterials,
  type CompleteEncryptionMaterials,
  type DecryptionMaterials,
  type EncryptedDataKey,
  type EncryptionMaterials,
  type ReleasedMaterials,
  releaseMaterials,
} from "./materials.ts";
export { type RequiredEncryptionContextCmmOptions, requiredEncryptionContextCmm } from "./required-encryption-context-cmm.ts";
export { ServedKeys } from "./served-keys.ts";
export type { SigningKeyReuse } from "./signing-keys.ts";
export type { StormTracking } from "./storm-tracking.ts";
