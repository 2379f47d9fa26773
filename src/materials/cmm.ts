import { fromBase64, toBase64 } from "../bytes/index.ts";
import type { AlgorithmSuite } from "../crypto/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type EncryptionContext, encryptionContextOf, hasContextKey, publicKeyContextKey } from "./encryption-context.ts";
import { noKeyMatches } from "./key-names.ts";
import type { Keyring, KeyringCall } from "./keyring.ts";
import {
  type CompleteDecryptionMaterials,
  type CompleteEncryptionMaterials,
  type DecryptionMaterials,
  type EncryptedDataKey,
  type EncryptionMaterials,
  releaseMaterials,
} from "./materials.ts";
import { freshSigningKey, reusedSigningKeys, type SigningKeyReuse, type SigningKeySource } from "./signing-keys.ts";

export interface EncryptionMaterialsRequest {
  readonly algorithmSuite: AlgorithmSuite;
  readonly encryptionContext: EncryptionContext;
  readonly requiredEncryptionContextKeys: readonly string[];
}

export interface DecryptionMaterialsRequest {
  readonly algorithmSuite: AlgorithmSuite;
  /** As the header stores it. */
  readonly encryptionContext: EncryptionContext;
  /** What the caller can say itself; has to agree with the stored context. */
  readonly reproducedEncryptionContext: EncryptionContext;
  readonly encryptedDataKeys: readonly EncryptedDataKey[];
}

/**
 * Assembles the materials of one item. Every keyring call goes through one.
 *
 * @see framework/cmm-interface.md
 * @see framework/cmm-interface.md "Overview", "Encryption Materials Request", "Decrypt Materials Request", "Behaviors"
 * @see framework/cmm-interface.md "Get Encryption Materials", "Decrypt Materials"
 */
export interface CryptographicMaterialsManager {
  getEncryptionMaterials(request: EncryptionMaterialsRequest, call: KeyringCall): Promise<CompleteEncryptionMaterials>;
  decryptMaterials(request: DecryptionMaterialsRequest, call: KeyringCall): Promise<CompleteDecryptionMaterials>;
}

export interface DefaultCmmOptions {
  /**
   * Lets items of one table, branch key and tenant share a signing key, within this CMM. Off unless given; `{}` takes the
   * most that is allowed, 100 items or 60 seconds. Saves about half of the time of a write under the ECDSA suite.
   *
   * What it costs: items with the same public key were written by one process within a minute, which everybody sees who
   * reads them; and whoever gets hold of that key can sign, in its time and later, other items of that table and tenant for
   * which it can make a data key.
   */
  readonly signingKeyReuse?: SigningKeyReuse | undefined;
}

/**
 * The default CMM: one keyring, a fresh signing key for each item under the ECDSA suite unless `signingKeyReuse` says
 * otherwise.
 *
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { defaultCmm, encryptedClient, type Keyring, type TableSchema } from "dynaseal";
 *
 * declare const customers: TableSchema;
 * declare const keyring: Keyring;
 * const cmm = defaultCmm(keyring, { signingKeyReuse: {} });
 * const client = encryptedClient(new DynamoDBClient({}), { schemas: [customers], keyring: cmm });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT; from its methods ERR_ENCRYPTION_CONTEXT_RESERVED, ERR_ENCRYPTION_CONTEXT_MISMATCH,
 *   ERR_MATERIALS_INVALID, ERR_NOT_AUTHENTIC and the keyring's own
 * @see framework/default-cmm.md
 * @see framework/default-cmm.md "Initialization", "Get Encryption Materials", "Decrypt Materials"
 */
export function defaultCmm(keyring: Keyring, options: DefaultCmmOptions = {}): CryptographicMaterialsManager {
  const signingKeyOf = options.signingKeyReuse === undefined ? freshSigningKey : reusedSigningKeys(options.signingKeyReuse);
  return Object.freeze({
    getEncryptionMaterials: (request: EncryptionMaterialsRequest, call: KeyringCall) =>
      getEncryptionMaterials({ keyring, signingKeyOf }, request, call),
    decryptMaterials: (request: DecryptionMaterialsRequest, call: KeyringCall) => decryptMaterials(keyring, request, call),
  });
}

async function getEncryptionMaterials(
  { keyring, signingKeyOf }: { readonly keyring: Keyring; readonly signingKeyOf: SigningKeySource },
  request: EncryptionMaterialsRequest,
  call: KeyringCall,
): Promise<CompleteEncryptionMaterials> {
  if (hasContextKey(request.encryptionContext, publicKeyContextKey)) {
    throw new DynasealError("ERR_ENCRYPTION_CONTEXT_RESERVED", { details: { key: publicKeyContextKey } });
  }
  requireContextKeys(request.requiredEncryptionContextKeys, request.encryptionContext);
  const { algorithmSuite } = request;
  const signingKey =
    algorithmSuite.asymmetricSignature === undefined ? undefined : await signingKeyOf(keyring, request.encryptionContext, call);
  const encryptionContext =
    signingKey === undefined
      ? request.encryptionContext
      : encryptionContextOf(request.encryptionContext, { [publicKeyContextKey]: toBase64(signingKey.publicKey) });
  // A copy, which a foreign keyring cannot change.
  const requiredEncryptionContextKeys = Object.freeze([...request.requiredEncryptionContextKeys]);
  const materials = await keyring.onEncrypt(
    {
      algorithmSuite,
      encryptionContext,
      requiredEncryptionContextKeys,
      encryptedDataKeys: [],
      symmetricSigningKeys: [],
      plaintextDataKey: undefined,
      signingKey,
    },
    call,
  );
  return releasedOnFailure(materials, () => {
    const complete = completeEncryptionMaterials(materials);
    if (
      materials.encryptionContext !== encryptionContext ||
      materials.algorithmSuite !== algorithmSuite ||
      materials.signingKey !== signingKey
    ) {
      throw invalidMaterials("encryption context, algorithm suite or signing key were changed");
    }
    // Whatever a foreign keyring says: what is required stays out of the header, and in the authenticated context.
    return { ...complete, requiredEncryptionContextKeys };
  });
}

/** What `check` returns; materials that it refuses never come to an item, so nobody else would release them. */
export function releasedOnFailure<Result>(materials: EncryptionMaterials | DecryptionMaterials, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    releaseMaterials(materials);
    throw error;
  }
}

/** @throws ERR_MATERIALS_INVALID where nothing could be encrypted with the materials */
export function completeEncryptionMaterials(materials: EncryptionMaterials): CompleteEncryptionMaterials {
  const { algorithmSuite, plaintextDataKey, encryptedDataKeys, symmetricSigningKeys, signingKey } = materials;
  if (plaintextDataKey?.length !== algorithmSuite.encryptionKeyLength) throw invalidMaterials("no data key of 32 bytes");
  if (encryptedDataKeys.length === 0) throw invalidMaterials("no encrypted data key");
  if (encryptedDataKeys.length !== symmetricSigningKeys.length) {
    throw invalidMaterials("not one symmetric signing key for each encrypted data key");
  }
  if ((signingKey === undefined) !== (algorithmSuite.asymmetricSignature === undefined)) {
    throw invalidMaterials("a signing key without the ECDSA suite, or the suite without the key");
  }
  return { ...materials, plaintextDataKey };
}

async function decryptMaterials(
  keyring: Keyring,
  request: DecryptionMaterialsRequest,
  call: KeyringCall,
): Promise<CompleteDecryptionMaterials> {
  const { algorithmSuite, reproducedEncryptionContext } = request;
  const requiredEncryptionContextKeys: string[] = [];
  for (const [key, value] of Object.entries(reproducedEncryptionContext)) {
    if (!hasContextKey(request.encryptionContext, key)) requiredEncryptionContextKeys.push(key);
    else if (request.encryptionContext[key] !== value) {
      throw new DynasealError("ERR_ENCRYPTION_CONTEXT_MISMATCH", { details: { key } });
    }
  }
  const encryptionContext = encryptionContextOf(request.encryptionContext, reproducedEncryptionContext);
  // What a keyring has no say in, whatever it returns.
  const fixed = {
    algorithmSuite,
    encryptionContext,
    requiredEncryptionContextKeys: Object.freeze(requiredEncryptionContextKeys),
    verificationKey: verificationKey(algorithmSuite, encryptionContext),
  };
  const materials = await keyring.onDecrypt(
    { ...fixed, plaintextDataKey: undefined, symmetricSigningKey: undefined },
    request.encryptedDataKeys,
    call,
  );
  return releasedOnFailure(materials, () => {
    const { plaintextDataKey, symmetricSigningKey } = materials;
    if (plaintextDataKey === undefined || symmetricSigningKey === undefined) {
      throw noKeyMatches(request.encryptedDataKeys, keyring.keyNames);
    }
    if (materials.encryptionContext !== encryptionContext || materials.algorithmSuite !== algorithmSuite)
      throw invalidMaterials("encryption context or algorithm suite were changed");
    return { ...materials, ...fixed, plaintextDataKey, symmetricSigningKey };
  });
}

function verificationKey(suite: AlgorithmSuite, context: EncryptionContext): Uint8Array | undefined {
  const text = hasContextKey(context, publicKeyContextKey) ? context[publicKeyContextKey] : undefined;
  if ((text === undefined) !== (suite.asymmetricSignature === undefined)) throw new DynasealError("ERR_NOT_AUTHENTIC", { details: {} });
  if (text === undefined) return undefined;
  const key = fromBase64(text);
  if (key === undefined) throw new DynasealError("ERR_NOT_AUTHENTIC", { details: {} });
  return key;
}

/** Every required key has to be in the context, or its item could never be read again. */
export function requireContextKeys(keys: readonly string[], context: EncryptionContext): void {
  for (const key of keys) {
    if (!hasContextKey(context, key)) throw new DynasealError("ERR_REQUIRED_CONTEXT_KEY_MISSING", { details: { key } });
  }
}

/** To be thrown. */
export function invalidMaterials(reason: string): DynasealError {
  return new DynasealError("ERR_MATERIALS_INVALID", { details: { reason } });
}
