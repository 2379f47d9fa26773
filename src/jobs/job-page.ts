import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import type { clientSettings } from "../client/index.ts";
import { type ErrorCode, invalidArgument, isDynasealError } from "../errors/index.ts";
import { type ItemHeader, inOrder, isItemFault } from "../item/index.ts";
import { refusePlainHttp, watchEndpoint } from "../kms/index.ts";
import { eventListener, RequestLeases } from "../materials/index.ts";
import { concurrencyLimit, ItemWork, keyOf, type OperationCall, type ProtectedTable, readStored } from "../tables/index.ts";
import { FindingsTally, type JobCounts, type JobFailure, type JobPage, type JobPageInput, type TableJobName } from "./job-counts.ts";
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
}

/** Reads one page of a segment and does its items. */
export async function runPage(job: JobSettings, input: JobPageInput): Promise<JobPage> {
  const { segment, totalSegments, cursor, limit = 100, signal } = input;
  requireRange("totalSegments", totalSegments, 1, 1_000_000);
  requireRange("segment", segment, 0, totalSegments - 1);
  requireRange("limit", limit, 1, 1000);
  return withCall(job, signal, async (call) => {
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
    job.readUnits?.spend(output.ConsumedCapacity?.CapacityUnits ?? 0);
    const tally = new PageTally();
    const options = { concurrency: job.concurrency, signal, task: (row: AttributeMap) => doItem(job, row, call) };
    for await (const done of inOrder(output.Items ?? [], options)) tally.add(done);
    return { cursor: output.LastEvaluatedKey, ...tally.result() };
  });
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

function requireRange(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum && value <= maximum) return;
  throw invalidArgument(name, `a whole number from ${minimum} to ${maximum}`);
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

async function doItem(job: JobSettings, row: AttributeMap, call: OperationCall): Promise<Done> {
  const form = formOf(row);
  try {
    return { form, failure: undefined, ...(await outcomeOf(job, row, call)) };
  } catch (error) {
    const code = itemFailure(error);
    if (code === undefined) throw error;
    const key = keyOf(job.table.plan, row);
    return { form, outcome: undefined, header: undefined, failure: failureOf(code, key) };
  }
}

async function outcomeOf(job: JobSettings, row: AttributeMap, call: OperationCall): Promise<Pick<Done, "outcome" | "header">> {
  const { table, unguardedWideItems, homeRegionAttribute } = job;
  const form = formOf(row);
  if (job.job === "count") return { outcome: undefined, header: undefined };
  if (job.job === "verify" || form === "remnant") {
    // Of a remnant this says what is wrong with it.
    const { header } = form === "plain" ? { header: undefined } : await readStored(table, row, call, "consistent");
    return { outcome: undefined, header };
  }
  if ((form === "plain") !== (job.job === "encrypt")) return { outcome: "current", header: undefined };
  const home = homeRegionAttribute === undefined ? undefined : { attribute: homeRegionAttribute, region: call.keyring.region };
  if (!isAtHome(row, home)) return { outcome: "elsewhere", header: undefined };
  // What a write costs is known beforehand: one unit for each kilobyte, at least.
  await job.writeUnits?.take(writeUnits(row), call.keyring.signal);
  return { outcome: await rewriteItem({ job: job.job, table, unguardedWideItems, home }, row, call), header: undefined };
}

/** What an item's rewrite costs in one Region, without its indexes, as far as its stored form tells. */
function writeUnits(row: AttributeMap): number {
  return Math.max(1, Math.ceil(sizeOf(row) / 1024));
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, member) => sum + sizeOf(member) + 1, 3);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + sizeOf(member), 0);
  return 1;
}

/** Codes of items that cannot be written: what the schema or the format does not take, and races that did not end. */
const writeFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ERR_ATTRIBUTE_NOT_CONFIGURED",
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

function failureOf(code: string, key: AttributeMap): JobFailure {
  return Object.defineProperty({ code } as { code: string; revealKey: () => AttributeMap }, "revealKey", {
    value: () => ({ ...key }),
    enumerable: false,
  });
}

const countOf: Readonly<Record<ItemOutcome, "written" | "current" | "elsewhere" | "vanished" | "tooWide">> = {
  written: "written",
  current: "current",
  elsewhere: "elsewhere",
  vanished: "vanished",
  "too-wide": "tooWide",
};

class PageTally {
  readonly #counts = { read: 0, plain: 0, encrypted: 0, written: 0, current: 0, elsewhere: 0, vanished: 0, tooWide: 0, failed: 0 };
  readonly #findings: FindingsTally = new FindingsTally();
  readonly #failures: JobFailure[] = [];

  add({ form, outcome, header, failure }: Done): void {
    this.#counts.read++;
    if (form !== "remnant") this.#counts[form]++;
    if (outcome !== undefined) this.#counts[countOf[outcome]]++;
    if (header !== undefined) this.#addHeader(header);
    if (failure === undefined) return;
    this.#counts.failed++;
    this.#failures.push(failure);
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
