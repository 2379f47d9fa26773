import { branchKeyOf, type EncryptedDataKey, type EncryptionContext } from "../materials/index.ts";
import type { PartialHeader } from "../structure/index.ts";

/** An encrypted data key as a header shows it. */
export interface HeaderDataKey {
  readonly keyProviderId: string;
  readonly keyProviderInfo: Uint8Array;
  /** Hierarchical keyring only. */
  readonly branchKeyId?: string;
  /** Hierarchical keyring only: a UUID. */
  readonly branchKeyVersion?: string;
  readonly encryptedDataKey: Uint8Array;
}

/** What `header` of an item says; holds no key. */
export interface ItemHeader {
  readonly formatVersion: 1 | 2;
  readonly algorithmSuiteId: "0x6700" | "0x6701";
  /** The whole context that was authenticated; from `describeItem` only what the item stores. */
  readonly encryptionContext: EncryptionContext;
  readonly encryptedDataKeys: readonly HeaderDataKey[];
}

export function itemHeader(header: PartialHeader, encryptionContext: EncryptionContext): ItemHeader {
  return {
    formatVersion: header.formatVersion,
    algorithmSuiteId: header.algorithmSuite.id,
    encryptionContext,
    encryptedDataKeys: header.encryptedDataKeys.map(headerDataKey),
  };
}

function headerDataKey(key: EncryptedDataKey): HeaderDataKey {
  return {
    keyProviderId: key.keyProviderId,
    keyProviderInfo: Uint8Array.from(key.keyProviderInfo),
    ...branchKeyOf(key),
    encryptedDataKey: Uint8Array.from(key.ciphertext),
  };
}
