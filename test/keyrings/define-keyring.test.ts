import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/index.ts";
import { ecdsaSuite } from "../../src/crypto/index.ts";
import {
  defineKeyring,
  encryptedClient,
  itemEncryptor,
  type KeyringDefinition,
  multiKeyring,
  rawAesKeyring,
  type WrapRequest,
} from "../../src/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, testContext, withKey } from "../support/keyring-round-trip.ts";

/** A service outside of AWS: it keeps keys by name, and binds what it is told to bind. */
const serviceKeys = new Map([
  ["new", randomBytes(32)],
  ["old", randomBytes(32)],
]);

function definition(name: string, changes: Partial<KeyringDefinition> = {}): KeyringDefinition {
  return {
    keyProviderId: "own-service",
    async wrapKey(key, { aad }) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", serviceKeys.get(name) as Buffer, iv).setAAD(aad);
      return { keyProviderInfo: utf8(name), ciphertext: Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]) };
    },
    async unwrapKey({ keyProviderInfo, ciphertext }, { aad }) {
      if (Buffer.from(keyProviderInfo).toString() !== name) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", serviceKeys.get(name) as Buffer, ciphertext.subarray(0, 12));
      decipher.setAAD(aad).setAuthTag(ciphertext.subarray(-16));
      return Buffer.concat([decipher.update(ciphertext.subarray(12, -16)), decipher.final()]);
    },
    ...changes,
  };
}

const failing = async (): Promise<never> => {
  throw new Error("the service is down");
};

describe("a keyring of the application", () => {
  it("writes and reads under either suite, with a key of 32 bytes and the context as it is bound", async () => {
    const seen: { readonly key: Uint8Array; readonly length: number; readonly request: WrapRequest }[] = [];
    const own = definition("new");
    const keyring = defineKeyring({
      ...own,
      wrapKey(key, request) {
        seen.push({ key, length: key.length, request });
        expect(key.some((byte) => byte !== 0)).toBe(true);
        return (own.wrapKey as NonNullable<KeyringDefinition["wrapKey"]>)(key, request);
      },
    });
    const { signal } = new AbortController();
    const written = await expectRoundTrip(keyring, keyring, { call: { region: "eu-west-1", signal } });
    await expectRoundTrip(keyring, keyring, { suite: ecdsaSuite });
    expect(onlyKey(written)).toMatchObject({ keyProviderId: "own-service", keyProviderInfo: new Uint8Array(utf8("new")) });
    const [first] = seen;
    expect(first?.length).toBe(32);
    // Zeroed once the promise had settled.
    for (const { key } of seen) expect([...key].every((byte) => byte === 0)).toBe(true);
    expect(first?.request.region).toBe("eu-west-1");
    expect(first?.request.signal).toBe(signal);
    expect({ ...first?.request.encryptionContext }).toEqual({ ...testContext });
    expect(Buffer.from(first?.request.aad ?? []).toString()).toContain("customers");
  });

  it("zeroes the key where wrapping it failed, too", async () => {
    const seen: Uint8Array[] = [];
    const wrapKey = async (key: Uint8Array): Promise<never> => {
      seen.push(key);
      return failing();
    };
    await expect(encryptWith(defineKeyring(definition("new", { wrapKey })))).rejects.toMatchObject({ code: "ERR_KEYRING_FAILED" });
    expect(seen.every((key) => [...key].every((byte) => byte === 0))).toBe(true);
  });

  it("may leave it to its service to make the key", async () => {
    const { wrapKey: _, ...own } = definition("new");
    const wrap = definition("new").wrapKey as NonNullable<KeyringDefinition["wrapKey"]>;
    const generateKey = async (request: WrapRequest) => {
      const key = new Uint8Array(randomBytes(32));
      return { key, ...(await wrap(key, request)) };
    };
    await expectRoundTrip(defineKeyring({ ...own, generateKey }), defineKeyring(definition("new")));
  });

  it("is a generator, a child, and one that only reads", async () => {
    const raw = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32) });
    const both = multiKeyring({ generator: defineKeyring(definition("new")), children: [raw, defineKeyring(definition("old"))] });
    for (const reader of [defineKeyring(definition("new")), defineKeyring(definition("old")), raw]) await expectRoundTrip(both, reader);
  });

  it("passes over keys that are not its own, and none of them is one failure", async () => {
    const written = await encryptWith(defineKeyring(definition("old")));
    await expect(decryptWith(defineKeyring(definition("new")), written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    const foreign = await encryptWith(rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32) }));
    const never = defineKeyring(definition("new", { unwrapKey: failing }));
    await expect(decryptWith(never, foreign)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it("does not authenticate another key of 32 bytes, nor a changed wrapped data key", async () => {
    const written = await encryptWith(defineKeyring(definition("new")));
    const wrong = defineKeyring(definition("new", { unwrapKey: async () => new Uint8Array(32) }));
    await expect(decryptWith(wrong, written)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    const changed = withKey(written, { ciphertext: flipped(onlyKey(written).ciphertext, 0) });
    await expect(decryptWith(defineKeyring(definition("new")), changed)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it.each<[string, Partial<KeyringDefinition>, string]>([
    ["wrapKey that throws", { wrapKey: failing }, "wrapKey"],
    [
      "wrapKey that throws at once",
      {
        wrapKey: () => {
          throw new Error("the service is down");
        },
      },
      "wrapKey",
    ],
    ["unwrapKey that throws", { unwrapKey: failing }, "unwrapKey"],
  ])("%s is ERR_KEYRING_FAILED with its cause", async (_, changes, operation) => {
    const written = await encryptWith(defineKeyring(definition("new")));
    const keyring = defineKeyring(definition("new", changes));
    const used = operation === "wrapKey" ? encryptWith(keyring) : decryptWith(keyring, written);
    await expect(used).rejects.toMatchObject({
      code: "ERR_KEYRING_FAILED",
      details: { keyProviderId: "own-service", operation },
      cause: new Error("the service is down"),
    });
  });

  it.each<[string, Partial<KeyringDefinition>]>([
    ["no answer", { wrapKey: async () => undefined as never }],
    ["no provider info", { wrapKey: async () => ({ ciphertext: new Uint8Array(9) }) as never }],
    ["an empty ciphertext", { wrapKey: async () => ({ keyProviderInfo: utf8("x"), ciphertext: new Uint8Array(0) }) }],
    ["too long a ciphertext", { wrapKey: async () => ({ keyProviderInfo: utf8("x"), ciphertext: new Uint8Array(65_500) }) }],
    ["a text", { wrapKey: async () => ({ keyProviderInfo: "x", ciphertext: "y" }) as never }],
    ["a key of 16 bytes", { unwrapKey: async () => new Uint8Array(16) }],
    ["a key as text", { unwrapKey: async () => "x".repeat(32) as never }],
    ["null", { unwrapKey: async () => null as never }],
  ])("refuses %s", async (_, changes) => {
    const written = await encryptWith(defineKeyring(definition("new")));
    const keyring = defineKeyring(definition("new", changes));
    const used = changes.wrapKey === undefined ? decryptWith(keyring, written) : encryptWith(keyring);
    await expect(used).rejects.toMatchObject({ code: "ERR_KEYRING_FAILED" });
  });

  it("is aborted by the caller's signal", async () => {
    const controller = new AbortController();
    const wrapKey = async (_: Uint8Array, { signal }: WrapRequest): Promise<never> => {
      controller.abort();
      signal?.throwIfAborted();
      return failing();
    };
    const call = { signal: controller.signal };
    await expect(encryptWith(defineKeyring(definition("new", { wrapKey })), call)).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  it("only reads without wrapKey, and only writes without unwrapKey", async () => {
    const { wrapKey, unwrapKey, ...rest } = definition("new");
    const [reader, writer] = [defineKeyring({ ...rest, unwrapKey }), defineKeyring({ ...rest, wrapKey })];
    await expectRoundTrip(writer, reader);
    await expect(encryptWith(reader)).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_ENCRYPT" });
    await expect(decryptWith(writer, await encryptWith(writer))).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_DECRYPT" });
  });

  it.each<[string, object, string]>([
    ["a provider id of KMS", { ...definition("new"), keyProviderId: "aws-kms-own" }, "ERR_KEY_NAMESPACE_RESERVED"],
    ["an empty provider id", { ...definition("new"), keyProviderId: "" }, "ERR_INVALID_ARGUMENT"],
    ["no function at all", { keyProviderId: "own" }, "ERR_INVALID_ARGUMENT"],
    ["what is not a function", { ...definition("new"), unwrapKey: "x" }, "ERR_INVALID_ARGUMENT"],
    ["two ways to write", { ...definition("new"), generateKey: failing }, "ERR_INVALID_ARGUMENT"],
  ])("is not made of %s", (_, made, code) => {
    expect(() => defineKeyring(made as KeyringDefinition)).toThrow(expect.objectContaining({ code }));
  });
});

describe("over a table", () => {
  const schema = defineTable({ tableName: "customers", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN" } });
  const Item = { id: { S: "1" }, email: { S: "a@example.com" } };
  let tables: LocalGlobalTable;
  let base: DynamoDBClient;
  beforeAll(async () => {
    const AttributeDefinitions = [{ AttributeName: "id", AttributeType: "S" as const }];
    const KeySchema = [{ AttributeName: "id", KeyType: "HASH" as const }];
    tables = await startLocalGlobalTable({ regions: ["eu-west-1"], tables: [{ TableName: "customers", KeySchema, AttributeDefinitions }] });
    base = new DynamoDBClient(tables.clientConfig("eu-west-1"));
  });
  afterAll(async () => {
    base.destroy();
    await tables.stop();
  });

  it("a failure names table and item, and keeps the cause", async () => {
    const client = encryptedClient(base, { schemas: [schema], keyring: defineKeyring(definition("new")) });
    await client.send(new PutItemCommand({ TableName: "customers", Item }));
    const get = new GetItemCommand({ TableName: "customers", Key: { id: { S: "1" } } });
    expect((await client.send(get)).Item).toEqual(Item);
    const broken = encryptedClient(base, { schemas: [schema], keyring: defineKeyring(definition("new", { unwrapKey: failing })) });
    await expect(broken.send(get)).rejects.toMatchObject({
      code: "ERR_KEYRING_FAILED",
      details: { tableName: "customers", keyAttributes: ["id"], operation: "unwrapKey" },
      cause: new Error("the service is down"),
    });
  });
});

describe("multiKeyring with decryptOnly", () => {
  const schema = defineTable({ tableName: "customers", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN" } });
  const item = { id: { S: "1" }, email: { S: "a@example.com" } };
  const [next, previous] = [defineKeyring(definition("new")), defineKeyring(definition("old"))];

  it("reads what the old key wrote and names the new one alone in what it writes", async () => {
    const before = (await itemEncryptor({ schema, keyring: previous }).encryptItem(item)).item;
    const changing = itemEncryptor({ schema, keyring: multiKeyring({ generator: next, decryptOnly: [previous] }) });
    expect((await changing.decryptItem(before)).item).toEqual(item);
    const { item: written, header } = await changing.encryptItem(item);
    expect(header?.encryptedDataKeys).toHaveLength(1);
    expect((await itemEncryptor({ schema, keyring: next }).decryptItem(written)).item).toEqual(item);
    await expect(itemEncryptor({ schema, keyring: previous }).decryptItem(written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it("asks the new key first, and never asks the old one to write", async () => {
    const silent = defineKeyring(definition("old", { wrapKey: failing, unwrapKey: failing }));
    const changing = multiKeyring({ generator: next, decryptOnly: [silent] });
    await expectRoundTrip(changing);
  });

  it("alone only reads, and as a child adds nothing", async () => {
    const reading = multiKeyring({ decryptOnly: [previous] });
    await expectRoundTrip(previous, reading);
    await expect(encryptWith(reading)).rejects.toMatchObject({ code: "ERR_GENERATOR_MISSING" });
    expect((await encryptWith(multiKeyring({ generator: next, children: [reading] }))).encryptedDataKeys).toHaveLength(1);
    for (const options of [{}, { decryptOnly: [] }, { generator: next, decryptOnly: [{} as never] }])
      expect(() => multiKeyring(options)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
