import { describe, expect, it } from "vitest";
import type { AttributeValue } from "../../../src/attributes/index.ts";
import { SecretBytes, utf8 } from "../../../src/bytes/index.ts";
import { hmac, type Randomness, systemRandomness } from "../../../src/crypto/index.ts";
import { parseExpressions } from "../../../src/expressions/index.ts";
import {
  BeaconKeys,
  beaconAttributes,
  indexDefinitions,
  numberOfQueries,
  partitionOfItem,
  prepareSearch,
  resolveAttributes,
  takePartition,
} from "../../../src/search/index.ts";
import { searchableTable } from "../../support/beacon-vectors.ts";
import { largeConfigs, officialSchema } from "../../support/search/official-search.ts";

const keys = new BeaconKeys(new SecretBytes(new Uint8Array(32).fill(3)));

const schema = {
  tableName: "t",
  partitionKey: "pk",
  attributes: Object.fromEntries([
    ...[1, 2, 3, 4].map((partitions) => [`x${partitions}`, { action: "ENCRYPT_AND_SIGN", beacon: { length: 32, partitions } }]),
    ["x5", { action: "ENCRYPT_AND_SIGN", beacon: { length: 32 } }],
    ["plain", "SIGN_ONLY"],
  ]),
  beaconPartitions: 5,
};
const table = searchableTable(schema);
const values = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { S: "v" }]));

function prepare(parameters: Parameters<typeof parseExpressions>[0]) {
  return prepareSearch({ plan: table, parsed: parseExpressions(parameters), filterAfterDecrypt: false, beaconKeyAttribute: undefined });
}

describe("a beacon in partitions", () => {
  it("appends the partition's byte to what is hashed, but for partition 0, and takes it modulo its own number", () => {
    const hash = (name: string, ...suffix: readonly number[]): string =>
      Buffer.from(hmac("sha384", keys.hmacKey(name), utf8("v"), Uint8Array.from(suffix)).subarray(4, 8)).toString("hex");
    const item = { x1: { S: "v" }, x3: { S: "v" }, x5: { S: "v" } };
    expect(beaconAttributes(table, item, keys, 0)).toEqual({
      aws_dbe_b_x1: { S: hash("x1") },
      aws_dbe_b_x3: { S: hash("x3") },
      aws_dbe_b_x5: { S: hash("x5") },
    });
    expect(beaconAttributes(table, item, keys, 4)).toEqual({
      aws_dbe_b_x1: { S: hash("x1") },
      aws_dbe_b_x3: { S: hash("x3", 1) },
      aws_dbe_b_x5: { S: hash("x5", 4) },
    });
  });

  it.each([
    ["x1 = :v", 1],
    ["x2 = :v", 2],
    ["x3 = :v", 3],
    ["x4 = :v", 4],
    ["x5 = :v", 5],
    ["x2 = :v AND x1 = :v", 2],
    ["x2 = :v AND x4 = :v", 4],
    ["x2 = :v AND x3 = :v", 5],
    ["plain = :v", 1],
  ])("%s needs %i queries", (KeyConditionExpression, queries) => {
    expect(prepare({ KeyConditionExpression, ExpressionAttributeValues: values(":v") }).queries).toBe(queries);
  });

  it("filters know every partition that their query finds", () => {
    const search = prepare({ KeyConditionExpression: "x2 = :v", FilterExpression: "x5 = :v", ExpressionAttributeValues: values(":v") });
    const candidates = (partition: number): number => {
      const { filter } = search.rewrite(keys, partition);
      return filter?.kind === "in" ? filter.candidates.length : 1;
    };
    expect([candidates(0), candidates(1)]).toEqual([3, 2]);
  });

  it("a scan knows all of them, in lists that the service takes", () => {
    const many = searchableTable({
      ...schema,
      attributes: { x: { action: "ENCRYPT_AND_SIGN", beacon: { length: 63 } } },
      beaconPartitions: 255,
    });
    const parsed = parseExpressions({ FilterExpression: "x = :v", ExpressionAttributeValues: values(":v") });
    const search = prepareSearch({ plan: many, parsed, filterAfterDecrypt: false, beaconKeyAttribute: undefined });
    const { filter } = search.rewrite(keys);
    const lists = filter?.kind === "or" ? filter.terms.map((term) => (term.kind === "in" ? term.candidates.length : 0)) : [];
    expect(lists).toEqual([100, 100, 55]);
  });

  it.each([5, -1, 0.5, Number.NaN])("partition %d of five queries is refused", (partition) => {
    const search = prepare({ KeyConditionExpression: "x5 = :v", ExpressionAttributeValues: values(":v") });
    expect(() => search.rewrite(keys, partition)).toThrow(expect.objectContaining({ code: "ERR_BEACON_PARTITION_INVALID" }));
  });
});

// @see specification/searchable-encryption/search-config.md "Partition Selector"
describe("the partition of an item", () => {
  const choose = (selector: Parameters<typeof partitionOfItem>[2]["selector"], randomness: Randomness = systemRandomness) =>
    partitionOfItem(table, { plain: { S: "p" } }, { selector, randomness });

  it("is the selector's, which sees item, number and table", async () => {
    const chosen = choose(({ item, numberOfPartitions, tableName }) =>
      item["plain"]?.S === "p" && tableName === "t" ? numberOfPartitions - 1 : 0,
    );
    await expect(chosen).resolves.toBe(4);
  });

  it("is random without one", async () => {
    const seen = new Set(await Promise.all(Array.from({ length: 200 }, () => choose(undefined))));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("is 0 in a table without partitions, and nobody is asked", async () => {
    const single = searchableTable({
      ...schema,
      attributes: { x: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } },
      beaconPartitions: 1,
    });
    const selector = (): number => {
      throw new Error("asked");
    };
    await expect(partitionOfItem(single, {}, { selector, randomness: systemRandomness })).resolves.toBe(0);
  });

  it.each([5, -1, 1.5])("the selector's %d is refused", async (partition) => {
    await expect(choose(() => partition)).rejects.toMatchObject({ code: "ERR_BEACON_PARTITION_INVALID" });
  });
});

describe(":aws_dbe_partition", () => {
  const given = (partition: AttributeValue) => ({ ExpressionAttributeValues: { ":v": { S: "v" }, ":aws_dbe_partition": partition } });

  it("is taken out of a query's values", () => {
    expect(takePartition(table, "Query", given({ N: "3" }))).toEqual({
      input: { ExpressionAttributeValues: { ":v": { S: "v" } } },
      partition: 3,
    });
    const alone = { ExpressionAttributeValues: { ":aws_dbe_partition": { N: "0" } } };
    expect(takePartition(table, "Query", alone)).toEqual({ input: { ExpressionAttributeValues: undefined }, partition: 0 });
    expect(takePartition(table, "Query", { ExpressionAttributeValues: { ":v": { S: "v" } } }).partition).toBeUndefined();
  });

  it.each([
    ["Scan", table, { N: "1" }],
    ["Query", table, { S: "1" }],
    ["Query", table, { N: "-1" }],
    [
      "Query",
      searchableTable({ ...schema, attributes: { x: { action: "ENCRYPT_AND_SIGN", beacon: { length: 8 } } }, beaconPartitions: 1 }),
      { N: "0" },
    ],
  ] as const)("is refused in a %s", (operation, plan, value) => {
    expect(() => takePartition(plan, operation, given(value))).toThrow(expect.objectContaining({ code: "ERR_BEACON_PARTITION_INVALID" }));
  });
});

describe("AWS's partition configurations", () => {
  const configs = largeConfigs.filter(([, { search }]) => search !== undefined);

  it.each(configs)("%s is a schema", (_name, config) => {
    const plan = searchableTable(officialSchema(config, "t"));
    const version = config.search?.versions[0];
    expect(plan.search.partitions).toBe(version?.maximumNumberOfPartitions);
    for (const { Name, numberOfPartitions } of version?.standardBeacons ?? []) {
      const expected = numberOfPartitions ?? version?.defaultNumberOfPartitions ?? version?.maximumNumberOfPartitions;
      expect(plan.search.beacons.get(Name)).toMatchObject({ partitions: expected });
    }
  });
});

// @see specification/dynamodb-encryption-client/ddb-get-number-of-queries.md "Input"
describe("helpers for schemas", () => {
  const query = { KeyConditionExpression: "x3 = :v", ExpressionAttributeValues: values(":v") };

  it("tell how many queries there are", () => {
    expect(numberOfQueries(schema, query)).toBe(3);
    const picked = { ...query, ExpressionAttributeValues: { ...values(":v"), ":aws_dbe_partition": { N: "2" } } };
    expect(numberOfQueries(schema, picked)).toBe(3);
  });

  it("work on a schema without beacons", () => {
    const plain = { tableName: "t", partitionKey: "pk", attributes: {} };
    expect(numberOfQueries(plain, { KeyConditionExpression: "pk = :v", ExpressionAttributeValues: values(":v") })).toBe(1);
    expect(indexDefinitions(plain)).toEqual({ AttributeDefinitions: [], GlobalSecondaryIndexes: [] });
    expect(resolveAttributes(plain, {})).toEqual({ virtualFields: {}, compoundBeacons: {} });
    expect(indexDefinitions(schema).GlobalSecondaryIndexes).toHaveLength(5);
  });
});
