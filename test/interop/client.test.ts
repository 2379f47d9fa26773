import { randomBytes } from "node:crypto";
import { type AttributeValue, CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { type DynamoDbLocal, startDynamoDbLocal } from "../support/dynamodb-local.ts";
import { type PeerAws, type PeerConfig, startJavaPeer } from "../support/java-peer.ts";

/** One table on DynamoDB Local, between the Java library's interceptor and our client. */
const tableName = "customers-prod-7";
const wrappingKey = Uint8Array.from(randomBytes(32));
const credentials = { accessKeyId: "clients", secretAccessKey: "clients" };

const config: PeerConfig = {
  tableName,
  logicalTableName: "customers",
  partitionKeyName: "customerId",
  sortKeyName: "recordId",
  algorithmSuiteId: "0x6701",
  attributeActionsOnEncrypt: {
    customerId: "SIGN_ONLY",
    recordId: "SIGN_ONLY",
    email: "ENCRYPT_AND_SIGN",
    address: "ENCRYPT_AND_SIGN",
    tier: "SIGN_ONLY",
    visits: "DO_NOTHING",
  },
  allowedUnsignedAttributes: ["visits"],
  keyring: { type: "raw-aes", keyNamespace: "interop", keyName: "key", wrappingKey: Buffer.from(wrappingKey).toString("base64") },
};

const schema = {
  tableName: "customers",
  partitionKey: "customerId",
  sortKey: "recordId",
  attributes: { email: "ENCRYPT_AND_SIGN", address: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY", visits: "DO_NOTHING" },
} as const;

const peer = startJavaPeer();
let server: DynamoDbLocal;
let plain: DynamoDBClient;
let documents: DynamoDBDocumentClient;
let aws: PeerAws;

beforeAll(async () => {
  server = await startDynamoDbLocal();
  aws = { region: "us-east-1", dynamoDb: server.endpoint, ...credentials };
  plain = new DynamoDBClient({ endpoint: server.endpoint, region: "us-east-1", credentials });
  await plain.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "customerId", KeyType: "HASH" },
        { AttributeName: "recordId", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "customerId", AttributeType: "S" },
        { AttributeName: "recordId", AttributeType: "N" },
      ],
    }),
  );
  documents = encryptedClient(DynamoDBDocumentClient.from(plain), {
    schemas: [schema],
    keyring: rawAesKeyring({ keyNamespace: "interop", keyName: "key", wrappingKey }),
    tableNames: { customers: tableName },
  });
});

afterAll(async () => {
  plain.destroy();
  await Promise.all([peer.stop(), server.stop()]);
});

interface Customer {
  readonly customerId: string;
  readonly recordId: number;
  readonly email: string;
  readonly address: { readonly city: string; readonly zip: number };
  readonly tier: string;
  readonly visits: number;
}

function customer(customerId: string, recordId: number): Customer {
  return {
    customerId,
    recordId,
    email: `${customerId}-${recordId}@example.com`,
    address: { city: "Zürich", zip: 8001 },
    tier: "gold",
    visits: 3,
  };
}

function wire({ customerId, recordId, email, address, tier, visits }: Customer): Record<string, AttributeValue> {
  return {
    customerId: { S: customerId },
    recordId: { N: String(recordId) },
    email: { S: email },
    address: { M: { city: { S: address.city }, zip: { N: String(address.zip) } } },
    tier: { S: tier },
    visits: { N: String(visits) },
  };
}

function key({ customerId, recordId }: Customer): Record<string, AttributeValue> {
  return { customerId: { S: customerId }, recordId: { N: String(recordId) } };
}

async function java(action: string, params: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  return peer.client({ configs: [config], action, params, aws });
}

const plainItems = (items: unknown): Record<string, unknown>[] =>
  (items as Record<string, AttributeValue>[]).map((item) => unmarshall(item));

async function expectStoredEncrypted(written: Customer): Promise<void> {
  const { Item = {} } = await plain.send(new GetItemCommand({ TableName: tableName, Key: key(written) }));
  expect(Object.keys(Item)).toContain("aws_dbe_head");
  expect(Item["email"]).toHaveProperty("B");
}

describe("a table that Java's client and ours share", () => {
  it("what Java puts, we get", async () => {
    const written = customer("java-put", 1);
    await java("putItem", { TableName: tableName, Item: wire(written) });
    await expectStoredEncrypted(written);
    const { Item } = await documents.send(new GetCommand({ TableName: tableName, Key: { customerId: "java-put", recordId: 1 } }));
    expect(Item).toEqual(written);
  });

  it("what we put, Java gets", async () => {
    const written = customer("our-put", 1);
    await documents.send(new PutCommand({ TableName: tableName, Item: written }));
    await expectStoredEncrypted(written);
    const { Item } = await java("getItem", { TableName: tableName, Key: key(written) });
    expect(Item).toEqual(wire(written));
  });

  it("batches of one are read by query, scan and batch of the other", async () => {
    const ours = [customer("batch", 1), customer("batch", 2)];
    const theirs = [customer("batch", 3), customer("batch", 4)];
    await documents.send(new BatchWriteCommand({ RequestItems: { [tableName]: ours.map((Item) => ({ PutRequest: { Item } })) } }));
    await java("batchWriteItem", { RequestItems: { [tableName]: theirs.map((item) => ({ PutRequest: { Item: wire(item) } })) } });
    const all = [...ours, ...theirs];

    const query = { TableName: tableName, KeyConditionExpression: "customerId = :id" };
    const ourQuery = await documents.send(new QueryCommand({ ...query, ExpressionAttributeValues: { ":id": "batch" } }));
    expect(ourQuery.Items).toEqual(all);
    const theirQuery = await java("query", { ...query, ExpressionAttributeValues: { ":id": { S: "batch" } } });
    expect(plainItems(theirQuery["Items"])).toEqual(all);

    const ofBatch = ({ customerId }: { readonly customerId?: unknown }): boolean => customerId === "batch";
    const ourScan = await documents.send(new ScanCommand({ TableName: tableName }));
    expect(ourScan.Items?.filter(ofBatch)).toEqual(all);
    const theirScan = await java("scan", { TableName: tableName });
    expect(plainItems(theirScan["Items"]).filter(ofBatch)).toEqual(all);

    const keys = all.map(({ customerId, recordId }) => ({ customerId, recordId }));
    const ourBatch = await documents.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys } } }));
    expect(ourBatch.Responses?.[tableName]).toEqual(expect.arrayContaining(all));
    const theirBatch = await java("batchGetItem", { RequestItems: { [tableName]: { Keys: all.map(key) } } });
    expect(plainItems((theirBatch["Responses"] as Record<string, unknown>)[tableName])).toEqual(expect.arrayContaining(all));
  });

  it("transactions of one are read by transactions of the other", async () => {
    const [ours, theirs] = [customer("transaction", 1), customer("transaction", 2)];
    await documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName: tableName, Item: ours } }] }));
    await java("transactWriteItems", { TransactItems: [{ Put: { TableName: tableName, Item: wire(theirs) } }] });
    const output = await java("transactGetItems", {
      TransactItems: [ours, theirs].map((item) => ({ Get: { TableName: tableName, Key: key(item) } })),
    });
    expect(output["Responses"]).toEqual([{ Item: wire(ours) }, { Item: wire(theirs) }]);
    const { Items } = await documents.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: "customerId = :id",
        ExpressionAttributeValues: { ":id": "transaction" },
      }),
    );
    expect(Items).toEqual([ours, theirs]);
  });

  it("neither reads an item that somebody without the key changed", async () => {
    const written = customer("tampered", 1);
    await documents.send(new PutCommand({ TableName: tableName, Item: written }));
    const { Item = {} } = await plain.send(new GetItemCommand({ TableName: tableName, Key: key(written) }));
    await plain.send(new PutItemCommand({ TableName: tableName, Item: { ...Item, tier: { S: "platinum" } } }));
    await expect(java("getItem", { TableName: tableName, Key: key(written) })).rejects.toThrow();
    const read = documents.send(new GetCommand({ TableName: tableName, Key: { customerId: "tampered", recordId: 1 } }));
    await expect(read).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });
});
