import type { ErrorTable } from "./error-table.ts";

/** Codes of search. `beacon` and `attribute` are names; `parameter` is such as `"FilterExpression"`. */
export interface SearchErrorDetails {
  /** An item holds a value that its beacon cannot be computed of. */
  ERR_BEACON_VALUE_NOT_SUPPORTED: { tableName: string; beacon: string; reason: string };
  /** An item holds an attribute with the name of a virtual field or of a beacon that is computed. */
  ERR_BEACON_NAME_WRITTEN: { tableName: string; attribute: string };
  /** An item holds a signed beacon that is not what its parts make. */
  ERR_SIGNED_BEACON_MISMATCH: { tableName: string; beacon: string };
  /** `operator` as it is written in expressions, `reason` says why the beacon has no answer. */
  ERR_BEACON_CANNOT_ANSWER: { tableName: string; attribute: string; operator: string; parameter: string; reason: string };
  /** A value in a request that the compound beacon could never have. */
  ERR_BEACON_QUERY_VALUE_INVALID: { tableName: string; beacon: string; parameter: string; reason: string };
  ERR_BEACON_KEYS_NOT_CONFIGURED: { tableName: string; reason: string };
  /** Several tenants, and the request does not say whose items it looks for. */
  ERR_BEACON_KEY_UNKNOWN: { tableName: string; attribute: string };
  /** Several tenants, and the request names more than one. */
  ERR_BEACON_KEY_AMBIGUOUS: { tableName: string; attribute: string; found: number };
  /** The attribute names one branch key, the item is encrypted under another. */
  ERR_BEACON_KEY_MISMATCH: { tableName: string; attribute: string; branchKeyId: string };
  /** Several tenants need items with one data key of the hierarchical keyring. */
  ERR_BEACON_KEY_NOT_HIERARCHICAL: { tableName: string; dataKeys: number };
  ERR_BEACON_PARTITION_INVALID: { tableName: string; reason: string };
  /** A key condition on a beacon, on a table whose plain items are read: they have no beacons. */
  ERR_PLAINTEXT_ITEMS_MISSED: { tableName: string; attribute: string };
}

export const searchErrors: ErrorTable<SearchErrorDetails> = {
  ERR_BEACON_VALUE_NOT_SUPPORTED: {
    meaning: ({ tableName, beacon, reason }) => `The beacon "${beacon}" of table "${tableName}" cannot be computed: ${reason}.`,
    hint: "Correct the item, or take the beacon out of the schema. Nothing was sent.",
  },
  ERR_BEACON_NAME_WRITTEN: {
    meaning: ({ tableName, attribute }) =>
      `The item has an attribute "${attribute}", which in table "${tableName}" is the name of a beacon or virtual field and is never stored.`,
    hint: "Rename the attribute, or the beacon. Nothing was sent.",
  },
  ERR_SIGNED_BEACON_MISMATCH: {
    meaning: ({ tableName, beacon }) => `The item's "${beacon}" is not what its parts make in table "${tableName}".`,
    hint: "Leave the attribute out: it is computed from the others. Where it is a key, other parts make another item: put that one, and delete this one. Nothing was sent.",
  },
  ERR_BEACON_CANNOT_ANSWER: {
    meaning: ({ tableName, attribute, operator, parameter, reason }) =>
      `${parameter} uses ${operator} on "${attribute}" of table "${tableName}": ${reason}.`,
    hint: ({ parameter }) =>
      parameter === "KeyConditionExpression"
        ? "A key condition is never widened: ask for equality there, and put the rest into FilterExpression with filterAfterDecrypt: true. Nothing was sent."
        : "Pass filterAfterDecrypt: true to have the service send more items and the condition decided after decryption; this reads, and costs, more. Nothing was sent.",
  },
  ERR_BEACON_QUERY_VALUE_INVALID: {
    meaning: ({ tableName, beacon, parameter, reason }) =>
      `${parameter} compares "${beacon}" of table "${tableName}" with a value that it cannot have: ${reason}.`,
    hint: "Write the value as the parts of a constructor: each with its prefix, in order, joined by the split character. Nothing was sent.",
  },
  ERR_BEACON_KEYS_NOT_CONFIGURED: {
    meaning: ({ tableName, reason }) => `The schema of table "${tableName}" has beacons: ${reason}.`,
    hint: "Pass beaconKeys: { keyStore, branchKeyId } for one key, or { keyStore, fromAttribute } for several tenants, or either by logical table name.",
  },
  ERR_BEACON_KEY_UNKNOWN: {
    meaning: ({ tableName }) => `The request searches table "${tableName}" by a beacon, but does not say under whose beacon key.`,
    hint: ({ attribute }) =>
      `Add an equality on "${attribute}" that holds for all that is searched: … AND ${attribute} = :tenant. Nothing was sent.`,
  },
  ERR_BEACON_KEY_AMBIGUOUS: {
    meaning: ({ tableName, attribute, found }) =>
      `The request gives "${attribute}" of table "${tableName}" ${found} different values, each with a beacon key of its own.`,
    hint: "Search for one of them at a time. Nothing was sent.",
  },
  ERR_BEACON_KEY_MISMATCH: {
    meaning: ({ tableName, attribute, branchKeyId }) =>
      `The item's "${attribute}" is not "${branchKeyId}", the branch key that it is encrypted under in table "${tableName}": no query could find it.`,
    hint: "Make the branch key identifier of the keyring and the attribute agree. Nothing was sent.",
  },
  ERR_BEACON_KEY_NOT_HIERARCHICAL: {
    meaning: ({ tableName, dataKeys }) =>
      `The item of table "${tableName}" has ${dataKeys} data key${dataKeys === 1 ? "" : "s"}; several tenants' beacons need exactly one, of the hierarchical keyring.`,
    hint: "Use one hierarchical keyring for this table, or one beacon key for all tenants. Nothing was sent.",
  },
  ERR_BEACON_PARTITION_INVALID: {
    meaning: ({ tableName, reason }) => `The beacon partition for table "${tableName}" is not possible: ${reason}.`,
    hint: "Partitions count from 0; numberOfQueries says how many queries there are. Nothing was sent.",
  },
  ERR_PLAINTEXT_ITEMS_MISSED: {
    meaning: ({ tableName, attribute }) =>
      `A key condition on "${attribute}" would miss the items of table "${tableName}" that are not encrypted: they have no beacon, and are in no index of one.`,
    hint: 'Pass requestOptions({ plaintextItems: "ignore" }) if encrypted items are enough; otherwise put the condition into FilterExpression, where plain items are found as well, or encrypt them and take plaintextOverride out of the schema. Nothing was sent.',
  },
};
