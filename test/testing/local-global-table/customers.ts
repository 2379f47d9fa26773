import { type CreateTableCommandInput, DynamoDB } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";
import { type LocalGlobalTable, type LocalGlobalTableOptions, startLocalGlobalTable } from "../../../src/testing/index.ts";

export const east = "us-east-1";
export const west = "eu-west-1";

export const customers = {
  TableName: "customers",
  KeySchema: [
    { AttributeName: "id", KeyType: "HASH" },
    { AttributeName: "sort", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "id", AttributeType: "S" },
    { AttributeName: "sort", AttributeType: "N" },
    { AttributeName: "city", AttributeType: "S" },
    { AttributeName: "age", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [
    { IndexName: "by-city", KeySchema: [{ AttributeName: "city", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: "by-age",
      KeySchema: [
        { AttributeName: "id", KeyType: "HASH" },
        { AttributeName: "age", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
} as const satisfies Partial<CreateTableCommandInput>;

/** A local Global Table in two Regions with a client of each kind for each. */
export interface Fixture {
  readonly local: LocalGlobalTable;
  readonly low: Readonly<Record<typeof east | typeof west, DynamoDB>>;
  readonly document: Readonly<Record<typeof east | typeof west, DynamoDBDocument>>;
  readonly stop: () => Promise<void>;
}

export async function startFixture(options: Partial<LocalGlobalTableOptions> = {}): Promise<Fixture> {
  const tables = [
    { ...customers, KeySchema: [...customers.KeySchema], AttributeDefinitions: [...customers.AttributeDefinitions] },
  ] as never;
  const local = await startLocalGlobalTable({ regions: [east, west], tables, ...options });
  const low = { [east]: new DynamoDB(local.clientConfig(east)), [west]: new DynamoDB(local.clientConfig(west)) } as Fixture["low"];
  const document = { [east]: DynamoDBDocument.from(low[east]), [west]: DynamoDBDocument.from(low[west]) };
  return {
    local,
    low,
    document,
    async stop() {
      low[east].destroy();
      low[west].destroy();
      await local.stop();
    },
  };
}

/** The items of one Region by `id#sort`, natively. */
export async function itemsOf(fixture: Fixture, region: typeof east | typeof west): Promise<Record<string, Record<string, unknown>>> {
  const { Items = [] } = await fixture.document[region].scan({ TableName: "customers", ConsistentRead: true });
  return Object.fromEntries(Items.map((item) => [`${item.id}#${item.sort}`, item]));
}
