export { beaconAttribute, beaconAttributes, beaconPrefix, setMembers, withSignedBeacons, withSignedKeys } from "./attributes.ts";
export { compoundPieces, hashedCompound, type Piece, parseCompound, plainCompound } from "./compound-value.ts";
export { beaconHash } from "./hash.ts";
export { type IndexDefinitions, indexDefinitionsOf } from "./index-definitions.ts";
export { type BeaconKeyOptions, type BeaconKeySource, beaconKeySources } from "./key-source.ts";
export { BeaconKeys, type HmacKeys } from "./keys.ts";
export {
  type BeaconLengthAdvice,
  type BeaconLengthChoice,
  type BeaconLengthInput,
  beaconLengthAdvice,
  expectedCost,
} from "./length.ts";
export { normalizeValue } from "./normalize-value.ts";
export {
  type PartitionSelector,
  partitionOfItem,
  partitionsToSearch,
  queriesFor,
  takePartition,
} from "./partitions.ts";
export { type ResolvedAttributes, resolvedAttributesOf } from "./resolve-attributes.ts";
export { isSearchable, type SearchableTable, searchOf, storesBeaconKey } from "./searchable-table.ts";
export { valueText, virtualFieldText } from "./source-values.ts";
export { applicationName, isBeaconAttribute, type StoredIndexKey, storedIndexKey } from "./stored-names.ts";
