export { branchKeyIdSupplierOf } from "./branch-key-id-supplier.ts";
export { tableDefinition } from "./definition.ts";
export { defineTable, parseSchema, tablePlan } from "./parse-schema.ts";
export { suggest } from "./suggest.ts";
export { actionOf, type CryptoAction, isSigned, type PlaintextOverride, type TablePlan } from "./table-plan.ts";
export type { AttributeInput, BranchKeyInput, TableInput, TableSchema } from "./table-schema.ts";
