import { createHmac, type KeyObject } from "node:crypto";
import type { KeySpec, KeyUsage } from "./key-spec.ts";

/** One version of a key's material. */
export interface MaterialVersion {
  /** 64 hex digits, derived from the material, so that given material decrypts blobs of an earlier server. */
  readonly id: string;
  readonly key: KeyObject;
  /** When it was rotated in; absent for the first version. */
  readonly rotation?: { readonly at: number; readonly type: "ON_DEMAND" | "AUTOMATIC" };
}

export interface AutomaticRotation {
  enabled: boolean;
  periodInDays: number;
  /** Milliseconds since 1970. */
  nextAt: number;
}

/**
 * What a single-Region key has for itself and a primary shares with its replicas: id, spec, usage, material and
 * rotation, and nothing else.
 */
export interface KeyFamily {
  readonly keyId: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly multiRegion: boolean;
  /** Oldest first; the last one encrypts, each decrypts its own. Asymmetric keys have one. */
  readonly versions: [MaterialVersion, ...MaterialVersion[]];
  readonly automaticRotation: AutomaticRotation;
  primaryRegion: string;
}

/** One key in one Region. */
export interface LocalKey {
  readonly family: KeyFamily;
  readonly region: string;
  readonly arn: string;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
  readonly description: string;
  state: "Enabled" | "Disabled" | "PendingDeletion" | "PendingReplicaDeletion";
  /** Set while the deletion is scheduled; `deleteAt` only once the waiting period runs. */
  deletion?: { readonly windowInDays: number; readonly deleteAt?: number };
}

export const millisecondsPerDay = 86_400_000;

const materialIdLabel = "dynaseal local KMS key material id";

/** A version around a key; its id tells nothing about the key. */
export function materialVersion(key: KeyObject, rotation?: MaterialVersion["rotation"]): MaterialVersion {
  const secret = key.type === "secret" ? key.export() : key.export({ format: "der", type: "pkcs8" });
  const id = createHmac("sha256", secret).update(materialIdLabel).digest("hex");
  return rotation === undefined ? { id, key } : { id, key, rotation };
}

export function currentMaterial(family: KeyFamily): MaterialVersion {
  return family.versions.at(-1) ?? family.versions[0];
}

export function materialById(family: KeyFamily, id: string): MaterialVersion | undefined {
  return family.versions.find((version) => version.id === id);
}

export function isPrimary(key: LocalKey): boolean {
  return key.family.multiRegion && key.family.primaryRegion === key.region;
}

export function isReplica(key: LocalKey): boolean {
  return key.family.multiRegion && key.family.primaryRegion !== key.region;
}
