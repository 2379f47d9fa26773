import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { itemFromDynamoDbJson, itemToDynamoDbJson } from "../attributes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type JobCheckpoints, jobFailure, type SegmentState } from "../jobs/index.ts";

/** Which job a file belongs to. */
export interface FileCheckpointsOptions {
  /** A result of `tableJob`, or what names one. */
  readonly job: { readonly job: string; readonly tableName: string; readonly physicalTable: string };
  readonly totalSegments: number;
  /** The Region of the job. Two Regions hold two tables under one name. */
  readonly region?: string | undefined;
}

interface Contents {
  readonly version: 1;
  readonly job: string;
  readonly tableName: string;
  readonly physicalTable: string;
  readonly region: string | null;
  readonly totalSegments: number;
  readonly segments: readonly StoredState[];
}

type StoredState = Omit<SegmentState, "cursor" | "failures"> & {
  readonly cursor: unknown;
  readonly failures: readonly { readonly code: string; readonly key: unknown }[];
};

/**
 * Checkpoints of a table job in a file of its own, which only this user can read (0600): it holds the keys of a few items.
 * It is replaced as a whole, so that a process that is killed leaves the last whole one, and removed when the job is done.
 *
 * One process per file: processes with a segment each have a file each.
 *
 * @throws ERR_INVALID_ARGUMENT; when it is loaded ERR_JOB_REFUSED if the file belongs to another job, table or division
 * @experimental
 */
export function fileCheckpoints(file: string, options: FileCheckpointsOptions): JobCheckpoints {
  if (typeof file !== "string" || file === "") throw invalidArgument("file", "the path of a file");
  const { job, totalSegments, region } = options;
  const { tableName, physicalTable } = job;
  const head = { version: 1, job: job.job, tableName, physicalTable, region: region ?? null, totalSegments } as const;
  const states = new Map<number, SegmentState>();
  let writes: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const contents: Contents = { ...head, segments: [...states.values()].map(stored) };
    const fresh = `${file}.${process.pid}.new`;
    await rm(fresh, { force: true });
    await writeFile(fresh, JSON.stringify(contents), { mode: 0o600, flag: "wx", flush: true });
    await rename(fresh, file);
  };
  return Object.freeze<JobCheckpoints>({
    async load() {
      states.clear();
      const text = await readIfThere(file);
      if (text === undefined) return [];
      const contents = parsed(file, text);
      const differs = Object.entries(head).find(([name, value]) => contents[name as keyof typeof head] !== value);
      if (differs !== undefined) throw refused(options, file, `is about another ${differs[0]}`);
      for (const state of contents.segments) states.set(state.segment, restored(state));
      return [...states.values()];
    },
    save(state) {
      states.set(state.segment, state);
      writes = writes.then(write, write);
      return writes;
    },
    async clear() {
      await writes;
      states.clear();
      await rm(file, { force: true });
    },
  });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parsed(file: string, text: string): Contents {
  try {
    const contents: unknown = JSON.parse(text);
    if (typeof contents === "object" && contents !== null && Array.isArray((contents as Partial<Contents>).segments)) {
      return contents as Contents;
    }
  } catch {
    // The parser's message quotes the text, which holds keys.
  }
  throw new DynasealError("ERR_INVALID_ARGUMENT", {
    details: { argument: "file", expected: `checkpoints of a table job, which ${file} is not` },
  });
}

function refused({ job }: FileCheckpointsOptions, file: string, reason: string): DynasealError {
  const instead = "Name another file, or remove it if that job is done (--checkpoint).";
  return new DynasealError("ERR_JOB_REFUSED", {
    details: { job: job.job, tableName: job.tableName, reason: `the checkpoint file ${file} ${reason}`, instead },
  });
}

function stored({ cursor, failures, ...state }: SegmentState): StoredState {
  return {
    ...state,
    cursor: cursor === undefined ? null : itemToDynamoDbJson(cursor),
    failures: failures.map(({ code, revealKey }) => ({ code, key: itemToDynamoDbJson(revealKey()) })),
  };
}

function restored({ cursor, failures, ...state }: StoredState): SegmentState {
  return {
    ...state,
    cursor: cursor === null ? undefined : itemFromDynamoDbJson(cursor),
    failures: failures.map(({ code, key }) => jobFailure(code, itemFromDynamoDbJson(key))),
  };
}
