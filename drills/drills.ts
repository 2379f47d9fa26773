import { branchKeyLeaked } from "./branch-key-leaked.ts";
import { clockWrong } from "./clock-wrong.ts";
import type { Drill } from "./drill.ts";
import { keyStoreRestored } from "./key-store-restored.ts";
import { kmsThrottled } from "./kms-throttled.ts";
import { regionLost } from "./region-lost.ts";
import { replicaKeyDisabled } from "./replica-key-disabled.ts";
import { schemaRolledBack } from "./schema-rolled-back.ts";
import { tenantErased } from "./tenant-erased.ts";

/** Every drill, in the order of the runbook. */
export const drills: readonly Drill[] = [
  regionLost,
  kmsThrottled,
  replicaKeyDisabled,
  keyStoreRestored,
  branchKeyLeaked,
  tenantErased,
  schemaRolledBack,
  clockWrong,
];
