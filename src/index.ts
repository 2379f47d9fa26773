/**
 * Client-side encryption for Amazon DynamoDB: swaps in for a client of the AWS SDK for JavaScript v3.
 *
 * @packageDocumentation
 */
export type { AttributeMap, AttributeValue } from "./attributes/index.ts";
export { type EncryptedClientOptions, encryptedClient } from "./client/index.ts";
export { DynasealError, type ErrorCode, type ErrorDetails, isDynasealError } from "./errors/index.ts";
export {
  type Document,
  type DocumentResult,
  describeItem,
  type HeaderDataKey,
  type ItemEncryptor,
  type ItemEncryptorOptions,
  type ItemHeader,
  type ItemResult,
  itemEncryptor,
} from "./item/index.ts";
export {
  type AwsKmsDiscoveryKeyringOptions,
  type AwsKmsEcdhKeyringOptions,
  type AwsKmsHierarchicalKeyringOptions,
  type AwsKmsKeyringOptions,
  type AwsKmsMrkDiscoveryKeyringOptions,
  type AwsKmsMrkKeyringOptions,
  type AwsKmsMrkMultiKeyringOptions,
  type AwsKmsRsaKeyringOptions,
  awsKmsDiscoveryKeyring,
  awsKmsEcdhKeyring,
  awsKmsHierarchicalKeyring,
  awsKmsKeyring,
  awsKmsMrkDiscoveryKeyring,
  awsKmsMrkKeyring,
  awsKmsMrkMultiKeyring,
  awsKmsRsaKeyring,
  type DiscoveryFilter,
  type MultiKeyringOptions,
  multiKeyring,
  type RawAesKeyringOptions,
  type RawEcdhKeyringOptions,
  type RawRsaKeyringOptions,
  rawAesKeyring,
  rawEcdhKeyring,
  rawRsaKeyring,
} from "./keyrings/index.ts";
export {
  type BeaconKeyMaterials,
  type BranchKeyCaching,
  type BranchKeyMaterials,
  type BranchKeyStore,
  type BranchKeyStoreOptions,
  branchKeyStore,
  type CreateKeyInput,
  type CreateTableInput,
  type DynamoDbBranchKeyStore,
  type KeyStoreDiscovery,
  type KeyStoreInfo,
  type KeyStoreKms,
  type KeyStoreKmsInfo,
} from "./keystore/index.ts";
export type { FailoverOptions, FailoverReason, KmsClientSupplier, KmsOptions, MultiRegionKmsOptions } from "./kms/index.ts";
export {
  type BranchKeyIdInput,
  type BranchKeyIdSupplier,
  type Clock,
  type CompleteDecryptionMaterials,
  type CompleteEncryptionMaterials,
  type CryptographicMaterialsManager,
  type DecryptionMaterials,
  type DecryptionMaterialsRequest,
  type DynasealEvent,
  defaultCmm,
  type EncryptedDataKey,
  type EncryptionContext,
  type EncryptionMaterials,
  type EncryptionMaterialsRequest,
  type KeyMaterialCache,
  type KeyMaterialCacheOptions,
  type Keyring,
  type KeyringCall,
  keyMaterialCache,
  type RequiredEncryptionContextCmmOptions,
  requiredEncryptionContextCmm,
  type StormTracking,
  unwrapDataKey,
  type WrappedIntermediateKey,
  wrapDataKey,
} from "./materials/index.ts";
export { type UndecryptableItem, undecryptableItems } from "./reading/index.ts";
export {
  type AttributeInput,
  type BranchKeyInput,
  type CryptoAction,
  defineTable,
  type PlaintextOverride,
  parseSchema,
  type TableInput,
  type TableSchema,
} from "./schema/index.ts";
export {
  type BeaconKeyOptions,
  type BeaconLengthAdvice,
  type BeaconLengthChoice,
  type BeaconLengthInput,
  beaconLengthAdvice,
  type IndexDefinitions,
  indexDefinitions,
  numberOfQueries,
  type PartitionSelector,
  type ResolvedAttributes,
  resolveAttributes,
} from "./search/index.ts";
export { type Freshness, type FreshnessInput, type RequestOptions, type Role, requestOptions } from "./tables/index.ts";
