import type { ErrorTable } from "./error-table.ts";

/** Codes of table jobs. */
export interface JobErrorDetails {
  /** A job that could lose or disclose something, or would not end. `tableName` is the logical one. */
  ERR_JOB_REFUSED: { job: string; tableName: string; reason: string; instead: string };
  /** A job in several processes that has come to its end. `segments` are not done, `failed` items failed or are too wide. */
  ERR_JOB_INCOMPLETE: { job: string; tableName: string; segments: number; failed: number; remaining: number };
}

export const jobErrors: ErrorTable<JobErrorDetails> = {
  ERR_JOB_REFUSED: {
    meaning: ({ job, tableName, reason }) => `The job ${job} of table "${tableName}" does not start: ${reason}.`,
    hint: ({ instead }) => `${instead} Nothing was written.`,
  },
  ERR_JOB_INCOMPLETE: {
    meaning: ({ job, tableName, segments, failed, remaining }) =>
      `The job ${job} of table "${tableName}" is not done: ${segments} segments did not end, ${failed} items failed or are too wide, and ${remaining} are not as the job wants them.`,
    hint: () =>
      "The checkpoints name the items that failed, by key and error code. Mend them, and run the job again: with the same token it does the segments that did not end, with a new one all of them.",
  },
};
