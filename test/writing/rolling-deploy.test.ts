import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customers, customersName as TableName } from "../support/client-tables.ts";
import { type Item, keyOf, N, S } from "../support/guarded-fixture.ts";
import { storedItem } from "../support/stored-item.ts";
import { draws, seedOf } from "../support/updates/random.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

const seed = seedOf("ROLLING_DEPLOY_SEED");
const random = draws(seed);
const rounds = 120;
const workers = 6;

/** Items that are updated only, so that every update must be found in them; and items that everything is done to. */
const counted = ["counted 1", "counted 2", "counted 3"] as const;
const replaced = ["replaced 1", "replaced 2", "replaced 3"] as const;

const step = (plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" | "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ") => {
  const options = { ...clientOptions, schemas: [defineTable({ ...customers, plaintextOverride })], acknowledgePlaintext: true };
  return [1, 2].map(() => encryptedClient(new DynamoDBClient(server.config), { ...options, maxUpdateAttempts: 30 }));
};

test("two fleets, of which one still writes plaintext, serve one table while the second takes over: nothing fails, nothing is lost", {
  timeout: 240_000,
}, async () => {
  const fleets = [step("FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ"), step("FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ")] as const;
  const itemOf = (id: string): Item => ({ ...keyOf(id), email: S(`${id}@b.c`), tier: S("gold"), balance: N(0), visits: N(0) });
  for (const id of [...counted, ...replaced]) await server.plain.send(new PutItemCommand({ TableName, Item: itemOf(id) }));
  const tally = new Map<string, { balance: number; visits: number }>(counted.map((id) => [id, { balance: 0, visits: 0 }]));
  const one = { ExpressionAttributeValues: { ":n": N(1) } };
  const add = (id: string, amount: { balance?: number; visits?: number }): void => {
    const sum = tally.get(id);
    if (sum === undefined) return;
    sum.balance += amount.balance ?? 0;
    sum.visits += amount.visits ?? 0;
  };
  const raise = "SET balance = if_not_exists(balance, :z) + :n";
  const values = { ExpressionAttributeValues: { ":n": N(1), ":z": N(0) } };
  const operations: Readonly<Record<string, (client: DynamoDBClient) => Promise<unknown>>> = {
    raise: async (client) => {
      const id = random.pick([...counted, ...replaced] as const);
      await client.send(new UpdateItemCommand({ TableName, Key: keyOf(id), UpdateExpression: raise, ...values }));
      add(id, { balance: 1 });
    },
    visit: async (client) => {
      const id = random.pick([...counted, ...replaced] as const);
      await client.send(new UpdateItemCommand({ TableName, Key: keyOf(id), UpdateExpression: "ADD visits :n", ...one }));
      add(id, { visits: 1 });
    },
    "raise under a condition": async (client) => {
      const id = random.pick(counted);
      const ConditionExpression = "attribute_exists(email) AND email <> :e";
      const more = { ConditionExpression, ExpressionAttributeValues: { ...values.ExpressionAttributeValues, ":e": S("nobody") } };
      await client.send(new UpdateItemCommand({ TableName, Key: keyOf(id), UpdateExpression: `${raise} ADD visits :n`, ...more }));
      add(id, { balance: 1, visits: 1 });
    },
    "raise in a transaction": async (client) => {
      const id = random.pick(counted);
      const Update = { TableName, Key: keyOf(id), UpdateExpression: raise, ...values };
      await client.send(new TransactWriteItemsCommand({ TransactItems: [{ Update }] }));
      add(id, { balance: 1 });
    },
    put: (client) => client.send(new PutItemCommand({ TableName, Item: itemOf(random.pick(replaced)) })),
    "put under a condition": (client) => {
      const condition = { ConditionExpression: "email <> :e", ExpressionAttributeValues: { ":e": S("nobody") } };
      return client.send(new PutItemCommand({ TableName, Item: itemOf(random.pick(replaced)), ...condition }));
    },
    delete: (client) => client.send(new DeleteItemCommand({ TableName, Key: keyOf(random.pick(replaced)) })),
    batch: (client) =>
      client.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: replaced.map((id) => ({ PutRequest: { Item: itemOf(id) } })) } }),
      ),
    get: (client) => client.send(new GetItemCommand({ TableName, Key: keyOf(random.pick([...counted, ...replaced] as const)) })),
    query: (client) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "customerId = :id",
          ExpressionAttributeValues: { ":id": S(random.pick(counted)) },
        }),
      ),
  };
  const names = Object.keys(operations) as [string, ...string[]];
  const failures: string[] = [];
  let requests = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let round = 0; round < rounds; round++) {
        const fleet = random.next() < round / rounds ? fleets[1] : fleets[0];
        const name = random.pick(names);
        requests++;
        const client = fleet[random.next() < 0.5 ? 0 : 1];
        if (client === undefined) throw new Error("no client");
        await operations[name]?.(client).catch((error: Error) => failures.push(`${name}: ${error.name} ${error.message}`));
      }
    }),
  );
  expect(failures, `ROLLING_DEPLOY_SEED=${seed}`).toEqual([]);
  expect(requests).toBe(workers * rounds);
  const reader = fleets[1][0];
  if (reader === undefined) throw new Error("no client");
  for (const [id, { balance, visits }] of tally) {
    expect(await storedItem(reader, { TableName, Key: keyOf(id) }), `ROLLING_DEPLOY_SEED=${seed}`).toMatchObject({
      ...{ email: S(`${id}@b.c`), balance: N(balance), visits: N(visits) },
    });
    // Step 2 has met each of them, and step 1 keeps what is encrypted.
    const row = await storedItem(server.plain, { TableName, Key: keyOf(id) });
    expect(row?.["email"]?.B).toBeInstanceOf(Uint8Array);
  }
});
