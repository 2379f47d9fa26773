import * as sdk from "@aws-sdk/client-dynamodb";
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  ExportTableToPointInTimeCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { DynasealError, isDynasealError } from "../../src/errors/index.ts";
import { awsKmsKeyring, awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { operationTable } from "../../src/operations/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { clientOptions, createClientTables, customers, customersName, keyring, notesName } from "../support/client-tables.ts";

const region = "us-east-1";
const S = (text: string) => ({ S: text });
const key = { customerId: S("refused"), recordId: S("profile") };
const TableName = customersName;

let tables: LocalGlobalTable;
let base: DynamoDBClient;
let client: DynamoDBClient;

beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: [region] });
  base = new DynamoDBClient(tables.clientConfig(region));
  await createClientTables(base);
  client = encryptedClient(base, clientOptions);
});
afterAll(async () => {
  base.destroy();
  await tables.stop();
});

/** What a request is refused with, having made sure that nothing of it arrived at the service. */
async function refusalOf(send: () => Promise<unknown>): Promise<DynasealError> {
  const before = tables.countRequests();
  const error = await send().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DynasealError);
  expect(tables.countRequests()).toBe(before);
  const refusal = error as DynasealError;
  expect(refusal.hint.length).toBeGreaterThan(20);
  return refusal;
}

describe("bad input is refused with its own code, and nothing is sent", () => {
  const strict = {
    ...clientOptions,
    schemas: [{ tableName: "customers", partitionKey: "customerId", sortKey: "recordId", attributes: { email: "ENCRYPT_AND_SIGN" } }],
  };
  const cases: readonly [string, string, () => Promise<unknown>][] = [
    [
      "an attribute that the schema does not name",
      "ERR_ATTRIBUTE_NOT_CONFIGURED",
      () => encryptedClient(base, strict).send(new PutItemCommand({ TableName, Item: { ...key, emial: S("x") } })),
    ],
    ["a missing key", "ERR_KEY_MISSING", () => client.send(new PutItemCommand({ TableName, Item: { customerId: S("1") } }))],
    ["a reserved name", "ERR_RESERVED_NAME", () => client.send(new PutItemCommand({ TableName, Item: { ...key, aws_dbe_head: S("x") } }))],
    [
      "an item over 400 KB after encryption",
      "ERR_ITEM_TOO_LARGE",
      () => client.send(new PutItemCommand({ TableName, Item: { ...key, email: S("x".repeat(409_500)) } })),
    ],
    [
      "a table without schema",
      "ERR_TABLE_NOT_CONFIGURED",
      () => client.send(new PutItemCommand({ TableName: "custommers-prod-7", Item: key })),
    ],
    [
      "a table by its logical name",
      "ERR_TABLE_NOT_CONFIGURED",
      () => client.send(new PutItemCommand({ TableName: "customers", Item: key })),
    ],
    [
      "a table without schema, by ARN",
      "ERR_TABLE_NOT_CONFIGURED",
      () => client.send(new PutItemCommand({ TableName: "arn:aws:dynamodb:us-east-1:000000000000:table/other", Item: key })),
    ],
    [
      "a table without schema in a batch",
      "ERR_TABLE_NOT_CONFIGURED",
      () =>
        client.send(
          new BatchWriteItemCommand({
            RequestItems: { [TableName]: [{ PutRequest: { Item: key } }], other: [{ PutRequest: { Item: key } }] },
          }),
        ),
    ],
    [
      "a table without schema in a transaction",
      "ERR_TABLE_NOT_CONFIGURED",
      () => client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: "other", Item: key } }] })),
    ],
    ["reading a table without schema", "ERR_TABLE_NOT_CONFIGURED", () => client.send(new GetItemCommand({ TableName: "other", Key: key }))],
    [
      "an update of a header",
      "ERR_RESERVED_NAME",
      () =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: key,
            UpdateExpression: "SET aws_dbe_head = :v",
            ExpressionAttributeValues: { ":v": S("x") },
          }),
        ),
    ],
    [
      "a filter on an encrypted attribute",
      "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE",
      () =>
        client.send(
          new ScanCommand({
            TableName,
            FilterExpression: "begins_with(#e, :v)",
            ExpressionAttributeNames: { "#e": "email" },
            ExpressionAttributeValues: { ":v": S("x") },
          }),
        ),
    ],
    [
      "a filter whose unaliased name begins with a keyword",
      "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE",
      () => client.send(new ScanCommand({ TableName, FilterExpression: "orderNumber = :v", ExpressionAttributeValues: { ":v": S("x") } })),
    ],
    [
      "a projection of a part of an export",
      "ERR_PROJECTION_NOT_SUPPORTED",
      () => {
        const FilterSpecification = { ProjectionExpression: "email" };
        const TableArn = `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`;
        return client.send(new ExportTableToPointInTimeCommand({ TableArn, S3Bucket: "b", FilterSpecification } as never));
      },
    ],
    [
      "a projection of a header",
      "ERR_RESERVED_NAME",
      () => client.send(new GetItemCommand({ TableName, Key: key, ProjectionExpression: "email, aws_dbe_head" })),
    ],
    ["a malformed expression", "ERR_EXPRESSION_INVALID", () => client.send(new ScanCommand({ TableName, FilterExpression: "tier = " }))],
    [
      "a PartiQL statement",
      "ERR_OPERATION_NOT_SUPPORTED",
      () => client.send(new ExecuteStatementCommand({ Statement: `INSERT INTO "${TableName}" VALUE {'customerId':'1'}` })),
    ],
  ];

  it.each(cases)("%s: %s", async (_name, code, send) => {
    expect((await refusalOf(send)).code).toBe(code);
  });

  it("names the tables that it knows", async () => {
    const error = await refusalOf(() => client.send(new GetItemCommand({ TableName: "custommers", Key: key })));
    expect(isDynasealError(error, "ERR_TABLE_NOT_CONFIGURED") && error.details.known).toContain(customersName);
  });

  it("lets a table through that plainTables lists", async () => {
    await client.send(new PutItemCommand({ TableName: notesName, Item: { id: S("1"), noteId: S("1"), ...key } }));
    expect((await client.send(new ScanCommand({ TableName: notesName }))).Count).toBeGreaterThan(0);
  });

  it("refuses an operation that the table of operations does not know", async () => {
    class BrandNewCommand extends PutItemCommand {}
    // A later SDK's operation has another schema name; the closest real thing is a command of another name.
    const command = new BrandNewCommand({ TableName, Item: { ...key, email: S("new-operation@example.com") } });
    await client.send(command).catch(() => undefined);
    const stored = await base.send(new GetItemCommand({ TableName, Key: key }));
    expect(JSON.stringify(stored.Item ?? {})).not.toContain("new-operation@example.com");
  });
});

describe("the table of operations", () => {
  it("lists every operation of the installed SDK", () => {
    const operations = Object.keys(sdk)
      .filter((name) => name.endsWith("Command") && name !== "$Command")
      .map((name) => name.replace(/Command$/, ""));
    expect(operations.length).toBeGreaterThan(50);
    expect(operations.filter((name) => !operationTable.has(name))).toEqual([]);
  });
});

describe("options", () => {
  const options = (more: object): EncryptedClientOptions => ({ ...clientOptions, ...more }) as EncryptedClientOptions;
  it.each<[string, object, string]>([
    ["an unknown option", { keyrings: keyring }, "ERR_OPTION_UNKNOWN"],
    ["a keyring for a table that has none", { keyring: { others: keyring } }, "ERR_INVALID_ARGUMENT"],
    ["schemas that are no list", { schemas: customers }, "ERR_INVALID_ARGUMENT"],
    ["an invalid schema", { schemas: [{ tableName: "customers" }] }, "ERR_SCHEMA_INVALID"],
    [
      "two schemas for one physical table",
      {
        schemas: [customers, { tableName: "b", partitionKey: "id", attributes: {} }],
        tableNames: { customers: "shared-table", b: "shared-table" },
      },
      "ERR_TABLE_CONFIGURED_TWICE",
    ],
    [
      "a schema with beacons, without their keys",
      { schemas: [{ ...customers, attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } } } }] },
      "ERR_BEACON_KEYS_NOT_CONFIGURED",
    ],
    ["a role that does not exist", { role: "admin" }, "ERR_INVALID_ARGUMENT"],
    ["no concurrency", { kmsConcurrency: 0 }, "ERR_INVALID_ARGUMENT"],
    [
      "plaintext that is not acknowledged",
      { schemas: [{ ...customers, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" }] },
      "ERR_PLAINTEXT_NOT_ACKNOWLEDGED",
    ],
  ])("%s", (_name, more, code) => {
    expect(() => encryptedClient(base, options(more))).toThrow(expect.objectContaining({ code }));
  });

  it("suggests the option that was meant, and refuses a client that is wrapped already or is none", () => {
    expect(() => encryptedClient(base, options({ plainTable: [] }))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ suggestion: "plainTables" }) }),
    );
    expect(() => encryptedClient(client, clientOptions)).toThrow(expect.objectContaining({ code: "ERR_CLIENT_ALREADY_WRAPPED" }));
    expect(() => encryptedClient(new KMSClient({ region }) as never, clientOptions)).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
    );
  });
});

describe("roles", () => {
  const item = { ...key, email: S("role@example.com") };
  const update = { TableName, Key: key, UpdateExpression: "SET visits = :n", ExpressionAttributeValues: { ":n": { N: "1" } } };
  const put = (more: object = {}): PutItemCommand => new PutItemCommand({ TableName, Item: item, ...more });

  it("a reader refuses writes, in batches and transactions too, before any call", async () => {
    const reader = encryptedClient(base, { ...clientOptions, role: "reader" });
    const writes = [
      put(),
      new UpdateItemCommand(update),
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: item } }] } }),
      new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: item } }] }),
    ];
    for (const command of writes) expect((await refusalOf(() => reader.send(command as PutItemCommand))).code).toBe("ERR_ROLE_FORBIDS");
    await expect(reader.send(new GetItemCommand({ TableName, Key: { ...key, customerId: S("none") } }))).resolves.toBeDefined();
    await expect(reader.send(new PutItemCommand({ TableName: notesName, Item: { id: S("1"), ...key } }))).resolves.toBeDefined();
  });

  it("a writer writes without decrypting, and refuses reads and returned items before any call", async () => {
    const encryptOnly = { onEncrypt: keyring.onEncrypt, onDecrypt: () => Promise.reject(new Error("a writer decrypted")) };
    const writer = encryptedClient(base, { ...clientOptions, keyring: encryptOnly, role: "writer" });
    await writer.send(put());
    await writer.send(new UpdateItemCommand({ ...update, ReturnValues: "UPDATED_NEW" }));
    for (const command of [
      new GetItemCommand({ TableName, Key: key }),
      new QueryCommand({ TableName, KeyConditionExpression: "customerId = :c", ExpressionAttributeValues: { ":c": S("x") } }),
      put({ ReturnValues: "ALL_OLD" }),
      put({ ConditionExpression: "attribute_exists(tier)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" }),
    ]) {
      expect((await refusalOf(() => writer.send(command as PutItemCommand))).code).toBe("ERR_ROLE_FORBIDS");
    }
    expect((await client.send(new GetItemCommand({ TableName, Key: key }))).Item?.["email"]).toEqual(S("role@example.com"));
  });
});

describe("what is stored", () => {
  const Item = { ...key, customerId: S("stored"), email: S("a@example.com") };
  const Key = { customerId: S("stored"), recordId: S("profile") };

  it("an item written under another logical table name is refused", async () => {
    const other = encryptedClient(base, {
      schemas: [{ ...customers, tableName: "clients" }],
      keyring,
      tableNames: { clients: customersName },
    });
    await other.send(new PutItemCommand({ TableName, Item }));
    await expect(client.send(new GetItemCommand({ TableName, Key }))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("a plain item is refused where encryption is required", async () => {
    await base.send(new PutItemCommand({ TableName, Item }));
    await expect(client.send(new GetItemCommand({ TableName, Key }))).rejects.toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
  });

  it("a condition in parentheses is guarded without redundant ones", async () => {
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, visits: { N: "1" } } }));
    for (const condition of ["(visits = :n)", "visits = :n OR (visits > :n)", "(visits = :n) OR (visits > :n)"]) {
      const update = {
        TableName,
        Key,
        UpdateExpression: "SET seen = :n",
        ConditionExpression: condition,
        ExpressionAttributeValues: { ":n": { N: "1" } },
      };
      await expect(client.send(new UpdateItemCommand(update))).resolves.toBeDefined();
    }
  });
});

describe("a KMS key that cannot be used", () => {
  let kms: LocalKms;
  beforeAll(async () => {
    kms = await startLocalKms({ regions: [region, "eu-west-1"] });
  });
  afterAll(() => kms.stop());

  const put = async (keyId: string, more: object = {}): Promise<unknown> => {
    const clientSupplier = (keyRegion: string): KMSClient => new KMSClient({ ...kms.clientConfig(keyRegion), maxAttempts: 1 });
    const make = keyId.includes("mrk-") ? awsKmsMrkKeyring : awsKmsKeyring;
    const wrapped = encryptedClient(base, { ...clientOptions, keyring: make({ keyId, clientSupplier, ...more }) });
    return wrapped.send(new PutItemCommand({ TableName, Item: { ...key, email: S("x") } }));
  };

  it.each<[string, string, (keyId: string) => Promise<void>]>([
    ["disabled", "ERR_KMS_KEY_DISABLED", async (keyId) => void (await kmsSend("DisableKeyCommand", { KeyId: keyId }))],
    [
      "pending deletion",
      "ERR_KMS_KEY_PENDING_DELETION",
      async (keyId) => void (await kmsSend("ScheduleKeyDeletionCommand", { KeyId: keyId, PendingWindowInDays: 7 })),
    ],
    ["deleted", "ERR_KMS_KEY_NOT_FOUND", (keyId) => kms.deleteKey({ keyId, region })],
    ["denied", "ERR_KMS_ACCESS_DENIED", async (keyId) => void kms.faults.deny({ region, keyId })],
  ])("%s: %s", async (_name, code, break_) => {
    const { arn } = await kms.createKey({ region });
    await expect(put(arn)).resolves.toBeDefined();
    await break_(arn);
    expect((await refusalOf(() => put(arn))).code).toBe(code);
  });

  it("without a replica in the Region: ERR_KMS_KEY_NOT_FOUND", async () => {
    const { arn } = await kms.createKey({ region, multiRegion: true });
    const error = await refusalOf(() => put(arn, { region: "eu-west-1" }));
    expect(error).toMatchObject({ code: "ERR_KMS_KEY_NOT_FOUND", details: { region: "eu-west-1" } });
  });

  async function kmsSend(name: "DisableKeyCommand" | "ScheduleKeyDeletionCommand", input: never | object): Promise<unknown> {
    const kmsSdk = await import("@aws-sdk/client-kms");
    const sender = new KMSClient(kms.clientConfig(region));
    const command =
      name === "DisableKeyCommand" ? new kmsSdk.DisableKeyCommand(input as never) : new kmsSdk.ScheduleKeyDeletionCommand(input as never);
    return sender.send(command as never).finally(() => sender.destroy());
  }
});
