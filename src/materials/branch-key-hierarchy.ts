import { decodeUtf8, toHex } from "../bytes/index.ts";
import type { EncryptedDataKey } from "./materials.ts";

/** Key provider id of the hierarchical keyring. */
export const hierarchyProviderId = "aws-kms-hierarchy";

/** Bytes in front of the wrapped intermediate key: `salt ‖ IV ‖ version`. */
export const hierarchyLengths = { salt: 16, iv: 12, version: 16 } as const;

/** The version stands behind the wrapped data key (48), salt and IV. */
const versionOffset = 48 + hierarchyLengths.salt + hierarchyLengths.iv;
const versionEnd = versionOffset + hierarchyLengths.version;

/**
 * Which branch key, in which version, an encrypted data key of the hierarchical keyring is under.
 *
 * @returns `undefined` for other keyrings' data keys and for ones too short or not UTF-8
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Ciphertext"
 */
export function branchKeyOf(key: EncryptedDataKey): { readonly branchKeyId: string; readonly branchKeyVersion: string } | undefined {
  if (key.keyProviderId !== hierarchyProviderId || key.ciphertext.length < versionEnd) return undefined;
  const branchKeyId = decodeUtf8(key.keyProviderInfo);
  if (branchKeyId === undefined) return undefined;
  return { branchKeyId, branchKeyVersion: uuidText(key.ciphertext.subarray(versionOffset, versionEnd)) };
}

/** 16 bytes as the text of a UUID. */
export function uuidText(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The inverse of {@link uuidText}. */
export function uuidBytes(uuid: string): Uint8Array {
  const digits = uuid.replaceAll("-", "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
}
