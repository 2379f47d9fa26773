import { decodeUtf8, toHex } from "../bytes/index.ts";
import type { EncryptedDataKey } from "./materials.ts";

/** Key provider id of the hierarchical keyring. */
export const hierarchyProviderId = "aws-kms-hierarchy";

/** Where the version (16 bytes) stands: behind the wrapped data key (48), salt (16) and IV (12). */
const versionOffset = 48 + 16 + 12;
const versionLength = 16;

/**
 * Which branch key, in which version, an encrypted data key of the hierarchical keyring is under.
 *
 * @returns `undefined` for other keyrings' data keys and for ones too short or not UTF-8
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Ciphertext"
 */
export function branchKeyOf(key: EncryptedDataKey): { readonly branchKeyId: string; readonly branchKeyVersion: string } | undefined {
  if (key.keyProviderId !== hierarchyProviderId || key.ciphertext.length < versionOffset + versionLength) return undefined;
  const branchKeyId = decodeUtf8(key.keyProviderInfo);
  if (branchKeyId === undefined) return undefined;
  return { branchKeyId, branchKeyVersion: uuidText(key.ciphertext.subarray(versionOffset, versionOffset + versionLength)) };
}

/** 16 bytes as the text of a UUID. */
export function uuidText(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
