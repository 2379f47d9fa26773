/** The parts of a KMS key ARN or alias ARN: `arn:partition:kms:region:account:resourceType/resourceId`. */
export interface KmsArn {
  readonly text: string;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly resourceType: "key" | "alias";
  /** May hold further slashes. */
  readonly resourceId: string;
}

/** Whatever KMS takes as KeyId: key ARN, alias ARN, key id, or `alias/…`. */
export interface KmsIdentifier {
  /** As configured. */
  readonly text: string;
  readonly resourceType: "key" | "alias";
  readonly resourceId: string;
  readonly arn: KmsArn | undefined;
}

const maximumLength = 2048;

/**
 * The parts of a key ARN or alias ARN; `undefined` where the text is none.
 *
 * @see framework/aws-kms/aws-kms-key-arn.md "A valid AWS KMS ARN"
 */
export function parseKmsArn(text: string): KmsArn | undefined {
  if (!isIdentifierText(text)) return undefined;
  const parts = text.split(":");
  const [literal, partition, service, region, account, resource] = parts;
  if (parts.length !== 6 || literal !== "arn" || service !== "kms" || !partition || !account) return undefined;
  // The Region becomes a part of a host name, and the ARN may come from a stored item.
  if (region === undefined || !/^[a-z0-9-]+$/.test(region)) return undefined;
  const parsed = parseResource(resource ?? "");
  return parsed && Object.freeze({ text, partition, region, account, ...parsed });
}

/** As {@link parseKmsArn}, but an alias is not taken: the only form that stands in an encrypted data key. */
export function parseKmsKeyArn(text: string): KmsArn | undefined {
  const arn = parseKmsArn(text);
  return arn?.resourceType === "key" ? arn : undefined;
}

/**
 * The parts of a configured key; `undefined` where KMS would not take the text.
 *
 * @see framework/aws-kms/aws-kms-key-arn.md "A valid AWS KMS identifier"
 */
export function parseKmsIdentifier(text: string): KmsIdentifier | undefined {
  if (text.startsWith("arn:")) {
    const arn = parseKmsArn(text);
    return arn && identifierOf(arn);
  }
  if (!isIdentifierText(text)) return undefined;
  if (text.startsWith("key/")) return undefined;
  const parsed = parseResource(text.includes("/") ? text : `key/${text}`);
  return parsed && Object.freeze({ text, ...parsed, arn: undefined });
}

/** An ARN that was met in an item, as a key to ask. */
export function identifierOf(arn: KmsArn): KmsIdentifier {
  return Object.freeze({ text: arn.text, resourceType: arn.resourceType, resourceId: arn.resourceId, arn });
}

/**
 * Whether primary and replicas in several Regions share this key. An alias never does, whatever it is called.
 *
 * @see framework/aws-kms/aws-kms-key-arn.md "Identifying an an AWS KMS multi-Region identifier"
 * @see framework/aws-kms/aws-kms-key-arn.md "Identifying an an AWS KMS multi-Region ARN"
 */
export function isMultiRegionKey(key: Pick<KmsIdentifier, "resourceType" | "resourceId">): boolean {
  return key.resourceType === "key" && key.resourceId.startsWith("mrk-");
}

/**
 * Whether the configured key may decrypt what was wrapped under the stored ARN: the same text, or two replicas of one
 * multi-Region key.
 *
 * @see framework/aws-kms/aws-kms-mrk-match-for-decrypt.md
 * @see framework/aws-kms/aws-kms-mrk-match-for-decrypt.md "Implementation"
 */
export function multiRegionMatch(configured: KmsIdentifier, stored: KmsArn): boolean {
  if (configured.text === stored.text) return true;
  if (configured.arn === undefined || !isMultiRegionKey(configured) || !isMultiRegionKey(stored)) return false;
  return (
    configured.arn.partition === stored.partition &&
    configured.arn.account === stored.account &&
    configured.resourceId === stored.resourceId
  );
}

/** The ARN of the same multi-Region key in another Region; the other parts stay. */
export function regionalKeyArn(arn: KmsArn, region: string): string {
  return `arn:${arn.partition}:kms:${region}:${arn.account}:${arn.resourceType}/${arn.resourceId}`;
}

function parseResource(resource: string): { resourceType: "key" | "alias"; resourceId: string } | undefined {
  const slash = resource.indexOf("/");
  const resourceType = resource.slice(0, slash);
  const resourceId = resource.slice(slash + 1);
  if (slash < 0 || resourceId === "" || (resourceType !== "key" && resourceType !== "alias")) return undefined;
  return { resourceType, resourceId };
}

/** Printable ASCII of a length that KMS takes. */
function isIdentifierText(text: string): boolean {
  return text.length <= maximumLength && /^[\x21-\x7e]+$/.test(text);
}
