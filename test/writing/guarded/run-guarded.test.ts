import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { itemKey } from "../../../src/tables/item-key.ts";
import type { GuardedWrite } from "../../../src/writing/guarded/guarded-write.ts";
import { type ClientServer, startClientServer } from "../../support/client-server.ts";
import { clientOptions, customersName as TableName } from "../../support/client-tables.ts";
import { hookedClient } from "../../support/hooked-client.ts";
import { serviceError } from "../../support/recording-proxy.ts";

type Item = Record<string, AttributeValue>;

/** What the service answers to the next updates in the place of doing them. */
const refusals: string[] = [];
let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer(({ operation }) => {
    const refusal = operation === "UpdateItem" ? refusals.shift() : undefined;
    return refusal === undefined ? undefined : { instead: serviceError(refusal) };
  });
});
beforeEach(() => {
  refusals.length = 0;
});
afterAll(() => server.stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}, before: Parameters<typeof hookedClient>[1] = () => undefined) =>
  encryptedClient(hookedClient({ ...server.config, maxAttempts: 2 }, before), { ...clientOptions, ...options });
const keyOf = (id: string): Item => ({ customerId: { S: id }, recordId: { S: "profile" } });
const raise = (id: string): UpdateItemCommand =>
  new UpdateItemCommand({
    ...{ TableName, Key: keyOf(id), UpdateExpression: "SET balance = balance + :n ADD visits :n" },
    ...{ ExpressionAttributeValues: { ":n": { N: "1" } }, ReturnValues: "UPDATED_NEW" },
  });
const put = (id: string): Promise<unknown> =>
  wrap().send(new PutItemCommand({ TableName, Item: { ...keyOf(id), balance: { N: "10" }, visits: { N: "0" } } }));
const balance = async (id: string): Promise<number> =>
  Number((await wrap().send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item?.["balance"]?.N);
/** Before the first update, another process writes; then the service answers the first attempts as told. */
const outrun = (id: string, ...answers: readonly string[]): DynamoDBClient => {
  const rival = wrap();
  let begun = false;
  return wrap({}, async (command) => {
    if (command !== "UpdateItemCommand" || begun) return;
    begun = true;
    await rival.send(raise(id));
    refusals.push(...answers);
  });
};

describe("the place of an item in the queue", () => {
  const placeOf = (key: Item, physicalName = "t"): string => itemKey({ table: { physicalName } as GuardedWrite["table"], key });

  test("is the same however its key is written", () => {
    expect(placeOf({ a: { N: "1.50" }, b: { S: "x" } })).toBe(placeOf({ b: { S: "x" }, a: { N: "15e-1" } }));
    expect(placeOf({ a: { B: Buffer.of(1, 2) } })).toBe(placeOf({ a: { B: Uint8Array.of(1, 2) } }));
  });

  test("is another one for another key, type or table", () => {
    const places = [
      placeOf({ a: { S: "1" } }),
      placeOf({ a: { N: "1" } }),
      placeOf({ a: { B: Uint8Array.of(1) } }),
      placeOf({ b: { S: "1" } }),
    ];
    expect(new Set([...places, placeOf({ a: { S: "1" } }, "u"), placeOf({ a: { B: Uint8Array.of(2) } })]).size).toBe(6);
  });
});

describe("what the service refused was not done, however often the SDK sent it", () => {
  test.each([
    ["a conflict between Regions", Array.from({ length: 2 }, () => "ReplicatedWriteConflictException")],
    ["a conflict between Regions, then the condition", ["ReplicatedWriteConflictException"]],
    ["throttling, then the condition", ["ProvisionedThroughputExceededException"]],
  ])("%s: the update is repeated on what the other one wrote", async (id, answers) => {
    await put(id);
    const { Attributes } = await outrun(id, ...answers).send(raise(id));
    expect(Attributes).toEqual({ balance: { N: "12" }, visits: { N: "2" } });
    expect(await balance(id)).toBe(12);
  });

  test("throttling to the end is the service's own error, without another read", async () => {
    await put("throttled");
    server.proxy.requests.length = 0;
    refusals.push(...Array.from({ length: 2 }, () => "ProvisionedThroughputExceededException"));
    await expect(wrap().send(raise("throttled"))).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    expect(server.proxy.requests.map(({ operation }) => operation)).toEqual(["GetItem", "UpdateItem", "UpdateItem"]);
    expect(await balance("throttled")).toBe(10);
  });

  test("a failure of the service may have been done: where somebody else wrote, nobody can tell", async () => {
    await put("failed");
    const updating = outrun("failed", "InternalServerError").send(raise("failed"));
    await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_OUTCOME_UNKNOWN" });
    expect(await balance("failed")).toBe(11);
  });
});

describe("a table that is strongly consistent in all Regions", () => {
  test("a write in another Region counts as a lost race, until maxUpdateAttempts", async () => {
    await put("strong");
    server.proxy.requests.length = 0;
    refusals.push(...Array.from({ length: 100 }, () => "ReplicatedWriteConflictException"));
    const updating = wrap({ maxUpdateAttempts: 2 }).send(raise("strong"));
    await expect(updating).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 2 } });
    const operations = server.proxy.requests.map(({ operation }) => operation);
    // The SDK repeats such a conflict by itself, each time; then the item is read again.
    expect(operations.filter((operation) => operation === "UpdateItem").length).toBe(2 * 2);
    expect(operations.filter((operation) => operation === "GetItem").length).toBe(2 + 1);
    refusals.length = 0;
    expect(await balance("strong")).toBe(10);
  });
});

describe("an abort", () => {
  test("ends an update that waits for another one of its item, which goes on", async () => {
    await put("waits");
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let updates = 0;
    const client = wrap({}, (command) => (command === "UpdateItemCommand" && ++updates === 1 ? held : undefined));
    const first = client.send(raise("waits"));
    const abort = new AbortController();
    const second = client.send(raise("waits"), { abortSignal: abort.signal });
    const third = client.send(raise("waits"));
    await expect.poll(() => updates).toBe(1);
    abort.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    release();
    await Promise.all([first, third]);
    expect(await balance("waits")).toBe(12);
  });

  test("ends an update that would be repeated", async () => {
    await put("pauses");
    refusals.push(...Array.from({ length: 1000 }, () => "ReplicatedWriteConflictException"));
    const abort = new AbortController();
    let updates = 0;
    const client = wrap({ maxUpdateAttempts: 1000 }, async (command) => {
      if (command === "UpdateItemCommand" && ++updates === 2) abort.abort();
    });
    await expect(client.send(raise("pauses"), { abortSignal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect(updates).toBe(2);
    refusals.length = 0;
    expect(await balance("pauses")).toBe(10);
  });
});
