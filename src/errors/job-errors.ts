import type { ErrorTable } from "./error-table.ts";

/** Codes of table jobs. */
export interface JobErrorDetails {
  /** A job that could lose or disclose something, or would not end. `tableName` is the logical one. */
  ERR_JOB_REFUSED: { job: string; tableName: string; reason: string; instead: string };
}

export const jobErrors: ErrorTable<JobErrorDetails> = {
  ERR_JOB_REFUSED: {
    meaning: ({ job, tableName, reason }) => `The job ${job} of table "${tableName}" does not start: ${reason}.`,
    hint: ({ instead }) => `${instead} Nothing was written.`,
  },
};
