import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Command } from "commander";
import { invalidArgument } from "../../errors/index.ts";
import {
  estimateTableJob,
  type RunTableJobOptions,
  runTableJob,
  type TableJobName,
  type TableJobReport,
  tableJob,
} from "../../jobs/index.ts";
import { systemClock } from "../../materials/index.ts";
import { fileCheckpoints, loadTable } from "../../node/index.ts";
import { callerIn, printCaller } from "../caller.ts";
import { connect } from "../connection-options.ts";
import { createScreen } from "../demo/screen.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, wantsJson } from "../output-option.ts";
import { asksKmsPerItem } from "./asks-kms-per-item.ts";
import { type JobOptions, withJobOptions, writes } from "./job-options.ts";
import { jobRates } from "./job-rates.ts";
import { printEstimate, printReport, reportJson } from "./job-report.ts";
import { progressLines } from "./progress-line.ts";

/** `dynaseal table encrypt`, and its siblings: `runTableJob`, or with `--dry-run` `estimateTableJob`. */
export function jobCommand(job: TableJobName, description: string): Command {
  const examples = writes(job)
    ? `\nExamples:\n  dynaseal table ${job} --table customers --dry-run\n  dynaseal table ${job} --table customers --write-units 200`
    : `\nExample:\n  dynaseal table ${job} --table customers`;
  const command = new Command(job).description(description).addHelpText("after", examples);
  return withJobOptions(command, job).action((options: JobOptions) => run(job, options));
}

async function run(job: TableJobName, options: JobOptions): Promise<void> {
  connect(options);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  // Once: whoever asks again is obeyed at once. What is in flight is guarded, and the checkpoint is whole.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
  try {
    await runIn(job, options, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    process.stderr.write("Interrupted. The same command goes on where this one was.\n");
    process.exitCode = exitCodes.interrupted;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, interrupt);
  }
}

async function runIn(name: TableJobName, options: JobOptions, signal: AbortSignal): Promise<void> {
  const { totalSegments, segment, dryRun, reveal, acknowledgePlaintext, homeRegionAttribute, unguardedWideItems } = options;
  const loaded = loadTable(options.config, options.table);
  const physicalTable = options.physicalTable ?? loaded.physicalTable;
  requireKmsRate(name, options, loaded.schema.tableName);
  const client = new DynamoDBClient({});
  try {
    const region = await client.config.region();
    const job = tableJob({
      ...{ ...loaded, job: name, client, physicalTable, acknowledgePlaintext, homeRegionAttribute },
      ...{ unguardedWideItems, concurrency: options.concurrency },
      ...(await jobRates(client, physicalTable, options)),
    });
    if (writes(name)) printCaller(await callerIn(region));
    const settings: RunTableJobOptions = {
      ...{ job, totalSegments, segment, signal, pageSize: options.pageSize, maximumFailures: options.maxFailures },
      preFlight: { noBackup: options.backup === false, allWritersInThisRegion: options.allWritersInThisRegion },
      onProgress: progressLines(process.stderr, systemClock, segment === undefined ? 1 : 1 / totalSegments),
    };
    const screen = createScreen(process.stdout);
    if (dryRun === true) {
      const estimate = await estimateTableJob(settings);
      if (wantsJson(options)) printJson({ dryRun: true, ...reportJson(estimate, reveal === true) });
      else printEstimate(screen, estimate, reveal === true);
      return;
    }
    const file = options.checkpoint ?? checkpointFile(name, physicalTable, options);
    const checkpoints = fileCheckpoints(file, { job, totalSegments, region });
    const report = await runTableJob({ ...settings, checkpoints });
    if (wantsJson(options)) printJson({ dryRun: false, ...reportJson(report, reveal === true) });
    else printReport(screen, report, reveal === true);
    process.exitCode = exitCodeOf(report, loaded.schema.plaintextOverride === "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ");
  } finally {
    client.destroy();
  }
}

/** KMS has a quota that the job shares with every service of the account. @throws ERR_INVALID_ARGUMENT */
function requireKmsRate(job: TableJobName, { kmsRequests, dryRun, config }: JobOptions, tableName: string): void {
  const asksForFew = job === "count" || (dryRun === true && (job === "encrypt" || job === "decrypt"));
  if (asksForFew || kmsRequests !== undefined || !asksKmsPerItem(config, tableName)) return;
  throw invalidArgument("--kms-requests", "given: this keyring asks KMS for every item, and your services share the account's quota");
}

/** In the current folder, one for each process. */
function checkpointFile(job: TableJobName, physicalTable: string, { segment, totalSegments }: JobOptions): string {
  const part = segment === undefined ? "" : `-${segment}-of-${totalSegments}`;
  return `dynaseal-${job}-${physicalTable.replace(/[^\w.-]/g, "_")}${part}.checkpoint.json`;
}

/** What a job that only reads finds is what the schema does not want: plain items, or encrypted ones, and any that does not verify. */
function exitCodeOf({ job, outcome, counts }: TableJobReport, staysPlain: boolean): number {
  if (outcome === "stopped" || (writes(job) && outcome === "partial")) return exitCodes.partial;
  if (writes(job)) return exitCodes.done;
  const { read, plain, encrypted, failed, staleBeacons } = counts;
  const isWanted = staysPlain ? plain === read : encrypted === read;
  return isWanted && failed === 0 && staleBeacons === 0 ? exitCodes.done : exitCodes.findings;
}
