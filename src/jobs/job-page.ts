import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import type { clientSettings } from "../client/index.ts";
import { type ErrorCode, isDynasealError, requireWhole } from "../errors/index.ts";
import { type ItemHeader, inOrder, isItemFault } from "../item/index.ts";
import { refusePlainHttp, watchEndpoint } from "../kms/index.ts";
import { eventListener, RequestLeases } from "../materials/index.ts";
import { concurrencyLimit, ItemWork, keyOf, type OperationCall, type ProtectedTable, readStored } from "../tables/index.ts";
import { rewriteTable } from "../writing/index.ts";
import { hasItsBeacons } from "./item-beacons.ts";
import {
  FindingsTally,
  type JobCheck,
  type JobCounts,
  type JobFailure,
  type JobPage,
  type JobPageInput,
  noCounts,
  type TableJobName,
  type Tally,
} from "./job-counts.ts";
import { jobFailure } from "./job-failure.ts";
import { meteredWrite } from "./metered-write.ts";
import { PageMeasures } from "./page-measures.ts";
import { formOf, type ItemOutcome, isAtHome, recipientName, rewriteItem } from "./rewrite-item.ts";
import type { UnitBucket } from "./unit-bucket.ts";

/** What a job is, for each of its pages. */
export interface JobSettings {
  readonly job: TableJobName;
  readonly client: DynamoDBClient;
  readonly settings: ReturnType<typeof clientSettings>;
  /** As the job has to see it. */
  readonly table: ProtectedTable;
  readonly concurrency: number;
  readonly unguardedWideItems: boolean;
  /** The attribute that names the Region in which an item is written, if the job does one Region's items only. */
  readonly homeRegionAttribute: string | undefined;
  readonly writeUnits: UnitBucket | undefined;
  readonly readUnits: UnitBucket | undefined;
  readonly kmsRequests: UnitBucket | undefined;
}

/** What one item came to. */
interface Done {
  readonly form: "plain" | "encrypted" | "remnant";
  readonly outcome: ItemOutcome | undefined;
  readonly header: ItemHeader | undefined;
  readonly failure: JobFailure | undefined;
  /** Whether its beacons are not those of the schema. */
  readonly isStale?: boolean | undefined;
}

/** A page of items, and whether they are written or only looked at. */
interface ItemPass {
  readonly job: JobSettings;
  readonly call: OperationCall;
  /** Looks at what would be written, in place of the write. */
  readonly measures: PageMeasures | undefined;
}

/** Reads one page of a segment and does its items. */
export function runPage(job: JobSettings, input: JobPageInput): Promise<JobPage> {
  return withCall(job, input.signal, async (call) => {
    const { output } = await scan(job, input, call);
    return { cursor: output.LastEvaluatedKey, ...(await doItems(output.Items ?? [], { job, call, measures: undefined })) };
  });
}

/** Reads one page of a segment and says what {@link runPage} would do, without writing. */
export function checkPage(job: JobSettings, input: JobPageInput & { readonly measure?: number | undefined }): Promise<JobCheck> {
  const { measure = 0 } = input;
  requireWhole("measure", measure, 0, 1000);
  return withCall(job, input.signal, async (call) => {
    const { output, readUnits } = await scan(job, input, call);
    const measures = new PageMeasures(measure);
    const done = await doItems(output.Items ?? [], { job, call, measures });
    return { cursor: output.LastEvaluatedKey, ...done, measure: { ...measures.result(), readUnits } };
  });
}

async function scan(
  job: JobSettings,
  { segment, totalSegments, cursor, limit = 100, signal }: JobPageInput,
  call: OperationCall,
): Promise<{ readonly output: ScanCommandOutput; readonly readUnits: number }> {
  requireWhole("totalSegments", totalSegments, 1, 1_000_000);
  requireWhole("segment", segment, 0, totalSegments - 1);
  requireWhole("limit", limit, 1, 1000);
  await job.readUnits?.take(0, signal);
  const output = await call.send(
    new ScanCommand({
      TableName: job.table.physicalName,
      Segment: segment,
      TotalSegments: totalSegments,
      Limit: limit,
      ConsistentRead: true,
      ReturnConsumedCapacity: "TOTAL",
      ...(cursor !== undefined && { ExclusiveStartKey: { ...cursor } }),
    }),
  );
  const readUnits = output.ConsumedCapacity?.CapacityUnits ?? 0;
  job.readUnits?.spend(readUnits);
  return { output, readUnits };
}

async function doItems(rows: readonly AttributeMap[], pass: ItemPass): Promise<ReturnType<PageTally["result"]>> {
  const tally = new PageTally();
  const options = {
    concurrency: pass.job.concurrency,
    signal: pass.call.keyring.signal,
    task: (row: AttributeMap) => doItem(pass, row),
  };
  for await (const done of inOrder(rows, options)) tally.add(done);
  return tally.result();
}

/** Does something that reads and decrypts, and gives back the keys that it was lent. */
export async function withCall<Result>(
  job: JobSettings,
  signal: AbortSignal | undefined,
  action: (call: OperationCall) => Promise<Result>,
): Promise<Result> {
  const leases = new RequestLeases();
  try {
    return await action(await operationCall(job, leases, signal));
  } finally {
    leases.end();
  }
}

async function operationCall(job: JobSettings, leases: RequestLeases, signal: AbortSignal | undefined): Promise<OperationCall> {
  const { client, settings, kmsRequests } = job;
  const { state, kmsConcurrency, onEvent, allowPlainHttp, options } = settings;
  const atOnce = concurrencyLimit(kmsConcurrency);
  const limit: OperationCall["keyring"]["limit"] = async (task) => {
    await kmsRequests?.take(1, signal);
    return atOnce(task);
  };
  const send = (async (command: Parameters<DynamoDBClient["send"]>[0]) => {
    watchEndpoint(command, (sent) => refusePlainHttp(sent, { service: "DynamoDB", allowPlainHttp }));
    return client.send(command, signal === undefined ? {} : { abortSignal: signal });
  }) as unknown as DynamoDBClient["send"];
  const region = await client.config.region();
  return {
    state,
    role: undefined,
    options,
    keyring: { region, signal, limit, onEvent: eventListener(onEvent), whenDone: leases.add },
    work: new ItemWork({ concurrency: Math.max(16, kmsConcurrency) }),
    send,
  };
}

async function doItem(pass: ItemPass, row: AttributeMap): Promise<Done> {
  const form = formOf(row);
  const failed = (code: string): JobFailure => jobFailure(code, keyOf(pass.job.table.plan, row));
  try {
    const done = await outcomeOf(pass, row);
    return { form, ...done, failure: done.outcome === "too-wide" ? failed("ERR_EXPRESSION_TOO_LARGE") : undefined };
  } catch (error) {
    const code = itemFailure(error);
    if (code === undefined) throw error;
    return { form, outcome: undefined, header: undefined, failure: failed(code) };
  }
}

async function outcomeOf({ job, call, measures }: ItemPass, row: AttributeMap): Promise<Pick<Done, "outcome" | "header" | "isStale">> {
  const { table, unguardedWideItems, homeRegionAttribute } = job;
  const form = formOf(row);
  if (job.job === "count") return { outcome: undefined, header: undefined };
  if (job.job === "verify" || form === "remnant") {
    // Of a remnant this says what is wrong with it.
    if (form === "plain") return { outcome: undefined, header: undefined };
    const { header, item, actions } = await readStored(table, row, call, "consistent");
    const isStale = !(await hasItsBeacons(rewriteTable(table, { actions }, item), { row, item }, call));
    return { outcome: undefined, header, isStale };
  }
  if ((form === "plain") !== (job.job === "encrypt")) return { outcome: "current", header: undefined };
  const home = homeRegionAttribute === undefined ? undefined : { attribute: homeRegionAttribute, region: call.keyring.region };
  if (!isAtHome(row, home)) return { outcome: "elsewhere", header: undefined };
  const rewriting = { job: job.job, table, unguardedWideItems, home };
  if (measures !== undefined) {
    const outcome = await measures.outcomeOf(row, call, { rewriting, needsLook: job.job === "re-encrypt" || job.job === "update-beacons" });
    return { outcome, header: undefined };
  }
  const { writeUnits: bucket } = job;
  if (bucket === undefined) return { outcome: await rewriteItem(rewriting, row, call), header: undefined };
  return { outcome: await meteredWrite(bucket, row, call, (metered) => rewriteItem(rewriting, row, metered)), header: undefined };
}

/** Codes of items that cannot be written: what the schema or the format does not take, and races that did not end. */
const writeFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ERR_ATTRIBUTE_NOT_CONFIGURED",
  "ERR_BEACON_KEY_MISMATCH",
  "ERR_BEACON_KEY_NOT_HIERARCHICAL",
  "ERR_BEACON_NAME_WRITTEN",
  "ERR_BEACON_VALUE_NOT_SUPPORTED",
  "ERR_EXPRESSION_TOO_LARGE",
  "ERR_INVALID_ARGUMENT",
  "ERR_ITEM_IS_JSON",
  "ERR_ITEM_TOO_LARGE",
  "ERR_RESERVED_NAME",
  "ERR_SIGNED_BEACON_MISMATCH",
  "ERR_UPDATE_CONTENDED",
  "ERR_UPDATE_OUTCOME_UNKNOWN",
  "ERR_WOULD_EXPOSE",
]);

/** The code of a failure that concerns one item alone; `undefined` for one that the next item would have as well. */
function itemFailure(error: unknown): string | undefined {
  if (isItemFault(error)) return error.code;
  if (isDynasealError(error)) return writeFaults.has(error.code) ? error.code : undefined;
  // The service takes no such item, for instance for the type of an index's key.
  return error instanceof Error && error.name === "ValidationException" ? error.name : undefined;
}

const countOf: Readonly<Record<ItemOutcome, "written" | "current" | "elsewhere" | "vanished" | "tooWide">> = {
  written: "written",
  current: "current",
  elsewhere: "elsewhere",
  vanished: "vanished",
  "too-wide": "tooWide",
};

class PageTally {
  readonly #counts: Tally = { ...noCounts };
  readonly #findings: FindingsTally = new FindingsTally();
  readonly #failures: JobFailure[] = [];

  add({ form, outcome, header, failure, isStale }: Done): void {
    this.#counts.read++;
    if (isStale === true) this.#counts.staleBeacons++;
    if (form !== "remnant") this.#counts[form]++;
    if (outcome !== undefined) this.#counts[countOf[outcome]]++;
    if (header !== undefined) this.#addHeader(header);
    if (failure === undefined) return;
    this.#failures.push(failure);
    if (outcome !== undefined) return;
    this.#counts.failed++;
    this.#findings.add("failures", failure.code);
  }

  #addHeader({ encryptedDataKeys, algorithmSuiteId, formatVersion, attributeActionsOnEncrypt }: ItemHeader): void {
    for (const key of encryptedDataKeys) {
      this.#findings.add("keys", recipientName(key));
      if (key.branchKeyVersion !== undefined) this.#findings.add("branchKeyVersions", `${key.branchKeyId}@${key.branchKeyVersion}`);
    }
    this.#findings.add("algorithmSuites", algorithmSuiteId);
    this.#findings.add("formatVersions", String(formatVersion));
    const legend = Object.entries(attributeActionsOnEncrypt).map(([name, action]) => `${name}=${action}`);
    this.#findings.add("legends", legend.join(", "));
  }

  result(): { readonly counts: JobCounts; readonly findings: JobPage["findings"]; readonly failures: readonly JobFailure[] } {
    return { counts: { ...this.#counts }, findings: this.#findings.findings(), failures: this.#failures };
  }
}
