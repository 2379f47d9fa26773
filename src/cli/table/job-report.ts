import { itemToDynamoDbJson } from "../../attributes/index.ts";
import type { JobFailure, Remains, TableJobEstimate, TableJobReport } from "../../jobs/index.ts";
import type { Screen } from "../demo/screen.ts";
import { printable } from "../printable.ts";

/** The report as JSON: keys of items only if they were asked for. */
export function reportJson<Report extends { readonly failures: readonly JobFailure[] }>(
  report: Report,
  reveal: boolean,
): Omit<Report, "failures"> & { readonly failures: readonly { readonly code: string; readonly key?: unknown }[] } {
  return { ...report, failures: report.failures.map((failure) => failureJson(failure, reveal)) };
}

function failureJson({ code, revealKey }: JobFailure, reveal: boolean): { readonly code: string; readonly key?: unknown } {
  return { code, ...(reveal && { key: itemToDynamoDbJson(revealKey()) }) };
}

/** The report for people. */
export function printReport(screen: Screen, report: TableJobReport, reveal: boolean): void {
  const { job, physicalTable, outcome, counts, findings, remaining, remains } = report;
  const where = `${job} of ${printable(physicalTable)}`;
  if (outcome === "done") screen.done(where);
  else screen.failed(`${where}: ${outcome === "partial" ? "something is left" : "stopped, since too many items failed"}`);
  printNumbers(screen, { ...counts });
  if (remaining !== undefined && remaining > 0) screen.failed(`${remaining} items are not as the job wants them; run it again`);
  const named = [
    ["Keys", findings.keys],
    ["Branch key versions", findings.branchKeyVersions],
    ["Algorithm suites", findings.algorithmSuites],
    ["Format versions", findings.formatVersions],
    ["Attribute actions", findings.legends],
    ["Failures", findings.failures],
  ] as const;
  for (const [title, numbers] of named) {
    const entries = Object.entries(numbers);
    if (entries.length === 0) continue;
    screen.line(`${title}:`);
    for (const [name, number] of entries) screen.line(`  ${number}  ${printable(name)}`);
  }
  printFailures(screen, report.failures, reveal);
  if (remains.length === 0) return;
  screen.line(job === "encrypt" ? "What was plain still stands in:" : "The old keys are still needed for:");
  for (const one of remains) screen.line(`  ${placeOf(one)}`);
}

/** What a dry run says. */
export function printEstimate(screen: Screen, estimate: TableJobEstimate, reveal: boolean): void {
  const { job, physicalTable, counts, preFlight, failures, ...numbers } = estimate;
  screen.line(`The job ${job} of ${printable(physicalTable)} would write ${counts.written} items. Nothing was written.`);
  printNumbers(screen, {
    "items read": counts.read,
    "write units, all Regions and indexes": numbers.writeUnits,
    "read units per pass": numbers.readUnits,
    "KMS requests": numbers.kmsRequests,
    "KMS price in US dollars": Number(numbers.kmsPriceDollars.toFixed(4)),
    "stream records": numbers.streamRecords,
    "bytes more": numbers.growthBytes,
    "items over 400 KB": numbers.tooLarge,
    "items too wide for a guard": counts.tooWide,
  });
  printFailures(screen, failures, reveal);
}

function printNumbers(screen: Screen, numbers: Readonly<Record<string, number>>): void {
  const width = Math.max(...Object.keys(numbers).map((name) => name.length));
  for (const [name, number] of Object.entries(numbers)) screen.line(`  ${name.padEnd(width)}  ${number}`);
}

function printFailures(screen: Screen, failures: readonly JobFailure[], reveal: boolean): void {
  if (failures.length === 0) return;
  if (!reveal) screen.note(`${failures.length} items failed; --reveal prints their keys.`);
  for (const { code, key } of (reveal ? failures : []).map((failure) => failureJson(failure, true))) {
    screen.failed(`${code}  ${printable(JSON.stringify(key))}`);
  }
}

function placeOf({ where, region, until }: Remains): string {
  const place = {
    "point-in-time recovery": "point-in-time recovery",
    backups: "on-demand backups, if there are any",
    exports: "exports to S3, if there are any",
    "stream records": "records of the table's stream",
    copies: "copies elsewhere: search services, caches, other tables",
  }[where];
  return `${place}${region === undefined ? "" : ` in ${region}`}${until === undefined ? "" : `, until ${until}`}`;
}
