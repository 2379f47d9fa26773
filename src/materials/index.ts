export {
  type CryptographicMaterialsManager,
  type DecryptionMaterialsRequest,
  defaultCmm,
  type EncryptionMaterialsRequest,
} from "./cmm.ts";
export {
  type EncryptionContext,
  encryptionContextOf,
  encryptionContextToAad,
  hasContextKey,
  publicKeyContextKey,
  readEncryptionContext,
  serializeEncryptionContext,
} from "./encryption-context.ts";
export { unwrapDataKey, type WrappedIntermediateKey, wrapDataKey } from "./intermediate-key-wrapping.ts";
export type { DynasealEvent, Keyring, KeyringCall } from "./keyring.ts";
export type {
  CompleteDecryptionMaterials,
  CompleteEncryptionMaterials,
  DecryptionMaterials,
  EncryptedDataKey,
  EncryptionMaterials,
} from "./materials.ts";
