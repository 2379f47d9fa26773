/**
 * Jobs over whole tables, one page at a time: `dynaseal/jobs`. The names may still change.
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
export { type TableJob, type TableJobOptions, tableJob } from "./table-job.ts";
export { UnitBucket, type UnitBucketOptions } from "./unit-bucket.ts";
