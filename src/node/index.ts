export type { JobCheckpoints, JobCounts, JobFailure, JobFindings, SegmentState } from "../jobs/index.ts";
export {
  diffSchemas,
  type LintFinding,
  type LintInput,
  type LintRule,
  lintSchemas,
  type Rollout,
  type SchemaChange,
  type SchemaDiff,
  type SchemaTypesOptions,
  schemaTypes,
} from "../schema-tools/index.ts";
export { configDefinition } from "./config/config-definition.ts";
export type { ConfigInput, KeyringConfig, KeyringsConfig, KeyStoreConfig } from "./config/config-input.ts";
export { clientOptions, keyStoreOf, type LoadedConfig, loadConfig } from "./config/load-config.ts";
export { type LoadedTable, loadTable } from "./config/load-table.ts";
export { type ReadConfig, readConfig } from "./config/read-config.ts";
export { type FileCheckpointsOptions, fileCheckpoints } from "./file-checkpoints.ts";
export { readJsonFile } from "./json-file.ts";
export { loadSchemas } from "./load-schemas.ts";
