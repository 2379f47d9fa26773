import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { SecretBytes } from "../bytes/index.ts";

/** The curves of the ECDH keyrings. */
export type EcdhCurve = "P-256" | "P-384" | "P-521";

interface CurveFacts {
  /** OpenSSL's name. */
  readonly namedCurve: string;
  /** Of a coordinate, in bytes; a compressed point has one more. */
  readonly coordinateLength: number;
  /** DER of SubjectPublicKeyInfo up to a compressed point. */
  readonly spkiPrefix: string;
}

const curves: Readonly<Record<EcdhCurve, CurveFacts>> = {
  "P-256": { namedCurve: "prime256v1", coordinateLength: 32, spkiPrefix: "3039301306072a8648ce3d020106082a8648ce3d030107032200" },
  "P-384": { namedCurve: "secp384r1", coordinateLength: 48, spkiPrefix: "3046301006072a8648ce3d020106052b81040022033200" },
  "P-521": { namedCurve: "secp521r1", coordinateLength: 66, spkiPrefix: "3058301006072a8648ce3d020106052b81040023034400" },
};

export const ecdhCurves: readonly EcdhCurve[] = Object.freeze(Object.keys(curves) as EcdhCurve[]);

const generate = promisify(generateKeyPair);

/** A point on the curve; OpenSSL has checked that it is one. */
export interface EcdhPublicKey {
  readonly curve: EcdhCurve;
  /** 33, 49 or 67 bytes: 0x02 or 0x03, then x. */
  readonly compressed: Uint8Array;
  /** DER of SubjectPublicKeyInfo with the uncompressed point, as KMS takes it. */
  readonly spki: Uint8Array;
  /** The OpenSSL handle. */
  readonly handle: KeyObject;
}

/** A private key that stays an OpenSSL handle. */
export interface EcdhPrivateKey {
  readonly publicKey: EcdhPublicKey;
  /** x of the shared point, 32, 48 or 66 bytes; `undefined` where the curves differ. */
  sharedSecret(other: EcdhPublicKey): SecretBytes | undefined;
}

/** From PEM text or DER bytes of SubjectPublicKeyInfo; `undefined` where it is no public key on that curve. */
export function importEcdhPublicKey(curve: EcdhCurve, key: string | Uint8Array): EcdhPublicKey | undefined {
  return publicKey(curve, () => {
    if (typeof key !== "string") return createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" });
    return key.includes("PRIVATE KEY") ? undefined : createPublicKey(key);
  });
}

/** From a compressed point; `undefined` where it is none on that curve. */
export function importCompressedPoint(curve: EcdhCurve, point: Uint8Array): EcdhPublicKey | undefined {
  const { coordinateLength, spkiPrefix } = curves[curve];
  if (point.length !== coordinateLength + 1 || (point[0] !== 2 && point[0] !== 3)) return undefined;
  const der = Buffer.concat([Buffer.from(spkiPrefix, "hex"), point]);
  return publicKey(curve, () => createPublicKey({ key: der, format: "der", type: "spki" }));
}

/** From PEM of PKCS#8 (or SEC 1); `undefined` where it is no private key on that curve. */
export function importEcdhPrivateKey(curve: EcdhCurve, pem: string): EcdhPrivateKey | undefined {
  try {
    return privateKey(curve, createPrivateKey(pem));
  } catch {
    return undefined;
  }
}

/** A new key pair; made on the libuv pool. */
export async function generateEcdhKey(curve: EcdhCurve): Promise<EcdhPrivateKey> {
  const pair = await generate("ec", { namedCurve: curves[curve].namedCurve });
  const key = privateKey(curve, pair.privateKey);
  if (key === undefined) throw new TypeError("OpenSSL made a key on another curve");
  return key;
}

function privateKey(curve: EcdhCurve, handle: KeyObject): EcdhPrivateKey | undefined {
  const own = publicKey(curve, () => createPublicKey(handle));
  if (own === undefined) return undefined;
  return Object.freeze<EcdhPrivateKey>({
    publicKey: own,
    sharedSecret: (other) =>
      other.curve === curve ? SecretBytes.take(diffieHellman({ privateKey: handle, publicKey: other.handle })) : undefined,
  });
}

function publicKey(curve: EcdhCurve, load: () => KeyObject | undefined): EcdhPublicKey | undefined {
  const { namedCurve, coordinateLength } = curves[curve];
  try {
    const loaded = load();
    if (loaded?.asymmetricKeyType !== "ec" || loaded.asymmetricKeyDetails?.namedCurve !== namedCurve) return undefined;
    const jwk = loaded.export({ format: "jwk" });
    // Once more from its coordinates: a key that was read compressed would be written compressed.
    const handle = createPublicKey({ key: jwk, format: "jwk" });
    const compressed = new Uint8Array(coordinateLength + 1);
    const y = Buffer.from(jwk.y ?? "", "base64url");
    compressed[0] = 0x02 | ((y[y.length - 1] ?? 0) & 1);
    compressed.set(Buffer.from(jwk.x ?? "", "base64url"), 1);
    return Object.freeze({ curve, compressed, spki: new Uint8Array(handle.export({ format: "der", type: "spki" })), handle });
  } catch {
    return undefined;
  }
}
