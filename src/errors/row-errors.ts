import type { ErrorTable } from "./error-table.ts";

/** Codes of messages, the format that values of rows are stored in. */
export interface RowErrorDetails {
  ERR_MESSAGE_MALFORMED: { field: string };
  /** Format 1, or a suite without key commitment. */
  ERR_MESSAGE_NOT_COMMITTING: { formatVersion: number; algorithmSuiteId?: string };
  /** Anything that fails authentication: commitment, header tag, frame, signature. One code on purpose. */
  ERR_MESSAGE_NOT_AUTHENTIC: Record<string, never>;
}

export const rowErrors: ErrorTable<RowErrorDetails> = {
  ERR_MESSAGE_MALFORMED: {
    meaning: ({ field }) => `The stored value is not a message of the AWS Encryption SDK: ${field}.`,
    hint: "The value was cut, is plaintext, or was written by something else. Check that the column holds the bytes as they were returned, not their base64 text, and restore the value from a backup if it was damaged.",
  },
  ERR_MESSAGE_NOT_COMMITTING: {
    meaning: ({ formatVersion, algorithmSuiteId }) =>
      algorithmSuiteId === undefined
        ? `The message has format version ${formatVersion}; only version 2 is read.`
        : `The message is under algorithm suite ${algorithmSuiteId}; only 0x0478 and 0x0578 are read.`,
    hint: "Messages without key commitment can decrypt to different values under different keys. Decrypt this one with the library that wrote it and encrypt the value again.",
  },
  ERR_MESSAGE_NOT_AUTHENTIC: {
    meaning: () => "The message failed authentication; nothing of it is returned.",
    hint: "The value was changed after it was written, or it was written with another encryption context. Restore it from a backup and find out who may write to the column.",
  },
};
