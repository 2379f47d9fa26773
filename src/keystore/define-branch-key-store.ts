import { SecretBytes } from "../bytes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type EncryptionContext, encryptionContextOf, type KeyRequest, type KeyringCall } from "../materials/index.ts";
import type { BranchKeyMaterials, BranchKeyStore } from "./branch-key-store.ts";
import { checkBranchKeyId } from "./key-store-context.ts";
import { activeType, beaconType, isBranchKeyVersion, versionType } from "./record.ts";

/** A branch key or beacon key in the clear. */
export interface StoredKey {
  /** 32 bytes; copied. */
  readonly key: Uint8Array;
  /** The key's own context. */
  readonly encryptionContext?: EncryptionContext | undefined;
}

/** A key store of your own: what {@link defineBranchKeyStore} takes. `undefined` as an answer: there is no such key. */
export interface BranchKeyStoreDefinition {
  /** Two stores with different keys never share one. */
  readonly logicalKeyStoreName: string;
  /** The version that new items are written under. `branchKeyVersion`: a UUID in lower case. */
  readonly getActiveBranchKey: (
    input: { readonly branchKeyId: string },
    request: KeyRequest,
  ) => Promise<(StoredKey & { readonly branchKeyVersion: string }) | undefined>;
  /** The version that an item was written under. */
  readonly getBranchKeyVersion: (
    input: { readonly branchKeyId: string; readonly branchKeyVersion: string },
    request: KeyRequest,
  ) => Promise<StoredKey | undefined>;
  /** Omit for a store without beacon keys. */
  readonly getBeaconKey?: ((input: { readonly branchKeyId: string }, request: KeyRequest) => Promise<StoredKey | undefined>) | undefined;
}

const keyLength = 32;

/**
 * Branch keys that are kept somewhere else than in a DynamoDB table under KMS, for `awsKmsHierarchicalKeyring` and beacons.
 * Caching, versions and wrapping are done here; the functions give 32 bytes.
 *
 * @example
 * ```ts
 * import { defineBranchKeyStore } from "dynaseal";
 *
 * // Where the keys are: 32 bytes each.
 * declare const secrets: {
 *   newest(id: string): Promise<{ key: Uint8Array; branchKeyVersion: string } | undefined>;
 *   version(id: string, version: string): Promise<{ key: Uint8Array } | undefined>;
 * };
 * const keyStore = defineBranchKeyStore({
 *   logicalKeyStoreName: "customers-production",
 *   getActiveBranchKey: async ({ branchKeyId }) => secrets.newest(branchKeyId),
 *   getBranchKeyVersion: async ({ branchKeyId, branchKeyVersion }) => secrets.version(branchKeyId, branchKeyVersion),
 * });
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT; when used ERR_KEY_STORE_FAILED, ERR_BRANCH_KEY_NOT_FOUND, ERR_ABORTED
 * @see framework/branch-key-store.md
 */
export function defineBranchKeyStore(definition: BranchKeyStoreDefinition): BranchKeyStore {
  const { logicalKeyStoreName, getActiveBranchKey, getBranchKeyVersion, getBeaconKey } = definition;
  if (typeof logicalKeyStoreName !== "string" || logicalKeyStoreName === "" || !logicalKeyStoreName.isWellFormed())
    throw invalidArgument("logicalKeyStoreName", "a non-empty text");
  for (const [argument, value] of Object.entries({ getActiveBranchKey, getBranchKeyVersion })) {
    if (typeof value !== "function") throw invalidArgument(argument, "a function");
  }
  if (getBeaconKey !== undefined && typeof getBeaconKey !== "function") throw invalidArgument("getBeaconKey", "a function");
  const tableName = logicalKeyStoreName;

  /** What the store answered, with a key of its own. */
  async function ask<Answer extends StoredKey>(
    site: { readonly branchKeyId: string; readonly type: string; readonly operation: string },
    call: KeyringCall,
    run: (request: KeyRequest) => Promise<Answer | undefined>,
  ): Promise<{ readonly answer: Answer; readonly key: SecretBytes; readonly encryptionContext: EncryptionContext }> {
    const { operation, ...row } = site;
    const failed = (reason: string, more: { readonly cause?: unknown } = {}): DynasealError<"ERR_KEY_STORE_FAILED"> =>
      new DynasealError("ERR_KEY_STORE_FAILED", { details: { logicalKeyStoreName, ...site, reason }, ...more });
    let answer: Answer | undefined;
    try {
      answer = await run({ region: call.region, signal: call.signal });
    } catch (cause) {
      if (call.signal?.aborted) throw new DynasealError("ERR_ABORTED", { details: {}, cause });
      throw failed("it threw", { cause });
    }
    if (answer === undefined) throw new DynasealError("ERR_BRANCH_KEY_NOT_FOUND", { details: { tableName, ...row } });
    const { key, encryptionContext = {} } = answer;
    if (!(key instanceof Uint8Array) || key.length !== keyLength) throw failed(`key is not a Uint8Array of ${keyLength} bytes`);
    return { answer, key: new SecretBytes(key), encryptionContext: encryptionContextOf(encryptionContext) };
  }

  return Object.freeze<BranchKeyStore>({
    getKeyStoreInfo: () =>
      Object.freeze({ keyStoreId: logicalKeyStoreName, tableName, logicalKeyStoreName, kms: { type: "own", grantTokens: [] } as const }),
    async getActiveBranchKey({ branchKeyId }, call = {}): Promise<BranchKeyMaterials> {
      checkBranchKeyId(branchKeyId);
      const site = { branchKeyId, type: activeType, operation: "getActiveBranchKey" };
      const { answer, key, encryptionContext } = await ask(site, call, async (request) => getActiveBranchKey({ branchKeyId }, request));
      const { branchKeyVersion } = answer;
      if (typeof branchKeyVersion !== "string" || !isBranchKeyVersion(branchKeyVersion)) {
        const details = { logicalKeyStoreName, ...site, reason: "branchKeyVersion is not a UUID in lower case" };
        throw new DynasealError("ERR_KEY_STORE_FAILED", { details });
      }
      return Object.freeze({ branchKeyId, branchKeyVersion, branchKey: key, encryptionContext });
    },
    async getBranchKeyVersion({ branchKeyId, branchKeyVersion }, call = {}): Promise<BranchKeyMaterials> {
      checkBranchKeyId(branchKeyId);
      if (!isBranchKeyVersion(branchKeyVersion)) throw invalidArgument("branchKeyVersion", "a UUID in lower case");
      const site = { branchKeyId, type: versionType(branchKeyVersion), operation: "getBranchKeyVersion" };
      const input = { branchKeyId, branchKeyVersion };
      const { key, encryptionContext } = await ask(site, call, async (request) => getBranchKeyVersion(input, request));
      return Object.freeze({ branchKeyId, branchKeyVersion, branchKey: key, encryptionContext });
    },
    async getBeaconKey({ branchKeyId }, call = {}) {
      checkBranchKeyId(branchKeyId);
      const site = { branchKeyId, type: beaconType, operation: "getBeaconKey" };
      const { key, encryptionContext } = await ask(site, call, async (request) => getBeaconKey?.({ branchKeyId }, request));
      return Object.freeze({ branchKeyId, beaconKey: key, encryptionContext });
    },
  });
}
