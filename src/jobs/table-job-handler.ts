import { DynasealError, invalidArgument, requireWhole } from "../errors/index.ts";
import { type Clock, systemClock } from "../materials/index.ts";
import type { JobCheckpoints, SegmentState } from "./job-checkpoints.ts";
import { type JobCounts, type JobPage, type JobPageInput, noCounts, sumCounts } from "./job-counts.ts";
import type { PreFlightOptions } from "./pre-flight.ts";
import { runSegments } from "./segment-runs.ts";
import type { TableJob } from "./table-job.ts";

/** What a workflow asks of the function, in the order of `step`. */
export interface TableJobEvent {
  /**
   * - `begin` asks `preFlight`, and names the segments.
   * - `write` does pages of one segment; again until its answer says `done`.
   * - `check` looks whether anything of one segment is left; again until its answer says `done`.
   * - `end` sums all segments up, and fails if the job is not done.
   */
  readonly step: "begin" | "write" | "check" | "end";
  /** Names the run. With the token of an earlier one, segments that it ended are left alone. */
  readonly token: string;
  readonly totalSegments: number;
  /** For `write` and `check`. */
  readonly segment?: number | undefined;
}

/** What the function answers: numbers and the token, nothing of an item, so that a workflow's history holds nothing else. */
export interface TableJobAnswer {
  readonly token: string;
  readonly totalSegments: number;
  /** Of `begin`: the items of the workflow's maps. */
  readonly segments?: readonly { readonly segment: number; readonly token: string; readonly totalSegments: number }[];
  readonly segment?: number;
  readonly done?: boolean;
  readonly counts?: JobCounts;
}

/** Options of {@link tableJobHandler}. */
export interface TableJobHandlerOptions {
  readonly job: TableJob;
  /** The checkpoints of a run, such as `tableCheckpoints({ client, checkpointTable, run })`. */
  readonly checkpoints: (run: string) => JobCheckpoints;
  readonly preFlight?: PreFlightOptions | undefined;
  /** Default 100. */
  readonly pageSize?: number | undefined;
  /** After how many failed items a segment stops; default 100. */
  readonly maximumFailures?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What the handler takes of a Lambda function's context. */
export interface TableJobContext {
  getRemainingTimeInMillis(): number;
}

/** The part of a function's time in which pages are begun. */
const usedTime = 0.8;

/**
 * The handler of a Lambda function that does a table job segment by segment, driven by a workflow: see
 * `examples/table-job`. It does pages until 80 % of its time are over, and answers whether its segment is done.
 *
 * @throws ERR_JOB_INCOMPLETE at `end`, or when too many items of a segment fail; ERR_INVALID_ARGUMENT, and what the job throws
 * @experimental
 */
export function tableJobHandler(
  options: TableJobHandlerOptions,
): (event: TableJobEvent, context: TableJobContext) => Promise<TableJobAnswer> {
  const steps = { begin, write, check, end } as const;
  return async (event, context) => {
    const { step, token, totalSegments } = event;
    if (!Object.hasOwn(steps, step)) throw invalidArgument("step", Object.keys(steps).join(", "));
    if (typeof token !== "string" || !/^[\w.-]{1,200}$/.test(token))
      throw invalidArgument("token", "1 to 200 letters, digits, dots and dashes");
    requireWhole("totalSegments", totalSegments, 1, maximumSegments);
    return { token, totalSegments, ...(await steps[step](options, event, context)) };
  };
}

/** So that the list of segments stays far below the 256 KiB of a workflow's state. */
const maximumSegments = 1000;

type Answer = Omit<TableJobAnswer, "token" | "totalSegments">;

function checkpointsOf(
  { job, checkpoints }: TableJobHandlerOptions,
  phase: "write" | "check",
  { token, totalSegments }: TableJobEvent,
): JobCheckpoints {
  return checkpoints([job.physicalTable, job.job, totalSegments, token, phase].join("#"));
}

async function begin(options: TableJobHandlerOptions, event: TableJobEvent): Promise<Answer> {
  await options.job.preFlight(options.preFlight);
  // What an earlier execution saw may have changed.
  await checkpointsOf(options, "check", event).clear();
  const { token, totalSegments } = event;
  return { segments: Array.from({ length: totalSegments }, (_, segment) => ({ segment, token, totalSegments })) };
}

function write(options: TableJobHandlerOptions, event: TableJobEvent, context: TableJobContext): Promise<Answer> {
  return pages(options, { event, context, phase: "write", page: (input) => options.job.page(input) });
}

function check(options: TableJobHandlerOptions, event: TableJobEvent, context: TableJobContext): Promise<Answer> {
  return pages(options, { event, context, phase: "check", page: (input) => options.job.check(input) });
}

interface Pages {
  readonly event: TableJobEvent;
  readonly context: TableJobContext;
  readonly phase: "write" | "check";
  readonly page: (input: JobPageInput) => Promise<JobPage>;
}

async function pages(options: TableJobHandlerOptions, { event, context, phase, page }: Pages): Promise<Answer> {
  const { job, pageSize, maximumFailures = 100, clock = systemClock } = options;
  const { segment = -1, totalSegments } = event;
  requireWhole("segment", segment, 0, totalSegments - 1);
  const until = clock.now() + context.getRemainingTimeInMillis() * usedTime;
  let failures = 0;
  const [state] = await runSegments({
    ...{ segments: [segment], totalSegments, limit: pageSize, signal: undefined, page },
    checkpoints: checkpointsOf(options, phase, event),
    onPage: (done) => {
      failures += phase === "write" ? done.failures.length : 0;
    },
    stops: () => clock.now() >= until || failures > maximumFailures,
  });
  if (failures > maximumFailures) throw incomplete(job, { left: 1, counts: state?.counts ?? noCounts, remaining: 0 });
  return { segment, done: state?.done === true, counts: state?.counts ?? noCounts };
}

async function end(options: TableJobHandlerOptions, event: TableJobEvent): Promise<Answer> {
  const { job } = options;
  const written = await checkpointsOf(options, "write", event).load();
  const checked = await checkpointsOf(options, "check", event).load();
  const counts = sumCounts(written.map((state) => state.counts));
  const remaining = sumCounts(checked.map((state) => state.counts)).written;
  const left = event.totalSegments - Math.min(ended(written), ended(checked));
  if (left > 0 || counts.failed + counts.tooWide + remaining > 0) throw incomplete(job, { left, counts, remaining });
  return { done: true, counts };
}

function ended(states: readonly SegmentState[]): number {
  return states.filter(({ done }) => done).length;
}

function incomplete(
  { job, tableName }: TableJob,
  { left, counts: { failed, tooWide }, remaining }: { readonly left: number; readonly counts: JobCounts; readonly remaining: number },
): DynasealError {
  return new DynasealError("ERR_JOB_INCOMPLETE", { details: { job, tableName, segments: left, failed: failed + tooWide, remaining } });
}
