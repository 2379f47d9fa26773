import type { JobCheckpoints, SegmentState } from "./job-checkpoints.ts";
import { type JobPage, type JobPageInput, noCounts, sumCounts, sumFindings } from "./job-counts.ts";

/** Every page of some segments, one after the other in each, and all segments at the same time. */
export interface SegmentRun<Page extends JobPage> {
  readonly segments: readonly number[];
  readonly totalSegments: number;
  readonly limit: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly page: (input: JobPageInput) => Promise<Page>;
  readonly checkpoints?: JobCheckpoints | undefined;
  /** Called before the first page, with what the checkpoints know of these segments. */
  readonly onSaved?: ((states: readonly SegmentState[]) => void) | undefined;
  /** Called after each page. */
  readonly onPage?: ((page: Page) => void) | undefined;
  /** Asked before each page. */
  readonly stops?: (() => boolean) | undefined;
}

/**
 * @returns the state of every segment; if `stops` said so, not all of them are done
 * @throws the first failure, once every other segment has ended its page and saved it
 */
export async function runSegments<Page extends JobPage>(run: SegmentRun<Page>): Promise<readonly SegmentState[]> {
  const [only, ...others] = run.segments;
  const saved = new Map((await run.checkpoints?.load(others.length === 0 ? only : undefined))?.map((state) => [state.segment, state]));
  run.onSaved?.(run.segments.flatMap((segment) => saved.get(segment) ?? []));
  let failed = false;
  const one = async (segment: number): Promise<SegmentState> => {
    let state = saved.get(segment) ?? beginning(segment);
    while (!state.done && !failed && run.stops?.() !== true) {
      const { totalSegments, limit, signal } = run;
      const page = await run.page({ segment, totalSegments, cursor: state.cursor, limit, signal }).catch((error: unknown) => {
        failed = true;
        throw error;
      });
      state = afterPage(state, page);
      await run.checkpoints?.save(state);
      run.onPage?.(page);
    }
    return state;
  };
  const ended = await Promise.allSettled(run.segments.map(one));
  return ended.map((segment) => {
    if (segment.status === "rejected") throw segment.reason;
    return segment.value;
  });
}

function beginning(segment: number): SegmentState {
  return { segment, cursor: undefined, done: false, counts: noCounts, findings: sumFindings([]), failures: [] };
}

function afterPage(state: SegmentState, { cursor, counts, findings, failures }: JobPage): SegmentState {
  return {
    segment: state.segment,
    cursor,
    done: cursor === undefined,
    counts: sumCounts([state.counts, counts]),
    findings: sumFindings([state.findings, findings]),
    failures: [...state.failures, ...failures],
  };
}
