import { DynamoDBClient, PutItemCommand, QueryCommand, type QueryCommandInput, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { parseSchema } from "../../src/schema/index.ts";
import { indexDefinitions } from "../../src/search/index.ts";
import { type RequestOptions, requestOptions } from "../../src/tables/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { keyStore } from "../support/search/searchable-tables.ts";

const TableName = "people";
const schema = (plaintextOverride: string): object =>
  parseSchema({
    tableName: TableName,
    partitionKey: "team",
    sortKey: "id",
    attributes: {
      email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 24 } },
      city: { action: "ENCRYPT_AND_SIGN", beacon: { length: 24 } },
      tier: "SIGN_ONLY",
    },
    compoundBeacons: { place: { split: ".", encrypted: [{ name: "city", prefix: "C-" }], signed: [{ name: "tier", prefix: "T-" }] } },
    plaintextOverride,
  });
const migrating = schema("FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ");
const S = (text: string) => ({ S: text });
const item = (id: string, email: string) => ({ team: S("red"), id: S(id), email: S(email), city: S("Rome"), tier: S("gold") });

let tables: LocalGlobalTable;
let plain: DynamoDBClient;
let client: DynamoDBClient;

function wrap(one: object): DynamoDBClient {
  return encryptedClient(new DynamoDBClient(tables.clientConfig("us-east-1")), {
    schemas: [one],
    acknowledgePlaintext: true,
    keyring: rawAesKeyring({ keyNamespace: "test", keyName: "k", wrappingKey: new Uint8Array(32).fill(1) }),
    beaconKeys: { keyStore, branchKeyId: "searched" },
  });
}

beforeAll(async () => {
  const { AttributeDefinitions, GlobalSecondaryIndexes } = indexDefinitions(migrating);
  tables = await startLocalGlobalTable({
    regions: ["us-east-1"],
    tables: [
      {
        TableName,
        KeySchema: [
          { AttributeName: "team", KeyType: "HASH" },
          { AttributeName: "id", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "team", AttributeType: "S" },
          { AttributeName: "id", AttributeType: "S" },
          ...AttributeDefinitions,
        ],
        GlobalSecondaryIndexes,
      },
    ],
  });
  plain = new DynamoDBClient(tables.clientConfig("us-east-1"));
  client = wrap(migrating);
  for (const email of ["a", "b"]) {
    await client.send(new PutItemCommand({ TableName, Item: item(`encrypted ${email}`, email) }));
    await plain.send(new PutItemCommand({ TableName, Item: item(`plain ${email}`, email) }));
  }
});
afterAll(async () => {
  plain.destroy();
  await tables.stop();
});

const values = { ":a": S("a"), ":place": S("T-gold.C-Rome"), ":red": S("red") };
async function idsOf(
  from: DynamoDBClient,
  input: Omit<QueryCommandInput, "TableName">,
  options: RequestOptions = {},
): Promise<readonly (string | undefined)[]> {
  const text = `${input.KeyConditionExpression} ${input.FilterExpression}`;
  const used = Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`${name}(?!\\w)`).test(text)));
  const given = { TableName, ...input, ExpressionAttributeValues: used, ...requestOptions(options) };
  const answer = await from.send(
    (input.KeyConditionExpression === undefined ? new ScanCommand(given) : new QueryCommand(given)) as QueryCommand,
  );
  expect(answer.Count).toBe(answer.Items?.length);
  return (answer.Items ?? []).map(({ id }) => id?.S).sort();
}

describe("a filter on beacons, where plain items are read", () => {
  const requests: [string, Omit<QueryCommandInput, "TableName">, readonly string[]][] = [
    ["a standard beacon", { FilterExpression: "email = :a" }, ["a"]],
    ["in a Query", { KeyConditionExpression: "team = :red", FilterExpression: "email IN (:a)" }, ["a"]],
    ["a compound beacon", { FilterExpression: "place = :place" }, ["a", "b"]],
    ["both, and existence", { FilterExpression: "attribute_exists(place) AND email = :a" }, ["a"]],
    ["in an alternative", { FilterExpression: "email = :a OR place = :place" }, ["a", "b"]],
  ];

  it.each(requests)("%s: finds them as well, and `ignore` leaves them out", async (_name, input, emails) => {
    const encrypted = emails.map((email) => `encrypted ${email}`);
    expect(await idsOf(client, input)).toEqual([...encrypted, ...emails.map((email) => `plain ${email}`)]);
    expect(await idsOf(client, input, { plaintextItems: "ignore" })).toEqual(encrypted);
  });

  test("where none are read nothing is asked for but encrypted items", async () => {
    const strict = wrap(schema("FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ"));
    expect(await idsOf(strict, { FilterExpression: "email = :a" })).toEqual(["encrypted a"]);
  });
});

describe("a key condition on a beacon, where plain items are read", () => {
  it.each([
    ["email-index", "email = :a", ["encrypted a"]],
    ["place-index", "place = :place", ["encrypted a", "encrypted b"]],
  ])("%s: is refused unless they are ignored", async (IndexName, KeyConditionExpression, expected) => {
    const input = { IndexName, KeyConditionExpression };
    await expect(idsOf(client, input)).rejects.toMatchObject({
      code: "ERR_PLAINTEXT_ITEMS_MISSED",
      details: { tableName: TableName, attribute: KeyConditionExpression.split(" ")[0] },
    });
    expect(await idsOf(client, input, { plaintextItems: "ignore" })).toEqual(expected);
    const strict = wrap(schema("FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ"));
    expect(await idsOf(strict, input)).toEqual(expected);
  });

  it("the option is one of two words", () => {
    expect(() => requestOptions({ plaintextItems: "all" as never })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: { argument: "plaintextItems", expected: '"require" or "ignore"' } }),
    );
  });
});
