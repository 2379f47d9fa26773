import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientSettings, type EncryptedClientOptions, probeSdk } from "../client/index.ts";
import { DynasealError, invalidArgument, requireWhole } from "../errors/index.ts";
import { actionOf, type PlaintextOverride, type TablePlan, type TableSchema } from "../schema/index.ts";
import type { ProtectedTable } from "../tables/index.ts";
import type { JobCheck, JobPage, JobPageInput, TableJobName } from "./job-counts.ts";
import { checkPage, type JobSettings, runPage } from "./job-page.ts";
import { type PreFlightOptions, type PreFlightReport, preFlight } from "./pre-flight.ts";
import type { UnitBucket } from "./unit-bucket.ts";

/** Options of {@link tableJob}. */
export interface TableJobOptions
  extends Pick<
    EncryptedClientOptions,
    "beaconKeys" | "partitionSelectors" | "kmsConcurrency" | "maxEncryptedDataKeys" | "onEvent" | "allowPlainHttp"
  > {
  readonly job: TableJobName;
  /** A plain client, not one of `encryptedClient`: the job has to see what is stored. */
  readonly client: DynamoDBClient;
  /** The table's schema. For `decrypt` it has to say FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ, for `encrypt` anything else. */
  readonly schema: TableSchema | object;
  readonly keyring: EncryptedClientOptions["keyring"];
  /** The table's name in the account; that of the schema unless given. */
  readonly physicalTable?: string | undefined;
  /** The physical name once more, for `decrypt`, which makes everything readable. */
  readonly acknowledgePlaintext?: string | undefined;
  /** Rewrites items with more attributes than one guard can hold under the absence of a header alone. Default false: they are reported. */
  readonly unguardedWideItems?: boolean | undefined;
  /**
   * For a Global Table each of whose items is written in one Region only: the attribute that names that Region. The job
   * writes the items of its client's Region, and has to run once in each. It has to be SIGN_ONLY or
   * SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT, so that the guard of a write holds it.
   */
  readonly homeRegionAttribute?: string | undefined;
  /** How many items are rewritten at the same time; default 8. */
  readonly concurrency?: number | undefined;
  /** Hold the rate of this process; none by default. */
  readonly writeUnits?: UnitBucket | undefined;
  readonly readUnits?: UnitBucket | undefined;
  readonly kmsRequests?: UnitBucket | undefined;
}

/** A job over the items of one table. */
export interface TableJob {
  readonly job: TableJobName;
  /** The logical and the physical name of the table. */
  readonly tableName: string;
  readonly physicalTable: string;
  /**
   * Reads one page of a segment and does its items. A page can be done again: what is done is left alone.
   *
   * @throws ERR_INVALID_ARGUMENT, and what concerns more than one item: KMS, key store, the service
   */
  page(input: JobPageInput): Promise<JobPage>;
  /**
   * Reads one page and says what {@link TableJob.page} would do with it, without writing: `counts.written` are the items
   * that would be written. After the last page of a job it shows whether the job is done; before the first, what it costs.
   *
   * - `encrypt` and `decrypt` ask KMS for measured items only. `re-encrypt` has to decrypt and encrypt every item to know.
   * - `measure` items of the page (default 0) are prepared as if they were written, and beside them every item that might
   *   become too large, or is too wide for a guard.
   *
   * @throws as `page`
   */
  check(input: JobPageInput & { readonly measure?: number | undefined }): Promise<JobCheck>;
  /**
   * Compares the job with the table as the account has it, and refuses if the job would lose something, or could not end.
   * To be called once, before the first page; nothing is written.
   *
   * - Keys, keys of indexes and the time to live have to be what the schema says, and readable.
   * - On a Global Table that is not strongly consistent, a write of another Region that has not arrived yet would be lost
   *   in silence: no guard sees it. A strongly consistent one answers with ReplicatedWriteConflictException, and the job
   *   reads the item again.
   * - Point-in-time recovery has to be on in every Region.
   * - `re-encrypt`: an item is encrypted anew, without storing it, and decrypted in every Region.
   *
   * @throws ERR_JOB_REFUSED, ERR_TABLE_CONTRADICTS_SCHEMA, and the service's errors
   */
  preFlight(options?: PreFlightOptions): Promise<PreFlightReport>;
}

/** How the job has to see the table, whatever its schema says of plaintext: to meet items of both kinds, and to write one. */
const overrides: Readonly<Record<TableJobName, PlaintextOverride>> = {
  encrypt: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
  "re-encrypt": "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
  "update-beacons": "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
  decrypt: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
  verify: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
  count: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
};

const wrapped: unique symbol = Symbol.for("dynaseal.client") as never;

/**
 * A job over a whole table, one page of one segment at a time: on one machine, in a Lambda function, in a Batch array.
 *
 * Every write is guarded on the item that was read, and on its existence: what others write meanwhile is never lost, and
 * what they delete stays deleted. That holds within a Region. On an eventually consistent Global Table every writer has to
 * write in the job's Region while it runs: no guard sees a write of another Region that has not arrived yet. `preFlight`
 * asks the account about that, and about everything else that should stop a job before its first write; `page` does not ask.
 *
 * @example
 * ```ts
 * import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
 * import { type AttributeMap, defineTable, type Keyring } from "dynaseal";
 * import { tableJob } from "dynaseal/jobs";
 *
 * declare const keyring: Keyring;
 * const customers = defineTable({ tableName: "customers", partitionKey: "customerId", attributes: { email: "ENCRYPT_AND_SIGN" } });
 * const job = tableJob({ job: "count", client: new DynamoDBClient({}), schema: customers, keyring });
 * await job.preFlight();
 * let cursor: AttributeMap | undefined;
 * do ({ cursor } = await job.page({ segment: 0, totalSegments: 1, cursor }));
 * while (cursor !== undefined);
 * ```
 *
 * @throws ERR_JOB_REFUSED, ERR_INVALID_ARGUMENT, ERR_CLIENT_ALREADY_WRAPPED, and what `encryptedClient` throws
 * @experimental
 */
export function tableJob(options: TableJobOptions): TableJob {
  const { job, client, schema, physicalTable, concurrency = 8, unguardedWideItems = false } = options;
  if (!Object.hasOwn(overrides, job)) throw invalidArgument("job", Object.keys(overrides).join(", "));
  requireWhole("concurrency", concurrency, 1);
  probeSdk(client);
  if (wrapped in client.config) throw new DynasealError("ERR_CLIENT_ALREADY_WRAPPED", { details: {} });
  const { tableName } = schema as { readonly tableName?: unknown };
  const { keyring, beaconKeys, partitionSelectors, kmsConcurrency, maxEncryptedDataKeys, onEvent, allowPlainHttp } = options;
  const settings = clientSettings({
    schemas: [schema],
    keyring,
    acknowledgePlaintext: true,
    ...{ beaconKeys, partitionSelectors, kmsConcurrency, maxEncryptedDataKeys, onEvent, allowPlainHttp },
    ...(physicalTable !== undefined && typeof tableName === "string" && { tableNames: { [tableName]: physicalTable } }),
  });
  const found = settings.state.tables.find(physicalTable ?? String(tableName));
  if (found === undefined) throw invalidArgument("schema", "a parsed schema file or a result of defineTable");
  refuseByPolicy(options, found);
  const plan: TablePlan = { ...found.plan, plaintextOverride: overrides[job] };
  const table: ProtectedTable = { ...found, plan, cryptography: { ...found.cryptography, plan } };
  const { writeUnits, readUnits, kmsRequests, homeRegionAttribute } = options;
  if (homeRegionAttribute !== undefined) requireSigned(plan, homeRegionAttribute);
  const page: JobSettings = {
    ...{ job, client, settings, table, concurrency, unguardedWideItems, homeRegionAttribute },
    ...{ writeUnits, readUnits, kmsRequests },
  };
  return Object.freeze<TableJob>({
    job,
    tableName: plan.tableName,
    physicalTable: found.physicalName,
    page: (input) => runPage(page, input),
    check: (input) => checkPage(page, input),
    preFlight: (asked) => preFlight(page, asked),
  });
}

/** What is encrypted cannot be read before an item is decrypted, and what is unsigned is held by no guard. */
function requireSigned(plan: TablePlan, attribute: string): void {
  const action = actionOf(plan, attribute);
  if (action === "SIGN_ONLY" || action === "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT") return;
  throw invalidArgument("homeRegionAttribute", "an attribute that the schema signs and does not encrypt");
}

/** The job and the writers of the table have to want the same. */
function refuseByPolicy({ job, acknowledgePlaintext }: TableJobOptions, { plan, physicalName }: ProtectedTable): void {
  const { tableName } = plan;
  const writesPlain = plan.plaintextOverride === "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
  const refuse = (reason: string, instead: string): never => {
    throw new DynasealError("ERR_JOB_REFUSED", { details: { job, tableName, reason, instead } });
  };
  if (job === "encrypt" && writesPlain) {
    refuse(
      "the schema says FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ, so that writers with it would go on making plain items",
      "Deploy every writer with FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ first, and start the job with that schema.",
    );
  }
  if (job !== "decrypt") return;
  if (!writesPlain) {
    refuse(
      "the schema does not say FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ, so that writers with it would go on encrypting",
      "Deploy every reader and writer with that policy first, and start the job with that schema.",
    );
  }
  if (acknowledgePlaintext !== physicalName) {
    refuse(
      "everything in the table would become readable, and nobody has acknowledged it",
      `Pass the table's physical name, "${physicalName}", as acknowledgePlaintext (--acknowledge-plaintext).`,
    );
  }
}
