export { diffSchemas } from "./diff-schemas.ts";
export type { LintFinding, LintRule } from "./lint-finding.ts";
export { type LintInput, lintSchemas } from "./lint-schemas.ts";
export type { Rollout, SchemaChange, SchemaDiff } from "./schema-change.ts";
export { type SchemaTypesOptions, schemaTypes } from "./schema-types.ts";
