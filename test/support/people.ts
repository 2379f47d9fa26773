import { CreateTableCommand, type DynamoDBClient, type GlobalSecondaryIndex } from "@aws-sdk/client-dynamodb";
import type { EncryptedClientOptions } from "../../src/client/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";

/** How the people of a test are searched. */
export interface PeopleSearch {
  /** Bits of every beacon; 1 lets nearly everything collide. */
  readonly length: number;
  readonly partitions: number;
}

/** A schema with what reads meet: beacons, attributes without, signed and unsigned ones. */
export function peopleSchema({ length, partitions }: PeopleSearch): object {
  const beacon = { action: "ENCRYPT_AND_SIGN", beacon: { length } };
  return {
    tableName: "people",
    partitionKey: "personId",
    sortKey: "recordId",
    attributes: {
      email: beacon,
      city: beacon,
      phone: "ENCRYPT_AND_SIGN",
      profile: "ENCRYPT_AND_SIGN",
      joined: "SIGN_ONLY",
      tier: "SIGN_ONLY",
      visits: "DO_NOTHING",
    },
    algorithmSuite: "HMAC",
    ...(partitions === 1 ? {} : { beaconPartitions: partitions }),
  };
}

/** Options of a client for {@link peopleSchema}; the table has the name of the test's choice. */
export function peopleOptions(tableName: string, search: PeopleSearch = { length: 16, partitions: 1 }): EncryptedClientOptions {
  const version = "83eec007-5659-4554-bf11-86a87a8e7f17";
  const keyStore = staticBranchKeyStore(
    [
      {
        branchKeyId: "people-key",
        activeVersion: version,
        versions: { [version]: new Uint8Array(32).fill(1) },
        beaconKey: new Uint8Array(32).fill(2),
      },
    ],
    { logicalKeyStoreName: "people-keys" },
  );
  return {
    schemas: [peopleSchema(search)],
    keyring: rawAesKeyring({ keyNamespace: "test", keyName: "people", wrappingKey: new Uint8Array(32).fill(3) }),
    tableNames: { people: tableName },
    plainTables: "all",
    beaconKeys: { keyStore, branchKeyId: "people-key" },
  };
}

const emailBeacon = "aws_dbe_b_email";
const cityBeacon = "aws_dbe_b_city";

const index = (IndexName: string, keys: readonly [string, string?], ProjectionType: "ALL" | "KEYS_ONLY" = "ALL"): GlobalSecondaryIndex => ({
  IndexName,
  KeySchema: keys.flatMap((AttributeName, place) =>
    AttributeName === undefined ? [] : [{ AttributeName, KeyType: place === 0 ? ("HASH" as const) : ("RANGE" as const) }],
  ),
  Projection: { ProjectionType },
});

/**
 * The table of {@link peopleSchema}; `plain` is the same without encryption, whose indexes are on the attributes
 * themselves.
 */
export async function createPeopleTable(client: DynamoDBClient, TableName: string, kind: "encrypted" | "plain"): Promise<void> {
  const [email, city] = kind === "plain" ? ["email", "city"] : [emailBeacon, cityBeacon];
  const types = { personId: "S", recordId: "S", tier: "S", joined: "N", [email]: "S", [city]: "S" } as const;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: [
        { AttributeName: "personId", KeyType: "HASH" },
        { AttributeName: "recordId", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        index("byEmail", [email]),
        index("byCity", [city, "joined"]),
        index("byTier", ["tier", "joined"]),
        index("keysByTier", ["tier", "joined"], "KEYS_ONLY"),
        index("keysByCity", [city, "joined"], "KEYS_ONLY"),
      ],
    }),
  );
}
