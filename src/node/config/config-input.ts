import type { DiscoveryFilter } from "../../keyrings/index.ts";
import type { KeyStoreDiscovery } from "../../keystore/index.ts";
import type { FailoverOptions } from "../../kms/index.ts";

/** A single keyring of AWS KMS, by the name of the function that makes it; exactly one member is there. */
export interface KeyringConfig {
  readonly awsKmsMrkKeyring?: { readonly keyId: string; readonly region?: string; readonly failover?: FailoverOptions };
  readonly awsKmsKeyring?: { readonly keyId: string; readonly region?: string };
  readonly awsKmsMrkMultiKeyring?: {
    readonly generator?: string;
    readonly keyIds?: readonly string[];
    readonly region?: string;
    readonly failover?: FailoverOptions;
  };
  readonly awsKmsDiscoveryKeyring?: { readonly discoveryFilter: DiscoveryFilter; readonly region?: string };
  readonly awsKmsMrkDiscoveryKeyring?: {
    readonly discoveryFilter: DiscoveryFilter;
    readonly region?: string;
    readonly failover?: FailoverOptions;
  };
  readonly awsKmsHierarchicalKeyring?: { readonly branchKeyId?: string; readonly ttlSeconds?: number };
}

/** A keyring, or several as one. */
export interface KeyringsConfig extends KeyringConfig {
  readonly multiKeyring?: {
    readonly generator?: KeyringConfig;
    readonly children?: readonly KeyringConfig[];
    readonly decryptOnly?: readonly KeyringConfig[];
  };
}

export interface KeyStoreConfig {
  readonly tableName: string;
  readonly logicalKeyStoreName: string;
  readonly kms: {
    readonly mrkArn?: string;
    readonly keyArn?: string;
    readonly discovery?: KeyStoreDiscovery;
    readonly mrkDiscovery?: KeyStoreDiscovery;
    readonly failover?: FailoverOptions;
  };
  readonly region?: string;
}

/** What `dynaseal.config.json` holds, checked. */
export interface ConfigInput {
  readonly schemas: string | readonly string[];
  readonly tableNames?: ReadonlyMap<string, string>;
  readonly plainTables?: "all" | readonly string[];
  readonly keyring?: KeyringsConfig;
  readonly keyrings?: ReadonlyMap<string, KeyringsConfig>;
  readonly keyStore?: KeyStoreConfig;
  readonly beaconKeys?: { readonly branchKeyId?: string; readonly fromAttribute?: string; readonly ttlSeconds?: number };
}
