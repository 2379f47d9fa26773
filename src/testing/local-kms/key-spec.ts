import { createPrivateKey, createSecretKey, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";

export type KeyUsage = "ENCRYPT_DECRYPT" | "SIGN_VERIFY" | "KEY_AGREEMENT";

export type LocalKmsKeySpec =
  | "SYMMETRIC_DEFAULT"
  | "RSA_2048"
  | "RSA_3072"
  | "RSA_4096"
  | "ECC_NIST_P256"
  | "ECC_NIST_P384"
  | "ECC_NIST_P521";

/** The facts of one key spec; nothing further down switches on a spec's name. */
export interface KeySpec {
  readonly name: LocalKmsKeySpec;
  readonly type: "symmetric" | "rsa" | "ec";
  /** Usage → the algorithms that DescribeKey and GetPublicKey list for it; a usage that is absent is not offered. */
  readonly algorithms: Readonly<Partial<Record<KeyUsage, readonly string[]>>>;
  /** The usage of `createKey` where none is given; CreateKey over HTTP demands one of asymmetric keys, as KMS does. */
  readonly defaultUsage: KeyUsage;
  /** OpenSSL's name of the curve, the modulus length in bits, or the key length in bits. */
  readonly parameter: string | number;
}

const rsaSigning = ["PKCS1_V1_5", "PSS"].flatMap((padding) => [256, 384, 512].map((bits) => `RSASSA_${padding}_SHA_${bits}`));

function rsa(name: LocalKmsKeySpec, bits: number): KeySpec {
  return {
    name,
    type: "rsa",
    algorithms: { ENCRYPT_DECRYPT: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"], SIGN_VERIFY: rsaSigning },
    defaultUsage: "ENCRYPT_DECRYPT",
    parameter: bits,
  };
}

function ecc(name: LocalKmsKeySpec, curve: string, hashBits: number): KeySpec {
  return {
    name,
    type: "ec",
    algorithms: { KEY_AGREEMENT: ["ECDH"], SIGN_VERIFY: [`ECDSA_SHA_${hashBits}`] },
    defaultUsage: "KEY_AGREEMENT",
    parameter: curve,
  };
}

const specs: ReadonlyMap<string, KeySpec> = new Map(
  [
    {
      name: "SYMMETRIC_DEFAULT" as const,
      type: "symmetric" as const,
      algorithms: { ENCRYPT_DECRYPT: ["SYMMETRIC_DEFAULT"] },
      defaultUsage: "ENCRYPT_DECRYPT" as const,
      parameter: 256,
    },
    rsa("RSA_2048", 2048),
    rsa("RSA_3072", 3072),
    rsa("RSA_4096", 4096),
    ecc("ECC_NIST_P256", "prime256v1", 256),
    ecc("ECC_NIST_P384", "secp384r1", 384),
    ecc("ECC_NIST_P521", "secp521r1", 512),
  ].map((spec) => [spec.name, spec]),
);

export const keySpecNames: readonly string[] = [...specs.keys()];

export function keySpecByName(name: string): KeySpec | undefined {
  return specs.get(name);
}

const generatePair = promisify(generateKeyPair);

/** New random key material: 32 bytes, or a private key (off the event loop: an RSA key takes up to a second). */
export async function generateMaterial(spec: KeySpec): Promise<KeyObject> {
  if (spec.type === "symmetric") return createSecretKey(randomBytes(32));
  if (spec.type === "ec") return (await generatePair("ec", { namedCurve: String(spec.parameter) })).privateKey;
  return (await generatePair("rsa", { modulusLength: Number(spec.parameter) })).privateKey;
}

/** Given key material: 32 bytes, PKCS#8 DER, or PKCS#8 PEM; `undefined` where it is not a key of the spec. */
export function importMaterial(spec: KeySpec, material: Uint8Array | string): KeyObject | undefined {
  if (spec.type === "symmetric") {
    return typeof material !== "string" && material.length === 32 ? createSecretKey(material) : undefined;
  }
  const key = parsePrivateKey(material);
  const parameter = spec.type === "ec" ? key?.asymmetricKeyDetails?.namedCurve : key?.asymmetricKeyDetails?.modulusLength;
  return parameter === spec.parameter ? key : undefined;
}

function parsePrivateKey(material: Uint8Array | string): KeyObject | undefined {
  try {
    return createPrivateKey(typeof material === "string" ? material : { key: Buffer.from(material), format: "der", type: "pkcs8" });
  } catch {
    return undefined;
  }
}
