import type { ErrorTable } from "./error-table.ts";

/** Codes of streams. */
export interface StreamErrorDetails {
  /** A record of a stream that is not one of DynamoDB. */
  ERR_STREAM_RECORD_MALFORMED: { reason: string; sequenceNumber?: string };
  /** `Keys` of a record are not what the schema calls the table's keys. */
  ERR_STREAM_KEYS_MISMATCH: { tableName: string; missing: readonly string[]; unexpected: number };
  /** An image of a record is, as it was signed, that of another item. */
  ERR_STREAM_IMAGE_MISMATCH: { tableName: string; image: "old" | "new"; attribute: string };
}

export const streamErrors: ErrorTable<StreamErrorDetails> = {
  ERR_STREAM_RECORD_MALFORMED: {
    meaning: ({ reason, sequenceNumber }) =>
      `${sequenceNumber === undefined ? "A record" : `The record with the sequence number ${sequenceNumber}`} of the stream is not one of DynamoDB: ${reason}.`,
    hint: "Pass the event as Lambda, EventBridge Pipes or GetRecords gives it, before any input transformer or other middleware. If other tables or producers write to the same Kinesis stream, filter their records out first.",
  },
  ERR_STREAM_KEYS_MISMATCH: {
    meaning: ({ tableName, missing, unexpected }) =>
      `The keys of a record are not those of table "${tableName}": ${[
        ...(missing.length === 0 ? [] : [`${missing.map((name) => `"${name}"`).join(" and ")} missing`]),
        ...(unexpected === 0 ? [] : [`${unexpected} that the schema does not name`]),
      ].join(", ")}.`,
    hint: "The stream is that of another table, or partitionKey and sortKey of the schema are not the table's. Use one handler per table, with the schema of that table.",
  },
  ERR_STREAM_IMAGE_MISMATCH: {
    meaning: ({ tableName, image, attribute }) =>
      `The ${image} image of a record of table "${tableName}" is of another item than the record's keys say ("${attribute}" differs).`,
    hint: "DynamoDB never writes such a record. Find out who else can write to the stream or invoke the function; the record is not handed out.",
  },
};
