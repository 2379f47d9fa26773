import type { AttributeDefinition, GlobalSecondaryIndex } from "@aws-sdk/client-dynamodb";
import { beaconAttribute } from "./attributes.ts";
import type { SearchableTable } from "./searchable-table.ts";

/** The part of CreateTable's input that beacons need. */
export interface IndexDefinitions {
  readonly AttributeDefinitions: AttributeDefinition[];
  readonly GlobalSecondaryIndexes: GlobalSecondaryIndex[];
}

/**
 * A global secondary index for each beacon that can be an index's key, with the beacon as its partition key and whole
 * items, without which nothing can be verified. Take the ones that are queried; each costs a copy of the table.
 *
 * @see specification/searchable-encryption/beacons.md "Indexing Compound Beacons"
 */
export function indexDefinitionsOf({ search }: SearchableTable): IndexDefinitions {
  const stored = [...search.beacons.values()].filter((beacon) => beacon.kind === "compound" || !(beacon.partOnly || beacon.asSet));
  return {
    AttributeDefinitions: stored.map((beacon) => ({ AttributeName: beaconAttribute(beacon), AttributeType: "S" })),
    GlobalSecondaryIndexes: stored.map((beacon) => ({
      IndexName: `${beacon.name.replace(/[^\w.-]/g, "_")}-index`,
      KeySchema: [{ AttributeName: beaconAttribute(beacon), KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    })),
  };
}
