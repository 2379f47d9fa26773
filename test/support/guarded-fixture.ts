import {
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../src/client/index.ts";
import type { ClientServer } from "./client-server.ts";
import { clientOptions, customersName as TableName } from "./client-tables.ts";

export type Item = Record<string, AttributeValue>;

export const S = (text: string): AttributeValue => ({ S: text });
export const N = (number: number): AttributeValue => ({ N: String(number) });
export const keyOf = (id: string): Item => ({ customerId: S(id), recordId: S("profile") });
export const itemOf = (id: string): Item => ({
  ...keyOf(id),
  email: S(`${id}@b.c`),
  address: { M: { street: S("Main Street"), lines: { L: [S("a"), S("b")] } } },
  balance: N(10),
  tier: S("gold"),
  visits: N(1),
});

export const update = (id: string, expression: string, values: Item = {}, more: Partial<UpdateItemCommandInput> = {}): UpdateItemCommand =>
  new UpdateItemCommand({
    TableName,
    Key: keyOf(id),
    UpdateExpression: expression,
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    ...more,
  });

/** What the suites of guarded writes do with a server. */
export interface GuardedFixture {
  readonly server: () => ClientServer;
  /** An encrypted client of its own, through the recording proxy. */
  readonly wrap: (options?: Partial<EncryptedClientOptions>) => DynamoDBClient;
  readonly put: (id: string, more?: Item) => Promise<unknown>;
  readonly get: (id: string, client?: DynamoDBClient) => Promise<Item | undefined>;
  /** As it is stored. */
  readonly raw: (id: string) => Promise<Item | undefined>;
  /** What went over the wire since the test began, or since the list was emptied. */
  readonly operations: () => readonly string[];
}

/** Starts the server before the tests of the suite that calls this, and stops it after them. */
export function guardedFixture(start: () => Promise<ClientServer>): GuardedFixture {
  let server: ClientServer;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(() => {
    server.proxy.requests.length = 0;
  });
  afterAll(() => server.stop());

  const wrap = (options: Partial<EncryptedClientOptions> = {}): DynamoDBClient =>
    encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, ...options });
  const put = (id: string, more: Item = {}): Promise<unknown> =>
    wrap().send(new PutItemCommand({ TableName, Item: { ...itemOf(id), ...more } }));
  const get = async (id: string, client = wrap()): Promise<Item | undefined> =>
    (await client.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
  const raw = async (id: string): Promise<Item | undefined> =>
    (await server.plain.send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
  const operations = (): readonly string[] => server.proxy.requests.map(({ operation }) => operation);
  return { server: () => server, wrap, put, get, raw, operations };
}
