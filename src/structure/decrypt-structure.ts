import { readTypeId, type Terminal, typeIds } from "../attributes/index.ts";
import { aesGcmDecrypt, hkdfExtract } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import type { CompleteDecryptionMaterials } from "../materials/index.ts";
import { compareCanonicalPaths } from "./canonical-path.ts";
import type { Field } from "./field.ts";
import { deriveFieldKeys, type FieldKeys } from "./field-keys.ts";
import { canonicalHash, parseFooter, verifyFooter } from "./footer.ts";
import { type PartialHeader, verifyHeaderCommitment } from "./header.ts";

/** A signed attribute as stored, before the legend says what it is. */
export type StoredField = Omit<Field, "action">;

export interface DecryptStructureInput {
  readonly parsedHeader: PartialHeader;
  readonly header: Uint8Array;
  readonly footer: Uint8Array;
  /** In the order of canonical paths, each with the action that the legend names: {@link applyLegend}. */
  readonly fields: readonly Field[];
  readonly materials: CompleteDecryptionMaterials;
}

/**
 * Gives each stored field its action from the legend, in the order of canonical paths.
 *
 * @throws ERR_LEGEND_MISMATCH where the item has not as many signed attributes as the legend
 * @see specification/structured-encryption/decrypt-path-structure.md "Parse the Header"
 * @see specification/structured-encryption/decrypt-path-structure.md "Auth List"
 */
export function applyLegend(header: PartialHeader, stored: readonly StoredField[]): readonly Field[] {
  if (stored.length !== header.legend.length) {
    throw new DynasealError("ERR_LEGEND_MISMATCH", { details: { legendLength: header.legend.length, signedAttributes: stored.length } });
  }
  const sorted = stored.toSorted((a, b) => compareCanonicalPaths(a.path, b.path));
  return sorted.map((field, index) => ({ ...field, action: header.legend[index] ?? "SIGN_ONLY" }));
}

/**
 * Verifies commitment, recipient tag and signature, in this order, then decrypts. Nothing is decrypted, and nothing
 * comes back, before everything is verified.
 *
 * @returns name → plaintext terminal of each encrypted field
 * @throws ERR_NOT_AUTHENTIC, ERR_FOOTER_MALFORMED
 * @see specification/structured-encryption/decrypt-path-structure.md
 * @see specification/structured-encryption/decrypt-path-structure.md "Input", "Behavior", "Verify Signatures"
 * @see specification/structured-encryption/decrypt-path-structure.md "Construct Decrypted Structured Data", "Terminal Data Decryption"
 */
export async function decryptStructure(input: DecryptStructureInput): Promise<ReadonlyMap<string, Terminal>> {
  const { parsedHeader, materials, fields } = input;
  const { algorithmSuite } = parsedHeader;
  const { messageId } = parsedHeader;
  const extracted = hkdfExtract(algorithmSuite.kdfHash, materials.plaintextDataKey);
  const isCommitted = verifyHeaderCommitment(algorithmSuite, extracted, messageId, input.header);
  const encryptedFields = fields.filter((field) => field.action === "ENCRYPT_AND_SIGN");
  const fieldKeys = deriveFieldKeys(algorithmSuite, extracted, messageId, isCommitted ? encryptedFields.length : 0);
  extracted.wipe();
  try {
    if (!isCommitted) throw notAuthentic();
    const footer = parseFooter(input.footer, algorithmSuite, parsedHeader.encryptedDataKeys.length);
    // The canonical field of an encrypted value says nothing of the type it is stored as: only binary is one.
    if (encryptedFields.some(({ terminal }) => terminal.typeId !== typeIds.B || terminal.value.length < 2)) throw notAuthentic();
    const hash = canonicalHash(algorithmSuite, input.header, materials.encryptionContext, fields);
    if (!(await verifyFooter(footer, materials, hash))) throw notAuthentic();
    return decryptFields(encryptedFields, fieldKeys);
  } finally {
    fieldKeys.wipe();
  }
}

function decryptFields(encryptedFields: readonly Field[], fieldKeys: FieldKeys): ReadonlyMap<string, Terminal> {
  const decrypted = new Map<string, Terminal>();
  for (const [ordinal, { name, path, terminal }] of encryptedFields.entries()) {
    const { key, iv } = fieldKeys.at(ordinal);
    const value = aesGcmDecrypt({ key, iv, aad: path.bytes }, terminal.value.subarray(2));
    if (value === undefined) throw notAuthentic();
    decrypted.set(name, { typeId: readTypeId(terminal.value), value });
  }
  return decrypted;
}

function notAuthentic(): DynasealError {
  return new DynasealError("ERR_NOT_AUTHENTIC", { details: {} });
}
