export { type AesGcmInput, aesCtrKeyStream, aesGcmDecrypt, aesGcmDecryptKey, aesGcmEncrypt } from "./aes.ts";
export { type AlgorithmSuite, ecdsaSuite, hmacSuite, suiteByFlavor, suiteByName } from "./algorithm-suite.ts";
export {
  type EcdhCurve,
  type EcdhPrivateKey,
  type EcdhPublicKey,
  ecdhCurves,
  generateEcdhKey,
  importCompressedPoint,
  importEcdhPrivateKey,
  importEcdhPublicKey,
} from "./ecdh.ts";
export { generateSigningKey, type SigningKey, verifySignature } from "./ecdsa.ts";
export { constantTimeEqual, digest, digestOf, type HashName, hkdfExpand, hkdfExtract, hmac, kdfCounterMode } from "./hash.ts";
export { type Randomness, randomKey, systemRandomness } from "./randomness.ts";
export { importRsaPrivateKey, importRsaPublicKey, type RsaPadding, type RsaPrivateKey, type RsaPublicKey, rsaPaddings } from "./rsa.ts";
