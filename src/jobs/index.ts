/**
 * Jobs over whole tables, one page at a time: `dynaseal/jobs`. The names may still change.
 *
 * `tableJob` makes a job, `preFlight` of it compares the job with the table in the account, once, and `page` does the items
 * of one page of one segment.
 *
 * @packageDocumentation
 */
export {
  type JobCounts,
  type JobFailure,
  type JobFindings,
  type JobPage,
  type JobPageInput,
  sumCounts,
  sumFindings,
  type TableJobName,
} from "./job-counts.ts";
export type { PreFlightOptions, PreFlightReport } from "./pre-flight.ts";
export { type TableJob, type TableJobOptions, tableJob } from "./table-job.ts";
export { UnitBucket, type UnitBucketOptions } from "./unit-bucket.ts";
