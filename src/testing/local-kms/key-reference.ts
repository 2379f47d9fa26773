import { refuse } from "./kms-exception.ts";

/** The account of every key: one that AWS never gives to anybody. */
export const accountId = "000000000000";

/** What a KeyId parameter names. */
export type KeyReference = { readonly kind: "key"; readonly keyId: string } | { readonly kind: "alias"; readonly name: string };

/** `aws`, `aws-cn` or `aws-us-gov`, by the Region's prefix. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** `arn:<partition>:kms:<region>:000000000000:key/<key id>` */
export function keyArn(region: string, keyId: string): string {
  return arnOf(region, `key/${keyId}`);
}

/** `arn:<partition>:kms:<region>:000000000000:alias/<name>`; the name begins with `alias/`. */
export function aliasArn(region: string, name: string): string {
  return arnOf(region, name);
}

function arnOf(region: string, resource: string): string {
  return `arn:${partitionOf(region)}:kms:${region}:${accountId}:${resource}`;
}

const keyIdPattern = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const aliasPattern = /^alias\/[a-zA-Z0-9/_-]{1,250}$/;

/** True for a UUID and for `mrk-` with 32 hex digits. */
export function isKeyId(text: string): boolean {
  return keyIdPattern.test(text);
}

export function isAliasName(text: string): boolean {
  return aliasPattern.test(text);
}

/**
 * Reads a key id, key ARN, alias name or alias ARN as a request to `region` carries it. An ARN of another Region,
 * partition or account names nothing there.
 */
export function parseKeyReference(text: string, region: string): KeyReference {
  if (text.startsWith("arn:")) return parseArn(text, region);
  if (text.startsWith("alias/")) return { kind: "alias", name: text };
  if (!isKeyId(text)) refuse("NotFoundException", `Invalid keyId '${text}'`);
  return { kind: "key", keyId: text };
}

function parseArn(arn: string, region: string): KeyReference {
  const [, partition, service, arnRegion, account, resource, ...rest] = arn.split(":");
  const isKey = resource?.startsWith("key/") === true;
  const isAlias = resource?.startsWith("alias/") === true;
  if (service !== "kms" || resource === undefined || rest.length > 0 || !(isKey || isAlias)) {
    refuse("InvalidArnException", `Invalid arn ${arn}`);
  }
  if (arnRegion !== region || partition !== partitionOf(region)) refuse("NotFoundException", `Invalid arn ${arnRegion ?? ""}`);
  if (account !== accountId) refuse("NotFoundException", notThere(arn, isKey));
  return isKey ? { kind: "key", keyId: resource.slice("key/".length) } : { kind: "alias", name: resource };
}

/** KMS's wording for a key or alias that does not exist. */
export function notThere(arn: string, isKey: boolean): string {
  return isKey ? `Key '${arn}' does not exist` : `Alias ${arn} is not found.`;
}
