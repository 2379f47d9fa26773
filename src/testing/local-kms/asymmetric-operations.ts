import { createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { toBase64 } from "../../bytes/index.ts";
import { currentMaterial, type LocalKey } from "./key-family.ts";
import { keyFacts } from "./key-metadata.ts";
import { refuse } from "./kms-exception.ts";
import { endDryRun, type KmsCall, type KmsOperation, requireEnabled, requireUsable, usedKey } from "./kms-operation.ts";
import type { JsonObject } from "./request-fields.ts";

/** SPKI DER. */
function getPublicKey(call: KmsCall): JsonObject {
  call.fields.checkGrantTokens();
  const key = usedKey(call);
  requireEnabled(key);
  if (key.family.spec.type === "symmetric") refuse("UnsupportedOperationException", `${key.arn} is a symmetric KMS key.`);
  const publicKey = createPublicKey(currentMaterial(key.family).key.export({ format: "pem", type: "pkcs8" }));
  return { KeyId: key.arn, PublicKey: toBase64(publicKey.export({ format: "der", type: "spki" })), ...keyFacts(key) };
}

/** Raw ECDH: the x coordinate, in the length of the curve's field. */
function deriveSharedSecret(call: KmsCall): JsonObject {
  const { fields } = call;
  fields.checkGrantTokens();
  if (fields.has("Recipient")) refuse("UnsupportedOperationException", "Recipient is not supported here.");
  const bytes = fields.requiredBytes("PublicKey", 8192);
  const algorithm = fields.requiredString("KeyAgreementAlgorithm");
  if (algorithm !== "ECDH") refuse("ValidationException", "KeyAgreementAlgorithm must be ECDH.");
  const key = usedKey(call);
  requireUsable(key, "KEY_AGREEMENT", call.operation);
  const publicKey = peerKey(key, bytes);
  endDryRun(call);
  const secret = diffieHellman({ privateKey: currentMaterial(key.family).key, publicKey });
  return { KeyId: key.arn, SharedSecret: toBase64(secret), KeyAgreementAlgorithm: algorithm, KeyOrigin: "AWS_KMS" };
}

/** OpenSSL refuses points that are not on the curve as it reads them. */
function peerKey(key: LocalKey, bytes: Uint8Array): KeyObject {
  const { spec } = key.family;
  try {
    const peer = createPublicKey({ key: Buffer.from(bytes), format: "der", type: "spki" });
    if (peer.asymmetricKeyDetails?.namedCurve === spec.parameter) return peer;
  } catch {
    // Not SPKI: the same answer as for a key of another curve.
  }
  return refuse("ValidationException", `PublicKey is not a DER-encoded public key on the curve of ${spec.name}.`);
}

/** The operations of RSA and ECC keys alone. */
export const asymmetricOperations: Readonly<Record<string, KmsOperation>> = {
  GetPublicKey: { readOnly: true, run: getPublicKey },
  DeriveSharedSecret: { readOnly: true, run: deriveSharedSecret },
};
