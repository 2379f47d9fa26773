import type { LocalRegion, Replica } from "./local-region.ts";
import { validationException } from "./service-exception.ts";
import { replicaOf } from "./table-operations.ts";
import { isRecord, type WireBody } from "./wire.ts";

const defaultRecoveryPeriodInDays = 35;
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** Point-in-time recovery is remembered and shown; nothing is backed up. Each replica has its own setting, as in AWS. */
export async function updateContinuousBackups(region: LocalRegion, body: WireBody): Promise<WireBody> {
  const replica = replicaOf(region, String(body.TableName));
  const specification = body.PointInTimeRecoverySpecification;
  if (!isRecord(specification) || typeof specification.PointInTimeRecoveryEnabled !== "boolean") {
    throw validationException(
      "1 validation error detected: Value null at 'pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled' failed to satisfy " +
        "constraint: Member must not be null",
    );
  }
  const { PointInTimeRecoveryEnabled: enabled, RecoveryPeriodInDays: days = defaultRecoveryPeriodInDays } = specification;
  if (typeof days !== "number" || days < 1 || days > defaultRecoveryPeriodInDays) {
    throw validationException("RecoveryPeriodInDays has to be between 1 and 35");
  }
  if (enabled && replica.recoveryPeriodInDays === undefined) replica.recoverySince = region.now();
  replica.recoveryPeriodInDays = enabled ? days : undefined;
  return describeContinuousBackups(region, body);
}

export async function describeContinuousBackups(region: LocalRegion, body: WireBody): Promise<WireBody> {
  const replica = replicaOf(region, String(body.TableName));
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: pointInTimeRecovery(replica, region.now()),
    },
  };
}

function pointInTimeRecovery({ recoveryPeriodInDays: days, recoverySince }: Replica, now: number): WireBody {
  if (days === undefined) return { PointInTimeRecoveryStatus: "DISABLED" };
  return {
    PointInTimeRecoveryStatus: "ENABLED",
    RecoveryPeriodInDays: days,
    EarliestRestorableDateTime: Math.max(recoverySince, now - days * dayMilliseconds) / 1000,
    LatestRestorableDateTime: now / 1000,
  };
}

/** Time to live is remembered for all replicas and shown; no item expires. */
export async function updateTimeToLive(regions: Iterable<LocalRegion>, region: LocalRegion, body: WireBody): Promise<WireBody> {
  const { table } = replicaOf(region, String(body.TableName));
  const specification = body.TimeToLiveSpecification;
  if (!isRecord(specification) || typeof specification.Enabled !== "boolean" || typeof specification.AttributeName !== "string") {
    throw validationException("TimeToLiveSpecification has to name Enabled and AttributeName");
  }
  for (const { replicas } of regions) {
    const replica = replicas.get(table.tableName);
    if (replica?.table === table) replica.timeToLiveAttribute = specification.Enabled ? specification.AttributeName : undefined;
  }
  return { TimeToLiveSpecification: specification };
}

export async function describeTimeToLive(region: LocalRegion, body: WireBody): Promise<WireBody> {
  const { timeToLiveAttribute: attribute } = replicaOf(region, String(body.TableName));
  const description =
    attribute === undefined ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED", AttributeName: attribute };
  return { TimeToLiveDescription: description };
}
