import { aliasArn, isAliasName, notThere } from "./key-reference.ts";
import type { Alias } from "./key-registry.ts";
import { refuse } from "./kms-exception.ts";
import { type KmsCall, type KmsOperation, managedKey, page, requireNotPending, seconds } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";

function createAlias(call: KmsCall): JsonObject {
  const name = aliasName(call);
  if (name.startsWith("alias/aws/")) refuse("InvalidAliasNameException", "Alias names that begin with alias/aws/ are reserved for AWS.");
  const key = managedKey(call, "TargetKeyId");
  requireNotPending(key);
  if (call.registry.alias(call.region, name) !== undefined) {
    refuse("AlreadyExistsException", `An alias with the name ${aliasArn(call.region, name)} already exists`);
  }
  const { now } = call.registry;
  call.registry.setAlias(call.region, { name, keyId: key.family.keyId, createdAt: now, updatedAt: now });
  return {};
}

function updateAlias(call: KmsCall): JsonObject {
  const alias = existingAlias(call);
  const key = managedKey(call, "TargetKeyId");
  requireNotPending(key);
  const old = call.registry.find(alias.keyId, call.region);
  if (old !== undefined && (old.family.usage !== key.family.usage || isSymmetric(old) !== isSymmetric(key))) {
    refuse("ValidationException", `Alias ${alias.name} must keep pointing to a key of the same type and usage.`);
  }
  call.registry.setAlias(call.region, { ...alias, keyId: key.family.keyId, updatedAt: call.registry.now });
  return {};
}

function isSymmetric(key: ReturnType<typeof managedKey>): boolean {
  return key.family.spec.type === "symmetric";
}

function deleteAlias(call: KmsCall): JsonObject {
  call.registry.deleteAlias(call.region, existingAlias(call).name);
  return {};
}

function listAliases(call: KmsCall): JsonObject {
  const target = call.fields.keyId("KeyId") === undefined ? undefined : managedKey(call);
  const entries = call.registry
    .aliases(call.region)
    .filter((alias) => target === undefined || alias.keyId === target.family.keyId)
    .map((alias) => ({
      AliasName: alias.name,
      AliasArn: aliasArn(call.region, alias.name),
      TargetKeyId: alias.keyId,
      CreationDate: seconds(alias.createdAt),
      LastUpdatedDate: seconds(alias.updatedAt),
    }));
  return page(call, "Aliases", entries, 100);
}

function aliasName(call: KmsCall): string {
  const name = call.fields.requiredString("AliasName");
  if (!isAliasName(name)) {
    refuse("ValidationException", "AliasName must begin with alias/, and go on with letters, digits, slashes, underscores and dashes.");
  }
  return name;
}

function existingAlias(call: KmsCall): Alias {
  const name = aliasName(call);
  return call.registry.alias(call.region, name) ?? refuse("NotFoundException", notThere(aliasArn(call.region, name), false));
}

/** Aliases belong to one Region; replicas do not share them. */
export const aliasOperations: Readonly<Record<string, KmsOperation>> = {
  CreateAlias: { readOnly: false, run: createAlias },
  UpdateAlias: { readOnly: false, run: updateAlias },
  DeleteAlias: { readOnly: false, run: deleteAlias },
  ListAliases: { readOnly: true, run: listAliases },
};
