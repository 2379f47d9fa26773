import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EncryptedClientOptions, encryptedClient } from "../../../src/client/index.ts";
import { defineTable } from "../../../src/schema/index.ts";
import { type ClientServer, startClientServer } from "../../support/client-server.ts";
import { clientOptions, customers, notesName, customersName as TableName } from "../../support/client-tables.ts";
import { hookedClient } from "../../support/hooked-client.ts";
import { serviceError } from "../../support/recording-proxy.ts";

type Item = Record<string, AttributeValue>;
type Actions = NonNullable<TransactWriteItemsCommandInput["TransactItems"]>;

/** The reasons with which the next transactions of a kind are cancelled. */
const cancellations: { operation: "TransactGetItems" | "TransactWriteItems"; codes: readonly string[] }[] = [];
let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer(({ operation }) => {
    const next = cancellations[0];
    if (next?.operation !== operation) return undefined;
    cancellations.shift();
    return { instead: serviceError("TransactionCanceledException", { CancellationReasons: next.codes.map((Code) => ({ Code })) }) };
  });
});
beforeEach(() => {
  cancellations.length = 0;
  server.proxy.requests.length = 0;
});
afterAll(() => server.stop());

const wrap = (options: Partial<EncryptedClientOptions> = {}, before: Parameters<typeof hookedClient>[1] = () => undefined) =>
  encryptedClient(hookedClient(server.config, before), { ...clientOptions, ...options });
const keyOf = (id: string): Item => ({ customerId: { S: id }, recordId: { S: "profile" } });
const put = (id: string): Promise<unknown> =>
  wrap().send(new PutItemCommand({ TableName, Item: { ...keyOf(id), balance: { N: "10" }, visits: { N: "1" } } }));
const get = async (id: string): Promise<Item | undefined> =>
  (await wrap().send(new GetItemCommand({ TableName, Key: keyOf(id), ConsistentRead: true }))).Item;
const update = (id: string, UpdateExpression: string): Actions[number] => ({
  Update: { TableName, Key: keyOf(id), UpdateExpression, ExpressionAttributeValues: { ":n": { N: "1" } } },
});
const raise = (id: string): Actions[number] => update(id, "SET balance = balance + :n");
const visit = (id: string): Actions[number] => update(id, "ADD visits :n");
const note: Actions[number] = { Put: { TableName: notesName, Item: { id: { S: "note" } } } };
const send = (client: DynamoDBClient, TransactItems: Actions, more: object = {}): Promise<unknown> =>
  client.send(new TransactWriteItemsCommand({ TransactItems, ...more }));
const codesOf = async (sent: Promise<unknown>): Promise<unknown> => {
  const error = await sent.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "TransactionCanceledException" });
  return (error as TransactionCanceledException).CancellationReasons?.map(({ Code }) => Code);
};
const bodies = (operation: string): readonly string[] =>
  server.proxy.requests.filter((request) => request.operation === operation).map(({ body }) => body);

describe("a transaction whose read was cancelled", () => {
  test("reports the reasons in the order of its own actions", async () => {
    await put("read");
    cancellations.push({ operation: "TransactGetItems", codes: ["None", "TransactionConflict"] });
    const codes = await codesOf(send(wrap(), [note, raise("other"), visit("elsewhere"), raise("read")]));
    expect(codes).toEqual(["None", "None", "None", "TransactionConflict"]);
    expect(bodies("TransactWriteItems")).toEqual([]);
  });
});

describe("a transaction that was cancelled for no condition", () => {
  const ClientRequestToken = "conflicts";

  test("is the same one when it comes again with its token, byte for byte", async () => {
    await put("again");
    const client = wrap();
    const actions = [raise("again"), visit("again too")];
    cancellations.push({ operation: "TransactWriteItems", codes: ["TransactionConflict", "None"] });
    expect(await codesOf(send(client, actions, { ClientRequestToken }))).toEqual(["TransactionConflict", "None"]);
    cancellations.push({ operation: "TransactWriteItems", codes: ["TransactionConflict", "None"] });
    expect(await codesOf(send(client, actions, { ClientRequestToken }))).toEqual(["TransactionConflict", "None"]);
    expect(new Set(bodies("TransactWriteItems")).size).toBe(1);
    await send(client, actions, { ClientRequestToken });
    expect(await get("again")).toMatchObject({ balance: { N: "11" } });
    expect(await get("again too")).toMatchObject({ visits: { N: "1" } });
  });
});

describe("a transaction's update of unsigned attributes", () => {
  test("is refused as such where the schema writes plaintext and the row is encrypted", async () => {
    await put("sealed");
    const plaintextOverride = "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
    const client = wrap({ schemas: [defineTable({ ...customers, plaintextOverride })], acknowledgePlaintext: true });
    await expect(send(client, [visit("sealed")])).rejects.toMatchObject({ code: "ERR_WOULD_EXPOSE" });
  });
});
