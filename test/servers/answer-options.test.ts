import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type ClientServer, proxiedClientServer } from "../support/client-server.ts";
import { clientOptions, customersName as TableName } from "../support/client-tables.ts";

const Key = { customerId: { S: "answers" }, recordId: { S: "profile" } };
const Item = { ...Key, email: { S: "a@b.c" } };
const condition = { ConditionExpression: "email = :old", ExpressionAttributeValues: { ":old": Item.email } };

describe("guarded writes leave it to the service to refuse, before anything is written,", () => {
  let server: ClientServer;
  let client: DynamoDBClient;
  beforeAll(async () => {
    server = await proxiedClientServer({
      endpoint: inject("dynamoDbEndpoint"),
      region: "us-east-1",
      credentials: { accessKeyId: "answeroptions", secretAccessKey: "answeroptions" },
    });
    client = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    await client.send(new PutItemCommand({ TableName, Item }));
  });
  afterAll(() => server.stop());

  // Types rule these out; libraries and JavaScript do not.
  const wrong = (members: object): Record<never, never> => members;
  test.each([
    ["ReturnValues in small letters", { ReturnValues: "all_new" }],
    ["ReturnValues of another service", { ReturnValues: "EVERYTHING" }],
    ["a wrong ReturnValuesOnConditionCheckFailure", { ReturnValuesOnConditionCheckFailure: "ALL_NEW" }],
  ])("%s", async (_name, members) => {
    const update = { TableName, Key, UpdateExpression: "SET email = :new", ExpressionAttributeValues: { ":new": { S: "new@b.c" } } };
    await expect(client.send(new UpdateItemCommand({ ...update, ...wrong(members) }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item);
  });

  test("ALL_NEW of a Put and a Delete", async () => {
    const all = wrong({ ReturnValues: "ALL_NEW" });
    const put = new PutItemCommand({ TableName, Item: { ...Item, email: { S: "new@b.c" } }, ...condition, ...all });
    await expect(client.send(put)).rejects.toMatchObject({ name: "ValidationException" });
    const remove = new DeleteItemCommand({ TableName, Key, ...condition, ...all });
    await expect(client.send(remove)).rejects.toMatchObject({ name: "ValidationException" });
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item);
  });
});
