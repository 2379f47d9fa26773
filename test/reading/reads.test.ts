import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { QueryCommand as DocumentQueryCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { awsKmsHierarchicalKeyring, multiKeyring } from "../../src/keyrings/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import { startLocalGlobalTable, staticBranchKeyStore } from "../../src/testing/index.ts";
import { createPeopleTable, peopleOptions } from "../support/people.ts";
import { type RecordingProxy, type RecordingProxyOptions, startRecordingProxy } from "../support/recording-proxy.ts";

const TableName = "people-reads";
const region = "us-east-1";

let stop: () => Promise<void>;
let proxy: RecordingProxy;
let config: ConstructorParameters<typeof DynamoDBClient>[0];
let client: DynamoDBClient;
let intercept: NonNullable<RecordingProxyOptions["intercept"]> = () => undefined;

const people = ["ann", "ben", "cem", "dora", "eva", "finn"].map((name, place) => ({
  personId: "group",
  recordId: name,
  email: `${name}@example.com`,
  city: place < 3 ? "Ulm" : "Bern",
  phone: `+49 ${place}`,
  profile: { tags: ["first", name, { deep: place }], address: { street: "Main Street", number: place } },
  joined: place,
  tier: place % 2 === 0 ? "gold" : "silver",
  visits: place,
}));
const [ann] = people;

beforeAll(async () => {
  const server = await startLocalGlobalTable({ regions: [region] });
  const plain = new DynamoDBClient(server.clientConfig(region));
  await createPeopleTable(plain, TableName, "encrypted");
  proxy = await startRecordingProxy({ endpoint: server.endpoint, intercept: (request) => intercept(request) });
  config = { ...server.clientConfig(region), endpoint: proxy.endpoint };
  client = wrap();
  for (const person of people) await client.send(new PutItemCommand({ TableName, Item: marshall(person) }));
  stop = async () => {
    plain.destroy();
    await proxy.stop();
    await server.stop();
  };
});
beforeEach(() => {
  intercept = () => undefined;
});
afterAll(() => stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(config ?? {}), { ...peopleOptions(TableName), ...options });
const keyOf = (recordId: string) => marshall({ personId: "group", recordId });
const group = { TableName, KeyConditionExpression: "personId = :p", ExpressionAttributeValues: marshall({ ":p": "group" }) };
const filtered = (FilterExpression: string, values: object) => ({
  ...group,
  FilterExpression,
  ExpressionAttributeValues: marshall({ ":p": "group", ...values }),
});
const names = (items: readonly Record<string, { S?: string | undefined }>[] | undefined) => items?.map(({ recordId }) => recordId?.S);
/** What the service was sent last, of an operation. */
const lastSent = (operation: string): Record<string, unknown> =>
  JSON.parse(proxy.requests.filter((request) => request.operation === operation).at(-1)?.body ?? "{}");

describe("projections", () => {
  const nested = "#e, profile.tags[1], profile.tags[2].deep, profile.#a.street, visits, nothing.x";
  const ExpressionAttributeNames = { "#e": "email", "#a": "address" };
  const cut = {
    email: "ann@example.com",
    profile: { tags: ["ann", { deep: 0 }], address: { street: "Main Street" } },
    visits: 0,
  };

  test("GetItem returns what was asked for, and asks for the whole item", async () => {
    const Key = keyOf("ann");
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ProjectionExpression: nested, ExpressionAttributeNames }));
    expect(Item).toEqual(marshall(cut));
    expect(Object.keys(lastSent("GetItem"))).not.toEqual(expect.arrayContaining([expect.stringMatching(/Projection|Names/)]));
    const none = await client.send(new GetItemCommand({ TableName, Key, ProjectionExpression: "nothing" }));
    expect(none.Item).toEqual({});
    const nobody = await client.send(new GetItemCommand({ TableName, Key: keyOf("nobody"), ProjectionExpression: "email" }));
    expect(nobody.Item).toBeUndefined();
  });

  test("TransactGetItems cuts each item by itself", async () => {
    const gets = [
      { Get: { TableName, Key: keyOf("ann"), ProjectionExpression: nested, ExpressionAttributeNames } },
      { Get: { TableName, Key: keyOf("ben") } },
      { Get: { TableName, Key: keyOf("cem"), ProjectionExpression: "nothing" } },
      { Get: { TableName, Key: keyOf("nobody"), ProjectionExpression: "nothing" } },
    ];
    const { Responses } = await client.send(new TransactGetItemsCommand({ TransactItems: gets }));
    expect(Responses?.map(({ Item }) => Item)).toEqual([marshall(cut), marshall(people[1] ?? {}), {}, undefined]);
  });

  test("BatchGetItem, whose unprocessed keys can be sent again", async () => {
    const asked = { Keys: [keyOf("ann"), keyOf("ben")], ProjectionExpression: "#e", ExpressionAttributeNames: { "#e": "email" } };
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: asked } }));
    expect(Responses?.[TableName]).toEqual(
      expect.arrayContaining([marshall({ email: "ann@example.com" }), marshall({ email: "ben@example.com" })]),
    );
    intercept = ({ body }) => {
      const { [TableName]: sent } = JSON.parse(body).RequestItems;
      return { answer: () => JSON.stringify({ Responses: {}, UnprocessedKeys: { [TableName]: sent } }) };
    };
    const left = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { ...asked, ConsistentRead: true } } }));
    expect(left.UnprocessedKeys).toEqual({ [TableName]: { ...asked, ConsistentRead: true } });
    intercept = () => undefined;
    const again = await client.send(new BatchGetItemCommand({ RequestItems: left.UnprocessedKeys }));
    expect(again.Responses?.[TableName]).toHaveLength(2);
  });

  test("Query and Scan, with names that only the projection uses", async () => {
    const input = { ...group, ProjectionExpression: nested, ExpressionAttributeNames, Limit: 1 };
    expect((await client.send(new QueryCommand(input))).Items).toEqual([marshall(cut)]);
    expect(lastSent("Query")).not.toHaveProperty("ExpressionAttributeNames");
    const scan = {
      TableName,
      FilterExpression: "#r = :r",
      ProjectionExpression: "#e, #r",
      ExpressionAttributeNames: { "#e": "email", "#r": "tier" },
      ExpressionAttributeValues: marshall({ ":r": "silver" }),
      Select: "SPECIFIC_ATTRIBUTES",
    } as const;
    const { Items, Count, ScannedCount } = await client.send(new ScanCommand(scan));
    expect(Items).toHaveLength(3);
    expect(Items).toContainEqual(marshall({ email: "ben@example.com", tier: "silver" }));
    expect([Count, ScannedCount]).toEqual([3, 6]);
    expect(lastSent("Scan")["ExpressionAttributeNames"]).toEqual({ "#r": "tier" });
  });

  test.each([
    ["names of the format", { ProjectionExpression: "aws_dbe_head" }, "ERR_RESERVED_NAME"],
    ["paths that overlap", { ProjectionExpression: "profile, profile.tags" }, "ERR_EXPRESSION_INVALID"],
    ["an undefined placeholder", { ProjectionExpression: "#undefined" }, "ERR_EXPRESSION_INVALID"],
    ["a count at the same time", { ProjectionExpression: "email", Select: "COUNT" as const }, "ERR_EXPRESSION_INVALID"],
  ])("are refused with %s", async (_name, more, code) => {
    const before = proxy.requests.length;
    await expect(client.send(new QueryCommand({ ...group, ...more }))).rejects.toMatchObject({ code });
    if (!("Select" in more)) {
      await expect(client.send(new GetItemCommand({ TableName, Key: keyOf("ann"), ...more }))).rejects.toMatchObject({ code });
    }
    expect(proxy.requests.length).toBe(before);
  });
});

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after Query", "Modify before Query"
// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after Scan", "Modify before Scan"
describe("filters", () => {
  test("on an encrypted attribute without a beacon are refused, unless they may be decided after decryption", async () => {
    const input = filtered("phone = :v OR visits > :n", { ":v": "+49 1", ":n": 4 });
    const refused = client.send(new QueryCommand(input));
    await expect(refused).rejects.toMatchObject({
      code: "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE",
      hint: expect.stringContaining("filterAfterDecrypt: true"),
    });
    const { Items, Count, ScannedCount } = await wrap({ filterAfterDecrypt: true }).send(new QueryCommand(input));
    expect(names(Items)).toEqual(["ben", "finn"]);
    expect([Count, ScannedCount]).toEqual([2, 6]);
    expect(lastSent("Query")).not.toHaveProperty("FilterExpression");
    expect(JSON.stringify(lastSent("Query"))).not.toContain("+49");
  });

  test("are decided so for one request, by its input or by the options of send, through a document client too", async () => {
    const input = filtered("contains(profile.tags, :v)", { ":v": "eva" });
    const byInput = await client.send(new QueryCommand({ ...input, ...requestOptions({ filterAfterDecrypt: true }) }));
    const byOptions = await client.send(new QueryCommand(input), { filterAfterDecrypt: true } as object);
    const documents = encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(config ?? {})), peopleOptions(TableName));
    const native = { ...input, ExpressionAttributeValues: { ":p": "group", ":v": "eva" } };
    const byDocument = await documents.send(new DocumentQueryCommand({ ...native, ...requestOptions({ filterAfterDecrypt: true }) }));
    const byDocumentOptions = await documents.send(new DocumentQueryCommand(native), { filterAfterDecrypt: true } as object);
    expect(names(byInput.Items)).toEqual(["eva"]);
    expect(byOptions.Items).toEqual(byInput.Items);
    expect(byDocument.Items).toEqual([people[4]]);
    expect(byDocumentOptions.Items).toEqual([people[4]]);
    expect(lastSent("Query")).not.toHaveProperty("filterAfterDecrypt");
  });

  test("on a beacon go to the service as the beacon", async () => {
    const input = {
      TableName,
      FilterExpression: "email = :e AND tier = :t",
      ExpressionAttributeValues: marshall({ ":e": "ann@example.com", ":t": "gold" }),
    };
    const { Items, ScannedCount } = await client.send(new ScanCommand(input));
    expect(Items).toEqual([marshall(ann ?? {})]);
    expect(ScannedCount).toBe(6);
    expect(JSON.stringify(lastSent("Scan"))).not.toContain("ann@example.com");
    expect(Object.values(lastSent("Scan")["ExpressionAttributeNames"] as object)).toContain("aws_dbe_b_email");
  });

  test("and key conditions on a beacon's index", async () => {
    const input = {
      TableName,
      IndexName: "byCity",
      KeyConditionExpression: "city = :c AND joined > :j",
      ProjectionExpression: "recordId, city",
      ExpressionAttributeValues: marshall({ ":c": "Ulm", ":j": 0 }),
    };
    const { Items } = await client.send(new QueryCommand(input));
    expect(Items).toEqual(["ben", "cem"].map((recordId) => marshall({ recordId, city: "Ulm" })));
    const page = await client.send(new QueryCommand({ ...input, Limit: 1 }));
    expect(page.LastEvaluatedKey).toHaveProperty("aws_dbe_b_city");
    const next = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: page.LastEvaluatedKey }));
    expect([...(page.Items ?? []), ...(next.Items ?? [])]).toEqual(Items);
  });

  test("at beacons of one bit, what collides is not returned, nor counted", async () => {
    const colliding = "people-one-bit";
    const plain = new DynamoDBClient(config ?? {});
    await createPeopleTable(plain, colliding, "encrypted");
    const oneBit = encryptedClient(plain, peopleOptions(colliding, { length: 1, partitions: 1 }));
    for (const person of people) await oneBit.send(new PutItemCommand({ TableName: colliding, Item: marshall(person) }));
    const input = {
      TableName: colliding,
      IndexName: "byEmail",
      KeyConditionExpression: "email = :e",
      ExpressionAttributeValues: marshall({ ":e": "finn@example.com" }),
    };
    const { Items, Count, ScannedCount } = await oneBit.send(new QueryCommand(input));
    expect([names(Items), Count]).toEqual([["finn"], 1]);
    expect(ScannedCount).toBeGreaterThan(1);
    const counted = await oneBit.send(new QueryCommand({ ...input, Select: "COUNT" }));
    expect([counted.Items, counted.Count, counted.ScannedCount]).toEqual([undefined, 1, ScannedCount]);
  });

  test("are bounded by maxItemsEvaluated", async () => {
    const input = { ...filtered("phone = :v", { ":v": "+49 1" }), ...requestOptions({ filterAfterDecrypt: true, maxItemsEvaluated: 5 }) };
    await expect(client.send(new QueryCommand(input))).rejects.toMatchObject({
      code: "ERR_FILTER_BUDGET",
      details: { tableName: "people", maximum: 5 },
      hint: expect.stringContaining("maxItemsEvaluated"),
    });
    const { Items, Count } = await client.send(new QueryCommand({ ...input, Limit: 5 }));
    expect([names(Items), Count]).toEqual([["ben"], 1]);
  });

  test("on keys are refused as the service does, in what it does not see too", async () => {
    const input = { ...filtered("phone = :v OR recordId = :v", { ":v": "ann" }), ...requestOptions({ filterAfterDecrypt: true }) };
    await expect(client.send(new QueryCommand(input))).rejects.toMatchObject({
      name: "ValidationException",
      message: "Filter Expression can only contain non-primary key attributes: Primary key attribute: recordId",
    });
    const { KeyConditionExpression: _key, ...scan } = input;
    const values = marshall({ ":v": "ann" });
    const { Items } = await client.send(new ScanCommand({ ...scan, ExpressionAttributeValues: values }));
    expect(names(Items)).toEqual(["ann"]);
  });

  test("a count without anything to rewrite is the service's", async () => {
    const { Items, Count } = await client.send(new QueryCommand({ ...filtered("tier = :t", { ":t": "gold" }), Select: "COUNT" }));
    expect([Items, Count]).toEqual([undefined, 3]);
    expect(lastSent("Query")["Select"]).toBe("COUNT");
  });
});

describe("several tenants", () => {
  const tenants = "people-tenants";
  const version = "83eec007-5659-4554-bf11-86a87a8e7f17";
  const keyStore = staticBranchKeyStore(
    ["acme", "globex"].map((branchKeyId, place) => ({
      branchKeyId,
      activeVersion: version,
      versions: { [version]: new Uint8Array(32).fill(place + 1) },
      beaconKey: new Uint8Array(32).fill(place + 11),
    })),
    { logicalKeyStoreName: "tenants" },
  );
  const byTenant = (tenant: string): DynamoDBClient =>
    encryptedClient(new DynamoDBClient(config ?? {}), {
      ...peopleOptions(tenants, { length: 1, partitions: 1 }),
      keyring: awsKmsHierarchicalKeyring({ keyStore, branchKeyId: tenant }),
      beaconKeys: { keyStore, fromAttribute: "tenant" },
    });
  /** Reads whatever branch key an item names. */
  const reader = (): DynamoDBClient =>
    encryptedClient(new DynamoDBClient(config ?? {}), {
      ...peopleOptions(tenants, { length: 1, partitions: 1 }),
      keyring: multiKeyring({
        children: ["acme", "globex"].map((branchKeyId) => awsKmsHierarchicalKeyring({ keyStore, branchKeyId })),
      }),
      beaconKeys: { keyStore, fromAttribute: "tenant" },
    });
  const byEmail = (condition: string, values: object) =>
    new QueryCommand({
      TableName: tenants,
      IndexName: "byEmail",
      KeyConditionExpression: "email = :e",
      FilterExpression: condition,
      ExpressionAttributeValues: marshall({ ":e": "same@example.com", ...values }),
    });

  beforeAll(async () => {
    await createPeopleTable(new DynamoDBClient(config ?? {}), tenants, "encrypted");
    for (const tenant of ["acme", "globex"]) {
      const Item = marshall({ personId: tenant, recordId: "profile", email: "same@example.com", tenant });
      await byTenant(tenant).send(new PutItemCommand({ TableName: tenants, Item }));
    }
  });

  test("a query finds the items of the tenant that it names, by the branch key of each item", async () => {
    for (const tenant of ["acme", "globex"]) {
      const { Items } = await reader().send(byEmail("tenant = :t", { ":t": tenant }));
      expect(Items).toEqual([marshall({ personId: tenant, recordId: "profile", email: "same@example.com" })]);
    }
    expect((await reader().send(byEmail("tenant = :t AND joined = :j", { ":t": "acme", ":j": 1 }))).Items).toEqual([]);
  });

  test("one that names none is refused", async () => {
    await expect(reader().send(byEmail("attribute_exists(email)", {}))).rejects.toMatchObject({ code: "ERR_BEACON_KEY_UNKNOWN" });
  });
});
