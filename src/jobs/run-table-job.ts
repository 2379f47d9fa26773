import { invalidArgument, requireWhole } from "../errors/index.ts";
import { type Clock, systemClock } from "../materials/index.ts";
import type { JobCheckpoints } from "./job-checkpoints.ts";
import {
  type JobCounts,
  type JobFailure,
  type JobFindings,
  type JobPage,
  noCounts,
  sumCounts,
  sumFindings,
  type TableJobName,
  writesItems,
} from "./job-counts.ts";
import type { PreFlightOptions, PreFlightReport } from "./pre-flight.ts";
import { type Remains, remainsAfter } from "./remains.ts";
import { runSegments, type SegmentRun } from "./segment-runs.ts";
import type { TableJob } from "./table-job.ts";

/** Options of {@link runTableJob} and {@link estimateTableJob}. */
export interface RunTableJobOptions {
  readonly job: TableJob;
  /** In how many parts the table is read; default 4. With several processes, the same in each. */
  readonly totalSegments?: number | undefined;
  /** The segment of this process, from 0; all of them, at the same time, unless given. */
  readonly segment?: number | undefined;
  /** How many items to read per page; default 100. */
  readonly pageSize?: number | undefined;
  readonly preFlight?: PreFlightOptions | undefined;
  /** Where the job keeps how far it is; without it, a process that is killed begins anew, which is safe. */
  readonly checkpoints?: JobCheckpoints | undefined;
  /** After how many failed items the job stops; default 100. They are kept in memory and in the checkpoints. */
  readonly maximumFailures?: number | undefined;
  /** Called after each page. */
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** How far a job is. */
export interface JobProgress {
  /** `check` comes after `write`, and sees whether anything is left. */
  readonly phase: "write" | "check";
  readonly counts: JobCounts;
  /** Of the whole table, an estimate of the service. */
  readonly itemCount: number;
}

/** What a job did. */
export interface TableJobReport {
  readonly job: TableJobName;
  readonly tableName: string;
  readonly physicalTable: string;
  /**
   * - `done`: nothing is left to do.
   * - `partial`: something is left: items failed or are too wide, or others write what the job takes away.
   * - `stopped`: more items failed than `maximumFailures`; the job may go on where it was.
   */
  readonly outcome: "done" | "partial" | "stopped";
  readonly counts: JobCounts;
  readonly findings: JobFindings;
  readonly failures: readonly JobFailure[];
  /** Items that the job would still write, counted after it in its segments; `undefined` if it was stopped or does not write. */
  readonly remaining: number | undefined;
  /** Where the table as it was before still stands. */
  readonly remains: readonly Remains[];
  readonly preFlight: PreFlightReport;
}

/**
 * Runs a job to its end in this process: asks `preFlight`, does every page of every segment, and reads the table once more
 * to see whether anything is left.
 *
 * An item that fails is reported and does not stop the others, up to `maximumFailures`.
 *
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { runTableJob, tableJob } from "dynaseal/jobs";
 * import { fileCheckpoints, loadTable } from "dynaseal/node";
 *
 * const job = tableJob({ job: "encrypt", client: new DynamoDBClient({}), ...loadTable("dynaseal.config.json", "customers") });
 * const checkpoints = fileCheckpoints("customers.checkpoint.json", { job, totalSegments: 4 });
 * const { outcome, remaining } = await runTableJob({ job, totalSegments: 4, checkpoints });
 * ```
 *
 * @throws what `preFlight` and `page` of the job throw, and the checkpoints; what was done until then is saved
 * @experimental
 */
export async function runTableJob(options: RunTableJobOptions): Promise<TableJobReport> {
  const { job, checkpoints, maximumFailures = 100, onProgress, clock = systemClock } = options;
  const run = segmentRun(options, (input) => job.page(input));
  requireWhole("maximumFailures", maximumFailures, 0);
  const preFlight = await job.preFlight(options.preFlight);
  const { itemCount } = preFlight;
  let counts = noCounts;
  let allowed = maximumFailures;
  const states = await runSegments({
    ...run,
    checkpoints,
    onSaved: (saved) => {
      counts = sumCounts(saved.map((state) => state.counts));
      // What failed before the job was stopped does not stop it again.
      allowed += counts.failed + counts.tooWide;
    },
    stops: () => counts.failed + counts.tooWide > allowed,
    onPage: (page) => {
      counts = sumCounts([counts, page.counts]);
      onProgress?.({ phase: "write", counts, itemCount });
    },
  });
  const report = {
    job: job.job,
    tableName: job.tableName,
    physicalTable: job.physicalTable,
    counts,
    findings: sumFindings(states.map(({ findings }) => findings)),
    failures: states.flatMap(({ failures }) => failures),
    preFlight,
  };
  if (!states.every(({ done }) => done)) return { ...report, outcome: "stopped", remaining: undefined, remains: [] };
  const remaining = await leftOver(options, itemCount);
  await checkpoints?.clear();
  const isDone = (remaining ?? 0) === 0 && report.failures.length === 0;
  return { ...report, outcome: isDone ? "done" : "partial", remaining, remains: remainsAfter(job.job, preFlight, clock.now()) };
}

/** How many items a job that writes would still write. */
async function leftOver(options: RunTableJobOptions, itemCount: number): Promise<number | undefined> {
  const { job, onProgress } = options;
  if (!writesItems(job.job)) return undefined;
  let counts = noCounts;
  await runSegments({
    ...segmentRun(options, (input) => job.check(input)),
    onPage: (page) => {
      counts = sumCounts([counts, page.counts]);
      onProgress?.({ phase: "check", counts, itemCount });
    },
  });
  return counts.written;
}

/**
 * The segments that options name.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function segmentRun<Page extends JobPage>(
  { totalSegments = 4, segment, pageSize, signal }: RunTableJobOptions,
  page: SegmentRun<Page>["page"],
): SegmentRun<Page> {
  requireWhole("totalSegments", totalSegments, 1, 1_000_000);
  if (segment === undefined && totalSegments > maximumHere) {
    throw invalidArgument("totalSegments", `at most ${maximumHere} for one process, or given with the segment of this one`);
  }
  if (segment !== undefined) requireWhole("segment", segment, 0, totalSegments - 1);
  const segments = segment === undefined ? [...Array(totalSegments).keys()] : [segment];
  return { segments, totalSegments, limit: pageSize, signal, page };
}

/** Each of them holds a page in memory. */
const maximumHere = 64;
