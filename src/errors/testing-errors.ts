import type { ErrorTable } from "./error-table.ts";

/** Codes of testing. */
export interface TestingErrorDetails {
  /** A function of the local KMS's handle asked for what KMS refuses; `exception` is KMS's error name. */
  ERR_LOCAL_KMS_REFUSED: { operation: string; exception: string; reason: string };
  /** DynamoDB would not create a table that the local Global Table was to start with. */
  ERR_LOCAL_TABLE_REFUSED: { tableName: string; reason: string };
}

export const testingErrors: ErrorTable<TestingErrorDetails> = {
  ERR_LOCAL_KMS_REFUSED: {
    meaning: ({ operation, exception, reason }) => `The local KMS refused ${operation} with ${exception}: ${reason}`,
    hint: "It follows KMS's rules: key ids are unique, a replica needs a multi-Region primary key and a Region of its own that the server plays.",
  },
  ERR_LOCAL_TABLE_REFUSED: {
    meaning: ({ tableName, reason }) => `DynamoDB would not create table ${tableName}: ${reason}`,
    hint: "Give each table what CreateTable takes: TableName, KeySchema, AttributeDefinitions for the keys of table and indexes, and nothing that contradicts BillingMode.",
  },
};
