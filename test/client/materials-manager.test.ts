import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { type CryptographicMaterialsManager, defaultCmm, type Keyring, requiredEncryptionContextCmm } from "../../src/materials/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { createClientTables, customersName, keyring } from "../support/client-tables.ts";

const region = "us-east-1";
const keys = { tableName: "customers", partitionKey: "customerId", sortKey: "recordId" } as const;
const withTenant = defineTable({
  ...keys,
  attributes: { email: "ENCRYPT_AND_SIGN", tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" },
});
const withoutTenant = defineTable({ ...keys, attributes: { email: "ENCRYPT_AND_SIGN", tenant: "SIGN_ONLY" } });
const item = { customerId: { S: "1" }, recordId: { S: "profile" }, email: { S: "a@example.com" }, tenant: { S: "acme-tenant" } };
const Key = { customerId: item.customerId, recordId: item.recordId };
const TableName = customersName;

let server: LocalGlobalTable;
let plain: DynamoDBClient;
let unwrapped: number;
let counting: Keyring;
let requiresTenant: CryptographicMaterialsManager;

beforeAll(async () => {
  server = await startLocalGlobalTable({ regions: [region] });
  plain = new DynamoDBClient(server.clientConfig(region));
  await createClientTables(plain);
});
beforeEach(async () => {
  await plain.send(new DeleteItemCommand({ TableName, Key }));
  unwrapped = 0;
  counting = {
    onEncrypt: (materials, call) => keyring.onEncrypt(materials, call),
    onDecrypt: (materials, dataKeys, call) => {
      unwrapped += 1;
      return keyring.onDecrypt(materials, dataKeys, call);
    },
  };
  requiresTenant = requiredEncryptionContextCmm({ requiredEncryptionContextKeys: ["aws-crypto-attr.tenant"], underlying: counting });
});
afterAll(async () => {
  plain.destroy();
  await server.stop();
});

function client(schema: object, from: EncryptedClientOptions["keyring"]): DynamoDBClient {
  return encryptedClient(new DynamoDBClient(server.clientConfig(region)), {
    schemas: [schema],
    keyring: from,
    tableNames: { customers: customersName },
  });
}
const put = (through: DynamoDBClient): Promise<unknown> => through.send(new PutItemCommand({ TableName, Item: item }));
const get = async (through: DynamoDBClient): Promise<unknown> =>
  (await through.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
const stored = async (): Promise<Record<string, { B?: Uint8Array }> | undefined> =>
  (await plain.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item as never;

describe("a client with requiredEncryptionContextCmm", () => {
  it.each([
    ["for every table", () => requiresTenant],
    ["by logical table name", () => ({ customers: requiresTenant })],
  ])("writes and reads %s; the header stores nothing of the context", async (_name, from) => {
    const through = client(withTenant, from());
    await put(through);
    const head = Buffer.from((await stored())?.["aws_dbe_head"]?.B ?? []);
    expect(head.length).toBeGreaterThan(100);
    for (const text of ["aws-crypto-attr", "aws-crypto-table-name", "acme-tenant", "customers"]) expect(head.includes(text)).toBe(false);
    expect(head.includes("aws-crypto-public-key")).toBe(true);
    expect({ ...((await get(through)) as object) }).toEqual(item);
  });

  it("writes what a client with the keyring alone reads, and the reverse", async () => {
    await put(client(withTenant, requiresTenant));
    expect({ ...((await get(client(withTenant, keyring))) as object) }).toEqual(item);
    await put(client(withTenant, defaultCmm(keyring)));
    expect({ ...((await get(client(withTenant, requiresTenant))) as object) }).toEqual(item);
  });

  it("refuses to write under a schema that does not give the key; nothing is stored", async () => {
    await expect(put(client(withoutTenant, requiresTenant))).rejects.toMatchObject({
      code: "ERR_REQUIRED_CONTEXT_KEY_MISSING",
      details: { key: "aws-crypto-attr.tenant" },
    });
    expect(await stored()).toBeUndefined();
  });

  it("refuses an item that was written without the key, before any key is asked for", async () => {
    await put(client(withoutTenant, keyring));
    await expect(get(client(withTenant, requiresTenant))).rejects.toMatchObject({ code: "ERR_REQUIRED_CONTEXT_KEY_MISSING" });
    expect(unwrapped).toBe(0);
    expect({ ...((await get(client(withoutTenant, counting))) as object) }).toEqual(item);
    expect(unwrapped).toBe(1);
  });
});
