import type { AttributeMap } from "../attributes/index.ts";

/** What one job does. */
export type TableJobName = "encrypt" | "re-encrypt" | "update-beacons" | "decrypt" | "verify" | "count";

/** Whether a job writes items; the others only read. */
export function writesItems(job: TableJobName): boolean {
  return job !== "verify" && job !== "count";
}

/** Numbers of items. Nothing of an item is in them, so that they may go to logs and progress lines. */
export interface JobCounts {
  /** Items that the service returned. */
  readonly read: number;
  /** Of these, items in plain as they were read. */
  readonly plain: number;
  /** Of these, items with header and footer as they were read. */
  readonly encrypted: number;
  /** Items that the job wrote. */
  readonly written: number;
  /** Items that needed nothing: somebody else was first, or they are as they are to be. */
  readonly current: number;
  /** Items whose home is another Region (`homeRegionAttribute`); they were left alone. */
  readonly elsewhere: number;
  /** Items that were deleted, or expired, between read and write. They stay deleted. */
  readonly vanished: number;
  /** Items with more attributes than one guard can hold; they were left alone. */
  readonly tooWide: number;
  /** Items that could not be read or written, for a reason of their own. */
  readonly failed: number;
  /** Encrypted items that `verify` found to have other beacons than the schema's, or not all of them: searches miss them. */
  readonly staleBeacons: number;
}

/** Counts that are being made. */
export type Tally = { -readonly [name in keyof JobCounts]: number };

/** What is found in the headers of verified items: how often, by name. */
export interface JobFindings {
  /** KMS key ARNs, or provider and key name, of the recipients. */
  readonly keys: Readonly<Record<string, number>>;
  /** Branch key versions, as `id@version`. */
  readonly branchKeyVersions: Readonly<Record<string, number>>;
  readonly algorithmSuites: Readonly<Record<string, number>>;
  readonly formatVersions: Readonly<Record<string, number>>;
  /** Actions by attribute name, as `email=ENCRYPT_AND_SIGN, tier=SIGN_ONLY`. */
  readonly legends: Readonly<Record<string, number>>;
  /** Items that failed, by error code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** An item that the job could not do, or left alone because it is too wide (`ERR_EXPRESSION_TOO_LARGE`). */
export interface JobFailure {
  /** An error code of dynaseal, or the name of an error of the service. */
  readonly code: string;
  /** The values of the item's key. A method, so that no log or printed failure holds them. */
  readonly revealKey: () => AttributeMap;
}

/** One page of a segment. */
export interface JobPageInput {
  /** From 0. */
  readonly segment: number;
  readonly totalSegments: number;
  /** Where the last page of the segment ended; `undefined`: from its beginning. */
  readonly cursor?: AttributeMap | undefined;
  /** How many items to read at most; default 100. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What one page did. */
export interface JobPage {
  /** Where the next page begins; `undefined` at the end of the segment. It holds values of a key: seal it before it leaves the process. */
  readonly cursor: AttributeMap | undefined;
  readonly counts: JobCounts;
  readonly findings: JobFindings;
  readonly failures: readonly JobFailure[];
}

/** What a page would write, for an estimate; see `TableJob.check`. */
export interface JobMeasure {
  /** Items that were prepared as if they were written. */
  readonly measured: number;
  /** By how many bytes these grow; fewer than none if they shrink. */
  readonly growthBytes: number;
  /** How many of these need so many requests to KMS: `{ 0: 9, 1: 1 }`. */
  readonly itemsByKmsRequests: Readonly<Record<number, number>>;
  /** Write units of every item that would be written, in one Region and without indexes. */
  readonly writeUnits: number;
  /** Read units of the page itself. */
  readonly readUnits: number;
}

/** A page that was looked at and not written: `counts.written` are the items that {@link TableJob.page} would write. */
export interface JobCheck extends JobPage {
  readonly measure: JobMeasure;
}

export const noCounts: JobCounts = {
  read: 0,
  plain: 0,
  encrypted: 0,
  written: 0,
  current: 0,
  elsewhere: 0,
  vanished: 0,
  tooWide: 0,
  failed: 0,
  staleBeacons: 0,
};

/** What is counted. */
export const countNames: readonly (keyof JobCounts)[] = Object.keys(noCounts) as (keyof JobCounts)[];

/** The sum of the counts of pages or segments. */
export function sumCounts(all: readonly JobCounts[]): JobCounts {
  const sum: Tally = { ...noCounts };
  for (const one of all) for (const name of countNames) sum[name] += one[name];
  return sum;
}

/** The sum of the findings of pages or segments. */
export function sumFindings(all: readonly JobFindings[]): JobFindings {
  const tally = new FindingsTally();
  for (const one of all) tally.addAll(one);
  return tally.findings();
}

const kinds = ["keys", "branchKeyVersions", "algorithmSuites", "formatVersions", "legends", "failures"] as const;

/** What is found under names without bounds, such as legends, must not fill the memory. */
const maximumNames = 200;
const maximumNameLength = 1000;
const otherNames = "(others)";

/** Adds up findings. */
export class FindingsTally {
  readonly #numbers: ReadonlyMap<keyof JobFindings, Map<string, number>> = new Map(kinds.map((kind) => [kind, new Map<string, number>()]));

  add(kind: keyof JobFindings, name: string, number = 1): void {
    const numbers = this.#numbers.get(kind);
    if (numbers === undefined) return;
    const short = name.slice(0, maximumNameLength);
    const counted = numbers.has(short) || numbers.size < maximumNames ? short : otherNames;
    numbers.set(counted, (numbers.get(counted) ?? 0) + number);
  }

  addAll(findings: JobFindings): void {
    for (const kind of kinds) for (const [name, number] of Object.entries(findings[kind])) this.add(kind, name, number);
  }

  findings(): JobFindings {
    const of = (kind: keyof JobFindings): Readonly<Record<string, number>> => {
      const record = Object.create(null) as Record<string, number>;
      for (const [name, number] of this.#numbers.get(kind) ?? []) record[name] = number;
      return record;
    };
    return {
      keys: of("keys"),
      branchKeyVersions: of("branchKeyVersions"),
      algorithmSuites: of("algorithmSuites"),
      formatVersions: of("formatVersions"),
      legends: of("legends"),
      failures: of("failures"),
    };
  }
}
