import { currentMaterial, type LocalKey, millisecondsPerDay } from "./key-family.ts";
import { refuse } from "./kms-exception.ts";
import { type KmsCall, type KmsOperation, managedKey, page, requireEnabled, requireNotReplica, seconds } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";

/** KMS's quota a key, for its whole life. */
const maximumOnDemandRotations = 25;

/** A symmetric key whose rotation may be changed: of related multi-Region keys the primary, which the replicas follow. */
function rotatableKey(call: KmsCall): LocalKey {
  const key = symmetricKey(call);
  requireNotReplica(key, call.operation);
  requireEnabled(key);
  return key;
}

function symmetricKey(call: KmsCall): LocalKey {
  const key = managedKey(call);
  if (key.family.spec.type !== "symmetric") refuse("UnsupportedOperationException", `${key.arn} is an asymmetric KMS key.`);
  return key;
}

function enableKeyRotation(call: KmsCall): JsonObject {
  const periodInDays = call.fields.integer("RotationPeriodInDays", 90, 2560);
  const { automaticRotation } = rotatableKey(call).family;
  automaticRotation.enabled = true;
  automaticRotation.periodInDays = periodInDays ?? automaticRotation.periodInDays;
  automaticRotation.nextAt = call.registry.now + automaticRotation.periodInDays * millisecondsPerDay;
  return {};
}

function disableKeyRotation(call: KmsCall): JsonObject {
  rotatableKey(call).family.automaticRotation.enabled = false;
  return {};
}

function getKeyRotationStatus(call: KmsCall): JsonObject {
  const key = symmetricKey(call);
  const { enabled, periodInDays, nextAt } = key.family.automaticRotation;
  const period = enabled ? { RotationPeriodInDays: periodInDays, NextRotationDate: seconds(nextAt) } : {};
  return { KeyId: key.arn, KeyRotationEnabled: enabled, ...period };
}

function rotateKeyOnDemand(call: KmsCall): JsonObject {
  const key = rotatableKey(call);
  const done = key.family.versions.filter((version) => version.rotation?.type === "ON_DEMAND").length;
  if (done >= maximumOnDemandRotations) {
    refuse("LimitExceededException", `${key.arn} was rotated on demand ${maximumOnDemandRotations} times, which is the limit.`);
  }
  call.registry.rotate(key.family, "ON_DEMAND", call.registry.now);
  return { KeyId: key.arn };
}

/** Without `IncludeKeyMaterial: ALL_KEY_MATERIAL` the first version, which no rotation made, is left out. */
function listKeyRotations(call: KmsCall): JsonObject {
  const include = call.fields.oneOf("IncludeKeyMaterial", ["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"]) ?? "ROTATIONS_ONLY";
  const key = symmetricKey(call);
  const current = currentMaterial(key.family);
  const entries = key.family.versions
    .filter((version) => include === "ALL_KEY_MATERIAL" || version.rotation !== undefined)
    .map((version) => ({
      KeyId: key.arn,
      KeyMaterialId: version.id,
      KeyMaterialState: version === current ? "CURRENT" : "NON_CURRENT",
      ...(version.rotation === undefined ? {} : { RotationDate: seconds(version.rotation.at), RotationType: version.rotation.type }),
    }));
  return page(call, "Rotations", entries, 1000);
}

/** New material for a key of the same id; blobs of older versions still decrypt. */
export const rotationOperations: Readonly<Record<string, KmsOperation>> = {
  EnableKeyRotation: { readOnly: false, run: enableKeyRotation },
  DisableKeyRotation: { readOnly: false, run: disableKeyRotation },
  GetKeyRotationStatus: { readOnly: true, run: getKeyRotationStatus },
  RotateKeyOnDemand: { readOnly: false, run: rotateKeyOnDemand },
  ListKeyRotations: { readOnly: true, run: listKeyRotations },
};
