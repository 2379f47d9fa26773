import { ByteWriter, type SecretBytes, utf8 } from "../bytes/index.ts";
import { type AlgorithmSuite, aesCtrKeyStream, hkdfExpand } from "../crypto/index.ts";

const deriveKeyInfo = utf8("AWS_DBE_DERIVE_KEY");
/** "AwsDbeField", then 44, the length of a field key. */
const counterPrefix = new ByteWriter(12).bytes(utf8("AwsDbeField")).uint8(44).finish();
/** A field key takes 44 of the 48 bytes of three cipher blocks, hence the step of three counters. */
const bytesPerField = 48;
const keyLength = 32;
const ivLength = 12;

/** Cipher key and nonce of one encrypted field. */
export interface FieldKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
}

/**
 * The keys of the first `count` encrypted fields in the order of canonical paths.
 *
 * Field root key: HKDF-Expand(extracted data key, `AWS_DBE_DERIVE_KEY ‖ message id`). Field key of ordinal i: 44 bytes
 * of AES-256-CTR under the root key from counter block `"AwsDbeField" ‖ 0x2c ‖ 3 i (4)`: 32 of key, 12 of nonce. The
 * blocks of successive fields follow each other, so one key stream holds them all.
 *
 * @see specification/structured-encryption/encrypt-path-structure.md "Calculate Cipherkey and Nonce"
 * @see specification/structured-encryption/encrypt-path-structure.md "Calculate Info"
 */
export function deriveFieldKeys(
  suite: AlgorithmSuite,
  extractedDataKey: SecretBytes,
  messageId: Uint8Array,
  count: number,
): readonly FieldKey[] {
  if (count === 0) return [];
  const rootKey = hkdfExpand(suite.kdfHash, extractedDataKey, suite.encryptionKeyLength, deriveKeyInfo, messageId);
  const counter = new ByteWriter(16).bytes(counterPrefix).uint32(0).finish();
  const stream = aesCtrKeyStream(rootKey, counter, count * bytesPerField);
  return Array.from({ length: count }, (_, i) => {
    const start = i * bytesPerField;
    return { key: stream.subarray(start, start + keyLength), iv: stream.subarray(start + keyLength, start + keyLength + ivLength) };
  });
}
