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
