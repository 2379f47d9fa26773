import { createPublicKey, generateKeyPair, type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

/** DER of SubjectPublicKeyInfo { id-ecPublicKey, secp384r1 } up to a 49-byte compressed point. */
const spkiPrefix = Uint8Array.from(Buffer.from("3046301006072a8648ce3d020106052b81040022033200", "hex"));
const signatureLength = 103;

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

/** Verifies a DER signature over SHA-384 of `message`; false also where the key or the signature is malformed. */
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
      sign("sha384", message, { key: privateKey, dsaEncoding: "der" }, (error, signature) => (error ? reject(error) : resolve(signature)));
    });
  return Object.freeze({
    publicKey,
    async sign(message: Uint8Array): Promise<Uint8Array> {
      // DER of (r, s) has 102 to 104 bytes; the format demands 103, and a fresh k gives another length soon.
      for (;;) {
        const signature = await signOnce(message);
        if (signature.length === signatureLength) return new Uint8Array(signature);
      }
    },
  });
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
