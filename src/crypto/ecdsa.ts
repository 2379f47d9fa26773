import { createPublicKey, generateKeyPair, type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import { concatBytes, toHex } from "../bytes/index.ts";

const generate = promisify(generateKeyPair);

/** DER of SubjectPublicKeyInfo { id-ecPublicKey, secp384r1 } up to a 49-byte compressed point. */
const spkiPrefix = Uint8Array.from(Buffer.from("3046301006072a8648ce3d020106052b81040022033200", "hex"));
const signatureLength = 103;
const coordinateLength = 48;
const curveOrder = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/** A P-384 signing key: the private key stays an OpenSSL handle, the public one is the compressed point. */
export interface SigningKey {
  /** 49 bytes: 0x02 or 0x03, then x. */
  readonly publicKey: Uint8Array;
  /** DER signature of exactly 103 bytes over SHA-384 of `message`. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** A new P-384 key pair; made on the libuv pool, so that the event loop stays free. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generate("ec", { namedCurve: "secp384r1" });
  return signingKey(privateKey, compressedPoint(publicKey));
}

/**
 * Verifies a DER signature over SHA-384 of `message`; false also where the key or the signature is malformed.
 *
 * @see framework/transitive-requirements.md "ECDSA"
 */
export async function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const key = importPublicKey(publicKey);
  if (key === undefined) return false;
  return new Promise((resolve) => {
    verify("sha384", message, { key, dsaEncoding: "der" }, signature, (error, valid) => resolve(error === null && valid));
  });
}

function signingKey(privateKey: KeyObject, publicKey: Uint8Array): SigningKey {
  const signOnce = (message: Uint8Array): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      sign("sha384", message, { key: privateKey, dsaEncoding: "ieee-p1363" }, (error, signature) =>
        error ? reject(error) : resolve(signature),
      );
    });
  return Object.freeze({
    publicKey,
    async sign(message: Uint8Array): Promise<Uint8Array> {
      // Only an r with a zero in front, one in 256, needs another try.
      for (;;) {
        const signature = derOfFixedLength(await signOnce(message));
        if (signature !== undefined) return signature;
      }
    },
  });
}

/**
 * DER of r ‖ s in exactly 103 bytes, or `undefined` where no spelling has that length.
 *
 * DER puts a zero before an integer whose first bit is set, so the format's fixed length needs exactly one of r and s
 * to have it. (r, s) and (r, n - s) are both signatures of the message, and s and n - s differ in their first bit.
 */
function derOfFixedLength(signature: Uint8Array): Uint8Array | undefined {
  const r = signature.subarray(0, coordinateLength);
  let s = signature.subarray(coordinateLength);
  if (hasFirstBit(r) === hasFirstBit(s)) s = negate(s);
  if (hasFirstBit(r) === hasFirstBit(s) || r[0] === 0 || s[0] === 0) return undefined;
  const integers = concatBytes(derInteger(r), derInteger(s));
  return integers.length === signatureLength - 2 ? concatBytes(Uint8Array.of(0x30, integers.length), integers) : undefined;
}

/** `0x02 ‖ length ‖ [0x00] ‖ integer`. */
function derInteger(integer: Uint8Array): Uint8Array {
  const padding = hasFirstBit(integer) ? Uint8Array.of(0) : new Uint8Array(0);
  return concatBytes(Uint8Array.of(0x02, padding.length + integer.length), padding, integer);
}

function hasFirstBit(integer: Uint8Array): boolean {
  return ((integer[0] ?? 0) & 0x80) !== 0;
}

/** n - s, n being the order of P-384. */
function negate(s: Uint8Array): Uint8Array {
  const difference = (curveOrder - BigInt(`0x${toHex(s)}`)).toString(16).padStart(2 * coordinateLength, "0");
  return Uint8Array.from(Buffer.from(difference, "hex"));
}

function compressedPoint(publicKey: KeyObject): Uint8Array {
  const { x, y } = publicKey.export({ format: "jwk" });
  const xBytes = Buffer.from(x ?? "", "base64url");
  const yBytes = Buffer.from(y ?? "", "base64url");
  const point = new Uint8Array(49);
  point[0] = 0x02 | ((yBytes[yBytes.length - 1] ?? 0) & 1);
  point.set(xBytes, 49 - xBytes.length);
  return point;
}

function importPublicKey(point: Uint8Array): KeyObject | undefined {
  if (point.length !== 49) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([spkiPrefix, point]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
