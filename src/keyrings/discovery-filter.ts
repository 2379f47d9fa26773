import { invalidArgument } from "../errors/index.ts";
import type { KmsArn } from "../kms/index.ts";

/**
 * Whose KMS keys a discovery keyring believes: those of these accounts, or of anybody. With `"any-account"` an item
 * that somebody else encrypted under a key of his own verifies, provided that he lets this caller decrypt with it.
 */
export type DiscoveryFilter =
  | {
      readonly accountIds: readonly string[] /** Such as `aws`, `aws-cn`, `aws-us-gov`; default `aws`. */;
      readonly partition?: string | undefined;
    }
  | "any-account";

/**
 * The filter as a function. It is required, so that nobody gets "anybody" by leaving it out.
 *
 * @throws ERR_INVALID_ARGUMENT
 * @see framework/aws-kms/aws-kms-discovery-keyring.md "OnDecrypt"
 */
export function discoveryFilter(filter: DiscoveryFilter): (key: KmsArn) => boolean {
  if (filter === "any-account") return () => true;
  const { accountIds, partition = "aws" } = filter ?? {};
  if (
    !Array.isArray(accountIds) ||
    accountIds.length === 0 ||
    !accountIds.every((id) => typeof id === "string" && id !== "") ||
    partition === ""
  ) {
    throw invalidArgument("discoveryFilter", '{ accountIds: [at least one], partition } or "any-account"');
  }
  const accounts: ReadonlySet<string> = new Set(accountIds);
  return (key) => key.partition === partition && accounts.has(key.account);
}

const shownAccounts = 3;

/** The filter as errors show it: the application's own words, so account numbers stand as they are. */
export function discoveryName(filter: DiscoveryFilter): string {
  if (filter === "any-account") return "aws-kms keys of any account";
  const accounts = filter.accountIds.slice(0, shownAccounts).join(", ");
  return `aws-kms keys of account${filter.accountIds.length === 1 ? "" : "s"} ${accounts}${filter.accountIds.length > shownAccounts ? ", …" : ""}`;
}
