import { ByteReader, ByteWriter, decodeUtf8, utf8 } from "../bytes/index.ts";
import { DynasealError, requireWithin } from "../errors/index.ts";
import {
  type EncryptedDataKey,
  type EncryptionContext,
  encryptionContextOf,
  encryptionContextToAad,
  readEncryptionContext,
} from "../materials/index.ts";
import { type MessageSuite, messageKeyLength, messageSuiteByCode } from "./message-suite.ts";

export const messageIdLength = 32;
export const tagLength = 16;
const formatVersion = 2;
const contentTypes = { "non-framed": 1, framed: 2 } as const;
const maximumField = 0xffff;

/**
 * The header body of message format 2.
 *
 * `version (1) ‖ suite (2) ‖ message id (32) ‖ context length (2) ‖ context pairs ‖ data key count (2) ‖ data keys ‖
 * content type (1) ‖ frame length (4) ‖ commitment (32)`; behind it stands the header's tag (16).
 *
 * @see data-format/message-header.md "Header Body Version 2.0"
 */
export interface MessageHeader {
  readonly suite: MessageSuite;
  /** 32 random bytes, new for each message. */
  readonly messageId: Uint8Array;
  /** What is stored: the context without the required keys. */
  readonly encryptionContext: EncryptionContext;
  readonly encryptedDataKeys: readonly EncryptedDataKey[];
  readonly content: "framed" | "non-framed";
  /** Plaintext bytes of each frame but the last; 0 if the content is not framed. */
  readonly frameLength: number;
  readonly commitment: Uint8Array;
}

/** @throws ERR_LIMIT_EXCEEDED a field over 65,535 bytes */
export function serializeMessageHeader(header: MessageHeader): Uint8Array {
  const context = encryptionContextToAad(header.encryptionContext);
  requireWithin("the encryption context, in bytes,", context.length, maximumField);
  requireWithin("the number of encrypted data keys", header.encryptedDataKeys.length, maximumField);
  const writer = new ByteWriter();
  writer.uint8(formatVersion).uint16(header.suite.code).bytes(header.messageId);
  writer.uint16(context.length).bytes(context).uint16(header.encryptedDataKeys.length);
  for (const key of header.encryptedDataKeys) {
    for (const bytes of [utf8(key.keyProviderId), key.keyProviderInfo, key.ciphertext]) {
      requireWithin("a field of an encrypted data key, in bytes,", bytes.length, maximumField);
      writer.uint16(bytes.length).bytes(bytes);
    }
  }
  return writer.uint8(contentTypes[header.content]).uint32(header.frameLength).bytes(header.commitment).finish();
}

/**
 * Reads a header body, not yet authenticated (that takes the data key), and leaves the reader in front of the header's tag.
 *
 * @throws ERR_MESSAGE_MALFORMED, ERR_MESSAGE_NOT_COMMITTING, ERR_LIMIT_EXCEEDED
 * @see data-format/message-header.md
 */
export function readMessageHeader(reader: ByteReader, maxEncryptedDataKeys: number): MessageHeader {
  const version = reader.uint8("format version");
  if (version === 1) throw new DynasealError("ERR_MESSAGE_NOT_COMMITTING", { details: { formatVersion: version } });
  if (version !== formatVersion) throw malformed(`format version ${version}`);
  const code = reader.uint16("algorithm suite");
  const suite = messageSuiteByCode(code);
  if (suite === undefined) {
    const algorithmSuiteId = `0x${code.toString(16).padStart(4, "0")}`;
    throw new DynasealError("ERR_MESSAGE_NOT_COMMITTING", { details: { formatVersion: version, algorithmSuiteId } });
  }
  const messageId = reader.take(messageIdLength, "message id");
  const encryptionContext = readContext(reader.take(reader.uint16("encryption context length"), "encryption context"));
  const count = reader.uint16("encrypted data key count");
  if (count === 0) throw malformed("no encrypted data key");
  if (count > maxEncryptedDataKeys) {
    const limit = "the number of encrypted data keys";
    throw new DynasealError("ERR_LIMIT_EXCEEDED", {
      details: { limit, maximum: maxEncryptedDataKeys, actual: count, option: "maxEncryptedDataKeys" },
    });
  }
  const encryptedDataKeys: EncryptedDataKey[] = [];
  for (let i = 0; i < count; i++) encryptedDataKeys.push(readDataKey(reader));
  const type = reader.uint8("content type");
  if (type !== contentTypes.framed && type !== contentTypes["non-framed"]) throw malformed(`content type ${type}`);
  const content = type === contentTypes.framed ? "framed" : "non-framed";
  const frameLength = reader.uint32("frame length");
  if ((content === "framed") === (frameLength === 0)) throw malformed(`frame length ${frameLength} of ${content} content`);
  const commitment = reader.take(messageKeyLength, "commitment");
  return { suite, messageId, encryptionContext, encryptedDataKeys, content, frameLength, commitment };
}

function readContext(bytes: Uint8Array): EncryptionContext {
  if (bytes.length === 0) return encryptionContextOf();
  const reader = new ByteReader(bytes, malformed);
  const context = readEncryptionContext(reader, malformed);
  reader.end("encryption context");
  if (Object.keys(context).length === 0) throw malformed("an encryption context of no pairs has a length");
  return context;
}

function readDataKey(reader: ByteReader): EncryptedDataKey {
  const keyProviderId = decodeUtf8(reader.take(reader.uint16("key provider id length"), "key provider id"));
  if (keyProviderId === undefined) throw malformed("key provider id is not UTF-8");
  const keyProviderInfo = reader.take(reader.uint16("key provider info length"), "key provider info");
  const ciphertext = reader.take(reader.uint16("encrypted data key length"), "encrypted data key");
  return { keyProviderId, keyProviderInfo, ciphertext };
}

export function malformed(field: string): DynasealError {
  return new DynasealError("ERR_MESSAGE_MALFORMED", { details: { field } });
}
