import { ByteWriter, type SecretBytes, utf8, type Wipeable } from "../bytes/index.ts";
import { type AlgorithmSuite, aesCtrKeyStream, hkdfExpand } from "../crypto/index.ts";

const deriveKeyInfo = utf8("AWS_DBE_DERIVE_KEY");
/** "AwsDbeField", then 44, the length of a field key. */
const counterPrefix = new ByteWriter().bytes(utf8("AwsDbeField")).uint8(44).finish();
/** A field key takes 44 of the 48 bytes of three cipher blocks, hence the step of three counters. */
const bytesPerField = 48;
const keyLength = 32;
const ivLength = 12;

/** Cipher key and nonce of one encrypted field; views of the key stream, so they are zeros once that is wiped. */
export interface FieldKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly iv: Uint8Array;
}

/** The keys of one item's encrypted fields, in the order of canonical paths. */
export class FieldKeys implements Wipeable {
  readonly #stream: SecretBytes | undefined;

  /** @param stream 48 bytes for each field, of which 44 serve; `undefined` where nothing is encrypted */
  constructor(stream: SecretBytes | undefined) {
    this.#stream = stream;
  }

  /** @throws ERR_SECRET_WIPED */
  at(ordinal: number): FieldKey {
    const start = ordinal * bytesPerField;
    const bytes = (this.#stream?.reveal() ?? noBytes).subarray(start, start + keyLength + ivLength);
    if (bytes.length < keyLength + ivLength) throw new RangeError("more encrypted fields than keys");
    return { key: bytes.subarray(0, keyLength), iv: bytes.subarray(keyLength) };
  }

  wipe(): void {
    this.#stream?.wipe();
  }
}

const noBytes: Uint8Array = new Uint8Array(0);

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
export function deriveFieldKeys(suite: AlgorithmSuite, extractedDataKey: SecretBytes, messageId: Uint8Array, count: number): FieldKeys {
  if (count === 0) return new FieldKeys(undefined);
  const rootKey = hkdfExpand(suite.kdfHash, extractedDataKey, suite.encryptionKeyLength, deriveKeyInfo, messageId);
  const counter = new ByteWriter().bytes(counterPrefix).uint32(0).finish();
  const stream = aesCtrKeyStream(rootKey, counter, count * bytesPerField);
  rootKey.wipe();
  return new FieldKeys(stream);
}
