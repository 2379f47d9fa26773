import { CreateTableCommand, DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

const client: DynamoDBClient = new DynamoDBClient({
  endpoint: inject("dynamoDbEndpoint"),
  region: "us-east-1",
  credentials: { accessKeyId: "smoke", secretAccessKey: "smoke" },
});

beforeAll(async () => {
  await client.send(
    new CreateTableCommand({
      TableName: "smoke",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
});

afterAll(() => client.destroy());

test("DynamoDB Local runs transactions, which dynalite lacks", async () => {
  await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "smoke", Item: { id: { S: "1" } } } }] }));
  const { Item } = await client.send(new GetItemCommand({ TableName: "smoke", Key: { id: { S: "1" } } }));
  expect(Item).toEqual({ id: { S: "1" } });
});

test("it listens on the loopback interface", () => {
  expect(new URL(inject("dynamoDbEndpoint")).hostname).toBe("127.0.0.1");
});
