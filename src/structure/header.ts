import type { SecretBytes } from "../bytes/index.ts";
import { ByteReader, ByteWriter, decodeUtf8, utf8 } from "../bytes/index.ts";
import { type AlgorithmSuite, constantTimeEqual, hkdfExpand, hmac, suiteByFlavor } from "../crypto/index.ts";
import { DynasealError, requireWithin } from "../errors/index.ts";
import { type EncryptedDataKey, type EncryptionContext, readEncryptionContext, serializeEncryptionContext } from "../materials/index.ts";
import type { SignedAction } from "./field.ts";
import { parseLegend, serializeLegend } from "./legend.ts";

export const headerName = "aws_dbe_head";
export const messageIdLength = 32;
const commitmentLength = 32;
const maximumDataKeys = 255;
const maximumFieldLength = 0xffff;
const commitKeyInfo = utf8("AWS_DBE_COMMIT_KEY");

/**
 * The header without its commitment.
 *
 * `version (1) ‖ flavor (1) ‖ message id (32) ‖ legend length (2) ‖ legend ‖ context count (2) ‖ context pairs ‖
 * data key count (1) ‖ data keys`, a data key being `provider id length (2) ‖ provider id ‖ provider info length (2) ‖
 * provider info ‖ ciphertext length (2) ‖ ciphertext`.
 *
 * @see specification/structured-encryption/header.md "Partial Header"
 */
export interface PartialHeader {
  readonly formatVersion: 1 | 2;
  readonly algorithmSuite: AlgorithmSuite;
  /** 32 random bytes, new for each item. */
  readonly messageId: Uint8Array;
  readonly legend: readonly SignedAction[];
  /** What is stored: the context without the required keys. */
  readonly encryptionContext: EncryptionContext;
  readonly encryptedDataKeys: readonly EncryptedDataKey[];
}

/** @throws ERR_LIMIT_EXCEEDED no or over 255 data keys, a field over 65,535 bytes */
export function serializePartialHeader(header: PartialHeader): Uint8Array {
  const { encryptedDataKeys } = header;
  requireWithin("the number of encrypted data keys", encryptedDataKeys.length, maximumDataKeys);
  const writer = new ByteWriter();
  const legend = serializeLegend(header.legend);
  writer.uint8(header.formatVersion).uint8(header.algorithmSuite.flavor).bytes(header.messageId);
  writer.uint16(legend.length).bytes(legend);
  writer.bytes(serializeEncryptionContext(header.encryptionContext));
  writer.uint8(encryptedDataKeys.length);
  for (const key of encryptedDataKeys) {
    for (const bytes of [utf8(key.keyProviderId), key.keyProviderInfo, key.ciphertext]) {
      requireWithin("a field of an encrypted data key, in bytes,", bytes.length, maximumFieldLength);
      writer.uint16(bytes.length).bytes(bytes);
    }
  }
  return writer.finish();
}

/**
 * The header as stored, its commitment not yet verified (that takes the data key).
 *
 * @throws ERR_HEADER_MALFORMED
 * @see specification/structured-encryption/header.md "Full Header Value", "Format Version", "Format Flavor", "Message ID"
 * @see specification/structured-encryption/header.md "Encrypted Data Keys", "Encrypted Data Key Count", "Encrypted Data Key Entries"
 */
export function parseHeader(bytes: Uint8Array): PartialHeader {
  const reader = new ByteReader(bytes, malformed);
  const formatVersion = reader.uint8("format version");
  if (formatVersion !== 1 && formatVersion !== 2) throw malformed("format version is neither 1 nor 2");
  const algorithmSuite = suiteByFlavor(reader.uint8("format flavor"));
  if (algorithmSuite === undefined) throw malformed("format flavor is unknown");
  const messageId = reader.take(messageIdLength, "message id");
  const legend = parseLegend(reader.take(reader.uint16("legend length"), "legend"));
  if (legend === undefined) throw malformed("legend holds an unknown byte");
  const encryptionContext = readEncryptionContext(reader, malformed);
  const count = reader.uint8("encrypted data key count");
  if (count === 0) throw malformed("there is no encrypted data key");
  const encryptedDataKeys = Array.from({ length: count }, () => readDataKey(reader));
  reader.take(commitmentLength, "header commitment");
  reader.end("header");
  return { formatVersion, algorithmSuite, messageId, legend, encryptionContext, encryptedDataKeys };
}

/**
 * The first 32 bytes of HMAC-SHA-512 over the partial header, under the commit key: HKDF-Expand of the extracted data
 * key, info `AWS_DBE_COMMIT_KEY ‖ message id`. The specification says SHA-384; every implementation uses the hash of the
 * commit key's derivation, as all cases of items.json show.
 *
 * @see specification/structured-encryption/header.md "Commit Key", "Header Commitment"
 */
export function headerCommitment(
  suite: AlgorithmSuite,
  extractedDataKey: SecretBytes,
  messageId: Uint8Array,
  partialHeader: Uint8Array,
): Uint8Array {
  const commitKey = hkdfExpand(suite.kdfHash, extractedDataKey, suite.encryptionKeyLength, commitKeyInfo, messageId);
  const commitment = hmac(suite.kdfHash, commitKey, partialHeader).subarray(0, commitmentLength);
  commitKey.wipe();
  return commitment;
}

/**
 * In constant time.
 *
 * @see specification/structured-encryption/header.md "Commitment Verification"
 */
export function verifyHeaderCommitment(
  suite: AlgorithmSuite,
  extractedDataKey: SecretBytes,
  messageId: Uint8Array,
  header: Uint8Array,
): boolean {
  const end = header.length - commitmentLength;
  if (end < 0) return false;
  return constantTimeEqual(header.subarray(end), headerCommitment(suite, extractedDataKey, messageId, header.subarray(0, end)));
}

function readDataKey(reader: ByteReader): EncryptedDataKey {
  const keyProviderId = decodeUtf8(reader.take(reader.uint16("key provider id length"), "key provider id"));
  if (keyProviderId === undefined) throw malformed("key provider id is not UTF-8");
  const keyProviderInfo = reader.take(reader.uint16("key provider info length"), "key provider info");
  const ciphertext = reader.take(reader.uint16("encrypted data key length"), "encrypted data key");
  return { keyProviderId, keyProviderInfo, ciphertext };
}

function malformed(field: string): DynasealError {
  return new DynasealError("ERR_HEADER_MALFORMED", { details: { field } });
}
