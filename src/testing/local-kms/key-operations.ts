import { isPrimary, type LocalKey } from "./key-family.ts";
import { keyMetadata } from "./key-metadata.ts";
import { generateMaterial, type KeySpec, type KeyUsage } from "./key-spec.ts";
import { refuse } from "./kms-exception.ts";
import { type KmsCall, type KmsOperation, managedKey, offeredSpec, page, requireEnabled, usedKey } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";

const usages: readonly KeyUsage[] = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"];

async function createKey(call: KmsCall): Promise<JsonObject> {
  const { fields, registry, region } = call;
  const spec = offeredSpec(fields.string("KeySpec") ?? fields.string("CustomerMasterKeySpec") ?? "SYMMETRIC_DEFAULT");
  const origin = fields.string("Origin") ?? "AWS_KMS";
  if (origin !== "AWS_KMS") refuse("UnsupportedOperationException", `Origin ${origin} is not supported here.`);
  const usage = requestedUsage(call, spec);
  const description = descriptionOf(call);
  const multiRegion = fields.boolean("MultiRegion");
  const key = registry.create({ region, spec, usage, multiRegion, description, material: await generateMaterial(spec) });
  call.authorize(key);
  return { KeyMetadata: keyMetadata(registry, key) };
}

function requestedUsage(call: KmsCall, spec: KeySpec): KeyUsage {
  const asked = call.fields.string("KeyUsage");
  if (asked === undefined && spec.type !== "symmetric") {
    refuse("ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  const usage = asked === undefined ? spec.defaultUsage : usages.find((known) => known === asked);
  if (usage === undefined || spec.algorithms[usage] === undefined) {
    refuse("ValidationException", `KeyUsage ${asked ?? ""} is not compatible with KeySpec ${spec.name}`);
  }
  return usage;
}

function descriptionOf(call: KmsCall): string | undefined {
  const description = call.fields.string("Description");
  if (description !== undefined && description.length > 8192) refuse("ValidationException", "Description is longer than 8192 characters.");
  return description;
}

function replicateKey(call: KmsCall): JsonObject {
  const { fields, registry } = call;
  const primary = managedKey(call);
  const region = fields.requiredString("ReplicaRegion");
  requirePrimary(primary, "ReplicateKey");
  requireEnabled(primary);
  const replica = registry.replicate(primary, region, descriptionOf(call));
  return { ReplicaKeyMetadata: keyMetadata(registry, replica), ReplicaTags: [] };
}

function updatePrimaryRegion(call: KmsCall): JsonObject {
  const { fields, registry } = call;
  const primary = managedKey(call);
  const region = fields.requiredString("PrimaryRegion");
  requirePrimary(primary, "UpdatePrimaryRegion");
  requireEnabled(primary);
  if (region === primary.region) refuse("UnsupportedOperationException", `${primary.arn} is the primary key already.`);
  const replica = registry.holders(primary.family.keyId).find((key) => key.region === region);
  if (replica === undefined) refuse("NotFoundException", `${primary.arn} has no replica key in Region ${region}.`);
  requireEnabled(replica);
  primary.family.primaryRegion = region;
  return {};
}

function requirePrimary(key: LocalKey, operation: string): void {
  if (!isPrimary(key)) refuse("UnsupportedOperationException", `${operation} takes a multi-Region primary key; ${key.arn} is none.`);
}

function describeKey(call: KmsCall): JsonObject {
  call.fields.checkGrantTokens();
  return { KeyMetadata: keyMetadata(call.registry, usedKey(call)) };
}

function listKeys(call: KmsCall): JsonObject {
  const all = call.registry.keys(call.region).map((key) => ({ KeyId: key.family.keyId, KeyArn: key.arn }));
  return page(call, "Keys", all, 1000);
}

/** Keys as a whole: made, replicated, listed. */
export const keyOperations: Readonly<Record<string, KmsOperation>> = {
  CreateKey: { readOnly: false, run: createKey },
  ReplicateKey: { readOnly: false, run: replicateKey },
  UpdatePrimaryRegion: { readOnly: false, run: updatePrimaryRegion },
  DescribeKey: { readOnly: true, run: describeKey },
  ListKeys: { readOnly: true, run: listKeys },
};
