/**
 * Jobs over whole tables, one page at a time: `dynaseal/jobs`. The names may still change.
 *
 * `tableJob` makes a job, `preFlight` of it compares the job with the table in the account, once, and `page` does the items
 * of one page of one segment. `runTableJob` does all of that in one process, as `dynaseal table …` does.
 *
 * @packageDocumentation
 */
export { estimateTableJob, type TableJobEstimate } from "./estimate-table-job.ts";
export type { JobCheckpoints, SegmentState } from "./job-checkpoints.ts";
export {
  type JobCheck,
  type JobCounts,
  type JobFailure,
  type JobFindings,
  type JobMeasure,
  type JobPage,
  type JobPageInput,
  sumCounts,
  sumFindings,
  type TableJobName,
} from "./job-counts.ts";
export { jobFailure } from "./job-failure.ts";
export type { PreFlightOptions, PreFlightReport } from "./pre-flight.ts";
export type { Remains } from "./remains.ts";
export { type JobProgress, type RunTableJobOptions, runTableJob, type TableJobReport } from "./run-table-job.ts";
export { type TableCheckpointsOptions, tableCheckpoints } from "./table-checkpoints.ts";
export { type TableJob, type TableJobOptions, tableJob } from "./table-job.ts";
export {
  type TableJobAnswer,
  type TableJobContext,
  type TableJobEvent,
  type TableJobHandlerOptions,
  tableJobHandler,
} from "./table-job-handler.ts";
export { UnitBucket, type UnitBucketOptions } from "./unit-bucket.ts";
