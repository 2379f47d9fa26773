import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { invalidArgument } from "../../errors/index.ts";
import { type TableJobOptions, UnitBucket } from "../../jobs/index.ts";
import { systemClock } from "../../materials/index.ts";
import type { JobOptions, Rate } from "./job-options.ts";

/**
 * The share of this process of the rates that are given for the whole job.
 *
 * @throws ERR_INVALID_ARGUMENT for a part of something that has no whole
 */
export async function jobRates(
  client: DynamoDBClient,
  physicalTable: string,
  options: JobOptions,
): Promise<Pick<TableJobOptions, "writeUnits" | "readUnits" | "kmsRequests">> {
  const { writeUnits, readUnits, kmsRequests, segment, totalSegments } = options;
  const needsTable = writeUnits?.isPercent === true || readUnits?.isPercent === true;
  const { Table } = needsTable ? await client.send(new DescribeTableCommand({ TableName: physicalTable })) : {};
  const provisioned = Table?.ProvisionedThroughput;
  const share = segment === undefined ? 1 : 1 / totalSegments;
  const bucket = (name: string, rate: Rate | undefined, whole: number | undefined): UnitBucket | undefined => {
    if (rate === undefined) return undefined;
    if (rate.isPercent && (whole === undefined || whole === 0)) {
      throw invalidArgument(name, "a number: there is no provisioned capacity that it could be a part of");
    }
    const perSecond = rate.isPercent ? ((whole ?? 0) * rate.amount) / 100 : rate.amount;
    return new UnitBucket({ unitsPerSecond: perSecond * share, clock: systemClock });
  };
  return {
    writeUnits: bucket("--write-units", writeUnits, provisioned?.WriteCapacityUnits),
    readUnits: bucket("--read-units", readUnits, provisioned?.ReadCapacityUnits),
    kmsRequests: bucket("--kms-requests", kmsRequests, undefined),
  };
}
