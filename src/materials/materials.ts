import type { SecretBytes } from "../bytes/index.ts";
import type { AlgorithmSuite, SigningKey } from "../crypto/index.ts";
import type { EncryptionContext } from "./encryption-context.ts";

/**
 * A wrapped data key as the header stores it.
 *
 * Under both suites `ciphertext` is `wrapped data key (48) ‖ wrapped intermediate key (the keyring's own layout)`.
 *
 * @see framework/structures.md "Encrypted Data Key"
 */
export interface EncryptedDataKey {
  /** Such as `"aws-kms"`, `"aws-kms-hierarchy"`, or a raw keyring's namespace. */
  readonly keyProviderId: string;
  readonly keyProviderInfo: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What materials do when their item is done. */
export interface ReleasedMaterials {
  /**
   * Called once, when the item is done. Absent, as in what keyrings and the default CMM give: the data key and the
   * symmetric signing keys are wiped. A CMM that hands the same materials out again has to give one of its own.
   */
  readonly release?: (() => void) | undefined;
}

/**
 * @see framework/structures.md "Encryption Materials"
 * @see framework/structures.md "Ciphertext", "Structure", "Overview", "Encrypted Data Keys", "Plaintext Data Key", "Signing Key"
 * @see framework/structures.md "Required Encryption Context Keys", "Symmetric Signing Keys", "Fields"
 */
export interface EncryptionMaterials extends ReleasedMaterials {
  readonly algorithmSuite: AlgorithmSuite;
  readonly encryptionContext: EncryptionContext;
  /** Authenticated but not stored in the header; to be reproduced on decrypt. */
  readonly requiredEncryptionContextKeys: readonly string[];
  readonly encryptedDataKeys: readonly EncryptedDataKey[];
  /** One for each encrypted data key, in the same order. */
  readonly symmetricSigningKeys: readonly SecretBytes[];
  /** 32 bytes; set by the first keyring. */
  readonly plaintextDataKey: SecretBytes | undefined;
  /** Present exactly under the ECDSA suite. */
  readonly signingKey: SigningKey | undefined;
}

/**
 * @see framework/structures.md "Decryption Materials"
 * @see framework/structures.md "Verification Key", "Symmetric Signing Key"
 */
export interface DecryptionMaterials extends ReleasedMaterials {
  readonly algorithmSuite: AlgorithmSuite;
  /** What the header stores and what was reproduced, together. */
  readonly encryptionContext: EncryptionContext;
  readonly requiredEncryptionContextKeys: readonly string[];
  readonly plaintextDataKey: SecretBytes | undefined;
  readonly symmetricSigningKey: SecretBytes | undefined;
  /** 49 bytes, compressed P-384 point; present exactly under the ECDSA suite. */
  readonly verificationKey: Uint8Array | undefined;
}

/** Encryption materials whose data key a keyring has set. */
export type CompleteEncryptionMaterials = EncryptionMaterials & { readonly plaintextDataKey: SecretBytes };
/** Decryption materials whose data key a keyring has recovered. */
export type CompleteDecryptionMaterials = DecryptionMaterials & {
  readonly plaintextDataKey: SecretBytes;
  readonly symmetricSigningKey: SecretBytes;
};

/** Ends the use of materials: their own `release`, otherwise their keys are wiped. */
export function releaseMaterials(materials: EncryptionMaterials | DecryptionMaterials): void {
  if (materials.release !== undefined) {
    materials.release();
    return;
  }
  materials.plaintextDataKey?.wipe();
  if ("symmetricSigningKey" in materials) materials.symmetricSigningKey?.wipe();
  if ("symmetricSigningKeys" in materials) for (const key of materials.symmetricSigningKeys) key.wipe();
}
