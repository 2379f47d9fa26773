import { isReplica, type LocalKey } from "./key-family.ts";
import type { KeyRegistry } from "./key-registry.ts";
import { type KeyUsage, keySpecByName } from "./key-spec.ts";
import { refuse } from "./kms-exception.ts";
import type { JsonObject, RequestFields } from "./request-fields.ts";

/** One call of an operation, in the Region of its signature. */
export interface KmsCall {
  readonly operation: string;
  readonly region: string;
  readonly fields: RequestFields;
  readonly registry: KeyRegistry;
  /** Notes the key for the event, and refuses where `faults.deny` says so. `action` is the operation's name by default. */
  authorize(key: LocalKey, action?: string): void;
}

export interface KmsOperation {
  /** CloudTrail's `readOnly`. */
  readonly readOnly: boolean;
  run(call: KmsCall): JsonObject | Promise<JsonObject>;
}

/** The key that a cryptographic operation is to use: named in any of the four ways. */
export function usedKey(call: KmsCall, member = "KeyId", action?: string): LocalKey {
  return resolved(call, call.fields.requiredKeyId(member), "aliases", action);
}

/** The key that a management operation is to change: named by id or ARN. */
export function managedKey(call: KmsCall, member = "KeyId"): LocalKey {
  return resolved(call, call.fields.requiredKeyId(member), "no aliases");
}

export function resolved(call: KmsCall, reference: string, aliases: "aliases" | "no aliases", action?: string): LocalKey {
  const key = call.registry.resolve(reference, call.region, aliases);
  call.authorize(key, action);
  return key;
}

export function requireEnabled(key: LocalKey): void {
  requireNotPending(key);
  if (key.state === "Disabled") refuse("DisabledException", `${key.arn} is disabled.`);
}

export function requireNotPending(key: LocalKey): void {
  if (key.state === "PendingDeletion") refuse("KMSInvalidStateException", `${key.arn} is pending deletion.`);
  if (key.state === "PendingReplicaDeletion") refuse("KMSInvalidStateException", `${key.arn} is pending replica deletion.`);
}

/** State and usage, in KMS's order. */
export function requireUsable(key: LocalKey, usage: KeyUsage, operation: string): void {
  requireEnabled(key);
  if (key.family.usage !== usage) {
    refuse("InvalidKeyUsageException", `${key.arn} key usage is ${key.family.usage} which is not valid for ${operation}.`);
  }
}

export function requireAlgorithm(key: LocalKey, algorithm: string): void {
  const { spec, usage } = key.family;
  if (spec.algorithms[usage]?.includes(algorithm) === true) return;
  refuse("InvalidKeyUsageException", `Algorithm ${algorithm} is incompatible with key spec ${spec.name}.`);
}

/** Operations on the family (rotation, replicas) go to the primary only. */
export function requireNotReplica(key: LocalKey, operation: string): void {
  if (isReplica(key)) refuse("UnsupportedOperationException", `${operation} is not supported for replica key ${key.arn}.`);
}

/** The last step before the effect: a dry run ends here, with an error as in KMS. */
export function endDryRun(call: KmsCall): void {
  if (call.fields.boolean("DryRun")) {
    refuse("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
  }
}

/** The spec of CreateKey; specs for signatures and MACs alone are not offered here. */
export function offeredSpec(name: string): NonNullable<ReturnType<typeof keySpecByName>> {
  return keySpecByName(name) ?? refuse("UnsupportedOperationException", `KeySpec ${name} is not supported here.`);
}

/** KMS's paging: `Limit`, `Marker`, `NextMarker`, `Truncated`. */
export function page<Entry>(call: KmsCall, name: string, all: readonly Entry[], maximum: number): JsonObject {
  const limit = call.fields.integer("Limit", 1, maximum) ?? Math.min(100, maximum);
  const marker = call.fields.string("Marker");
  const start = marker === undefined ? 0 : Number(/^[0-9]{1,9}$/.exec(marker)?.[0]);
  if (!(start <= all.length)) refuse("InvalidMarkerException", "The marker is not one that this KMS gave.");
  const end = start + limit;
  const rest = end < all.length ? { NextMarker: String(end), Truncated: true } : { Truncated: false };
  return { [name]: all.slice(start, end), ...rest };
}

/** Milliseconds → the seconds that the JSON protocol carries. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}
