import { typeIdBytes, typeIds } from "../attributes/index.ts";
import { concatBytes } from "../bytes/index.ts";
import { aesGcmEncrypt, hkdfExtract } from "../crypto/index.ts";
import { type CompleteEncryptionMaterials, type EncryptionContext, encryptionContextOf } from "../materials/index.ts";
import { compareCanonicalPaths } from "./canonical-path.ts";
import type { Field } from "./field.ts";
import { deriveFieldKeys } from "./field-keys.ts";
import { canonicalHash, signFooter } from "./footer.ts";
import { headerCommitment, type PartialHeader, serializePartialHeader } from "./header.ts";

export interface EncryptStructureInput {
  readonly formatVersion: 1 | 2;
  /** 32 fresh random bytes. */
  readonly messageId: Uint8Array;
  /** Every signed attribute, in any order; at least one. */
  readonly fields: readonly Field[];
  readonly materials: CompleteEncryptionMaterials;
}

export interface EncryptedStructure {
  readonly header: Uint8Array;
  readonly footer: Uint8Array;
  /** Name → `type (2) ‖ ciphertext ‖ tag (16)` of each ENCRYPT_AND_SIGN field. */
  readonly encrypted: ReadonlyMap<string, Uint8Array>;
  readonly parsedHeader: PartialHeader;
}

/**
 * Encrypts and signs the fields of one item. Pure: no I/O, randomness comes in as message id and materials.
 *
 * @throws ERR_LIMIT_EXCEEDED
 * @see specification/structured-encryption/encrypt-path-structure.md
 * @see specification/structured-encryption/encrypt-path-structure.md "Input", "Behavior"
 * @see specification/structured-encryption/encrypt-path-structure.md "Calculate Intermediate Encrypted Structured Data"
 * @see specification/structured-encryption/encrypt-path-structure.md "Terminal Data Encryption", "Terminal Type Id"
 * @see specification/structured-encryption/encrypt-path-structure.md "Encrypted Terminal Value", "Header Field", "Footer Field"
 * @see specification/structured-encryption/encrypt-path-structure.md "Encrypted Structured Data"
 */
export async function encryptStructure(input: EncryptStructureInput): Promise<EncryptedStructure> {
  const { materials, messageId } = input;
  const { algorithmSuite } = materials;
  const fields = input.fields.toSorted((a, b) => compareCanonicalPaths(a.path, b.path));
  const parsedHeader: PartialHeader = {
    formatVersion: input.formatVersion,
    algorithmSuite,
    messageId,
    legend: fields.map((field) => field.action),
    encryptionContext: storedContext(materials),
    encryptedDataKeys: materials.encryptedDataKeys,
  };
  const partial = serializePartialHeader(parsedHeader);
  const extracted = hkdfExtract(algorithmSuite.kdfHash, materials.plaintextDataKey);
  const header = concatBytes(partial, headerCommitment(algorithmSuite, extracted, messageId, partial));
  const encryptedCount = fields.filter((field) => field.action === "ENCRYPT_AND_SIGN").length;
  const fieldKeys = deriveFieldKeys(algorithmSuite, extracted, messageId, encryptedCount);
  extracted.wipe();
  const encrypted = new Map<string, Uint8Array>();
  const stored = fields.map((field): Field => {
    if (field.action !== "ENCRYPT_AND_SIGN") return field;
    const { key, iv } = fieldKeys.at(encrypted.size);
    const { typeId, value: plaintext } = field.terminal;
    const value = aesGcmEncrypt({ key, iv, aad: field.path.bytes }, plaintext, typeIdBytes(typeId));
    encrypted.set(field.name, value);
    return { ...field, terminal: { typeId: typeIds.B, value } };
  });
  fieldKeys.wipe();
  const footer = await signFooter(materials, canonicalHash(algorithmSuite, header, materials.encryptionContext, stored));
  return { header, footer, encrypted, parsedHeader };
}

/** The context that the header stores: without the keys that the reader has to reproduce. */
function storedContext(materials: CompleteEncryptionMaterials): EncryptionContext {
  const required = new Set(materials.requiredEncryptionContextKeys);
  const stored = Object.entries(materials.encryptionContext).filter(([key]) => !required.has(key));
  return encryptionContextOf(Object.fromEntries(stored));
}
