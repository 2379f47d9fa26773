import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  largeConfigs,
  largeIndexes,
  largeItems,
  type OfficialQuery,
  officialComplex,
  officialConfig,
  officialConfigs,
  officialQueries,
  officialRecords,
  officialSchema,
  officialValues,
} from "../../support/search/official-search.ts";
import { createTable, plainClient, searchingClient } from "../../support/search/searchable-tables.ts";

type Item = Record<string, AttributeValue>;

const server = { endpoint: inject("dynamoDbEndpoint"), accessKeyId: "officialdata" };
const plain = plainClient(server);
const key = { AttributeName: "RecNum", AttributeType: "N" as const };
afterAll(() => plain.destroy());

async function fill(client: DynamoDBClient, TableName: string, items: readonly Item[]): Promise<void> {
  await Promise.all(items.map((Item) => client.send(new PutItemCommand({ TableName, Item }))));
}

async function ask(client: DynamoDBClient, TableName: string, { Key, Filter }: OfficialQuery): Promise<readonly Item[]> {
  const ExpressionAttributeValues = officialValues(`${Key ?? ""} ${Filter ?? ""}`);
  const expressions = { TableName, FilterExpression: Filter, ExpressionAttributeValues };
  const command = Key === undefined ? new ScanCommand(expressions) : new QueryCommand({ ...expressions, KeyConditionExpression: Key });
  const { Items = [] } = (await client.send(command as QueryCommand)) as QueryCommandOutput;
  return Items.toSorted((a, b) => Number(a["RecNum"]?.N) - Number(b["RecNum"]?.N));
}

beforeAll(async () => {
  await createTable(plain, { TableName: "plain", key });
  await fill(plain, "plain", officialRecords as readonly Item[]);
});

describe.each(officialConfigs)("AWS's records under configuration %s answer as the plain table", (name, config) => {
  const TableName = `configuration-${name}`;
  const client = searchingClient(server, { schema: officialSchema(config, "GazelleVectorTable"), TableName });
  beforeAll(async () => {
    await createTable(plain, { TableName, key });
    await fill(client, TableName, officialRecords as readonly Item[]);
  });

  it.each(officialQueries)("$Key$Filter", async (query) => {
    if (query.Fail?.includes(name) === true) {
      await expect(ask(client, TableName, query)).rejects.toMatchObject({ code: "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE" });
    } else {
      const answer = await ask(client, TableName, query);
      expect(answer).toEqual(await ask(plain, "plain", query));
      expect(answer.flatMap((item) => Object.keys(item)).filter((attribute) => attribute.startsWith("aws_dbe_"))).toEqual([]);
    }
  });
});

describe.each(officialComplex)("AWS's compound queries under configuration $Config", ({ Config, Queries }) => {
  const TableName = `compound-${Config}`;
  const client = searchingClient(server, { schema: officialSchema(officialConfig(Config), "GazelleVectorTable"), TableName });
  beforeAll(async () => {
    await createTable(plain, { TableName, key });
    await fill(client, TableName, officialRecords as readonly Item[]);
  });

  it.each(Queries)("$Query", async ({ Query, Pass = [], Fail }) => {
    // Two of the queries lack the colon before a value's name, so that they name an attribute that is not there.
    if (/(?<!:)cmp1c/.test(Query)) {
      await expect(ask(client, TableName, { Filter: Query })).rejects.toMatchObject({ code: "ERR_ATTRIBUTE_NOT_CONFIGURED" });
      return;
    }
    const found = (await ask(client, TableName, { Filter: Query })).map(({ RecNum }) => Number(RecNum?.N));
    expect(found).toEqual(expect.arrayContaining([...Pass]));
    expect(found.filter((number) => Fail.includes(number))).toEqual([]);
  });
});

const searched = largeConfigs.filter(([, { search }]) => search !== undefined);
const encrypted = largeConfigs.filter(([, { search }]) => search === undefined);

/** A hundred items of few values, so that every query finds several; the last attribute chooses the partition. */
const population: readonly Item[] = Array.from({ length: 100 }, (_, index) => ({
  RecNum: { N: String(index) },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`Attr${number}`, { S: "AB"[(index >> (number % 4)) & 1] ?? "" }])),
  PreferredPartition: { N: String(index % 7) },
}));

describe.each(searched)("AWS's indexes for partitions under %s", (name, config) => {
  const TableName = name;
  const version = config.search?.versions[0];
  const compounds = new Set(version?.compoundBeacons?.map(({ Name }) => Name));
  const client = searchingClient(server, {
    schema: officialSchema(config, "partitions"),
    TableName,
    options: {
      partitionSelectors: {
        partitions: ({ item, numberOfPartitions }) => Number(item["PreferredPartition"]?.N) % numberOfPartitions,
      },
    },
  });
  const indexes = largeIndexes.filter(([, partition]) => compounds.has(attributeOf(partition)) || !partition.includes("Comp"));

  beforeAll(async () => {
    const names = new Set(indexes.flatMap(([, ...attributes]) => attributes.filter((attribute) => attribute !== undefined)));
    await createTable(plain, {
      TableName,
      key,
      AttributeDefinitions: [...names].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      GlobalSecondaryIndexes: indexes.map(([IndexName, partition, sort]) => ({
        IndexName,
        KeySchema: [
          { AttributeName: partition, KeyType: "HASH" },
          ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: "RANGE" as const }]),
        ],
        Projection: { ProjectionType: "ALL" },
      })),
    });
    await fill(client, TableName, population);
  });

  it.each(indexes.map(([IndexName, partition, sort]) => ({ IndexName, partition, sort })))(
    "$IndexName",
    async ({ IndexName, partition, sort }) => {
      const [first, second] = [attributeOf(partition), sort === undefined ? undefined : attributeOf(sort)];
      const text = (item: Item, attribute: string): string =>
        compounds.has(attribute) ? compoundText(item, attribute) : (item[attribute]?.S ?? "");
      const sample = population[13] as Item;
      const values = { ":first": { S: text(sample, first) }, ...(second && { ":second": { S: text(sample, second) } }) };
      const KeyConditionExpression = `${first} = :first${second === undefined ? "" : ` AND ${second} = :second`}`;
      const query = { TableName, IndexName, KeyConditionExpression };
      const expected = population.filter(
        (item) => text(item, first) === text(sample, first) && (second === undefined || text(item, second) === text(sample, second)),
      );
      const numbers = ({ Items = [] }: QueryCommandOutput): readonly number[] =>
        Items.map(({ RecNum }) => Number(RecNum?.N)).sort((a, b) => a - b);
      const all = await client.send(new QueryCommand({ ...query, ExpressionAttributeValues: values }));
      expect(numbers(all)).toEqual(expected.map(({ RecNum }) => Number(RecNum?.N)));
      expect(all.LastEvaluatedKey).toBeUndefined();

      if (version?.maximumNumberOfPartitions === 1) return;
      const found: number[] = [];
      for (let number = 0; number < partitionsOf(first, second); number++) {
        const ExpressionAttributeValues = { ...values, ":aws_dbe_partition": { N: String(number) } };
        found.push(...numbers(await client.send(new QueryCommand({ ...query, ExpressionAttributeValues }))));
      }
      expect(found.sort((a, b) => a - b)).toEqual(numbers(all));
    },
  );

  function partitionsOf(...attributes: readonly (string | undefined)[]): number {
    const maximum = version?.maximumNumberOfPartitions ?? 1;
    const own = (attribute: string): number =>
      version?.standardBeacons.find(({ Name }) => Name === attribute)?.numberOfPartitions ?? version?.defaultNumberOfPartitions ?? maximum;
    const parts = attributes.flatMap((attribute) => {
      const compound = version?.compoundBeacons?.find(({ Name }) => Name === attribute);
      return attribute === undefined ? [] : compound === undefined ? [attribute] : compound.Encrypted.map(({ Name }) => Name);
    });
    const multiple = parts.map(own).reduce((one, other) => (one * other) / greatestDivisor(one, other), 1);
    return Math.min(multiple, maximum);
  }

  function compoundText(item: Item, attribute: string): string {
    const compound = version?.compoundBeacons?.find(({ Name }) => Name === attribute);
    const prefixes = new Map([...(compound?.Encrypted ?? []), ...(compound?.Signed ?? [])].map(({ Name, Prefix }) => [Name, Prefix]));
    const parts = compound?.Constructors?.[0] ?? [];
    return parts.map(({ Name }) => `${prefixes.get(Name)}${item[Name]?.S}`).join(compound?.Split);
  }
});

describe.each(encrypted)("AWS's large records under %s", (name, config) => {
  const TableName = name.replaceAll("_", "-");
  const client = searchingClient(server, { schema: officialSchema({ ...config, partitionKeyName: "PK" }, "large"), TableName });
  beforeAll(() => createTable(plain, { TableName, key: { AttributeName: "PK", AttributeType: "S" } }));

  it.each(largeItems)("%s comes back as it was", async (_name, item) => {
    await client.send(new PutItemCommand({ TableName, Item: item as Item }));
    const Key = { PK: item["PK"] as AttributeValue };
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual({ ...item });
  });
});

function attributeOf(beacon: string): string {
  return beacon.replace("aws_dbe_b_", "");
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
