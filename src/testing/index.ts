export type { LocalGlobalTableFaults, TableFaultScope } from "./local-global-table/faults.ts";
export type {
  LocalGlobalTable,
  LocalGlobalTableClientConfig,
  LocalGlobalTableOptions,
  LocalTable,
  ReplicatedWrite,
  ReplicationLag,
  ReplicationPath,
  TableScope,
} from "./local-global-table/local-global-table.ts";
export { startLocalGlobalTable } from "./local-global-table/start-local-global-table.ts";
export type { LocalKmsEvent } from "./local-kms/events.ts";
export type { DenyScope, FaultScope, LiftFault, LocalKmsFaults, ServerErrorName } from "./local-kms/faults.ts";
export type { KeyUsage, LocalKmsKeySpec } from "./local-kms/key-spec.ts";
export {
  type CreateLocalKmsKey,
  type LocalKms,
  type LocalKmsClientConfig,
  type LocalKmsKey,
  type LocalKmsOptions,
  type ReplicateLocalKmsKey,
  startLocalKms,
} from "./local-kms/local-kms.ts";
export type { JsonObject } from "./local-kms/request-fields.ts";
export { type StaticBranchKey, staticBranchKeyStore } from "./static-branch-key-store.ts";
