import { encodeUtf8 } from "../bytes/index.ts";
import {
  type EcdhCurve,
  type EcdhPrivateKey,
  type EcdhPublicKey,
  ecdhCurves,
  importEcdhPrivateKey,
  importEcdhPublicKey,
} from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type KmsIdentifier, parseKmsIdentifier } from "../kms/index.ts";

/** A raw keyring's name for its key: both parts stand in the encrypted data key. */
export interface RawKeyName {
  readonly keyNamespace: string;
  /** UTF-8. */
  readonly keyName: Uint8Array;
}

/**
 * @throws ERR_INVALID_ARGUMENT, ERR_KEY_NAMESPACE_RESERVED
 * @see framework/keyring-interface.md "key namespace", "key name"
 * @see framework/keyring-interface.md "key namespace", "key name", "key provider ID", "key provider info"
 */
export function rawKeyName(
  options: { readonly keyNamespace: string; readonly keyName: string },
  argument: string = "keyNamespace",
): RawKeyName {
  const { keyNamespace } = options;
  textBytes(argument, keyNamespace);
  if (keyNamespace.startsWith("aws-kms")) throw new DynasealError("ERR_KEY_NAMESPACE_RESERVED", { details: { keyNamespace } });
  return { keyNamespace, keyName: textBytes("keyName", options.keyName) };
}

/** @throws ERR_INVALID_ARGUMENT */
export function kmsIdentifier(argument: string, keyId: unknown): KmsIdentifier {
  const identifier = typeof keyId === "string" ? parseKmsIdentifier(keyId) : undefined;
  if (identifier === undefined) throw invalidArgument(argument, "a KMS key ARN, alias ARN, key id, or alias/name");
  return identifier;
}

/** @throws ERR_INVALID_ARGUMENT */
export function ecdhCurve(curve: EcdhCurve): EcdhCurve {
  if (!ecdhCurves.includes(curve)) throw invalidArgument("curve", ecdhCurves.join(", "));
  return curve;
}

/** @throws ERR_INVALID_ARGUMENT */
export function ecdhPublicKey(argument: string, curve: EcdhCurve, key: string | Uint8Array): EcdhPublicKey {
  const imported = importEcdhPublicKey(curve, key);
  if (imported === undefined) throw invalidArgument(argument, `PEM or DER of a public key on ${curve} (SPKI)`);
  return imported;
}

/** @throws ERR_INVALID_ARGUMENT */
export function ecdhPrivateKey(argument: string, curve: EcdhCurve, pem: string): EcdhPrivateKey {
  const imported = importEcdhPrivateKey(curve, pem);
  if (imported === undefined) throw invalidArgument(argument, `PEM of a private key on ${curve} (PKCS#8)`);
  return imported;
}

function textBytes(argument: string, value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? encodeUtf8(value) : undefined;
  // One byte of room is left, as the published libraries do.
  if (bytes === undefined || bytes.length === 0 || bytes.length >= 0xffff) {
    throw invalidArgument(argument, "a well-formed text of 1 to 65534 bytes");
  }
  return bytes;
}
