import { ByteReader, ByteWriter, concatBytes, type SecretBytes } from "../bytes/index.ts";
import { aesGcmDecrypt, aesGcmEncrypt, constantTimeEqual, type SigningKey, verifySignature } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type EncryptionContext, encryptionContextToAad } from "../materials/index.ts";
import { type BodyKey, openBody, sealFrames } from "./message-body.ts";
import { type MessageHeader, malformed, readMessageHeader, serializeMessageHeader, tagLength } from "./message-header.ts";
import { deriveMessageKeys } from "./message-suite.ts";

/** Of the header's tag. Nonces of frames count from 1, so this one is never used again. */
const headerIv = new Uint8Array(12);

export interface SealInput {
  readonly header: Omit<MessageHeader, "commitment" | "content">;
  /** The pairs that are authenticated and not stored. */
  readonly requiredContext: EncryptionContext;
  /** 32 bytes. */
  readonly dataKey: SecretBytes;
  /** Of the suite with a signature, and of no other. */
  readonly signingKey: SigningKey | undefined;
}

/**
 * A message: `header body ‖ header tag (16) ‖ body`, and under 0x0578 `signature length (2) ‖ signature` over all before it.
 *
 * @throws ERR_LIMIT_EXCEEDED
 * @see data-format/message.md
 * @see client-apis/encrypt.md "Behavior"
 */
export async function sealMessage(input: SealInput, plaintext: Uint8Array): Promise<Uint8Array> {
  const { suite, messageId, frameLength } = input.header;
  const { key, commitment } = deriveMessageKeys(suite, input.dataKey, messageId);
  try {
    const header = serializeMessageHeader({ ...input.header, content: "framed", commitment: commitment.reveal() });
    const aad = concatBytes(header, encryptionContextToAad(input.requiredContext));
    const tag = aesGcmEncrypt({ key, iv: headerIv, aad }, new Uint8Array(0));
    const message = concatBytes(header, tag, sealFrames({ key, messageId }, plaintext, frameLength));
    if (!suite.signed) return message;
    if (input.signingKey === undefined) throw new TypeError("a suite with a signature needs a signing key");
    const signature = await input.signingKey.sign(message);
    return concatBytes(message, new ByteWriter().uint16(signature.length).finish(), signature);
  } finally {
    key.wipe();
    commitment.wipe();
  }
}

/** The parts of a message that nothing has authenticated yet. */
export interface ParsedMessage {
  readonly header: MessageHeader;
  readonly headerBody: Uint8Array;
  readonly message: Uint8Array;
}

/** @throws ERR_MESSAGE_MALFORMED, ERR_MESSAGE_NOT_COMMITTING, ERR_LIMIT_EXCEEDED */
export function parseMessage(message: Uint8Array, maxEncryptedDataKeys: number): ParsedMessage {
  const reader = new ByteReader(message, malformed);
  const header = readMessageHeader(reader, maxEncryptedDataKeys);
  return { header, headerBody: message.subarray(0, reader.offset), message };
}

export interface OpenInput {
  /** The pairs that are authenticated and not stored. */
  readonly requiredContext: EncryptionContext;
  readonly dataKey: SecretBytes;
  /** 49 bytes, from the encryption context; under 0x0578 only. */
  readonly verificationKey: Uint8Array | undefined;
}

/**
 * The plaintext, handed out after commitment, header, body and signature are verified and nothing is left over.
 *
 * @throws ERR_MESSAGE_MALFORMED, ERR_MESSAGE_NOT_AUTHENTIC
 * @see client-apis/decrypt.md "Behavior"
 */
export async function openMessage({ header, headerBody, message }: ParsedMessage, input: OpenInput): Promise<Uint8Array> {
  const { suite, messageId } = header;
  const { key, commitment } = deriveMessageKeys(suite, input.dataKey, messageId);
  let plaintext: Uint8Array | undefined;
  let verified = false;
  try {
    if (!constantTimeEqual(header.commitment, commitment.reveal())) throw notAuthentic();
    const reader = new ByteReader(message, malformed);
    reader.take(headerBody.length, "header");
    const aad = concatBytes(headerBody, encryptionContextToAad(input.requiredContext));
    if (aesGcmDecrypt({ key, iv: headerIv, aad }, reader.take(tagLength, "header tag")) === undefined) throw notAuthentic();
    const bodyKey: BodyKey = { key, messageId };
    plaintext = openBody(bodyKey, header, reader);
    const signed = message.subarray(0, reader.offset);
    const signature = suite.signed ? reader.take(reader.uint16("signature length"), "signature") : undefined;
    reader.end("message");
    if (signature !== undefined) {
      const { verificationKey } = input;
      if (verificationKey === undefined || !(await verifySignature(verificationKey, signed, signature))) throw notAuthentic();
    }
    verified = true;
    return plaintext;
  } finally {
    if (!verified) plaintext?.fill(0);
    key.wipe();
    commitment.wipe();
  }
}

function notAuthentic(): DynasealError {
  return new DynasealError("ERR_MESSAGE_NOT_AUTHENTIC", { details: {} });
}
