import { type ByteReader, ByteWriter, concatBytes, type SecretBytes, utf8 } from "../bytes/index.ts";
import { aesGcmDecrypt, aesGcmEncrypt } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type MessageHeader, malformed, tagLength } from "./message-header.ts";

const ivLength = 12;
const lastFrameMark = 0xffff_ffff;
const kinds = {
  frame: utf8("AWSKMSEncryptionClient Frame"),
  last: utf8("AWSKMSEncryptionClient Final Frame"),
  block: utf8("AWSKMSEncryptionClient Single Block"),
} as const;

/** What frames are sealed under. */
export interface BodyKey {
  readonly key: SecretBytes;
  readonly messageId: Uint8Array;
}

/**
 * `frames ‖ 0xffffffff ‖ last frame`: a frame is `sequence number (4) ‖ IV (12) ‖ ciphertext ‖ tag (16)`; the last one
 * has the length of its ciphertext (4) behind the IV.
 *
 * @see data-format/message-body.md "Framed Data"
 */
export function sealFrames(bodyKey: BodyKey, plaintext: Uint8Array, frameLength: number): Uint8Array {
  const writer = new ByteWriter(plaintext.length + 64);
  let sequence = 1;
  let start = 0;
  for (; plaintext.length - start > frameLength; start += frameLength, sequence++) {
    const iv = sequenceIv(sequence);
    const part = plaintext.subarray(start, start + frameLength);
    const aad = bodyAad(bodyKey.messageId, "frame", sequence, part.length);
    writer
      .uint32(sequence)
      .bytes(iv)
      .bytes(aesGcmEncrypt({ key: bodyKey.key, iv, aad }, part));
  }
  const rest = plaintext.subarray(start);
  const iv = sequenceIv(sequence);
  const aad = bodyAad(bodyKey.messageId, "last", sequence, rest.length);
  writer.uint32(lastFrameMark).uint32(sequence).bytes(iv).uint32(rest.length);
  return writer.bytes(aesGcmEncrypt({ key: bodyKey.key, iv, aad }, rest)).finish();
}

/**
 * The plaintext of a body, framed or not, every part of it authenticated.
 *
 * @throws ERR_MESSAGE_MALFORMED, ERR_MESSAGE_NOT_AUTHENTIC
 * @see data-format/message-body.md "Non-Framed Data", "Framed Data"
 */
export function openBody(bodyKey: BodyKey, header: MessageHeader, reader: ByteReader): Uint8Array {
  if (header.content === "non-framed") {
    const iv = reader.take(ivLength, "IV");
    const high = reader.uint32("content length");
    const length = reader.uint32("content length");
    if (high !== 0) throw malformed("content length is more than the message has");
    return openPart(bodyKey, { kind: "block", sequence: 1, iv, length }, reader);
  }
  const parts: Uint8Array[] = [];
  try {
    for (let sequence = 1; ; sequence++) {
      const first = reader.uint32("sequence number");
      const isLast = first === lastFrameMark;
      if ((isLast ? reader.uint32("sequence number") : first) !== sequence) throw malformed("frames are not in sequence");
      const iv = reader.take(ivLength, "IV");
      const length = isLast ? reader.uint32("content length") : header.frameLength;
      if (length > header.frameLength) throw malformed("the last frame is longer than a frame");
      parts.push(openPart(bodyKey, { kind: isLast ? "last" : "frame", sequence, iv, length }, reader));
      if (isLast) return concatBytes(...parts);
    }
  } finally {
    for (const part of parts) part.fill(0);
  }
}

interface BodyPart {
  readonly kind: keyof typeof kinds;
  readonly sequence: number;
  readonly iv: Uint8Array;
  readonly length: number;
}

function openPart({ key, messageId }: BodyKey, { kind, sequence, iv, length }: BodyPart, reader: ByteReader): Uint8Array {
  const sealed = reader.take(length + tagLength, "encrypted content");
  const plaintext = aesGcmDecrypt({ key, iv, aad: bodyAad(messageId, kind, sequence, length) }, sealed);
  if (plaintext === undefined) throw new DynasealError("ERR_MESSAGE_NOT_AUTHENTIC", { details: {} });
  return plaintext;
}

function sequenceIv(sequence: number): Uint8Array {
  return new ByteWriter().uint64(0).uint32(sequence).finish();
}

/** `message id ‖ kind ‖ sequence number (4) ‖ plaintext length (8)`. @see data-format/message-body-aad.md "Structure" */
function bodyAad(messageId: Uint8Array, kind: keyof typeof kinds, sequence: number, length: number): Uint8Array {
  return new ByteWriter().bytes(messageId).bytes(kinds[kind]).uint32(sequence).uint64(length).finish();
}
