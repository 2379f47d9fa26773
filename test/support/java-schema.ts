import type { JavaConfig } from "./java-config.ts";

const suiteNames = new Map([
  ["0x6700", "HMAC"],
  ["0x6701", "ECDSA"],
]);

/** A Java vector's table configuration as a schema file would say it; keyrings have no place in one. */
export function schemaOf(config: JavaConfig): unknown {
  const suite = config.algorithmSuiteId;
  return {
    tableName: config.logicalTableName,
    partitionKey: config.partitionKeyName,
    sortKey: config.sortKeyName,
    attributes: config.attributeActionsOnEncrypt,
    unsignedAttributes: config.allowedUnsignedAttributes,
    unsignedAttributePrefix: config.allowedUnsignedAttributePrefix,
    algorithmSuite: suite === undefined ? undefined : (suiteNames.get(suite) ?? suite),
    plaintextOverride: config.plaintextOverride,
  };
}
