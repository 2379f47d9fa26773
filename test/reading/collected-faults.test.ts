import { CreateTableCommand, type DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/index.ts";
import { encryptedClient } from "../../src/client/index.ts";
import { DynasealError } from "../../src/errors/index.ts";
import { isCollectable, isItemFault } from "../../src/item/index.ts";
import {
  awsKmsDiscoveryKeyring,
  awsKmsHierarchicalKeyring,
  awsKmsMrkDiscoveryKeyring,
  awsKmsMrkKeyring,
  multiKeyring,
  rawAesKeyring,
} from "../../src/keyrings/index.ts";
import { type EncryptedDataKey, type Keyring, ServedKeys } from "../../src/materials/index.ts";
import { undecryptableItems } from "../../src/reading/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type PartialHeader, serializePartialHeader } from "../../src/structure/header.ts";
import { headerName, parseHeader } from "../../src/structure/index.ts";
import { requestOptions } from "../../src/tables/index.ts";
import { type KeyStoreServers, startKeyStoreServers } from "../support/key-store-servers.ts";

const TableName = "notes";
const region = "us-east-1";
const branchKeyId = "notes-key";
const schema = defineTable({
  tableName: TableName,
  partitionKey: "owner",
  sortKey: "note",
  attributes: { text: "ENCRYPT_AND_SIGN" },
  algorithmSuite: "HMAC",
});

let servers: KeyStoreServers;
let base: DynamoDBClient;
beforeAll(async () => {
  servers = await startKeyStoreServers({ tableNames: ["KeyStore", "EmptyKeyStore"] });
  base = servers.dynamoDb(region);
  const KeySchema = [
    { AttributeName: "owner", KeyType: "HASH" },
    { AttributeName: "note", KeyType: "RANGE" },
  ] as const;
  const AttributeDefinitions = KeySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" as const }));
  await base.send(new CreateTableCommand({ TableName, KeySchema: [...KeySchema], AttributeDefinitions, BillingMode: "PAY_PER_REQUEST" }));
  await servers.keyStore(region).createKey({ branchKeyId, encryptionContext: { purpose: "notes" }, conflictCheckSeconds: 0 });
});
afterAll(() => servers.stop());

const clientOf = (keyring: Keyring): DynamoDBClient => encryptedClient(base, { schemas: [schema], keyring, plainTables: "all" });
const put = (keyring: Keyring, owner: string, note: string): Promise<unknown> =>
  clientOf(keyring).send(new PutItemCommand({ TableName, Item: marshall({ owner, note, text: "a secret" }) }));
const page = (client: DynamoDBClient, owner: string) =>
  client.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: "#o = :o",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: marshall({ ":o": owner }),
      ...requestOptions({ onUndecryptable: "collect" }),
    }),
  );
const codes = async (client: DynamoDBClient, owner: string): Promise<unknown> => {
  const answer = await page(client, owner);
  return [answer.Items?.map(({ note }) => note?.S), undecryptableItems(answer).map(({ code }) => code)];
};

/** Somebody who may write the table, and has no key, changes the header of a stored item. */
async function plant(owner: string, note: string, change: (header: PartialHeader) => Partial<PartialHeader>): Promise<void> {
  const { Item = {} } = await base.send(new GetItemCommand({ TableName, Key: marshall({ owner, note }) }));
  const header = parseHeader(Item[headerName]?.B ?? new Uint8Array());
  const planted = concatBytes(serializePartialHeader({ ...header, ...change(header) }), new Uint8Array(32));
  await base.send(new PutItemCommand({ TableName, Item: { ...Item, [headerName]: { B: planted } } }));
}
const dataKeys =
  (change: (key: EncryptedDataKey) => Partial<EncryptedDataKey>) =>
  ({ encryptedDataKeys }: PartialHeader): Partial<PartialHeader> => ({
    encryptedDataKeys: encryptedDataKeys.map((key) => ({ ...key, ...change(key) })),
  });

const kms = (): Keyring => awsKmsMrkKeyring({ keyId: servers.keyArn, clientSupplier: servers.kmsClient });
const discoveryFilter = { partition: "aws", accountIds: ["000000000000"] };
const discovery = (): Keyring => awsKmsDiscoveryKeyring({ discoveryFilter, clientSupplier: servers.kmsClient });
const hierarchical = (tableName = "KeyStore", replicationWaitSeconds = 0.1): Keyring =>
  awsKmsHierarchicalKeyring({ keyStore: servers.keyStore(region, { tableName, replicationWaitSeconds }), branchKeyId });
const raw = (keyName: string): Keyring =>
  rawAesKeyring({ keyNamespace: "test", keyName, wrappingKey: new Uint8Array(32).fill(keyName.length) });

const overlong = dataKeys(({ ciphertext }) => ({ ciphertext: concatBytes(ciphertext, new Uint8Array(6144)) }));
const invented = (keyArn: string) => dataKeys(() => ({ keyProviderInfo: Buffer.from(keyArn) }));
const inventedVersion = dataKeys(({ ciphertext }) => ({
  ciphertext: concatBytes(ciphertext.subarray(0, 76), new Uint8Array(16).fill(0x44), ciphertext.subarray(92)),
}));

describe("collected, also where no other item was served", () => {
  it.each<[string, () => Keyring, () => Keyring, (header: PartialHeader) => Partial<PartialHeader>, string]>([
    ["a ciphertext that KMS takes for malformed", kms, kms, overlong, "ERR_KMS_REFUSED"],
    ["the same by discovery", kms, discovery, overlong, "ERR_KMS_REFUSED"],
    [
      "an encryption context over the limit of KMS",
      kms,
      kms,
      ({ encryptionContext }) => ({
        encryptionContext: Object.assign(Object.create(null), { ...encryptionContext, zz: "z".repeat(9000) }),
      }),
      "ERR_KMS_REFUSED",
    ],
    [
      "a key in an invented Region",
      kms,
      discovery,
      invented("arn:aws:kms:xx-nowhere-9:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
      "ERR_KMS_KEY_NOT_FOUND",
    ],
    [
      "an invented multi-Region key",
      kms,
      () => awsKmsMrkDiscoveryKeyring({ discoveryFilter, clientSupplier: servers.kmsClient }),
      invented(`arn:aws:kms:${region}:000000000000:key/mrk-${"0".repeat(32)}`),
      "ERR_KMS_KEY_NOT_FOUND",
    ],
    ["an invented version of a branch key", hierarchical, hierarchical, inventedVersion, "ERR_BRANCH_KEY_NOT_REPLICATED"],
  ])("%s", async (owner, writer, reader, change, code) => {
    await put(writer(), owner, "planted");
    await plant(owner, "planted", change);
    expect(await codes(clientOf(reader()), owner)).toEqual([[], [code]]);
    await put(writer(), owner, "good");
    expect(await codes(clientOf(reader()), owner)).toEqual([["good"], [code]]);
  });
});

describe("collected only beside an item that was served", () => {
  it("an item under foreign keys: alone it might be the reader's keys that are wrong", async () => {
    await put(raw("foreign"), "foreign", "planted");
    const client = clientOf(raw("own"));
    await expect(page(client, "foreign")).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    await put(raw("own"), "foreign", "good");
    expect(await codes(clientOf(raw("own")), "foreign")).toEqual([["good"], ["ERR_NO_KEY_MATCHES"]]);
    // An earlier request within the minute is enough.
    await put(raw("foreign"), "foreign alone", "planted");
    await put(raw("own"), "own", "good");
    await page(client, "own");
    expect(await codes(client, "foreign alone")).toEqual([[], ["ERR_NO_KEY_MATCHES"]]);
  });

  it("versions of a branch key that the key store lost with everything else", async () => {
    for (const note of ["1", "2"]) await put(hierarchical(), "lost", note);
    await expect(page(clientOf(hierarchical("EmptyKeyStore")), "lost")).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_REPLICATED" });
    expect(await codes(clientOf(hierarchical()), "lost")).toEqual([["1", "2"], []]);
  });

  it("a multi keyring whose other part cannot be asked fails the request, whatever the first part makes of a planted key", async () => {
    const down: Keyring = {
      onEncrypt: () => Promise.reject(new Error("not asked for")),
      onDecrypt: () => {
        const details = { operation: "Decrypt", region, keyId: "key/1", reason: "ECONNREFUSED" };
        return Promise.reject(new DynasealError("ERR_KMS_UNREACHABLE", { details }));
      },
    };
    await put(kms(), "two parts", "planted");
    await plant("two parts", "planted", overlong);
    const client = clientOf(multiKeyring({ generator: kms(), children: [down] }));
    await expect(page(client, "two parts")).rejects.toMatchObject({ code: "ERR_KMS_REFUSED" });
  });

  it("a Region that cannot be found, if others were", () => {
    const details = { operation: "Decrypt", region: "xx-nowhere-9", keyId: "key/1", reason: "ENOTFOUND" };
    const failure = new DynasealError("ERR_KMS_UNREACHABLE", { details: { ...details, causedBy: "item" } });
    expect([isCollectable(failure, () => true), isCollectable(failure, () => false), isItemFault(failure)]).toEqual([true, false, false]);
    expect(isCollectable(new DynasealError("ERR_KMS_UNREACHABLE", { details }), () => true)).toBe(false);
  });
});

it("what served is remembered for a minute, by Region and branch key", () => {
  let now = 1_000_000;
  const served = new ServedKeys({ now: () => now });
  const key = (keyProviderId: string, info: string): EncryptedDataKey => ({
    keyProviderId,
    keyProviderInfo: Buffer.from(info),
    ciphertext: new Uint8Array(),
  });
  expect(served.has(region)).toBe(false);
  served.note(region, [key("aws-kms-hierarchy", "a")]);
  expect([served.has(region), served.has(region, "a"), served.has(region, "b"), served.has("eu-west-1")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  now += 59_999;
  expect(served.has(region, "a")).toBe(true);
  now += 1;
  expect([served.has(region), served.has(region, "a")]).toEqual([false, false]);
  served.note(undefined, [key("other", "a")]);
  expect([served.has(undefined), served.has(undefined, "a")]).toEqual([true, false]);
  // A clock that was set back tells nothing.
  now -= 1000;
  expect(served.has(undefined)).toBe(false);
  for (let index = 0; index < 5000; index++, now++) served.note(region, [key("aws-kms-hierarchy", `key ${index}`)]);
  expect([served.has(region), served.has(region, "key 4999"), served.has(region, "key 0")]).toEqual([true, true, false]);
});
