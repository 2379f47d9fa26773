import { DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand, QueryCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { indexDefinitions } from "../../src/search/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { keyStore } from "../support/search/searchable-tables.ts";

const TableName = "people";
const [east, west] = ["us-east-1", "eu-west-1"];
const before = {
  tableName: TableName,
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN", visits: "DO_NOTHING" },
};
const after = { ...before, attributes: { ...before.attributes, email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } } } };

let tables: LocalGlobalTable;
beforeAll(async () => {
  tables = await startLocalGlobalTable({
    regions: [east, west],
    tables: [
      {
        TableName,
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      },
    ],
  });
});
afterAll(() => tables.stop());

function client(region: string, schema: object): DynamoDBDocumentClient {
  return encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(tables.clientConfig(region))), {
    schemas: [schema],
    keyring: rawAesKeyring({ keyNamespace: "test", keyName: "k", wrappingKey: new Uint8Array(32).fill(1) }),
    ...(schema === after && { beaconKeys: { keyStore, branchKeyId: "searched" } }),
  });
}

/** The steps of docs/search.md, in its order. */
it("a table that has items gets a beacon: writers, items, index, queries", async () => {
  const old = client(east, before);
  const ids = Array.from({ length: 30 }, (_, number) => `person ${number}`);
  for (const [number, id] of ids.entries()) {
    await old.send(
      new PutCommand({ TableName, Item: { id, visits: number, ...(number === 7 ? {} : { email: `${number % 3}@example.com` }) } }),
    );
  }

  // 1. Everybody who writes has the beacon; who only reads may have either schema.
  const writer = client(east, after);
  await writer.send(new PutCommand({ TableName, Item: { id: "new", email: "0@example.com" } }));
  await tables.settled();
  expect((await client(west, before).send(new ScanCommand({ TableName }))).Items).toHaveLength(31);

  // 2. An update that changes nothing writes the item anew, with its beacons, and loses no other writer's change.
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await writer.send(new ScanCommand({ TableName, Limit: 7, ExclusiveStartKey }));
    for (const item of page.Items ?? []) {
      if (item["email"] === undefined) continue;
      await writer.send(
        new UpdateCommand({
          TableName,
          Key: { id: item["id"] },
          UpdateExpression: "SET email = email",
          ConditionExpression: "attribute_exists(email)",
        }),
      );
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  await tables.settled();
  const raw = await tables.rawItems(west, TableName);
  expect(raw.filter((item) => item["aws_dbe_b_email"] === undefined).map(({ id }) => id?.S)).toEqual(["person 7"]);

  // 3. The index is filled from the beacons.
  const { AttributeDefinitions, GlobalSecondaryIndexes } = indexDefinitions(after);
  const admin = new DynamoDBClient(tables.clientConfig(east));
  for (const Create of GlobalSecondaryIndexes) {
    await admin.send(
      new UpdateTableCommand({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: Create as never }] }),
    );
  }
  admin.destroy();

  // 4. Queries, in any Region.
  const { Items = [] } = await client(west, after).send(
    new QueryCommand({
      TableName,
      IndexName: "email-index",
      KeyConditionExpression: "email = :email",
      ExpressionAttributeValues: { ":email": "0@example.com" },
    }),
  );
  const expected = ids.filter((_, number) => number % 3 === 0);
  expect(Items.map(({ id }) => id).toSorted()).toEqual([...expected, "new"].toSorted());
});
