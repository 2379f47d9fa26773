import { randomBytes } from "node:crypto";
import { toBase64 } from "../../bytes/index.ts";
import type { EncryptionContext } from "../../materials/index.ts";
import { type CiphertextBlob, openBlob, parseBlob, sealBlob } from "./ciphertext-blob.ts";
import { currentMaterial, type LocalKey } from "./key-family.ts";
import { refuse } from "./kms-exception.ts";
import { endDryRun, type KmsCall, type KmsOperation, requireAlgorithm, requireUsable, resolved, usedKey } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";
import { oaepDecrypt, oaepEncrypt } from "./rsa-oaep.ts";

const symmetric = "SYMMETRIC_DEFAULT";
const algorithms = [symmetric, "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];
const maximumPlaintext = 4096;
const maximumCiphertext = 6144;

function generateDataKey(answer: "with plaintext" | "without plaintext"): (call: KmsCall) => JsonObject {
  return (call) => {
    const { fields } = call;
    fields.checkGrantTokens();
    refuseRecipient(call);
    const context = fields.encryptionContext("EncryptionContext");
    const length = dataKeyLength(call);
    const key = usedKey(call);
    requireUsable(key, "ENCRYPT_DECRYPT", call.operation);
    requireAlgorithm(key, symmetric);
    endDryRun(call);
    const dataKey = randomBytes(length);
    return {
      KeyId: key.arn,
      CiphertextBlob: toBase64(sealBlob(key.family, context, dataKey)),
      KeyMaterialId: currentMaterial(key.family).id,
      ...(answer === "with plaintext" ? { Plaintext: toBase64(dataKey) } : {}),
    };
  };
}

function dataKeyLength(call: KmsCall): number {
  const spec = call.fields.oneOf("KeySpec", ["AES_128", "AES_256"]);
  const length = call.fields.integer("NumberOfBytes", 1, 1024);
  if ((spec === undefined) === (length === undefined)) {
    refuse("ValidationException", "Please specify either number of bytes or key spec.");
  }
  return length ?? (spec === "AES_128" ? 16 : 32);
}

function encrypt(call: KmsCall): JsonObject {
  const { fields } = call;
  fields.checkGrantTokens();
  const context = fields.encryptionContext("EncryptionContext");
  const plaintext = fields.requiredBytes("Plaintext", maximumPlaintext);
  const algorithm = fields.oneOf("EncryptionAlgorithm", algorithms) ?? symmetric;
  const key = usedKey(call);
  requireEncryption(call, key, algorithm, context);
  endDryRun(call);
  return { KeyId: key.arn, CiphertextBlob: toBase64(seal(key, algorithm, context, plaintext)), EncryptionAlgorithm: algorithm };
}

function decrypt(call: KmsCall): JsonObject {
  const { fields } = call;
  fields.checkGrantTokens();
  refuseRecipient(call);
  const opened = open(call, {
    keyId: fields.keyId("KeyId"),
    algorithm: fields.oneOf("EncryptionAlgorithm", algorithms) ?? symmetric,
    context: fields.encryptionContext("EncryptionContext"),
  });
  endDryRun(call);
  return {
    KeyId: opened.key.arn,
    Plaintext: toBase64(opened.plaintext),
    EncryptionAlgorithm: opened.algorithm,
    ...(opened.materialId === undefined ? {} : { KeyMaterialId: opened.materialId }),
  };
}

function reEncrypt(call: KmsCall): JsonObject {
  const { fields } = call;
  fields.checkGrantTokens();
  const destinationContext = fields.encryptionContext("DestinationEncryptionContext");
  const algorithm = fields.oneOf("DestinationEncryptionAlgorithm", algorithms) ?? symmetric;
  const source = open(call, {
    keyId: fields.keyId("SourceKeyId"),
    algorithm: fields.oneOf("SourceEncryptionAlgorithm", algorithms) ?? symmetric,
    context: fields.encryptionContext("SourceEncryptionContext"),
    action: "ReEncryptFrom",
  });
  const destination = usedKey(call, "DestinationKeyId", "ReEncryptTo");
  requireEncryption(call, destination, algorithm, destinationContext);
  endDryRun(call);
  const blob = seal(destination, algorithm, destinationContext, source.plaintext);
  return {
    CiphertextBlob: toBase64(blob),
    SourceKeyId: source.key.arn,
    KeyId: destination.arn,
    SourceEncryptionAlgorithm: source.algorithm,
    DestinationEncryptionAlgorithm: algorithm,
    ...(source.materialId === undefined ? {} : { SourceKeyMaterialId: source.materialId }),
    ...(algorithm === symmetric ? { DestinationKeyMaterialId: currentMaterial(destination.family).id } : {}),
  };
}

interface Opened {
  readonly key: LocalKey;
  readonly algorithm: string;
  readonly plaintext: Uint8Array;
  /** Of symmetric keys only. */
  readonly materialId?: string;
}

/** What Decrypt and the first half of ReEncrypt have in common. */
function open(
  call: KmsCall,
  source: { readonly keyId: string | undefined; readonly algorithm: string; readonly context: EncryptionContext; readonly action?: string },
): Opened {
  const { keyId, algorithm, context, action } = source;
  const bytes = call.fields.requiredBytes("CiphertextBlob", maximumCiphertext);
  if (algorithm !== symmetric) {
    if (keyId === undefined) refuse("ValidationException", "The KeyId is required to decrypt under an asymmetric KMS key.");
    const key = resolved(call, keyId, "aliases", action);
    requireEncryption(call, key, algorithm, context);
    return { key, algorithm, plaintext: oaepDecrypt(key.family, algorithm, bytes) };
  }
  const blob = parseBlob(bytes);
  const key = keyId === undefined ? keyOfBlob(call, blob, action) : resolved(call, keyId, "aliases", action);
  requireEncryption(call, key, algorithm, context);
  if (key.family.keyId !== blob.keyId) {
    refuse("IncorrectKeyException", "The key ID in the request does not identify a KMS key that can perform this operation.");
  }
  return { key, algorithm, plaintext: openBlob(key.family, context, blob), materialId: blob.materialId };
}

/** Related multi-Region keys have one id, so the blob of one leads to the other. */
function keyOfBlob(call: KmsCall, blob: CiphertextBlob, action: string | undefined): LocalKey {
  const key = call.registry.find(blob.keyId, call.region);
  if (key === undefined) {
    refuse(
      "AccessDeniedException",
      "The ciphertext refers to a KMS key that does not exist, does not exist in this Region, or you are not allowed to access.",
    );
  }
  call.authorize(key, action);
  return key;
}

function seal(key: LocalKey, algorithm: string, context: EncryptionContext, plaintext: Uint8Array): Uint8Array {
  return algorithm === symmetric ? sealBlob(key.family, context, plaintext) : oaepEncrypt(key.family, algorithm, plaintext);
}

function requireEncryption(call: KmsCall, key: LocalKey, algorithm: string, context: EncryptionContext): void {
  requireUsable(key, "ENCRYPT_DECRYPT", call.operation);
  requireAlgorithm(key, algorithm);
  if (algorithm !== symmetric && Object.keys(context).length > 0) {
    refuse("ValidationException", "An encryption context is not supported with asymmetric KMS keys.");
  }
}

/** Answers encrypted for a Nitro enclave cannot be had here; to leave the member unnoticed would hand out plaintext. */
function refuseRecipient(call: KmsCall): void {
  if (call.fields.has("Recipient")) refuse("UnsupportedOperationException", "Recipient is not supported here.");
}

/** The work with data keys and ciphertext blobs. */
export const encryptionOperations: Readonly<Record<string, KmsOperation>> = {
  GenerateDataKey: { readOnly: true, run: generateDataKey("with plaintext") },
  GenerateDataKeyWithoutPlaintext: { readOnly: true, run: generateDataKey("without plaintext") },
  Encrypt: { readOnly: true, run: encrypt },
  Decrypt: { readOnly: true, run: decrypt },
  ReEncrypt: { readOnly: true, run: reEncrypt },
};
