import { isRecord, type WireBody } from "./wire.ts";

/** The CreateTable input that makes a table as described. */
export function creationOf(description: WireBody): WireBody {
  const { TableName, AttributeDefinitions, KeySchema, BillingModeSummary, ProvisionedThroughput } = description;
  const onDemand = isRecord(BillingModeSummary) && BillingModeSummary.BillingMode === "PAY_PER_REQUEST";
  const indexes = (member: "GlobalSecondaryIndexes" | "LocalSecondaryIndexes", throughput: boolean): WireBody => {
    const described = description[member];
    if (!Array.isArray(described) || described.length === 0) return {};
    const created = described.filter(isRecord).map((index) => ({
      IndexName: index.IndexName,
      KeySchema: index.KeySchema,
      Projection: index.Projection,
      ...(throughput && { ProvisionedThroughput: unitsOf(index.ProvisionedThroughput) }),
    }));
    return { [member]: created };
  };
  return {
    TableName,
    AttributeDefinitions,
    KeySchema,
    ...(onDemand ? { BillingMode: "PAY_PER_REQUEST" } : { ProvisionedThroughput: unitsOf(ProvisionedThroughput) }),
    ...indexes("GlobalSecondaryIndexes", !onDemand),
    ...indexes("LocalSecondaryIndexes", false),
  };
}

function unitsOf(throughput: unknown): WireBody {
  const { ReadCapacityUnits, WriteCapacityUnits } = isRecord(throughput) ? throughput : {};
  return { ReadCapacityUnits, WriteCapacityUnits };
}
