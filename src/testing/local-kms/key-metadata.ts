import { currentMaterial, type LocalKey } from "./key-family.ts";
import { accountId } from "./key-reference.ts";
import type { KeyRegistry } from "./key-registry.ts";
import { seconds } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";

/** KMS's KeyMetadata, as CreateKey, DescribeKey and ReplicateKey answer it. */
export function keyMetadata(registry: KeyRegistry, key: LocalKey): JsonObject {
  const { family } = key;
  return {
    AWSAccountId: accountId,
    KeyId: family.keyId,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyState: key.state,
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    ...keyFacts(key),
    ...(family.spec.type === "symmetric" ? { CurrentKeyMaterialId: currentMaterial(family).id } : {}),
    MultiRegion: family.multiRegion,
    ...(family.multiRegion ? { MultiRegionConfiguration: multiRegionConfiguration(registry, key) } : {}),
    ...deletion(key),
  };
}

/** The members that KeyMetadata shares with the answer of GetPublicKey. */
export function keyFacts(key: LocalKey): JsonObject {
  const { spec, usage } = key.family;
  const member = { ENCRYPT_DECRYPT: "EncryptionAlgorithms", SIGN_VERIFY: "SigningAlgorithms", KEY_AGREEMENT: "KeyAgreementAlgorithms" }[
    usage
  ];
  return { CustomerMasterKeySpec: spec.name, KeySpec: spec.name, KeyUsage: usage, [member]: spec.algorithms[usage] };
}

function multiRegionConfiguration(registry: KeyRegistry, key: LocalKey): JsonObject {
  const { primaryRegion, keyId } = key.family;
  const members = registry.holders(keyId).map(({ arn, region }) => ({ Arn: arn, Region: region }));
  return {
    MultiRegionKeyType: key.region === primaryRegion ? "PRIMARY" : "REPLICA",
    PrimaryKey: members.find(({ Region }) => Region === primaryRegion),
    ReplicaKeys: members.filter(({ Region }) => Region !== primaryRegion),
  };
}

function deletion(key: LocalKey): JsonObject {
  if (key.deletion === undefined) return {};
  const { deleteAt, windowInDays } = key.deletion;
  return deleteAt === undefined ? { PendingDeletionWindowInDays: windowInDays } : { DeletionDate: seconds(deleteAt) };
}
