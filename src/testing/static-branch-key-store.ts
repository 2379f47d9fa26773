import { SecretBytes } from "../bytes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type BranchKeyMaterials, type BranchKeyStore, isBranchKeyVersion } from "../keystore/index.ts";

/** One branch key whose bytes are known. */
export interface StaticBranchKey {
  readonly branchKeyId: string;
  /** One of `versions`. */
  readonly activeVersion: string;
  /** UUID → 32 bytes. */
  readonly versions: Readonly<Record<string, Uint8Array>>;
  /** 32 bytes; without it there are no beacons. */
  readonly beaconKey?: Uint8Array | undefined;
  /** The key's own context, without the prefix `aws-crypto-ec:`. */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
}

const keyLength = 32;

/**
 * A key store in memory that needs neither DynamoDB nor KMS. For tests: nothing protects its keys.
 *
 * @throws ERR_INVALID_ARGUMENT; when used ERR_BRANCH_KEY_NOT_FOUND
 */
export function staticBranchKeyStore(keys: readonly StaticBranchKey[], options: { readonly logicalKeyStoreName: string }): BranchKeyStore {
  const { logicalKeyStoreName } = options;
  const tableName = "static";
  const byId: ReadonlyMap<string, StaticBranchKey> = new Map(keys.map((key) => [key.branchKeyId, checked(key)]));
  const missing = (branchKeyId: string, type: string): DynasealError =>
    new DynasealError("ERR_BRANCH_KEY_NOT_FOUND", { details: { tableName, branchKeyId, type } });
  const version = (branchKeyId: string, branchKeyVersion: string, type: string): BranchKeyMaterials => {
    const key = byId.get(branchKeyId);
    const bytes = key !== undefined && Object.hasOwn(key.versions, branchKeyVersion) ? key.versions[branchKeyVersion] : undefined;
    if (key === undefined || bytes === undefined) throw missing(branchKeyId, type);
    const encryptionContext = Object.freeze({ ...key.encryptionContext });
    return Object.freeze({ branchKeyId, branchKeyVersion, branchKey: new SecretBytes(bytes), encryptionContext });
  };
  return Object.freeze<BranchKeyStore>({
    getKeyStoreInfo: () => ({ keyStoreId: tableName, tableName, logicalKeyStoreName, kms: { type: "static", grantTokens: [] } }),
    getActiveBranchKey: async ({ branchKeyId }) => version(branchKeyId, byId.get(branchKeyId)?.activeVersion ?? "", "branch:ACTIVE"),
    getBranchKeyVersion: async ({ branchKeyId, branchKeyVersion }) =>
      version(branchKeyId, branchKeyVersion, `branch:version:${branchKeyVersion}`),
    getBeaconKey: async ({ branchKeyId }) => {
      const key = byId.get(branchKeyId);
      if (key?.beaconKey === undefined) throw missing(branchKeyId, "beacon:ACTIVE");
      const encryptionContext = Object.freeze({ ...key.encryptionContext });
      return Object.freeze({ branchKeyId, beaconKey: new SecretBytes(key.beaconKey), encryptionContext });
    },
  });
}

function checked(key: StaticBranchKey): StaticBranchKey {
  const { branchKeyId, activeVersion, versions, beaconKey } = key;
  if (typeof branchKeyId !== "string" || branchKeyId === "") throw invalidArgument("branchKeyId", "a non-empty text");
  for (const [uuid, bytes] of Object.entries(versions)) {
    if (!isBranchKeyVersion(uuid)) throw invalidArgument("versions", "a map from UUIDs in lower case");
    if (bytes.length !== keyLength) throw invalidArgument("versions", "a map to keys of 32 bytes");
  }
  if (!Object.hasOwn(versions, activeVersion)) throw invalidArgument("activeVersion", "one of versions");
  if (beaconKey !== undefined && beaconKey.length !== keyLength) throw invalidArgument("beaconKey", "32 bytes");
  return key;
}
