import type { ErrorTable } from "./error-table.ts";

/** Codes of tables. */
export interface TableErrorDetails {
  /**
   * `parameter` is `Key`, `Keys` or `ExclusiveStartKey`. `unexpected` are names of attributes that do not belong there, or
   * whose value is not one of a key; `missing` those that do belong there.
   */
  ERR_PRIMARY_KEY_MISMATCH: { tableName: string; parameter: string; unexpected: readonly string[]; missing: readonly string[] };
  ERR_ANSWER_MISMATCH: { tableName: string };
}

export const tableErrors: ErrorTable<TableErrorDetails> = {
  ERR_PRIMARY_KEY_MISMATCH: {
    meaning: ({ tableName, parameter, unexpected, missing }) =>
      `${parameter} of a request on table "${tableName}" is not exactly a key: ${[...said("unexpected or not a key's value", unexpected), ...said("missing", missing)].join("; ")}.`,
    hint: ({ parameter }) =>
      parameter === "ExclusiveStartKey"
        ? "Pass LastEvaluatedKey of the page before as it was returned, to a request on the same table or index. Nothing was sent: what is in a key reaches the service in clear."
        : "Pass the partition key and, where the table has one, the sort key, and no other attribute. If that is what you passed, compare partitionKey and sortKey of the schema with the table. Nothing was sent: what is in a key reaches the service in clear.",
  },
  ERR_ANSWER_MISMATCH: {
    meaning: ({ tableName }) =>
      `The answer to a request on table "${tableName}" holds an item that was not asked for; nothing of it is returned.`,
    hint: "Something between this process and DynamoDB answered for it: look for a cache, a proxy or middleware that gives one request's answer to another.",
  },
};

function said(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}: ${names.map((name) => `"${name}"`).join(", ")}`];
}
