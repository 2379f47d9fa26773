import type { ErrorTable } from "./error-table.ts";

/** Codes of operations. */
export interface OperationErrorDetails {
  /** `tableName` is as the request gave it; `known` are the physical names that requests may use. */
  ERR_TABLE_NOT_CONFIGURED: { tableName: string; known: readonly string[]; physicalName?: string | undefined };
  /** `instead` says what does the same on a protected table. */
  ERR_OPERATION_NOT_SUPPORTED: { operation: string; reason: string; instead: string; tableName?: string };
  ERR_LEGACY_PARAMETER: { operation: string; parameter: string; instead: string };
  /** A comparison that the service would have to decide on ciphertext. `parameter` is such as `"ConditionExpression"`. */
  ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE: { tableName: string; attribute: string; parameter: string };
  ERR_UPDATE_ON_PROTECTED_ATTRIBUTE: { tableName: string; attribute: string };
  /** The client's role is not for this request. */
  ERR_ROLE_FORBIDS: { role: string; operation: string };
  ERR_UPDATE_CONTENDED: { tableName: string; attempts: number };
  ERR_PROJECTION_NOT_SUPPORTED: { tableName: string; operation: string; parameter: string };
  ERR_INDEX_NOT_WHOLE: { tableName: string; indexName: string };
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
  ERR_LEGACY_PARAMETER: {
    meaning: ({ operation, parameter }) =>
      `${operation} was called with the legacy parameter ${parameter}, which works on a protected table in no way.`,
    hint: ({ instead }) => `Use ${instead}. Nothing was sent.`,
  },
  ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE: {
    meaning: ({ tableName, attribute, parameter }) =>
      `${parameter} compares attribute "${attribute}", which table "${tableName}" stores encrypted: the service cannot decide it.`,
    hint: "attribute_exists and attribute_not_exists work on encrypted attributes. For anything else compare after reading, or, if its values are no secret, give the attribute the action SIGN_ONLY. Nothing was sent.",
  },
  ERR_UPDATE_ON_PROTECTED_ATTRIBUTE: {
    meaning: ({ tableName, attribute }) =>
      `The update names attribute "${attribute}", which is encrypted or signed in table "${tableName}"; the service alone cannot keep the item's signature valid.`,
    hint: "Read the item, change it, and write it whole with PutItem. Attributes with the action DO_NOTHING can be updated. Nothing was sent.",
  },
  ERR_ROLE_FORBIDS: {
    meaning: ({ role, operation }) => `A client whose role is "${role}" does not do this ${operation} on a protected table.`,
    hint: ({ role }) =>
      role === "reader"
        ? 'Send writes with a client of role "writer" or without a role.'
        : "Leave out ReturnValues ALL_OLD and ALL_NEW and ReturnValuesOnConditionCheckFailure, or use a client that may decrypt.",
  },
  ERR_UPDATE_CONTENDED: {
    meaning: ({ tableName, attempts }) =>
      `The item of table "${tableName}" was created and deleted by others during each of ${attempts} attempts to update it.`,
    hint: "Nothing was written. Repeat the update.",
  },
  ERR_PROJECTION_NOT_SUPPORTED: {
    meaning: ({ tableName, operation, parameter }) =>
      `${operation} on table "${tableName}" was given ${parameter}: an item can only be verified as a whole.`,
    hint: "Leave the parameter out and pick the attributes from the item that is returned. Nothing was sent.",
  },
  ERR_INDEX_NOT_WHOLE: {
    meaning: ({ tableName, indexName }) =>
      `Index "${indexName}" of table "${tableName}" does not project whole items, so that they cannot be verified or decrypted.`,
    hint: "Create the index with the projection ALL; or query the index for keys with the plain client and read the items with BatchGetItem. If this caller may not call DescribeTable, allow it, so that the index is checked before the first read.",
  },
};
