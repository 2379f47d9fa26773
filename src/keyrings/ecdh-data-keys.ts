import { ByteReader, ByteWriter, bytesEqual, concatBytes, SecretBytes, utf8 } from "../bytes/index.ts";
import {
  aesGcmDecryptKey,
  aesGcmEncrypt,
  constantTimeEqual,
  type EcdhCurve,
  type EcdhPublicKey,
  importCompressedPoint,
  kdfCounterMode,
  type Randomness,
} from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import type { EncryptedDataKey } from "../materials/index.ts";

/** Of the raw keyring and the KMS one. Each reads what the other wrote: the layout is the same. */
export type EcdhProviderId = "raw-ecdh" | "aws-kms-ecdh";

/** The compressed points of both parties, as they stand in the encrypted data key. */
export interface EcdhParties {
  readonly sender: Uint8Array;
  readonly recipient: Uint8Array;
}

const version = 1;
const saltLength = 32;
const commitmentLength = 32;
const zeroIv = new Uint8Array(12);
const curveNames: Readonly<Record<EcdhCurve, string>> = { "P-256": "p256", "P-384": "p384", "P-521": "p521" };

/** `version 0x01 ‖ length (4) ‖ recipient's compressed point ‖ length (4) ‖ sender's compressed point`. */
export function serializeEcdhProviderInfo({ sender, recipient }: EcdhParties): Uint8Array {
  const writer = new ByteWriter();
  writer.uint8(version).uint32(recipient.length).bytes(recipient).uint32(sender.length).bytes(sender);
  return writer.finish();
}

/**
 * The parties of an encrypted data key; `undefined` where it is of another provider.
 *
 * @throws ERR_HEADER_MALFORMED
 */
export function storedParties({ keyProviderId, keyProviderInfo }: EncryptedDataKey): EcdhParties | undefined {
  if (keyProviderId !== "raw-ecdh" && keyProviderId !== "aws-kms-ecdh") return undefined;
  const fail = (field: string): DynasealError =>
    new DynasealError("ERR_HEADER_MALFORMED", { details: { field: `the provider info of an ECDH data key: ${field}` } });
  const reader = new ByteReader(keyProviderInfo, fail);
  if (reader.uint8("version") !== version) throw fail("version");
  const recipient = reader.take(reader.uint32("recipient length"), "recipient");
  const sender = reader.take(reader.uint32("sender length"), "sender");
  reader.end("provider info");
  return { sender, recipient };
}

/** The sender's key, where nobody configured it. @throws ERR_HEADER_MALFORMED where the point is not on the curve */
export function storedSender(curve: EcdhCurve, { sender }: EcdhParties): EcdhPublicKey {
  const imported = importCompressedPoint(curve, sender);
  if (imported === undefined)
    throw new DynasealError("ERR_HEADER_MALFORMED", { details: { field: "the sender's point of an ECDH data key" } });
  return imported;
}

/** Whether the two public keys are the parties, in whichever role: what either wrote, both read. */
export function areParties(parties: EcdhParties, one: EcdhPublicKey, other: EcdhPublicKey): boolean {
  const { sender, recipient } = parties;
  return (
    (bytesEqual(sender, one.compressed) && bytesEqual(recipient, other.compressed)) ||
    (bytesEqual(sender, other.compressed) && bytesEqual(recipient, one.compressed))
  );
}

/** What both parties derive their keys from. */
export interface EcdhAgreement {
  readonly curve: EcdhCurve;
  readonly parties: EcdhParties;
  /** x of the shared point. */
  readonly sharedSecret: SecretBytes;
}

/**
 * `salt (32) ‖ commitment key (32) ‖ AES-256-GCM(wrapping key, IV 0, AAD = fixed info, intermediate key) (48)`. The
 * shared secret has served then, and is wiped.
 *
 * Commitment key and wrapping key are the two halves of 64 bytes from the counter-mode KDF with HMAC-SHA-384, label =
 * fixed info, context = salt. Fixed info = `"ecdh-key-derivation" ‖ 0 ‖ curve ("p256", …) ‖ 0 ‖ "HMAC_SHA384" ‖ 0 ‖
 * sender's point ‖ recipient's point ‖ 0 ‖ 0x01 ‖ 0 ‖ encryption context`.
 *
 * @see framework/key-agreement-schemas.md "Key Derivation", "Key Commitment"; framework/raw-ecdh-keyring.md "Data Key Wrapping"
 * @see framework/raw-ecdh-keyring.md "Key Provider Information"
 */
export function wrapWithAgreement(
  agreement: EcdhAgreement,
  aad: Uint8Array,
  randomness: Randomness,
  intermediateKey: SecretBytes,
): Uint8Array {
  const fixed = fixedInfo(agreement, aad);
  const salt = randomness.bytes(saltLength);
  const { commitmentKey, wrappingKey } = deriveKeys(agreement.sharedSecret, fixed, salt);
  const sealed = aesGcmEncrypt({ key: wrappingKey, iv: zeroIv, aad: fixed }, intermediateKey.reveal());
  wrappingKey.wipe();
  return concatBytes(salt, commitmentKey, sealed);
}

/**
 * The inverse; `undefined` where commitment key or tag do not match. Wipes the shared secret as well.
 *
 * @see framework/raw-ecdh-keyring.md "Data Key Unwrapping"
 */
export function unwrapWithAgreement(agreement: EcdhAgreement, aad: Uint8Array, wrapped: Uint8Array): SecretBytes | undefined {
  if (wrapped.length <= saltLength + commitmentLength) {
    agreement.sharedSecret.wipe();
    return undefined;
  }
  const fixed = fixedInfo(agreement, aad);
  const { commitmentKey, wrappingKey } = deriveKeys(agreement.sharedSecret, fixed, wrapped.subarray(0, saltLength));
  const isCommitted = constantTimeEqual(commitmentKey, wrapped.subarray(saltLength, saltLength + commitmentLength));
  const sealed = wrapped.subarray(saltLength + commitmentLength);
  const intermediateKey = isCommitted ? aesGcmDecryptKey({ key: wrappingKey, iv: zeroIv, aad: fixed }, sealed) : undefined;
  wrappingKey.wipe();
  return intermediateKey;
}

/** The commitment key stands in the encrypted data key for all to read. */
function deriveKeys(
  sharedSecret: SecretBytes,
  label: Uint8Array,
  salt: Uint8Array,
): { commitmentKey: Uint8Array; wrappingKey: SecretBytes } {
  const both = kdfCounterMode({ hash: "sha384", key: sharedSecret, label, context: salt, length: 64 });
  sharedSecret.wipe();
  const commitmentKey = both.reveal().slice(0, commitmentLength);
  const wrappingKey = new SecretBytes(both.reveal().subarray(commitmentLength));
  both.wipe();
  return { commitmentKey, wrappingKey };
}

function fixedInfo({ curve, parties }: EcdhAgreement, aad: Uint8Array): Uint8Array {
  const zero = Uint8Array.of(0);
  return concatBytes(
    ...[utf8("ecdh-key-derivation"), zero, utf8(curveNames[curve]), zero, utf8("HMAC_SHA384"), zero],
    ...[parties.sender, parties.recipient, zero, Uint8Array.of(version), zero, aad],
  );
}
