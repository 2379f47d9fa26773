import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import type { BranchKeyStore } from "../../src/keystore/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";

/** A key store whose keys stand in the vector. */
export interface JavaKeyStore {
  readonly tableName: string;
  readonly logicalKeyStoreName: string;
  readonly kmsKeyArn?: string;
  readonly static?: readonly {
    readonly branchKeyId: string;
    readonly activeVersion: string;
    readonly beaconKey: string;
    readonly branchKeys: Readonly<Record<string, string>>;
    readonly encryptionContext?: Readonly<Record<string, string>>;
  }[];
}

/** A hierarchical keyring as the Java vectors write it. */
export interface JavaHierarchicalKeyring {
  readonly branchKeyId?: string;
  readonly branchKeyIdSupplier?: { readonly attribute: string; readonly map: Readonly<Record<string, string>> };
  readonly ttlSeconds: number;
  readonly keyStore: JavaKeyStore;
}

export function javaStaticKeyStore({ logicalKeyStoreName, static: keys = [] }: JavaKeyStore): BranchKeyStore {
  const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
  return staticBranchKeyStore(
    keys.map(({ branchKeys, beaconKey, ...key }) => ({
      ...key,
      beaconKey: bytes(beaconKey),
      versions: Object.fromEntries(Object.entries(branchKeys).map(([version, key]) => [version, bytes(key)])),
    })),
    { logicalKeyStoreName },
  );
}

/** @param keyStore in place of the vector's static keys */
export function javaHierarchicalKeyring(
  config: JavaHierarchicalKeyring,
  keyStore: BranchKeyStore = javaStaticKeyStore(config.keyStore),
): Keyring {
  const { branchKeyId, branchKeyIdSupplier: supplier, ttlSeconds } = config;
  return awsKmsHierarchicalKeyring({
    keyStore,
    ttlSeconds,
    ...(supplier === undefined
      ? { branchKeyId }
      : { branchKeyIdSupplier: ({ attributes }) => supplier.map[attributes[supplier.attribute]?.S ?? ""] ?? "" }),
  });
}
