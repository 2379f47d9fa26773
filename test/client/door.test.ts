import { setImmediate as nextTurn } from "node:timers/promises";
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, keyring, customersName as TableName } from "../support/client-tables.ts";
import { type Dialect, dialects, type Native } from "../support/dialects.ts";
import { mutateEverything } from "../support/mutate.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

/** A keyring like one of KMS: its answers take turns of the loop. */
const slow: Keyring = {
  onEncrypt: async (...call) => {
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    return keyring.onEncrypt(...call);
  },
  onDecrypt: async (...call) => {
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    return keyring.onDecrypt(...call);
  },
};
const slowOptions: EncryptedClientOptions = { ...clientOptions, keyring: slow };

/** Native values of every type; nested, binary as Buffer and as Uint8Array. */
const anyNative = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }).map((members) => new Set(members)),
    fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes) => new Set([Uint8Array.from(bytes)])),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), tie("value"), { maxKeys: 3 }),
  ),
})).value;
const anyAttributes = fc.record({ email: anyNative, tier: fc.string({ minLength: 1 }), seen: anyNative, other: anyNative });

let serial = 0;
const newKey = (): Native => ({ customerId: `door ${serial++}`, recordId: "profile" });

describe.each(dialects)("what is stored is the input as it was when `send` was called: $name", (dialect: Dialect) => {
  const client = (): unknown => encryptedClient(dialect.make(server.config) as DynamoDBClient, slowOptions);
  const get = async (Key: Native): Promise<unknown> => (await dialect.run(client(), "GetItem", { TableName, Key }))["Item"];

  /** Sends, and changes all that was given from the next turn of the loop on, until it is answered. */
  async function sendAndChange(operation: string, input: Native): Promise<Native> {
    let answered = false;
    const answer = dialect.run(client(), operation, input).finally(() => {
      answered = true;
    });
    const changing = (async () => {
      while (!answered) {
        await nextTurn();
        if (!answered) mutateEverything(input);
      }
    })();
    try {
      return await answer;
    } finally {
      await changing;
    }
  }

  const runs = { numRuns: 12 };

  test("PutItem, with the values of its condition", async () => {
    await fc.assert(
      fc.asyncProperty(anyAttributes, async (drawn) => {
        const key = newKey();
        const attributes = structuredClone(drawn);
        const given = { ...key, ...attributes };
        const wanted = structuredClone(given);
        const condition = { ConditionExpression: "attribute_not_exists(#t) OR tier = :t", ExpressionAttributeNames: { "#t": "tier" } };
        await sendAndChange("PutItem", { TableName, Item: given, ...condition, ExpressionAttributeValues: { ":t": attributes.tier } });
        expect(await get(key)).toEqual(asStored(wanted));
      }),
      runs,
    );
  });

  test("BatchWriteItem and TransactWriteItems", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAttributes, { minLength: 2, maxLength: 4 }), async (many) => {
        // One Buffer for all, as a reused read buffer would be.
        const shared = Buffer.from("shared by all items");
        const items = (): Native[] => structuredClone(many).map((attributes) => ({ ...newKey(), ...attributes, shared }));
        const [batch, transaction] = [items(), items()];
        const wanted = structuredClone([...batch, ...transaction]);
        await sendAndChange("BatchWriteItem", { RequestItems: { [TableName]: batch.map((Item) => ({ PutRequest: { Item } })) } });
        shared.write("shared by all items");
        await sendAndChange("TransactWriteItems", { TransactItems: transaction.map((Item) => ({ Put: { TableName, Item } })) });
        for (const item of wanted) {
          const { customerId, recordId } = item as Native;
          expect(await get({ customerId, recordId })).toEqual(asStored(item as Native));
        }
      }),
      runs,
    );
  });

  test("UpdateItem: its key, names and values, native and guarded", async () => {
    await fc.assert(
      fc.asyncProperty(anyAttributes, anyAttributes, async (first, drawn) => {
        const key = newKey();
        const second = structuredClone(drawn);
        await dialect.run(client(), "PutItem", { TableName, Item: { ...key, ...first } });
        const wanted = structuredClone({ ...first, email: second.email, seen: second.seen });
        const update = (name: string, value: unknown): Native => ({
          ...{ TableName, Key: { ...key }, UpdateExpression: "SET #n = :v", ConditionExpression: "attribute_exists(customerId)" },
          ...{ ExpressionAttributeNames: { "#n": name }, ExpressionAttributeValues: { ":v": value } },
        });
        await sendAndChange("UpdateItem", update("email", second.email));
        await sendAndChange("UpdateItem", update("seen", second.seen));
        expect(await get(key)).toEqual(asStored({ ...key, ...wanted }));
      }),
      runs,
    );
  });

  test("keys and cursors of reads, and keys of deletes", async () => {
    const [one, two] = [newKey(), newKey()];
    const page = { customerId: `door pages ${dialect.name}` };
    for (const Item of [one, two, ...["a", "b", "c"].map((recordId) => ({ ...page, recordId }))]) {
      await dialect.run(client(), "PutItem", { TableName, Item });
    }
    expect((await sendAndChange("GetItem", { TableName, Key: { ...one } }))["Item"]).toEqual(one);
    const many = await sendAndChange("BatchGetItem", { RequestItems: { [TableName]: { Keys: [{ ...one }, { ...two }] } } });
    expect((many["Responses"] as Record<string, unknown[]>)[TableName]).toHaveLength(2);
    const query = {
      ...{ TableName, KeyConditionExpression: "customerId = :c", ExpressionAttributeValues: { ":c": page.customerId } },
      ExclusiveStartKey: { ...page, recordId: "a" },
    };
    const { Items } = await sendAndChange("Query", query);
    expect((Items as Native[]).map(({ recordId }) => recordId)).toEqual(["b", "c"]);
    await sendAndChange("DeleteItem", { TableName, Key: { ...one } });
    expect(await get(one)).toBeUndefined();
    expect(await get(two)).toEqual(two);
  });
});

describe("the door", () => {
  const lowItem = () => ({ customerId: { S: "one turn" }, recordId: { S: "profile" }, email: { B: Buffer.from("as it was") } });

  test("copies before `send` returns", async () => {
    const client = encryptedClient(new DynamoDBClient(server.config), slowOptions);
    const low = lowItem();
    const sent = client.send(new PutItemCommand({ TableName, Item: low }));
    mutateEverything(low);
    await sent;
    const documents = encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(server.config)), slowOptions);
    const native = { customerId: "one turn, native", recordId: "profile", email: Buffer.from("as it was") };
    const sentNative = documents.send(new PutCommand({ TableName, Item: native }));
    mutateEverything(native);
    await sentNative;
    for (const customerId of ["one turn", "one turn, native"]) {
      const Key = { customerId, recordId: "profile" };
      const found = await dialects[2]?.run(documents, "GetItem", { TableName, Key });
      expect(found?.["Item"]).toEqual({ ...Key, email: Uint8Array.from(Buffer.from("as it was")) });
    }
  });

  test("a refusal is a rejection, not an exception of `send`", async () => {
    const client = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    const sent = client.send(new PutItemCommand({ TableName, Item: { ...lowItem(), email: { S: 5 } as never } }));
    await expect(sent).rejects.toMatchObject({
      ...{ code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE", name: "ValidationException", details: { attribute: "email" } },
      ...{ $fault: "client", $metadata: { attempts: 0 } },
    });
  });

  test("drops null and undefined members of requests, as the SDK does", async () => {
    const client = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    const Item = lowItem();
    const none = { ConditionExpression: null, ExpressionAttributeNames: null, ExpressionAttributeValues: undefined, Expected: null };
    await client.send(new PutItemCommand({ TableName, Item, ...none, ReturnValues: null } as never));
    const update = {
      ...{ TableName, Key: { customerId: Item.customerId, recordId: Item.recordId }, AttributeUpdates: null, Expected: undefined },
      ...{ UpdateExpression: "SET #e = :e", ExpressionAttributeNames: { "#e": "email", "#x": undefined, "#y": null } },
      ExpressionAttributeValues: { ":e": { S: "new", N: null }, ":x": undefined },
    };
    await client.send(new UpdateItemCommand(update as never));
    const key = { customerId: "one turn", recordId: "profile" };
    for (const operation of ["Query", "Scan"]) {
      const read = {
        ...{ TableName, ExclusiveStartKey: null, FilterExpression: null, ProjectionExpression: null, Limit: null, QueryFilter: null },
        ...(operation === "Query" && { KeyConditionExpression: "customerId = :c", ExpressionAttributeValues: { ":c": { S: "one turn" } } }),
      };
      const { [`${operation}Command`]: Command } = (await import("@aws-sdk/client-dynamodb")) as unknown as Record<string, never>;
      const { Items } = (await client.send(new (Command as unknown as typeof PutItemCommand)(read as never))) as unknown as {
        Items: Native[];
      };
      expect(Items).toContainEqual({ customerId: { S: key.customerId }, recordId: { S: key.recordId }, email: { S: "new" } });
    }
  });

  test.each<[string, string, Native]>([
    ["a missing item", "PutItem", { TableName }],
    ["an item that is null", "PutItem", { TableName, Item: null }],
    ["a put without an item in a batch", "BatchWriteItem", { RequestItems: { [TableName]: [{ PutRequest: {} }] } }],
    ["a put without an item in a transaction", "TransactWriteItems", { TransactItems: [{ Put: { TableName } }] }],
    ["a name that is no string", "GetItem", { TableName, Key: {}, ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": 5 } }],
    ["an expression that is no string", "Scan", { TableName, FilterExpression: true }],
    ["requests that are no list", "BatchWriteItem", { RequestItems: { [TableName]: "all" } }],
  ])("%s is a ValidationException, as from the service", async (_name, operation, input) => {
    const sdk = (await import("@aws-sdk/client-dynamodb")) as unknown as Record<string, new (given: unknown) => never>;
    const client = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    const Command = sdk[`${operation}Command`];
    if (Command === undefined) throw new Error("no such command");
    await expect(client.send(new Command(input))).rejects.toMatchObject({ name: "ValidationException", code: "ERR_INVALID_ARGUMENT" });
  });

  test("itemEncryptor copies, too: what is encrypted and decrypted is the item as it was", async () => {
    const encryptor = itemEncryptor({ schema: customers, keyring: slow });
    await fc.assert(
      fc.asyncProperty(anyAttributes, async (attributes) => {
        const document = { ...newKey(), ...structuredClone(attributes) };
        const wanted = structuredClone(document);
        const encrypting = encryptor.encryptDocument(document);
        mutateEverything(document);
        const { item } = await encrypting;
        const stored = structuredClone({ ...item });
        const decrypting = encryptor.decryptDocument(stored);
        mutateEverything(stored);
        expect({ ...(await decrypting).item }).toEqual(asStored(wanted));
        const given = { customerId: { S: "a" }, recordId: { S: "b" }, email: { B: Buffer.from("bytes") }, seen: { L: [{ S: "c" }] } };
        const before = structuredClone(given);
        const low = encryptor.encryptItem(given);
        mutateEverything(given);
        const encrypted = structuredClone({ ...(await low).item });
        const opened = encryptor.decryptItem(encrypted);
        mutateEverything(encrypted);
        expect({ ...(await opened).item }).toEqual({ ...before, email: { B: Uint8Array.from(before.email.B) } });
      }),
      { numRuns: 30 },
    );
  });
});

/** Binary comes back as Uint8Array, and maps without a prototype are equal to others. */
function asStored(value: Native): Native {
  const stored = (member: unknown): unknown => {
    if (member instanceof Uint8Array) return Uint8Array.from(member);
    if (Array.isArray(member)) return member.map(stored);
    if (member instanceof Set) return new Set([...member].map(stored));
    if (typeof member !== "object" || member === null) return member;
    return Object.fromEntries(Object.entries(member).map(([name, inner]) => [name, stored(inner)]));
  };
  return stored(value) as Native;
}
