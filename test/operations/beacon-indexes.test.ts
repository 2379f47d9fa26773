import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeBackupCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndex,
  PutItemCommand,
  QueryCommand,
  RestoreTableFromBackupCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { peopleOptions } from "../support/people.ts";

const region = "us-east-1";
const TableName = "people-indexed";
const beacon = { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } };
const schema = {
  tableName: "people",
  partitionKey: "personId",
  attributes: {
    email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16, normalize: "lowercase" } },
    city: beacon,
    age: beacon,
    phone: "ENCRYPT_AND_SIGN",
    tags: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16, style: "asSet" } },
    street: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16, style: "partOnly" } },
    tier: "SIGN_ONLY",
  },
  beacons: { contact: { location: "phone", length: 16 } },
  compoundBeacons: {
    place: {
      split: ".",
      encrypted: [
        { name: "city", prefix: "C-" },
        { name: "street", prefix: "S-" },
      ],
    },
  },
  algorithmSuite: "HMAC",
};

let tables: LocalGlobalTable;
let base: DynamoDBClient;
let client: DynamoDBClient;
beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: [region] });
  base = new DynamoDBClient(tables.clientConfig(region));
  client = encryptedClient(base, { ...peopleOptions(TableName), schemas: [schema] });
});
afterAll(async () => {
  base.destroy();
  await tables.stop();
});

/** Application's name → its type, and the attribute that is the key in the service. */
const searched: readonly (readonly [string, "S" | "N", string])[] = [
  ["email", "S", "aws_dbe_b_email_normalized"],
  ["city", "S", "aws_dbe_b_city"],
  ["age", "N", "aws_dbe_b_age"],
  ["phone", "S", "aws_dbe_b_contact"],
  ["place", "S", "aws_dbe_b_place"],
];
const index = (attribute: string, name = attribute): GlobalSecondaryIndex => ({
  IndexName: `by-${name}`,
  KeySchema: [
    { AttributeName: attribute, KeyType: "HASH" },
    { AttributeName: "tier", KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
});
const tier = { AttributeName: "tier", AttributeType: "S" } as const;
const create = (change: Partial<CreateTableCommandInput> = {}): CreateTableCommandInput => ({
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [{ AttributeName: "personId", KeyType: "HASH" }],
  AttributeDefinitions: [
    { AttributeName: "personId", AttributeType: "S" },
    tier,
    ...searched.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
  ],
  GlobalSecondaryIndexes: searched.map(([attribute]) => index(attribute)),
  ...change,
});
interface Described {
  readonly AttributeDefinitions?: readonly { AttributeName?: string | undefined; AttributeType?: string | undefined }[] | undefined;
  readonly GlobalSecondaryIndexes?:
    | readonly { IndexName?: string | undefined; KeySchema?: GlobalSecondaryIndex["KeySchema"] }[]
    | undefined;
}
const namesOf = ({ AttributeDefinitions = [], GlobalSecondaryIndexes = [] }: Described = {}) => ({
  types: Object.fromEntries(AttributeDefinitions.map(({ AttributeName = "", AttributeType }) => [AttributeName, AttributeType])),
  keys: Object.fromEntries(
    GlobalSecondaryIndexes.map(({ IndexName = "", KeySchema = [] }) => [IndexName, KeySchema.map(({ AttributeName }) => AttributeName)]),
  ),
});
const typesOf = (names: readonly string[]) => Object.fromEntries(["personId", "tier", ...names].map((name) => [name, "S"]));
const applied = {
  types: typesOf(searched.map(([attribute]) => attribute)),
  keys: Object.fromEntries(searched.map(([attribute]) => [`by-${attribute}`, [attribute, "tier"]])),
};

describe("an index on an attribute with a beacon", () => {
  it("is created on the beacon's attribute, of type S, and described under the attribute's name", async () => {
    const input = create();
    const before = structuredClone(input);
    const created = await client.send(new CreateTableCommand(input));
    expect(input).toEqual(before);
    expect(namesOf(created.TableDescription)).toEqual(applied);
    const stored = await base.send(new DescribeTableCommand({ TableName }));
    expect(namesOf(stored.Table)).toEqual({
      types: typesOf(searched.map(([, , key]) => key)),
      keys: Object.fromEntries(searched.map(([attribute, , key]) => [`by-${attribute}`, [key, "tier"]])),
    });
    const described = await client.send(new DescribeTableCommand({ TableName }));
    expect(namesOf(described.Table)).toEqual(applied);
    expect(described.$metadata.httpStatusCode).toBe(200);
    // Whoever may only read may ask, too.
    const reader = encryptedClient(base, { ...peopleOptions(TableName), schemas: [schema], role: "reader" });
    expect(namesOf((await reader.send(new DescribeTableCommand({ TableName }))).Table)).toEqual(applied);
  });

  it("finds items", async () => {
    await client.send(new PutItemCommand({ TableName, Item: marshall({ personId: "1", email: "A@example.com", tier: "gold", age: 30 }) }));
    for (const [attribute, value] of [
      ["email", "a@EXAMPLE.com"],
      ["age", 30],
    ] as const) {
      const query = new QueryCommand({
        TableName,
        IndexName: `by-${attribute}`,
        KeyConditionExpression: `${attribute} = :v`,
        ExpressionAttributeValues: marshall({ ":v": value }),
      });
      expect((await client.send(query)).Count).toBe(1);
    }
  });

  it("is added, and deleted with its table, under the same names", async () => {
    const name = "people-later";
    const own = encryptedClient(base, { ...peopleOptions(name), schemas: [schema] });
    await own.send(
      new CreateTableCommand({
        ...create({ TableName: name }),
        AttributeDefinitions: [{ AttributeName: "personId", AttributeType: "S" }],
        GlobalSecondaryIndexes: undefined,
      }),
    );
    const updated = await own.send(
      new UpdateTableCommand({
        TableName: name,
        // As whoever names the beacon by both its names writes it.
        AttributeDefinitions: [tier, { AttributeName: "age", AttributeType: "N" }, { AttributeName: "aws_dbe_b_age", AttributeType: "S" }],
        GlobalSecondaryIndexUpdates: [{ Create: index("age") }],
      }),
    );
    const wanted = { types: typesOf(["age"]), keys: { "by-age": ["age", "tier"] } };
    expect(namesOf(updated.TableDescription)).toEqual(wanted);
    const { TableDescription } = await own.send(new DeleteTableCommand({ TableName: name }));
    expect(namesOf(TableDescription).types).toEqual(wanted.types);
  });

  it.each([
    ["tags", "its beacon is stored as a set"],
    ["street", "its beacon is stored only within compound beacons"],
  ])("is refused on %s: %s", async (attribute) => {
    const send = client.send(new CreateTableCommand(create({ GlobalSecondaryIndexes: [index(attribute)] })));
    await expect(send).rejects.toMatchObject({ code: "ERR_TABLE_CONTRADICTS_SCHEMA", details: { attribute } });
  });

  it("is named so in a restore and in the description of a backup", async () => {
    const sent: unknown[] = [];
    const SourceTableFeatureDetails = { GlobalSecondaryIndexes: [index("aws_dbe_b_city", "city")] };
    const answering = new DynamoDBClient(tables.clientConfig(region));
    answering.middlewareStack.add(
      () => async (args) => {
        sent.push(args.input);
        const restored = { TableDescription: { TableName, GlobalSecondaryIndexes: [index("aws_dbe_b_city", "city")] } };
        const backup = { BackupDescription: { SourceTableDetails: { TableName }, SourceTableFeatureDetails } };
        const output = "BackupArn" in args.input && "TargetTableName" in args.input ? restored : backup;
        return { output: { ...output, $metadata: {} }, response: {} } as never;
      },
      { step: "build" },
    );
    const own = encryptedClient(answering, { ...peopleOptions(TableName), schemas: [schema] });
    const BackupArn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/backup/1";
    const restored = await own.send(
      new RestoreTableFromBackupCommand({ TargetTableName: TableName, BackupArn, GlobalSecondaryIndexOverride: [index("city")] }),
    );
    expect(sent).toMatchObject([{ GlobalSecondaryIndexOverride: [index("aws_dbe_b_city", "city")] }]);
    expect(restored.TableDescription?.GlobalSecondaryIndexes).toEqual([index("city")]);
    const { BackupDescription } = await own.send(new DescribeBackupCommand({ BackupArn }));
    expect(BackupDescription?.SourceTableFeatureDetails?.GlobalSecondaryIndexes).toEqual([index("city")]);
    answering.destroy();
  });
});

it("tables without a schema are defined and described as they are", async () => {
  const name = "other";
  const KeySchema = [{ AttributeName: "aws_dbe_b_city", KeyType: "HASH" as const }];
  const AttributeDefinitions = [{ AttributeName: "aws_dbe_b_city", AttributeType: "S" as const }];
  await client.send(new CreateTableCommand({ TableName: name, KeySchema, AttributeDefinitions, BillingMode: "PAY_PER_REQUEST" }));
  expect((await client.send(new DescribeTableCommand({ TableName: name }))).Table).toMatchObject({ KeySchema, AttributeDefinitions });
});
