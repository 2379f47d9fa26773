import { ByteWriter, concatBytes, utf8 } from "../bytes/index.ts";
import { type AlgorithmSuite, constantTimeEqual, digestOf, hmac, verifySignature } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import {
  type CompleteDecryptionMaterials,
  type EncryptionContext,
  type EncryptionMaterials,
  encryptionContextToAad,
} from "../materials/index.ts";
import type { Field } from "./field.ts";

export const footerName = "aws_dbe_foot";
const encrypted = utf8("ENCRYPTED");
const plaintext = utf8("PLAINTEXT");
/** Length, word and type. */
const longestMark = 8 + 9 + 2;

/**
 * `recipient tags (48 each, one an encrypted data key, in their order) ‖ signature (103 under ECDSA, else none)`.
 *
 * The specification's table says 96 for the signature; every implementation writes DER of 103 bytes.
 *
 * @see specification/structured-encryption/footer.md "Footer Format"
 */
export interface Footer {
  readonly recipientTags: readonly Uint8Array[];
  readonly signature: Uint8Array | undefined;
}

/** @throws ERR_FOOTER_MALFORMED */
export function parseFooter(bytes: Uint8Array, suite: AlgorithmSuite, recipients: number): Footer {
  const tagLength = suite.symmetricSignature.length;
  const signatureLength = suite.asymmetricSignature?.length ?? 0;
  const tagsEnd = recipients * tagLength;
  if (bytes.length !== tagsEnd + signatureLength) {
    const field = `${bytes.length} bytes where ${recipients} recipient tags and the suite make ${tagsEnd + signatureLength}`;
    throw new DynasealError("ERR_FOOTER_MALFORMED", { details: { field } });
  }
  return {
    recipientTags: Array.from({ length: recipients }, (_, i) => bytes.subarray(i * tagLength, (i + 1) * tagLength)),
    signature: signatureLength === 0 ? undefined : bytes.subarray(tagsEnd),
  };
}

/**
 * SHA-384 of the canonical record: `header ‖ context length (8) ‖ context ‖ fields`, a field being
 * `canonical path ‖ length (8) ‖ "ENCRYPTED" or "PLAINTEXT" ‖ type (2) ‖ value`. The length of an encrypted field is
 * that of its ciphertext and tag, without the two bytes of type in front.
 *
 * @param fields in the order of canonical paths, encrypted ones in their stored form
 * @see specification/structured-encryption/footer.md "Canonical Hash"
 * @see specification/structured-encryption/footer.md "Canonical Encrypted Field", "Canonical Plaintext Field", "Canonical Record"
 * @see specification/structured-encryption/footer.md "Hash Calculation"
 */
export function canonicalHash(suite: AlgorithmSuite, header: Uint8Array, context: EncryptionContext, fields: readonly Field[]): Uint8Array {
  const aad = encryptionContextToAad(context);
  // All that stands between the values in one buffer: an allocation for each field costs more than hashing it.
  const writer = new ByteWriter(8 + fields.length * longestMark).uint64(aad.length);
  const ends = fields.map(({ action, terminal: { typeId, value } }): number => {
    if (action === "ENCRYPT_AND_SIGN") return writer.uint64(value.length - 2).bytes(encrypted).length;
    return writer.uint64(value.length).bytes(plaintext).uint16(typeId).length;
  });
  const marks = writer.finish();
  const parts = [header, marks.subarray(0, 8), aad];
  let start = 8;
  for (const [index, { path, terminal }] of fields.entries()) {
    const end = ends[index] ?? start;
    parts.push(path.bytes, marks.subarray(start, end), terminal.value);
    start = end;
  }
  return digestOf(suite.symmetricSignature.hash, parts);
}

/**
 * Tags and, under ECDSA, signature of a canonical hash, serialized.
 *
 * @see specification/structured-encryption/footer.md "Recipient Tags", "Signature"
 */
export async function signFooter(materials: EncryptionMaterials, hash: Uint8Array): Promise<Uint8Array> {
  const tags = materials.symmetricSigningKeys.map((key) => hmac(materials.algorithmSuite.symmetricSignature.hash, key, hash));
  if (materials.signingKey === undefined) return concatBytes(...tags);
  return concatBytes(...tags, await materials.signingKey.sign(hash));
}

/**
 * True where any recipient tag is the one that our symmetric signing key makes and, under ECDSA, the signature holds.
 * All tags are compared, each in constant time.
 *
 * @see specification/structured-encryption/footer.md "Footer Verification"
 * @see specification/structured-encryption/footer.md "Recipient Tag Verification", "Signature Verification"
 * @see framework/algorithm-suites.md "Asymmetric Signature Algorithm", "Symmetric Signature Algorithm"
 */
export async function verifyFooter(footer: Footer, materials: CompleteDecryptionMaterials, hash: Uint8Array): Promise<boolean> {
  const { algorithmSuite, symmetricSigningKey, verificationKey } = materials;
  const expected = hmac(algorithmSuite.symmetricSignature.hash, symmetricSigningKey, hash);
  const matches = footer.recipientTags.filter((tag) => constantTimeEqual(tag, expected)).length;
  if (matches === 0) return false;
  if (algorithmSuite.asymmetricSignature === undefined) return true;
  if (verificationKey === undefined || footer.signature === undefined) return false;
  return verifySignature(verificationKey, hash, footer.signature);
}
