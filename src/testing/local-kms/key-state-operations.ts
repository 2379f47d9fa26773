import { isPrimary, millisecondsPerDay } from "./key-family.ts";
import { refuse } from "./kms-exception.ts";
import { type KmsCall, type KmsOperation, managedKey, requireNotPending, seconds } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";

function setState(state: "Enabled" | "Disabled"): (call: KmsCall) => JsonObject {
  return (call) => {
    const key = managedKey(call);
    requireNotPending(key);
    key.state = state;
    return {};
  };
}

/** A primary with replicas waits for them: its own waiting period begins when the last one is gone. */
function scheduleKeyDeletion(call: KmsCall): JsonObject {
  const key = managedKey(call);
  const windowInDays = call.fields.integer("PendingWindowInDays", 7, 30) ?? 30;
  requireNotPending(key);
  const waitsForReplicas = isPrimary(key) && call.registry.holders(key.family.keyId).length > 1;
  if (waitsForReplicas) {
    key.state = "PendingReplicaDeletion";
    key.deletion = { windowInDays };
    return { KeyId: key.arn, KeyState: key.state, PendingWindowInDays: windowInDays };
  }
  const deleteAt = call.registry.now + windowInDays * millisecondsPerDay;
  key.state = "PendingDeletion";
  key.deletion = { windowInDays, deleteAt };
  return { KeyId: key.arn, DeletionDate: seconds(deleteAt), KeyState: key.state, PendingWindowInDays: windowInDays };
}

function cancelKeyDeletion(call: KmsCall): JsonObject {
  const key = managedKey(call);
  if (key.deletion === undefined) refuse("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
  delete key.deletion;
  key.state = "Disabled";
  return { KeyId: key.arn };
}

/** A key's state in its own Region; related keys elsewhere keep theirs. */
export const keyStateOperations: Readonly<Record<string, KmsOperation>> = {
  EnableKey: { readOnly: false, run: setState("Enabled") },
  DisableKey: { readOnly: false, run: setState("Disabled") },
  ScheduleKeyDeletion: { readOnly: false, run: scheduleKeyDeletion },
  CancelKeyDeletion: { readOnly: false, run: cancelKeyDeletion },
};
