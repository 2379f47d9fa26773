import { constants, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { currentMaterial, type KeyFamily } from "./key-family.ts";
import { refuse } from "./kms-exception.ts";

const hashes: Readonly<Record<string, { readonly name: string; readonly length: number }>> = {
  RSAES_OAEP_SHA_1: { name: "sha1", length: 20 },
  RSAES_OAEP_SHA_256: { name: "sha256", length: 32 },
};

function hashOf(algorithm: string): { readonly name: string; readonly length: number } {
  return hashes[algorithm] ?? refuse("InvalidKeyUsageException", `Algorithm ${algorithm} is not supported here.`);
}

/** RSAES-OAEP; MGF1 with the same hash, an empty label. */
export function oaepEncrypt(family: KeyFamily, algorithm: string, plaintext: Uint8Array): Uint8Array {
  const hash = hashOf(algorithm);
  const maximum = Number(family.spec.parameter) / 8 - 2 * hash.length - 2;
  if (plaintext.length > maximum) {
    refuse("ValidationException", `Algorithm ${algorithm} and key spec ${family.spec.name} take at most ${maximum} bytes.`);
  }
  const key = createPublicKey(currentMaterial(family).key.export({ format: "pem", type: "pkcs8" }));
  return publicEncrypt({ key, oaepHash: hash.name, padding: constants.RSA_PKCS1_OAEP_PADDING }, plaintext);
}

export function oaepDecrypt(family: KeyFamily, algorithm: string, ciphertext: Uint8Array): Uint8Array {
  const { key } = currentMaterial(family);
  try {
    return privateDecrypt({ key, oaepHash: hashOf(algorithm).name, padding: constants.RSA_PKCS1_OAEP_PADDING }, ciphertext);
  } catch {
    return refuse("InvalidCiphertextException", "The ciphertext is not one of this key and algorithm.");
  }
}
