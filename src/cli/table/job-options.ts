import { type Command, InvalidArgumentError } from "commander";
import type { TableJobName } from "../../jobs/index.ts";
import { type ConnectionOptions, withConnection } from "../connection-options.ts";
import { type OutputOptions, withOutput } from "../output-option.ts";

/** A rate of the whole job, per second. */
export interface Rate {
  readonly amount: number;
  /** Whether it is a part of what the table has provisioned. */
  readonly isPercent: boolean;
}

/** What every command of `dynaseal table` takes. */
export interface JobOptions extends ConnectionOptions, OutputOptions {
  readonly table?: string;
  readonly physicalTable?: string;
  readonly config: string;
  readonly totalSegments: number;
  readonly segment?: number;
  readonly pageSize: number;
  readonly readUnits?: Rate;
  readonly kmsRequests?: Rate;
  readonly maxFailures: number;
  readonly checkpoint?: string;
  readonly reveal?: true;
  // Of those that write:
  readonly writeUnits?: Rate;
  readonly concurrency?: number;
  readonly dryRun?: true;
  /** `--no-backup`. */
  readonly backup?: boolean;
  readonly allWritersInThisRegion?: true;
  readonly homeRegionAttribute?: string;
  readonly unguardedWideItems?: true;
  readonly acknowledgePlaintext?: string;
}

/** Adds what a job takes, and nothing that would do nothing. */
export function withJobOptions(command: Command, job: TableJobName): Command {
  const asksKms = job !== "count";
  command
    .option("--table <name>", "the table's logical name, as its schema and the configuration have it")
    .option("--physical-table <name>", "the table's name in DynamoDB, where the configuration does not say it")
    .option("--config <file>", "the configuration", "dynaseal.config.json")
    .option("--total-segments <n>", "in how many parts the table is read", wholeNumber(1), 4)
    .option("--segment <i>", "do this part only, from 0; the other parts are done by other processes", wholeNumber(0))
    .option("--page-size <n>", "items read per request", wholeNumber(1), 100)
    .option("--read-units <n>", "read units per second of the whole job, or percent of the table's (50%)", rate)
    .option("--max-failures <n>", "stop once more items than this have failed", wholeNumber(0), 100)
    .option("--checkpoint <file>", "where the job keeps how far it is; a file in the current folder unless given")
    .option("--reveal", "print the keys of items that failed");
  if (asksKms) command.option("--kms-requests <n>", "requests to KMS per second of the whole job", rate);
  if (writes(job)) withWriteOptions(command, job);
  return withOutput(withConnection(command));
}

function withWriteOptions(command: Command, job: TableJobName): void {
  command
    .option("--write-units <n>", "write units per second of the whole job, or percent of the table's (50%)", rate)
    .option("--concurrency <n>", "items rewritten at the same time in each segment", wholeNumber(1), 8)
    .option("--dry-run", "read the table, say what the job would do and cost, and write nothing")
    .option("--no-backup", "start although not every Region has point-in-time recovery")
    .option("--all-writers-in-this-region", "Global Table: nobody writes in another Region while the job runs")
    .option("--home-region-attribute <name>", "Global Table: write only items whose attribute names this Region; run once in each")
    .option("--unguarded-wide-items", "rewrite items with more attributes than one condition holds, under less of a guard");
  if (job === "decrypt") command.option("--acknowledge-plaintext <name>", "the table's name in DynamoDB, typed out: it becomes readable");
}

export function writes(job: TableJobName): boolean {
  return job !== "verify" && job !== "count";
}

function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= minimum) return number;
    throw new InvalidArgumentError(`It has to be a whole number of at least ${minimum}.`);
  };
}

function rate(text: string): Rate {
  const [, digits] = /^(\d{1,9}(?:\.\d{1,3})?)%?$/.exec(text) ?? [];
  const isPercent = text.endsWith("%");
  const amount = Number(digits);
  if (amount > 0 && !(isPercent && amount > 100)) return { amount, isPercent };
  throw new InvalidArgumentError("It has to be a number above 0, or a percentage up to 100%.");
}
