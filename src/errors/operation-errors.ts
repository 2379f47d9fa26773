import type { ErrorTable } from "./error-table.ts";

/** Codes of operations. */
export interface OperationErrorDetails {
  /** `tableName` is as the request gave it; `known` are the physical names that requests may use. */
  ERR_TABLE_NOT_CONFIGURED: { tableName: string; known: readonly string[]; physicalName?: string | undefined };
  /** `instead` says what does the same on a protected table. */
  ERR_OPERATION_NOT_SUPPORTED: { operation: string; reason: string; instead: string; tableName?: string };
  ERR_ITEM_ROLLED_BACK: { tableName: string };
  /** A comparison that the service would have to decide on ciphertext. `parameter` is such as `"ConditionExpression"`. */
  ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE: { tableName: string; attribute: string; parameter: string };
  /** Actions of the item's legend and of the schema. `from`: the encrypted attribute that an update would copy to `attribute`. */
  ERR_WOULD_EXPOSE: { tableName: string; attribute: string; stored: string; planned: string; from?: string };
  /** `maximum` in bytes of one expression. */
  ERR_EXPRESSION_TOO_LARGE: { tableName: string; maximum: number };
  ERR_UPDATE_OUTCOME_UNKNOWN: { tableName: string };
  ERR_IDEMPOTENCY_CAPACITY: { maximumBytes: number };
  /** The client's role is not for this request. */
  ERR_ROLE_FORBIDS: { role: string; operation: string };
  /** `attributes`: what others wrote in plain while the update encrypted the item, and is not part of it yet. */
  ERR_UPDATE_CONTENDED: { tableName: string; attempts: number; attributes?: readonly string[] };
  ERR_PROJECTION_NOT_SUPPORTED: { tableName: string; operation: string; parameter: string };
  /** One request would decrypt more items, only to filter them, than `maxItemsEvaluated` says. */
  ERR_FILTER_BUDGET: { tableName: string; maximum: number };
  /** Items of an index that holds keys only could not be read from the table. */
  ERR_INDEX_FETCH_THROTTLED: { tableName: string; attempts: number };
  ERR_INDEX_NOT_WHOLE: { tableName: string; indexName: string };
  /** A request that defines a table or its index or its time to live. `instead` says what to do. */
  ERR_TABLE_CONTRADICTS_SCHEMA: { tableName: string; operation: string; attribute: string; reason: string; instead: string };
}

function conditionRemedy(parameter: string): string {
  if (parameter === "FilterExpression") {
    return "Pass filterAfterDecrypt: true to have the filter decided after decryption, which reads more items, or give the attribute a beacon in the schema.";
  }
  if (parameter === "KeyConditionExpression") return "Give the attribute a beacon in the schema, with an index on it.";
  return "Compare after reading.";
}

export const operationErrors: ErrorTable<OperationErrorDetails> = {
  ERR_TABLE_NOT_CONFIGURED: {
    meaning: ({ tableName, known }) =>
      `No schema is configured for table "${tableName}"; ${known.length === 0 ? "no table is configured" : `known tables are ${known.map((name) => `"${name}"`).join(", ")}`}.`,
    hint: ({ tableName, physicalName }) =>
      physicalName === undefined
        ? "Add the table's schema to schemas; map its physical name with tableNames: { logicalName: physicalName }; or, where its items are to stay readable for everybody, list it in plainTables. Nothing was sent."
        : `tableNames maps "${tableName}" to "${physicalName}": requests name the physical table. Nothing was sent.`,
  },
  ERR_OPERATION_NOT_SUPPORTED: {
    meaning: ({ operation, reason, tableName }) =>
      `${operation}${tableName === undefined ? "" : ` on table "${tableName}"`} is not possible through an encrypted client: ${reason}.`,
    hint: ({ instead }) => `${instead} Nothing was sent.`,
  },
  ERR_ITEM_ROLLED_BACK: {
    meaning: ({ tableName }) =>
      `An item of table "${tableName}" has no revision, or a lower one than freshness.floor says that it has reached.`,
    hint: "It verifies, but it is an older state: somebody wrote it back, restored a backup over it, or another Region's older write won. Compare with a backup. Where the older state is right, lower the floor.",
  },
  ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE: {
    meaning: ({ tableName, attribute, parameter }) =>
      `${parameter} compares attribute "${attribute}", which table "${tableName}" stores encrypted: the service cannot decide it.`,
    hint: ({ parameter }) =>
      `${conditionRemedy(parameter)} attribute_exists and attribute_not_exists work on encrypted attributes as they are; if the values are no secret, give the attribute the action SIGN_ONLY. Nothing was sent.`,
  },
  ERR_WOULD_EXPOSE: {
    meaning: ({ tableName, attribute, stored, planned, from }) =>
      from === undefined
        ? `Attribute "${attribute}" of an item of table "${tableName}" is ${stored}, and the schema says ${planned}: rewriting the item would weaken it.`
        : `The update of an item of table "${tableName}" computes attribute "${attribute}", which is ${planned}, from attribute "${from}", which is encrypted: its value would be stored readable.`,
    hint: ({ attribute, from }) =>
      from === undefined
        ? "Nothing was written. Deploy the schema version that wrote the item, or leave the attribute out of this one, so that it keeps its action. To weaken it on purpose, read the item and write it whole with PutItem."
        : `Nothing was written. Give attribute "${attribute}" the action ENCRYPT_AND_SIGN; or, if the value may be read by everybody who can read the table, pass disclose: ["${attribute}"] with this request.`,
  },
  ERR_EXPRESSION_TOO_LARGE: {
    meaning: ({ tableName, maximum }) =>
      `The item of table "${tableName}" has so many attributes that rewriting it takes an expression of more than ${maximum} bytes, and replacing it whole could overwrite unsigned attributes that nobody read.`,
    hint: "Nothing was written. Keep many small attributes in one map, or read the item and write it whole with PutItem.",
  },
  ERR_UPDATE_OUTCOME_UNKNOWN: {
    meaning: ({ tableName }) =>
      `The connection was lost while an item of table "${tableName}" was written, and the item has changed since: the write may have been done and overwritten, or not.`,
    hint: "It was not repeated, since it would be done twice if it was done. Read the item and decide.",
  },
  ERR_IDEMPOTENCY_CAPACITY: {
    meaning: ({ maximumBytes }) =>
      `The requests of the last ten minutes with a ClientRequestToken fill the ${maximumBytes} bytes that are kept for repeating them.`,
    hint: "Nothing was sent. Repeat the request later, send it without a ClientRequestToken, or spread the load over more processes.",
  },
  ERR_ROLE_FORBIDS: {
    meaning: ({ role, operation }) =>
      `A client whose role is "${role}" does not do this ${operation}, which is not for plain tables alone.`,
    hint: ({ role }) =>
      role === "reader"
        ? 'Send what changes items or tables with a client of role "writer" or without a role.'
        : "Leave out ReturnValues ALL_OLD and ALL_NEW and ReturnValuesOnConditionCheckFailure, or use a client that may decrypt.",
  },
  ERR_UPDATE_CONTENDED: {
    meaning: ({ tableName, attempts, attributes }) =>
      attributes === undefined
        ? `An item of table "${tableName}" was changed by others during each of ${attempts} attempts to write it.`
        : `An update encrypted an item of table "${tableName}" that was plain; ${attributes.map((name) => `attribute "${name}"`).join(", ")} that others wrote in plain meanwhile could not be taken in.`,
    hint: ({ attributes }) =>
      attributes === undefined
        ? "Nothing was written. Repeat the request; where many writers share an item, raise maxUpdateAttempts, or keep what they count in unsigned attributes."
        : "The update was done, but the item cannot be read until these attributes are part of it: remove them with a plain client, and set them again with an encrypted one. Let nobody write this table any more who does not check for aws_dbe_head, as a client does whose schema says FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ.",
  },
  ERR_PROJECTION_NOT_SUPPORTED: {
    meaning: ({ tableName, operation, parameter }) =>
      `${operation} on table "${tableName}" was given ${parameter}: an item can only be verified as a whole.`,
    hint: "Leave the parameter out: parts of items could never be decrypted. Nothing was sent.",
  },
  ERR_FILTER_BUDGET: {
    meaning: ({ tableName, maximum }) =>
      `The request on table "${tableName}" would decrypt more than ${maximum} items to filter them; nothing of them is returned.`,
    hint: "Ask for smaller pages with Limit, narrow the key condition, give the attribute a beacon in the schema, or raise maxItemsEvaluated for this request.",
  },
  ERR_INDEX_FETCH_THROTTLED: {
    meaning: ({ tableName, attempts }) =>
      `The items that an index of table "${tableName}" names could not be read: BatchGetItem left them unprocessed ${attempts} times in a row.`,
    hint: "The table is throttled. Repeat the request later, ask for smaller pages with Limit, or raise the table's read capacity.",
  },
  ERR_INDEX_NOT_WHOLE: {
    meaning: ({ tableName, indexName }) =>
      `Index "${indexName}" of table "${tableName}" does not project whole items, so that they cannot be verified or decrypted.`,
    hint: ({ indexName }) =>
      `Pass indexes: { "${indexName}": "fetch" } to encryptedClient, which then reads the items of this index from the table, at the cost of that read; or create the index with the projection ALL. If this caller may not call DescribeTable, allow it, so that the index is checked before the first read.`,
  },
  ERR_TABLE_CONTRADICTS_SCHEMA: {
    meaning: ({ tableName, operation, attribute, reason }) =>
      `${operation} on table "${tableName}" contradicts its schema at attribute "${attribute}": ${reason}.`,
    hint: ({ instead }) => `${instead}. Nothing was sent.`,
  },
};
