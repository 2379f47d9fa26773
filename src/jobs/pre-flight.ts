import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { writesItems } from "./job-counts.ts";
import { type JobSettings, withCall } from "./job-page.ts";
import { requireKeys, requireReadableIndexes, requireReadableTimeToLive } from "./table-contradictions.ts";
import { tryKey } from "./try-key.ts";

/** What is asked before a job starts. */
export interface PreFlightOptions {
  /** Clients of the table's other Regions, for their point-in-time recovery; by default with the credentials of the job's client. */
  readonly clientFor?: ((region: string) => DynamoDBClient) | undefined;
  /** That no other Region of an eventually consistent Global Table writes while the job runs. */
  readonly allWritersInThisRegion?: boolean | undefined;
  /** That the job may start without point-in-time recovery. */
  readonly noBackup?: boolean | undefined;
}

/** What the account says of the table, for reports. */
export interface PreFlightReport {
  /** An estimate of the service, up to six hours old. */
  readonly itemCount: number;
  readonly tableSizeBytes: number;
  /** The Regions of a Global Table, the job's own first; the job's own alone if it is not one. */
  readonly regions: readonly string[];
  readonly indexes: number;
  /** By Region, for how many days point-in-time recovery gives back what the job overwrites today. Regions without it are not in it. */
  readonly recoverableDays: Readonly<Record<string, number>>;
  readonly streams: boolean;
  /** Whether a write under the new key was read in every Region; `false` for other jobs, and in a table without encrypted items. */
  readonly keyTried: boolean;
}

/** See `TableJob.preFlight`. */
export async function preFlight(job: JobSettings, options: PreFlightOptions = {}): Promise<PreFlightReport> {
  const { client } = job;
  const TableName = job.table.physicalName;
  const { Table = {} } = await client.send(new DescribeTableCommand({ TableName }));
  requireKeys(job, Table);
  const own = await client.config.region();
  const regions = [own, ...(Table.Replicas ?? []).flatMap(({ RegionName = own }) => (RegionName === own ? [] : [RegionName]))];
  const writes = writesItems(job.job);
  const encrypts = writes && job.job !== "decrypt";
  if (encrypts) {
    requireReadableIndexes(job, Table);
    const described = await known(() => client.send(new DescribeTimeToLiveCommand({ TableName })));
    if (described !== undefined) requireReadableTimeToLive(job, described.TimeToLiveDescription ?? {});
  }
  if (writes) requireOneWritingRegion(job, { Table, regions, options });
  const recoverableDays = writes ? await requireRecovery(job, regions, options) : {};
  return {
    itemCount: Table.ItemCount ?? 0,
    tableSizeBytes: Table.TableSizeBytes ?? 0,
    regions,
    indexes: (Table.GlobalSecondaryIndexes?.length ?? 0) + (Table.LocalSecondaryIndexes?.length ?? 0),
    recoverableDays,
    streams: Table.StreamSpecification?.StreamEnabled === true,
    keyTried: job.job === "re-encrypt" && (await withCall(job, undefined, (call) => tryKey(job, regions, call))),
  };
}

interface Writing {
  readonly Table: TableDescription;
  readonly regions: readonly string[];
  readonly options: PreFlightOptions;
}

function requireOneWritingRegion(job: JobSettings, { Table, regions, options }: Writing): void {
  const isAlone = regions.length === 1 || Table.MultiRegionConsistency === "STRONG";
  if (isAlone || options.allWritersInThisRegion === true || job.homeRegionAttribute !== undefined) return;
  throw refused(job, {
    reason: `the table is in ${regions.join(", ")} and is not strongly consistent: a write of another Region that has not arrived yet would be lost, and nothing would show it`,
    instead:
      "Let every writer write in this Region while the job runs, wait until what they wrote elsewhere has arrived, and say so (allWritersInThisRegion, --all-writers-in-this-region). If each item is written in one Region only, which an attribute of it names, run the job in each of them with homeRegionAttribute (--home-region-attribute).",
  });
}

async function requireRecovery(
  job: JobSettings,
  regions: readonly string[],
  { noBackup, clientFor = (region) => new DynamoDBClient({ region, credentials: job.client.config.credentials }) }: PreFlightOptions,
): Promise<Readonly<Record<string, number>>> {
  const days: Record<string, number> = {};
  const [own] = regions;
  for (const region of regions) {
    const asked = region === own ? job.client : clientFor(region);
    const answer = await known(() => asked.send(new DescribeContinuousBackupsCommand({ TableName: job.table.physicalName })));
    const recovery = answer?.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
    if (recovery?.PointInTimeRecoveryStatus === "ENABLED") days[region] = recovery.RecoveryPeriodInDays ?? 35;
    else if (noBackup !== true) {
      throw refused(job, {
        reason:
          answer === undefined
            ? `the server in ${region} does not know DescribeContinuousBackups, as local ones do not, and has no point-in-time recovery`
            : `point-in-time recovery is off in ${region}`,
        instead:
          answer === undefined
            ? "Say that the job may run without a backup (noBackup, --no-backup)."
            : "Switch it on, in every Region of the table, or say that the job may run without it (noBackup, --no-backup).",
      });
    }
  }
  return days;
}

/** `undefined` if the server does not know the operation: local ones have neither backups nor, some, a time to live. */
async function known<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownOperationException") return undefined;
    throw error;
  }
}

function refused({ job, table }: JobSettings, why: { readonly reason: string; readonly instead: string }): DynasealError {
  return new DynasealError("ERR_JOB_REFUSED", { details: { job, tableName: table.plan.tableName, ...why } });
}
