import { type ByteReader, ByteWriter, compareUtf8, decodeUtf8, encodeUtf8 } from "../bytes/index.ts";
import { DynasealError, requireWithin } from "../errors/index.ts";

/**
 * Non-secret key-value pairs that are authenticated with the item; its map has no prototype.
 *
 * @see framework/structures.md "Encryption Context"
 */
export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * The names that an item's encryption context is made of.
 *
 * @see specification/dynamodb-encryption-client/encrypt-item.md "DynamoDB Item Base Context"
 */
export const itemContextKeys = {
  tableName: "aws-crypto-table-name",
  partitionName: "aws-crypto-partition-name",
  sortName: "aws-crypto-sort-name",
  legend: "aws-crypto-legend",
  /** In front of an attribute's name. */
  attributePrefix: "aws-crypto-attr.",
} as const;

/** Set by the CMM under the ECDSA suite: base64 of the 49-byte compressed verification key. */
export const publicKeyContextKey = "aws-crypto-public-key";

const maximumPairs = 0xffff;
const maximumLength = 0xffff;

/** One context with the pairs of all; null prototype. The caller has made sure that equal keys hold equal values. */
export function encryptionContextOf(...sources: readonly EncryptionContext[]): EncryptionContext {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, string>, ...sources));
}

export function hasContextKey(context: EncryptionContext, key: string): boolean {
  return Object.hasOwn(context, key);
}

/**
 * `count (2) ‖ count × [ key length (2) ‖ key ‖ value length (2) ‖ value ]`, ascending by the keys' UTF-8 bytes.
 * The count stands there even if it is 0: this is the header's form.
 *
 * @throws ERR_LIMIT_EXCEEDED, ERR_ATTRIBUTE_NOT_SERIALIZABLE (lone surrogate)
 * @see specification/structured-encryption/header.md "Encryption Context"
 * @see framework/structures.md "Serialization", "Key Value Pair Count", "Key Value Pair Entries"
 */
export function serializeEncryptionContext(context: EncryptionContext): Uint8Array {
  const keys = Object.keys(context).sort(compareUtf8);
  requireWithin("the number of encryption context pairs", keys.length, maximumPairs);
  const writer = new ByteWriter();
  writer.uint16(keys.length);
  for (const key of keys) {
    writeText(writer, key);
    writeText(writer, context[key] ?? "");
  }
  return writer.finish();
}

/** The form that keyrings bind as additional authenticated data: as above, but empty where there is no pair. */
export function encryptionContextToAad(context: EncryptionContext): Uint8Array {
  let aad = aads.get(context);
  if (aad === undefined) {
    aad = Object.keys(context).length === 0 ? new Uint8Array(0) : serializeEncryptionContext(context);
    // Each encrypted data key and the footer bind the same context; only frozen ones cannot change behind the cache.
    if (Object.isFrozen(context)) aads.set(context, aad);
  }
  return aad;
}

const aads: WeakMap<EncryptionContext, Uint8Array> = new WeakMap();

/**
 * The inverse of {@link serializeEncryptionContext}; keys must ascend, so no duplicate gets by. Failures go through the reader.
 *
 * @see specification/structured-encryption/header.md "Key Value Pair Entries"
 */
export function readEncryptionContext(reader: ByteReader, fail: (field: string) => Error): EncryptionContext {
  const count = reader.uint16("encryption context count");
  const context = Object.create(null) as Record<string, string>;
  let previous: string | undefined;
  for (let i = 0; i < count; i++) {
    const key = readText(reader, "encryption context key", fail);
    const value = readText(reader, "encryption context value", fail);
    if (previous !== undefined && compareUtf8(previous, key) >= 0) throw fail("encryption context keys do not ascend");
    context[key] = value;
    previous = key;
  }
  return Object.freeze(context);
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = encodeUtf8(text);
  if (bytes === undefined) {
    throw new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { reason: "the encryption context holds a lone surrogate" } });
  }
  requireWithin("an encryption context key or value, in bytes,", bytes.length, maximumLength);
  writer.uint16(bytes.length).bytes(bytes);
}

function readText(reader: ByteReader, field: string, fail: (field: string) => Error): string {
  const text = decodeUtf8(reader.take(reader.uint16(`${field} length`), field));
  if (text === undefined) throw fail(`${field} is not UTF-8`);
  return text;
}
