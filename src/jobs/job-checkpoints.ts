import type { AttributeMap } from "../attributes/index.ts";
import type { JobCounts, JobFailure, JobFindings } from "./job-counts.ts";

/** How far a segment is. It holds values of keys. */
export interface SegmentState {
  readonly segment: number;
  /** Where the next page begins; `undefined`: at the beginning, or, if `done`, nowhere. */
  readonly cursor: AttributeMap | undefined;
  readonly done: boolean;
  readonly counts: JobCounts;
  readonly findings: JobFindings;
  readonly failures: readonly JobFailure[];
}

/** Where a job keeps how far it is, so that it goes on there after its process was killed. */
export interface JobCheckpoints {
  /**
   * What was saved; empty before the first page.
   *
   * @param segment if the others are not needed; it does not harm to return them
   */
  load(segment?: number): Promise<readonly SegmentState[]>;
  /** Keeps the state of one segment in place of its last one. Returns once a crash would not lose it. */
  save(state: SegmentState): Promise<void>;
  /** The job is done: nothing is left to go on with. */
  clear(): Promise<void>;
}
