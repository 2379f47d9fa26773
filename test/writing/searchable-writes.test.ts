import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import { defineTable, type TableInput } from "../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../support/client-tables.ts";

type Item = Record<string, AttributeValue>;

const tenants = ["acme", "globex"].map((branchKeyId, index) => ({
  branchKeyId,
  activeVersion: "fb04b01d-cceb-4c8a-aad6-41c58dad5695",
  versions: { "fb04b01d-cceb-4c8a-aad6-41c58dad5695": new Uint8Array(32).fill(index + 1) },
  beaconKey: new Uint8Array(32).fill(index + 11),
}));
const keyStore = staticBranchKeyStore(tenants, { logicalKeyStoreName: "tenants" });

const searchable: TableInput = {
  ...customers,
  attributes: {
    email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 32 } },
    phone: { action: "ENCRYPT_AND_SIGN", beacon: { length: 32 } },
    street: "ENCRYPT_AND_SIGN",
    year: "SIGN_ONLY",
    zone: "SIGN_ONLY",
    visits: "DO_NOTHING",
  },
  compoundBeacons: {
    place: {
      split: "#",
      signed: [
        { name: "year", prefix: "Y-" },
        { name: "zone", prefix: "Z-" },
      ],
    },
  },
};

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
beforeEach(() => {
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const S = (text: string): AttributeValue => ({ S: text });
const N = (number: number): AttributeValue => ({ N: String(number) });
const keyOf = (id: string): Item => ({ customerId: S(id), recordId: S("profile") });
const wrap = (schema: TableInput = searchable, options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(server.config), {
    ...clientOptions,
    schemas: [defineTable(schema)],
    beaconKeys: { keyStore, branchKeyId: "acme" },
    ...options,
  });
const raw = async (id: string): Promise<Item> =>
  (await server.plain.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item ?? {};
const beaconsOf = async (id: string): Promise<Item> =>
  Object.fromEntries(Object.entries(await raw(id)).filter(([name]) => name.startsWith("aws_dbe_b_")));
/** Names that are reserved words get a placeholder of their own. */
const update = (id: string, UpdateExpression: string, values?: Item): UpdateItemCommand => {
  const names = ["#year", "#zone"].filter((name) => UpdateExpression.includes(name));
  return new UpdateItemCommand({
    TableName,
    Key: keyOf(id),
    UpdateExpression,
    ...(values && { ExpressionAttributeValues: values }),
    ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])) }),
  });
};

const Item = { ...keyOf("x"), email: S("a@b.c"), street: S("Main"), year: N(2024), zone: S("n"), visits: N(1) };

describe("beacon keys by table", () => {
  test("each table has its own", async () => {
    const logical = searchable.tableName;
    const put = async (id: string, beaconKeys: EncryptedClientOptions["beaconKeys"]) => {
      await wrap(searchable, { beaconKeys }).send(new PutItemCommand({ TableName, Item: { ...Item, ...keyOf(id) } }));
      return beaconsOf(id);
    };
    const globex = { keyStore, branchKeyId: "globex" };
    expect(await put("by table", { [logical]: globex })).toEqual(await put("for all", globex));
    expect(await put("by table", { [logical]: globex })).not.toEqual(await put("other", { [logical]: { keyStore, branchKeyId: "acme" } }));
  });

  test("a table that is left out is refused before any call", () => {
    const other = { ...searchable, tableName: "other" };
    const beaconKeys = { other: { keyStore, branchKeyId: "acme" } };
    const make = () =>
      encryptedClient(new DynamoDBClient(server.config), {
        ...clientOptions,
        schemas: [defineTable(searchable), defineTable(other)],
        beaconKeys,
      });
    expect(make).toThrow(expect.objectContaining({ code: "ERR_BEACON_KEYS_NOT_CONFIGURED" }));
  });
});

describe("a signed beacon in the key", () => {
  const { place, ...others } = searchable.compoundBeacons ?? {};
  const schema: TableInput = { ...searchable, compoundBeacons: { ...others, ...(place && { recordId: place }) } };
  const key = (id: string): Item => ({ customerId: S(id), recordId: S("Y-2024#Z-n") });
  const { recordId: _made, ...parts }: Item = Item;

  test("is computed by PutItem, BatchWriteItem and TransactWriteItems, and kept by UpdateItem", async () => {
    const client = wrap(schema);
    const put = (id: string): Item => ({ ...parts, customerId: S(id) });
    await client.send(new PutItemCommand({ TableName, Item: put("key put") }));
    await client.send(new PutItemCommand({ TableName, Item: put("key guarded"), ConditionExpression: "attribute_not_exists(email)" }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: put("key batch") } }] } }));
    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: put("key transact") } }] }));
    for (const id of ["key put", "key guarded", "key batch", "key transact"]) {
      await client.send(
        new UpdateItemCommand({
          TableName,
          Key: key(id),
          UpdateExpression: "SET email = :e",
          ExpressionAttributeValues: { ":e": S("new@b.c") },
        }),
      );
      expect((await client.send(new GetItemCommand({ TableName, Key: key(id) }))).Item).toEqual({
        ...put(id),
        ...key(id),
        email: S("new@b.c"),
      });
    }
  });

  test("is refused where it is not what its parts make, and missing where they are", async () => {
    const client = wrap(schema);
    const send = (item: Item) => client.send(new PutItemCommand({ TableName, Item: item }));
    const wrong = send({ ...parts, customerId: S("key wrong"), recordId: S("Y-2023#Z-n") });
    await expect(wrong).rejects.toMatchObject({ code: "ERR_SIGNED_BEACON_MISMATCH" });
    await expect(send({ customerId: S("key none"), email: S("e") })).rejects.toMatchObject({ code: "ERR_KEY_MISSING" });
  });
});

describe("beacons", () => {
  test("are the same by PutItem, BatchWriteItem, TransactWriteItems and UpdateItem", async () => {
    const client = wrap();
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, ...keyOf("put") } }));
    await client.send(
      new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { ...Item, ...keyOf("batch") } } }] } }),
    );
    await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item: { ...Item, ...keyOf("transact") } } }] }));
    const values = { ":e": S("a@b.c"), ":y": N(2024), ":z": S("n") };
    await client.send(update("update", "SET email = :e, #year = :y, #zone = :z", values));
    const beacons = await beaconsOf("put");
    expect(Object.keys(beacons)).toEqual(["aws_dbe_b_email"]);
    for (const id of ["batch", "transact", "update"]) {
      expect(await beaconsOf(id)).toEqual(beacons);
      expect((await raw(id))["place"]).toEqual(S("Y-2024#Z-n"));
    }
  });

  test("follow an update: made anew, removed with their attribute, signed ones too", async () => {
    const client = wrap();
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, ...keyOf("follows") } }));
    const before = await beaconsOf("follows");
    const values = { ":e": S("new@b.c"), ":p": S("1"), ":z": S("s") };
    await client.send(update("follows", "SET email = :e, phone = :p, #zone = :z", values));
    const after = await beaconsOf("follows");
    expect(Object.keys(after).sort()).toEqual(["aws_dbe_b_email", "aws_dbe_b_phone"]);
    expect(after["aws_dbe_b_email"]).not.toEqual(before["aws_dbe_b_email"]);
    expect((await raw("follows"))["place"]).toEqual(S("Y-2024#Z-s"));
    await client.send(update("follows", "REMOVE email"));
    expect(Object.keys(await beaconsOf("follows"))).toEqual(["aws_dbe_b_phone"]);
    const read = await client.send(new GetItemCommand({ TableName, Key: keyOf("follows") }));
    expect(Object.keys(read.Item ?? {}).filter((name) => name.startsWith("aws_dbe_"))).toEqual([]);
  });
});

describe("partitions", () => {
  const partitioned: TableInput = { ...searchable, beaconPartitions: 4 };

  test("an item's beacons are all of one, which the selector chooses, on every write that could change it", async () => {
    const asked: Item[] = [];
    const selector = ({ item, numberOfPartitions }: { item: Readonly<Item>; numberOfPartitions: number }): number => {
      asked.push(item);
      return Number(item["visits"]?.N ?? 0) % numberOfPartitions;
    };
    const client = wrap(partitioned, { partitionSelectors: { customers: selector } });
    await client.send(new PutItemCommand({ TableName, Item: { ...Item, ...keyOf("selected"), phone: S("1") } }));
    const first = await beaconsOf("selected");
    server.proxy.requests.length = 0;
    await client.send(update("selected", "ADD visits :n", { ":n": N(1) }));
    expect(server.proxy.requests.map(({ operation }) => operation)).toEqual(["GetItem", "UpdateItem"]);
    const second = await beaconsOf("selected");
    expect(second["aws_dbe_b_email"]).not.toEqual(first["aws_dbe_b_email"]);
    expect(second["aws_dbe_b_phone"]).not.toEqual(first["aws_dbe_b_phone"]);
    // In plain, as the application knows it.
    expect(asked.at(-1)).toMatchObject({ email: S("a@b.c"), visits: N(2) });
    await client.send(update("selected", "ADD visits :n", { ":n": N(3) }));
    await client.send(update("selected", "ADD visits :n", { ":n": N(4) }));
    await client.send(update("selected", "ADD visits :n", { ":n": N(-4) }));
    expect(await beaconsOf("selected")).not.toEqual(second);
  });

  test("a selector that gives no partition fails the write", async () => {
    const client = wrap(partitioned, { partitionSelectors: { customers: () => 4 } });
    const putting = client.send(new PutItemCommand({ TableName, Item: { ...Item, ...keyOf("nowhere") } }));
    await expect(putting).rejects.toMatchObject({ code: "ERR_BEACON_PARTITION_INVALID" });
    expect(server.proxy.requests).toEqual([]);
  });
});

describe("tenants", () => {
  const byTenant: TableInput = {
    ...searchable,
    attributes: { ...searchable.attributes, tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" },
    branchKey: { from: "tenant" },
    beaconKey: { from: "tenant" },
  };
  const tenantOf = (tenant: string): Item => ({ ...Item, ...keyOf(`of ${tenant}`), tenant: S(tenant) });

  test("have beacons of their own keys", async () => {
    const client = wrap(byTenant, { beaconKeys: { keyStore }, keyring: awsKmsHierarchicalKeyring({ keyStore, ttlSeconds: 60 }) });
    for (const tenant of ["acme", "globex"]) await client.send(new PutItemCommand({ TableName, Item: tenantOf(tenant) }));
    expect(await beaconsOf("of acme")).not.toEqual(await beaconsOf("of globex"));
    await client.send(update("of globex", "SET street = :s", { ":s": S("x") }));
    expect(Object.keys(await beaconsOf("of globex"))).toEqual(["aws_dbe_b_email"]);
  });

  test.each([
    [
      "another branch key than the header's",
      awsKmsHierarchicalKeyring({ keyStore, branchKeyId: "globex", ttlSeconds: 60 }),
      "ERR_BEACON_KEY_MISMATCH",
    ],
    ["a data key without a branch key", clientOptions.keyring, "ERR_BEACON_KEY_NOT_HIERARCHICAL"],
  ])("%s is refused before any call", async (_name, keyring, code) => {
    const { branchKey: _from, ...schema } = byTenant;
    const client = wrap(schema, { beaconKeys: { keyStore }, keyring });
    await expect(client.send(new PutItemCommand({ TableName, Item: tenantOf("acme") }))).rejects.toMatchObject({ code });
    expect(server.proxy.requests).toEqual([]);
  });
});
