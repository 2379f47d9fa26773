import { invalidArgument } from "../errors/index.ts";
import {
  isMultiRegionKey,
  type KmsArn,
  KmsConnection,
  type KmsOptions,
  type KmsTarget,
  type MultiRegionKmsOptions,
  multiRegionMatch,
  parseKmsArn,
  parseKmsKeyArn,
} from "../kms/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import type { KeyStoreKmsInfo } from "./branch-key-store.ts";

/** Whose KMS keys a row may name. */
export interface KeyStoreDiscovery {
  /** AWS account ids, 12 digits each; at least one. */
  readonly accountIds: readonly string[];
  /** Default `"aws"`. */
  readonly partition?: string | undefined;
}

/**
 * Which KMS keys protect a key store, and how they are reached:
 *
 * - `keyArn`: rows name exactly this key, which is asked in its own Region.
 * - `mrkArn`: rows name any Region's replica of this key; the replica in the own Region is asked, so that one
 *   configuration serves every Region. An ARN of a single-Region key works as under `keyArn`.
 * - `discovery`: rows say themselves, within `accountIds`. The key is asked in the Region that the row names.
 * - `mrkDiscovery`: the same, but a multi-Region key is asked in the own Region.
 *
 * Discovery reads only: see `allowDiscoveryWrites` of `branchKeyStore`.
 *
 * @see framework/branch-key-store.md "AWS KMS Configuration"
 */
export type KeyStoreKms =
  | ({ readonly keyArn: string } & KmsOptions)
  | ({ readonly mrkArn: string } & MultiRegionKmsOptions)
  | ({ readonly discovery: KeyStoreDiscovery } & KmsOptions)
  | ({ readonly mrkDiscovery: KeyStoreDiscovery } & MultiRegionKmsOptions);

/** The checked form. */
export interface KmsConfiguration {
  readonly info: KeyStoreKmsInfo;
  /** What new keys are wrapped under; `undefined` under discovery. */
  readonly keyArn: KmsArn | undefined;
  readonly connection: KmsConnection;
  /** The key of a row, if this configuration takes it. @see framework/branch-key-store.md "AWS Key ARN Compatibility" */
  permitted(kmsArn: string): KmsArn | undefined;
  /** Calls KMS for a permitted key: only the request's KeyId changes its Region, never the row. */
  ask<Result>(key: KmsArn, call: KeyringCall, send: (target: KmsTarget) => Promise<Result>): Promise<Result>;
}

/**
 * @throws ERR_INVALID_ARGUMENT
 *
 * @see framework/branch-key-store.md "Discovery", "MRDiscovery"
 */
export function kmsConfiguration(kms: KeyStoreKms, region: string | undefined): KmsConfiguration {
  if ("keyArn" in kms) {
    const { keyArn: text, ...options } = kms;
    return configured("keyArn", keyArn("kms.keyArn", text), connect(options, region));
  }
  if ("mrkArn" in kms) {
    const { mrkArn: text, ...options } = kms;
    return configured("mrkArn", keyArn("kms.mrkArn", text), connect(options, region));
  }
  if ("discovery" in kms) {
    const { discovery, ...options } = kms;
    return discovering("discovery", discovery, connect(options, region));
  }
  if ("mrkDiscovery" in kms) {
    const { mrkDiscovery, ...options } = kms;
    return discovering("mrkDiscovery", mrkDiscovery, connect(options, region));
  }
  throw invalidArgument("kms", "one of { keyArn }, { mrkArn }, { discovery }, { mrkDiscovery }");
}

interface Connected {
  readonly connection: KmsConnection;
  readonly grantTokens: KeyStoreKmsInfo["grantTokens"];
}

function connect(options: MultiRegionKmsOptions, region: string | undefined): Connected {
  const ownRegion = options.region ?? (options.client === undefined ? region : undefined);
  return { connection: new KmsConnection({ ...options, region: ownRegion }, "branchKeyStore"), grantTokens: options.grantTokens ?? [] };
}

function configured(type: "keyArn" | "mrkArn", key: KmsArn, { connection, grantTokens }: Connected): KmsConfiguration {
  const identifier = { ...key, arn: key };
  return Object.freeze({
    info: Object.freeze({ type, keyArn: key.text, grantTokens }),
    keyArn: key,
    connection,
    permitted(kmsArn: string): KmsArn | undefined {
      const stored = parseKmsKeyArn(kmsArn);
      if (stored === undefined) return undefined;
      const same = type === "keyArn" ? stored.text === key.text : multiRegionMatch(identifier, stored);
      // What the configuration says is asked, not what the row says.
      return same ? key : undefined;
    },
    ask<Result>(_: KmsArn, call: KeyringCall, send: (target: KmsTarget) => Promise<Result>): Promise<Result> {
      return type === "keyArn" ? connection.asConfigured(identifier, call, send) : connection.inOwnRegion(identifier, call, send);
    },
  });
}

function discovering(
  type: "discovery" | "mrkDiscovery",
  { accountIds, partition = "aws" }: KeyStoreDiscovery,
  { connection, grantTokens }: Connected,
): KmsConfiguration {
  if (!Array.isArray(accountIds) || accountIds.length === 0 || !accountIds.every((id) => /^\d{12}$/.test(id))) {
    throw invalidArgument(`kms.${type}.accountIds`, "a list of at least one AWS account id of 12 digits");
  }
  const accounts: ReadonlySet<string> = new Set(accountIds);
  return Object.freeze({
    info: Object.freeze({ type, accountIds: Object.freeze([...accounts]), grantTokens }),
    keyArn: undefined,
    connection,
    permitted(kmsArn: string): KmsArn | undefined {
      const stored = parseKmsKeyArn(kmsArn);
      return stored !== undefined && stored.partition === partition && accounts.has(stored.account) ? stored : undefined;
    },
    ask<Result>(key: KmsArn, call: KeyringCall, send: (target: KmsTarget) => Promise<Result>): Promise<Result> {
      const identifier = { ...key, arn: key };
      return type === "mrkDiscovery" && isMultiRegionKey(key)
        ? connection.inOwnRegion(identifier, call, send)
        : connection.asConfigured(identifier, call, send);
    },
  });
}

function keyArn(argument: string, text: string): KmsArn {
  const arn = typeof text === "string" ? parseKmsArn(text) : undefined;
  if (arn === undefined || arn.resourceType !== "key")
    throw invalidArgument(argument, "the ARN of a KMS key (an alias would change its meaning)");
  return arn;
}
