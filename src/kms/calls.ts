import type { EncryptionAlgorithmSpec } from "@aws-sdk/client-kms";
import { SecretBytes } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import type { EncryptionContext } from "../materials/index.ts";
import type { KmsCallSite } from "./failures.ts";
import { parseKmsKeyArn } from "./identifiers.ts";
import { type Answer, type KmsCallContext, responseInvalid, send } from "./send.ts";

/** The RSA paddings that KMS offers. */
export type KmsRsaAlgorithm = Extract<EncryptionAlgorithmSpec, "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256">;

/** A wrapped key and the ARN of the key that KMS used. */
export interface KmsCiphertext {
  readonly ciphertext: Uint8Array;
  readonly keyArn: string;
}

/** @throws the ERR_KMS_ codes */
export async function generateDataKey(
  context: KmsCallContext,
  request: { readonly encryptionContext: EncryptionContext; readonly length: number },
): Promise<KmsCiphertext & { readonly plaintext: SecretBytes }> {
  const { KeyId, Plaintext, CiphertextBlob, answeredBy } = await send(
    "GenerateDataKey",
    context,
    (sdk, GrantTokens) =>
      new sdk.GenerateDataKeyCommand({
        KeyId: context.target.keyId,
        NumberOfBytes: request.length,
        EncryptionContext: { ...request.encryptionContext },
        GrantTokens,
      }),
    (client, command, options) => client.send(command, options),
  );
  const where = site("GenerateDataKey", context);
  const ciphertext = ciphertextOf(CiphertextBlob, where);
  return { plaintext: secret(Plaintext, { length: request.length, where, answeredBy }), ciphertext, keyArn: KeyId };
}

/** @throws the ERR_KMS_ codes */
export async function generateDataKeyWithoutPlaintext(
  context: KmsCallContext,
  request: { readonly encryptionContext: EncryptionContext; readonly length: number },
): Promise<KmsCiphertext> {
  const { KeyId, CiphertextBlob } = await send(
    "GenerateDataKeyWithoutPlaintext",
    context,
    (sdk, GrantTokens) =>
      new sdk.GenerateDataKeyWithoutPlaintextCommand({
        KeyId: context.target.keyId,
        NumberOfBytes: request.length,
        EncryptionContext: { ...request.encryptionContext },
        GrantTokens,
      }),
    (client, command, options) => client.send(command, options),
  );
  return { ciphertext: ciphertextOf(CiphertextBlob, site("GenerateDataKeyWithoutPlaintext", context)), keyArn: KeyId };
}

/**
 * The plaintext, checked to come from the key that was asked and to have the length that is expected.
 *
 * @throws ERR_NOT_AUTHENTIC where ciphertext, key or encryption context do not belong together; the ERR_KMS_ codes
 */
export async function decrypt(
  context: KmsCallContext,
  request: {
    readonly ciphertext: Uint8Array;
    /** Absent for RSA, which binds none. */
    readonly encryptionContext?: EncryptionContext;
    readonly encryptionAlgorithm?: KmsRsaAlgorithm;
    /** Absent where the caller accepts several and checks itself. */
    readonly length?: number;
  },
): Promise<SecretBytes> {
  const { KeyId, Plaintext, answeredBy } = await send(
    "Decrypt",
    context,
    (sdk, GrantTokens) =>
      new sdk.DecryptCommand({
        KeyId: context.target.keyId,
        CiphertextBlob: request.ciphertext,
        ...(request.encryptionContext && { EncryptionContext: { ...request.encryptionContext } }),
        ...(request.encryptionAlgorithm && { EncryptionAlgorithm: request.encryptionAlgorithm }),
        GrantTokens,
      }),
    (client, command, options) => client.send(command, options),
  );
  const where = site("Decrypt", context);
  requireSameKey(KeyId, where);
  return secret(Plaintext, { length: request.length, where, answeredBy });
}

/** @throws the ERR_KMS_ codes */
export async function encrypt(
  context: KmsCallContext,
  request: { readonly plaintext: SecretBytes; readonly encryptionContext: EncryptionContext },
): Promise<KmsCiphertext> {
  const { KeyId, CiphertextBlob } = await send(
    "Encrypt",
    context,
    (sdk, GrantTokens) =>
      new sdk.EncryptCommand({
        KeyId: context.target.keyId,
        Plaintext: request.plaintext.reveal(),
        EncryptionContext: { ...request.encryptionContext },
        GrantTokens,
      }),
    (client, command, options) => client.send(command, options),
  );
  return { ciphertext: ciphertextOf(CiphertextBlob, site("Encrypt", context)), keyArn: KeyId };
}

/**
 * Wraps again, under another encryption context or key, without the plaintext leaving KMS. The source key is the target.
 *
 * @throws ERR_NOT_AUTHENTIC, the ERR_KMS_ codes
 */
export async function reEncrypt(
  context: KmsCallContext,
  request: {
    readonly ciphertext: Uint8Array;
    readonly sourceEncryptionContext: EncryptionContext;
    readonly destinationKeyId: string;
    readonly destinationEncryptionContext: EncryptionContext;
  },
): Promise<KmsCiphertext> {
  const { KeyId, CiphertextBlob, SourceKeyId } = await send(
    "ReEncrypt",
    context,
    (sdk, GrantTokens) =>
      new sdk.ReEncryptCommand({
        CiphertextBlob: request.ciphertext,
        SourceKeyId: context.target.keyId,
        SourceEncryptionContext: { ...request.sourceEncryptionContext },
        DestinationKeyId: request.destinationKeyId,
        DestinationEncryptionContext: { ...request.destinationEncryptionContext },
        GrantTokens,
      }),
    (client, command, options) => client.send(command, options),
  );
  const where = site("ReEncrypt", context);
  requireSameKey(SourceKeyId ?? "", where);
  return { ciphertext: ciphertextOf(CiphertextBlob, where), keyArn: KeyId };
}

/**
 * The public key of an asymmetric KMS key.
 *
 * @returns `publicKey`: DER of SubjectPublicKeyInfo
 * @throws the ERR_KMS_ codes
 */
export async function getPublicKey(
  context: KmsCallContext,
): Promise<{ readonly publicKey: Uint8Array; readonly keyArn: string; readonly keyUsage: string; readonly keySpec: string }> {
  const { KeyId, PublicKey, KeyUsage, KeySpec } = await send(
    "GetPublicKey",
    context,
    (sdk, GrantTokens) => new sdk.GetPublicKeyCommand({ KeyId: context.target.keyId, GrantTokens }),
    (client, command, options) => client.send(command, options),
  );
  const where = site("GetPublicKey", context);
  requireSameKey(KeyId, where);
  if (PublicKey === undefined || PublicKey.length === 0) throw responseInvalid(where, "it holds no public key");
  return { publicKey: PublicKey, keyArn: KeyId, keyUsage: KeyUsage ?? "", keySpec: KeySpec ?? "" };
}

/**
 * ECDH between the KMS key and another public key.
 *
 * @param request `publicKey`: DER of SubjectPublicKeyInfo
 * @returns the x coordinate of the shared point
 * @throws the ERR_KMS_ codes
 */
export async function deriveSharedSecret(context: KmsCallContext, request: { readonly publicKey: Uint8Array }): Promise<SecretBytes> {
  const { KeyId, SharedSecret, answeredBy } = await send(
    "DeriveSharedSecret",
    context,
    (sdk, GrantTokens) =>
      new sdk.DeriveSharedSecretCommand({
        KeyId: context.target.keyId,
        KeyAgreementAlgorithm: "ECDH",
        PublicKey: request.publicKey,
        GrantTokens,
      }),
    (client, command, options) => client.send(command, options),
  );
  const where = site("DeriveSharedSecret", context);
  requireSameKey(KeyId, where);
  return secret(SharedSecret, { length: undefined, where, answeredBy });
}

function site(operation: string, { target }: KmsCallContext): KmsCallSite {
  return { operation, region: target.region, keyId: target.keyId };
}

/** KMS answers with the full ARN: the one that was asked, or one with the bare id. What an alias stands for only KMS knows. */
function requireSameKey(answered: string, where: KmsCallSite): void {
  const { keyId } = where;
  const same =
    keyId.startsWith("arn:") && parseKmsKeyArn(keyId) !== undefined
      ? answered === keyId
      : keyId.includes("alias/") || answered.endsWith(`:key/${keyId}`);
  if (!same) throw responseInvalid(where, `it names another key, ${answered}`);
}

/** The bytes of an answer, and none left behind in it. The text that the SDK decoded them from is out of reach. */
function secret(
  bytes: Uint8Array | undefined,
  expected: { readonly length: number | undefined; readonly where: KmsCallSite; readonly answeredBy: Answer["answeredBy"] },
): SecretBytes {
  const { length, where, answeredBy } = expected;
  if (bytes === undefined || bytes.length === 0) throw responseInvalid(where, "it holds no plaintext");
  if (length !== undefined && bytes.length !== length)
    throw responseInvalid(where, `its plaintext has ${bytes.length} bytes instead of ${length}`);
  if (answeredBy === "stub") return new SecretBytes(bytes);
  // A cache in the client's middleware would answer with zeros.
  if (taken.has(bytes)) throw new DynasealError("ERR_SECRET_WIPED", { details: {} });
  taken.add(bytes);
  return SecretBytes.take(bytes);
}

const taken: WeakSet<Uint8Array> = new WeakSet();

function ciphertextOf(blob: Uint8Array | undefined, where: KmsCallSite): Uint8Array {
  // 6144 bytes are KMS's own limit.
  if (blob === undefined || blob.length === 0 || blob.length > 6144) throw responseInvalid(where, "it holds no ciphertext");
  // A plain Uint8Array: what the SDK hands out may be a slice of a Buffer.
  return new Uint8Array(blob);
}
