import { bytesEqual, concatBytes, type SecretBytes, utf8 } from "../bytes/index.ts";
import { aesGcmDecryptKey, aesGcmEncrypt, kdfCounterMode, type Randomness, randomKey, systemRandomness } from "../crypto/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import {
  type BranchKeyCaching,
  type BranchKeyMaterials,
  type BranchKeyStore,
  type CachedBranchKeys,
  cachedBranchKeys,
} from "../keystore/index.ts";
import {
  type BranchKeyIdSupplier,
  branchKeyOf,
  type EncryptionContext,
  hierarchyLengths,
  hierarchyProviderId,
  type Keyring,
  type KeyringCall,
  keyNameOf,
  unwrapDataKey,
  uuidBytes,
  wrapDataKey,
} from "../materials/index.ts";
import { unwrapFirst } from "./attempts.ts";
import { contextAttributes } from "./context-attributes.ts";

/** What `awsKmsHierarchicalKeyring` takes. */
export interface AwsKmsHierarchicalKeyringOptions extends BranchKeyCaching {
  readonly keyStore: BranchKeyStore;
  /** One branch key for every item. */
  readonly branchKeyId?: string | undefined;
  /** A branch key by item, instead. Without either, the schema's `branchKey` says it. */
  readonly branchKeyIdSupplier?: BranchKeyIdSupplier | undefined;
}

const provider = utf8(hierarchyProviderId);
const { salt: saltLength, iv: ivLength, version: versionLength } = hierarchyLengths;
const keyLength = 32;
const tagLength = 16;
const wrappedLength = saltLength + ivLength + versionLength + keyLength + tagLength;

/**
 * Wraps data keys under branch keys of a key store, so that KMS is asked once a branch key and time to live.
 *
 * Encrypted data key: provider id `aws-kms-hierarchy`, provider info the branch key id in UTF-8, and, behind the 48
 * bytes of the wrapped data key, `salt (16) ‖ IV (12) ‖ version (16, the UUID's bytes) ‖ wrapped intermediate key (32)
 * ‖ tag (16)`. The wrapping key is KDF in counter mode, HMAC-SHA-256, of the branch key with the provider id as label
 * and the salt as context; the AAD is `provider id ‖ branch key id ‖ version (16) ‖ encryption context`.
 *
 * Whoever may read items under a branch key could also forge them.
 *
 * @example
 * ```ts
 * import { awsKmsHierarchicalKeyring, branchKeyStore } from "dynaseal";
 *
 * const keyStore = branchKeyStore({
 *   tableName: "key-store",
 *   logicalKeyStoreName: "customers-production",
 *   kms: { mrkArn: "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab" },
 * });
 * const keyring = awsKmsHierarchicalKeyring({ keyStore, branchKeyId: "customers", ttlSeconds: 3600 });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT; when used ERR_BRANCH_KEY_ID_INVALID, ERR_NOT_AUTHENTIC, ERR_KEY_MATERIAL_TIMEOUT, and the codes of the key store and of KMS
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Interface", "Initialization", "OnEncrypt", "Branch Key Wrapping", "OnDecrypt"
 * @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Branch Key Wrapping and Unwrapping AAD", "Branch Key Supplier"
 */
export function awsKmsHierarchicalKeyring(options: AwsKmsHierarchicalKeyringOptions): Keyring {
  return hierarchicalKeyring(options, systemRandomness);
}

function hierarchicalKeyring(options: AwsKmsHierarchicalKeyringOptions, randomness: Randomness): Keyring {
  const keys = cachedBranchKeys(options.keyStore, options, randomness);
  const branchKeyIdOf = branchKeyIdentifier(options);
  const { branchKeyId: only } = options;
  return Object.freeze<Keyring>({
    keyNames: Object.freeze([keyNameOf(hierarchyProviderId, only ?? "(the branch key that the item's attributes name)")]),
    async onEncrypt(materials, call) {
      const branchKeyId = await branchKeyIdOf(materials.encryptionContext, call);
      const lease = await keys.activeBranchKey(branchKeyId, call);
      const { info, bound } = boundNames(lease.material);
      const wrapped = wrapDataKey(materials, randomness, (aad) => {
        const intermediateKey = randomKey(randomness, keyLength);
        const saltAndIv = randomness.bytes(saltLength + ivLength);
        const salt = saltAndIv.subarray(0, saltLength);
        const key = wrappingKey(lease.material, salt);
        const iv = saltAndIv.subarray(saltLength);
        const sealed = aesGcmEncrypt({ key, iv, aad: concatBytes(bound, aad) }, intermediateKey.reveal());
        key.wipe();
        const version = bound.subarray(bound.length - versionLength);
        return {
          keyProviderId: hierarchyProviderId,
          keyProviderInfo: info,
          intermediateKey,
          wrapped: concatBytes(saltAndIv, version, sealed),
        };
      });
      return wrapped.finally(() => lease.release());
    },
    async onDecrypt(materials, encryptedDataKeys, call) {
      if (!encryptedDataKeys.some((key) => key.keyProviderId === hierarchyProviderId)) return materials;
      const branchKeyId = await branchKeyIdOf(materials.encryptionContext, call);
      const info = utf8(branchKeyId);
      // One limit belongs to one request; without one, as from `itemEncryptor`, each item is a request of its own.
      const request: object = call.limit ?? {};
      return unwrapFirst(
        materials,
        encryptedDataKeys,
        (key) => key.keyProviderId === hierarchyProviderId && bytesEqual(key.keyProviderInfo, info),
        (key) =>
          unwrapDataKey(materials, key, async (wrapped, aad) => {
            const version = branchKeyOf(key)?.branchKeyVersion;
            if (wrapped.length !== wrappedLength || version === undefined) return undefined;
            return unwrapIntermediateKey(keys, { branchKeyId, version, wrapped, aad, request }, call);
          }),
      );
    },
    async tenantOf(context, call) {
      // Where the keyring has a branch key for all, the schema may still tell tenants apart.
      const { branchKeyIdSupplier } = call;
      const named =
        branchKeyIdSupplier && (await branchKeyIdSupplier({ attributes: contextAttributes(context), encryptionContext: context }));
      return JSON.stringify([await branchKeyIdOf(context, call), named]);
    },
  });
}

/** @see framework/aws-kms/aws-kms-hierarchical-keyring.md "Branch Key Unwrapping" */
async function unwrapIntermediateKey(
  keys: CachedBranchKeys,
  input: {
    readonly branchKeyId: string;
    readonly version: string;
    readonly wrapped: Uint8Array;
    readonly aad: Uint8Array;
    readonly request: object;
  },
  call: KeyringCall,
): Promise<SecretBytes | undefined> {
  const { wrapped } = input;
  const lease = await keys.branchKeyVersion(input.branchKeyId, input.version, call, input.request);
  try {
    const { bound } = boundNames(lease.material);
    const key = wrappingKey(lease.material, wrapped.subarray(0, saltLength));
    const iv = wrapped.subarray(saltLength, saltLength + ivLength);
    const sealed = wrapped.subarray(saltLength + ivLength + versionLength);
    const intermediateKey = aesGcmDecryptKey({ key, iv, aad: concatBytes(bound, input.aad) }, sealed);
    key.wipe();
    return intermediateKey;
  } finally {
    lease.release();
  }
}

function wrappingKey({ branchKey }: BranchKeyMaterials, salt: Uint8Array): SecretBytes {
  return kdfCounterMode({ hash: "sha256", key: branchKey, label: provider, context: salt, length: keyLength });
}

interface BoundNames {
  /** The branch key id in UTF-8. */
  readonly info: Uint8Array;
  /** Provider id, branch key id and version: the AAD up to the encryption context. */
  readonly bound: Uint8Array;
}

const names: WeakMap<BranchKeyMaterials, BoundNames> = new WeakMap();

/** Made once a branch key, not once an item. */
function boundNames(materials: BranchKeyMaterials): BoundNames {
  let made = names.get(materials);
  if (made === undefined) {
    const info = utf8(materials.branchKeyId);
    made = { info, bound: concatBytes(provider, info, uuidBytes(materials.branchKeyVersion)) };
    names.set(materials, made);
  }
  return made;
}

/** Where the id comes from, decided once. @throws ERR_INVALID_ARGUMENT */
function branchKeyIdentifier(
  options: AwsKmsHierarchicalKeyringOptions,
): (context: EncryptionContext, call: KeyringCall) => string | Promise<string> {
  const { branchKeyId, branchKeyIdSupplier: own } = options;
  if (branchKeyId !== undefined && own !== undefined) throw invalidArgument("branchKeyIdSupplier", "absent where branchKeyId is given");
  if (branchKeyId !== undefined) {
    if (!isBranchKeyId(branchKeyId)) throw invalidArgument("branchKeyId", "a non-empty, well-formed text");
    return () => branchKeyId;
  }
  return async (encryptionContext, call) => {
    const supplier = own ?? call.branchKeyIdSupplier;
    if (supplier === undefined) throw idInvalid("the keyring has neither branchKeyId nor branchKeyIdSupplier, and the schema no branchKey");
    const supplied: unknown = await supplier({ attributes: contextAttributes(encryptionContext), encryptionContext });
    if (!isBranchKeyId(supplied)) throw idInvalid("the branchKeyIdSupplier did not return a non-empty, well-formed text");
    return supplied;
  };
}

function isBranchKeyId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.isWellFormed();
}

function idInvalid(reason: string): DynasealError {
  return new DynasealError("ERR_BRANCH_KEY_ID_INVALID", { details: { reason } });
}
