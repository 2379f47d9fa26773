export type { AttributeType, AttributeTypes } from "./attribute-type.ts";
export { branchKeyIdSupplierOf } from "./branch-key-id-supplier.ts";
export { attributesFileDefinition, tableDefinition } from "./definition.ts";
export { complaint } from "./leaf.ts";
export { type Location, parseLocation } from "./location.ts";
export { defineTable, parseAttributes, parseSchema, tablePlan } from "./parse-schema.ts";
export { type Path, Problems } from "./problems.ts";
export { readDefinition } from "./read-definition.ts";
export { isReplication } from "./replication-attributes.ts";
export type {
  AttributeBeaconInput,
  BeaconInput,
  BeaconPartsInput,
  CompoundBeaconInput,
  ConstructorPartInput,
  EncryptedPartInput,
  NamedBeaconInput,
  SearchInput,
  SignedPartInput,
  VirtualFieldInput,
  VirtualPartInput,
} from "./search-input.ts";
export type {
  BeaconPlan,
  CompoundBeaconPlan,
  ConstructorPartPlan,
  NormalizedAttribute,
  PartPlan,
  SearchPlan,
  StandardBeaconPlan,
  ValueSource,
  VirtualFieldPlan,
  VirtualPartPlan,
} from "./search-plan.ts";
export { suggest } from "./suggest.ts";
export {
  actionOf,
  type CryptoAction,
  type IndexPlan,
  isSigned,
  type PlaintextOverride,
  type TablePlan,
} from "./table-plan.ts";
export type {
  AttributeInput,
  AttributeObjectInput,
  BranchKeyInput,
  EntityInput,
  IndexInput,
  TableInput,
  TableSchema,
} from "./table-schema.ts";
export { type TransformInput, type TransformParameters, type TransformWord, transformWords } from "./transforms.ts";
export type { DefinedTable, EqualityValues, ItemOf, KeyOf, Mistake, NotSearchable, WithoutOthers } from "./typed-items.ts";
export { libraryVersion } from "./version.ts";
