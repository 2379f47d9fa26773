import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ByteReader, concatBytes, decodeUtf8, utf8 } from "../../bytes/index.ts";
import { type EncryptionContext, serializeEncryptionContext } from "../../materials/index.ts";
import { currentMaterial, type KeyFamily, materialById } from "./key-family.ts";
import { KmsException, refuse } from "./kms-exception.ts";

/** A ciphertext blob, parsed but not authenticated. */
export interface CiphertextBlob {
  readonly keyId: string;
  /** 64 hex digits. */
  readonly materialId: string;
  /** Everything in front of the initialization vector; authenticated. */
  readonly header: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

const formatVersion = 1;
const ivLength = 12;
const tagLength = 16;
const materialIdLength = 32;

/**
 * Encrypts under the key's current material.
 *
 * The blob is `0x01 ‖ key id length (1) ‖ key id ‖ material id (32) ‖ iv (12) ‖ AES-256-GCM ciphertext ‖ tag (16)`;
 * additional authenticated data is all in front of the iv, followed by the encryption context in canonical form. The
 * Region is not part of it: related multi-Region keys decrypt each other's blobs.
 */
export function sealBlob(family: KeyFamily, context: EncryptionContext, plaintext: Uint8Array): Uint8Array {
  const material = currentMaterial(family);
  const keyId = utf8(family.keyId);
  const header = concatBytes(Uint8Array.of(formatVersion, keyId.length), keyId, Buffer.from(material.id, "hex"));
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv("aes-256-gcm", material.key, iv, { authTagLength: tagLength });
  cipher.setAAD(additionalData(header, context));
  const ciphertext = concatBytes(cipher.update(plaintext), cipher.final());
  return concatBytes(header, iv, ciphertext, cipher.getAuthTag());
}

export function parseBlob(blob: Uint8Array): CiphertextBlob {
  const reader = new ByteReader(blob, invalid);
  if (reader.uint8("format version") !== formatVersion) throw invalid();
  const keyId = decodeUtf8(reader.take(reader.uint8("key id length"), "key id"));
  if (keyId === undefined) throw invalid();
  const materialId = Buffer.from(reader.take(materialIdLength, "material id")).toString("hex");
  const header = blob.subarray(0, reader.offset);
  const iv = reader.take(ivLength, "iv");
  const ciphertext = reader.take(Math.max(reader.remaining - tagLength, 0), "ciphertext");
  const tag = reader.take(tagLength, "tag");
  return { keyId, materialId, header, iv, ciphertext, tag };
}

/** The plaintext; any change of blob or context ends in InvalidCiphertextException. */
export function openBlob(family: KeyFamily, context: EncryptionContext, blob: CiphertextBlob): Uint8Array {
  const material = materialById(family, blob.materialId);
  if (material === undefined || family.spec.type !== "symmetric") throw invalid();
  const decipher = createDecipheriv("aes-256-gcm", material.key, blob.iv, { authTagLength: tagLength });
  decipher.setAAD(additionalData(blob.header, context));
  decipher.setAuthTag(blob.tag);
  try {
    return concatBytes(decipher.update(blob.ciphertext), decipher.final());
  } catch {
    return refuse("InvalidCiphertextException", invalid().message);
  }
}

function additionalData(header: Uint8Array, context: EncryptionContext): Uint8Array {
  return concatBytes(header, serializeEncryptionContext(context));
}

function invalid(): KmsException {
  return new KmsException("InvalidCiphertextException", "The ciphertext, or the encryption context that goes with it, is not valid.");
}
