export { beaconAttributes, beaconPrefix, withSignedBeacons } from "./beacon-attributes.ts";
export { type BeaconKeyOptions, type BeaconKeySource, beaconKeySources } from "./beacon-key-source.ts";
export { BeaconKeys, type HmacKeys } from "./beacon-keys.ts";
export {
  type BeaconLengthAdvice,
  type BeaconLengthChoice,
  type BeaconLengthInput,
  beaconLengthAdvice,
  expectedCost,
} from "./beacon-length.ts";
export { type EqualityFilter, equalityFilter } from "./equality-filter.ts";
export { indexDefinitions, numberOfQueries, resolveAttributes } from "./for-schemas.ts";
export { type IndexDefinitions, indexDefinitionsOf } from "./index-definitions.ts";
export { type PartitionSelector, partitionOfItem, partitionPlaceholder, takePartition } from "./partitions.ts";
export { type PreparedSearch, prepareSearch, type RewrittenExpressions, type SearchRequest } from "./prepare-search.ts";
export { type ResolvedAttributes, resolvedAttributesOf } from "./resolve-attributes.ts";
export { isSearchable, type SearchableTable } from "./searchable-table.ts";
export { applicationName, isBeaconAttribute } from "./stored-names.ts";
