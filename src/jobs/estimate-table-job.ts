import { type JobCounts, type JobFailure, type JobMeasure, noCounts, sumCounts, type TableJobName } from "./job-counts.ts";
import type { PreFlightReport } from "./pre-flight.ts";
import { type RunTableJobOptions, segmentRun } from "./run-table-job.ts";
import { runSegments } from "./segment-runs.ts";
import type { TableJob } from "./table-job.ts";

/** What a job would cost, extrapolated from some items of every page. */
export interface TableJobEstimate {
  readonly job: TableJobName;
  readonly tableName: string;
  readonly physicalTable: string;
  /** `written` are the items that would be written. */
  readonly counts: JobCounts;
  /** How many items were prepared as if they were written. */
  readonly measured: number;
  /** Bytes by which the table grows, in one Region and without indexes; fewer than none if it shrinks. */
  readonly growthBytes: number;
  /** Write units in all Regions and indexes together; an index that projects little takes less. */
  readonly writeUnits: number;
  /** Read units of one pass over the table. The job makes two: one that writes, one that counts what is left. */
  readonly readUnits: number;
  /** Requests to KMS of the pass that writes. */
  readonly kmsRequests: number;
  /** At 0.03 US dollars for 10,000 requests. */
  readonly kmsPriceDollars: number;
  /** Records in the table's stream, in all Regions together. */
  readonly streamRecords: number;
  /** Items that would be over 400 KB once they are encrypted. */
  readonly tooLarge: number;
  /** Items that would fail, or are too wide. */
  readonly failures: readonly JobFailure[];
  readonly preFlight: PreFlightReport;
}

const dollarsPerRequest = 0.03 / 10_000;

/** How many items of a page are measured, beside large and wide ones. */
const measuredPerPage = 3;

/** How many failures an estimate names. */
const maximumFailures = 1000;

/**
 * Reads the table and says what {@link runTableJob} would do and cost. Nothing is written.
 *
 * @throws as `runTableJob`
 * @experimental
 */
export async function estimateTableJob(options: RunTableJobOptions): Promise<TableJobEstimate> {
  const { job, onProgress } = options;
  const run = segmentRun(options, (input) => job.check({ ...input, measure: measuredPerPage }));
  const preFlight = await job.preFlight(options.preFlight);
  const total = new MeasureSum();
  let counts = noCounts;
  const failures: JobFailure[] = [];
  let tooLarge = 0;
  await runSegments({
    ...run,
    page: async (input) => {
      const page = await run.page(input);
      tooLarge += page.findings.failures["ERR_ITEM_TOO_LARGE"] ?? 0;
      if (failures.length < maximumFailures) failures.push(...page.failures);
      // What is kept here is not kept for each segment, too.
      return { ...page, failures: [] };
    },
    onPage: (page) => {
      total.add(page.measure);
      counts = sumCounts([counts, page.counts]);
      onProgress?.({ phase: "check", counts, itemCount: preFlight.itemCount });
    },
  });
  return { ...named(job), counts, ...total.estimate(counts.written, preFlight), tooLarge, failures, preFlight };
}

function named({ job, tableName, physicalTable }: TableJob): Pick<TableJobEstimate, "job" | "tableName" | "physicalTable"> {
  return { job, tableName, physicalTable };
}

class MeasureSum {
  #measured = 0;
  #growthBytes = 0;
  #writeUnits = 0;
  #readUnits = 0;
  readonly #itemsByKmsRequests = new Map<number, number>();

  add({ measured, growthBytes, writeUnits, readUnits, itemsByKmsRequests }: JobMeasure): void {
    this.#measured += measured;
    this.#growthBytes += growthBytes;
    this.#writeUnits += writeUnits;
    this.#readUnits += readUnits;
    for (const [requests, items] of Object.entries(itemsByKmsRequests)) {
      this.#itemsByKmsRequests.set(Number(requests), (this.#itemsByKmsRequests.get(Number(requests)) ?? 0) + items);
    }
  }

  estimate(items: number, { regions, indexes, streams }: PreFlightReport): Omit<TableJobEstimate, keyof Known> {
    const kmsRequests = this.#kmsRequests(items);
    return {
      measured: this.#measured,
      growthBytes: this.#measured === 0 ? 0 : Math.round((this.#growthBytes / this.#measured) * items),
      writeUnits: this.#writeUnits * regions.length * (1 + indexes),
      readUnits: this.#readUnits,
      kmsRequests,
      kmsPriceDollars: kmsRequests * dollarsPerRequest,
      streamRecords: streams ? items * regions.length : 0,
    };
  }

  /** Of those that were not measured, each needs as many as most: the first ones of a cache stand for no others. */
  #kmsRequests(items: number): number {
    let [seen, most, mostItems] = [0, 0, 0];
    for (const [requests, number] of this.#itemsByKmsRequests) {
      seen += requests * number;
      if (number > mostItems) [most, mostItems] = [requests, number];
    }
    return seen + most * Math.max(0, items - this.#measured);
  }
}

type Known = Pick<TableJobEstimate, "job" | "tableName" | "physicalTable" | "counts" | "tooLarge" | "failures" | "preFlight">;
