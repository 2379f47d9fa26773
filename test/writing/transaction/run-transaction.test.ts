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
import { type Interception, serviceError } from "../../support/recording-proxy.ts";

type Item = Record<string, AttributeValue>;
type Actions = NonNullable<TransactWriteItemsCommandInput["TransactItems"]>;

interface Answer {
  readonly operation: "TransactGetItems" | "TransactWriteItems";
  readonly instead: NonNullable<Interception["instead"]>;
}

/** How the next transactions of a kind are answered. */
const answers: Answer[] = [];
const canceled = (operation: Answer["operation"], ...codes: readonly string[]): Answer => {
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return { operation, instead: serviceError("TransactionCanceledException", { CancellationReasons }) };
};
const mismatch: Answer = { operation: "TransactWriteItems", instead: serviceError("IdempotentParameterMismatchException") };
let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer(({ operation }) => {
    if (answers[0]?.operation !== operation) return undefined;
    const instead = answers.shift()?.instead;
    return instead && { instead };
  });
});
beforeEach(() => {
  answers.length = 0;
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
    answers.push(canceled("TransactGetItems", "None", "TransactionConflict"));
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
    answers.push(canceled("TransactWriteItems", "TransactionConflict", "None"));
    expect(await codesOf(send(client, actions, { ClientRequestToken }))).toEqual(["TransactionConflict", "None"]);
    answers.push(canceled("TransactWriteItems", "TransactionConflict", "None"));
    expect(await codesOf(send(client, actions, { ClientRequestToken }))).toEqual(["TransactionConflict", "None"]);
    expect(new Set(bodies("TransactWriteItems")).size).toBe(1);
    await send(client, actions, { ClientRequestToken });
    expect(await get("again")).toMatchObject({ balance: { N: "11" } });
    expect(await get("again too")).toMatchObject({ visits: { N: "1" } });
  });
});

describe("a transaction with a token that lost a race", () => {
  const more = { ClientRequestToken: "one message" };
  /** A process of its own; others act before its nth transactions. */
  const processWith = (acts: Readonly<Record<number, () => Promise<unknown>>>, options: Partial<EncryptedClientOptions> = {}) => {
    let transactions = 0;
    return wrap(options, (command) => (command === "TransactWriteItemsCommand" ? acts[++transactions]?.() : undefined));
  };
  const other = (id: string) => (): Promise<unknown> => send(wrap(), [raise(id)]);
  const balance = async (id: string): Promise<unknown> => (await get(id))?.["balance"]?.N;
  const mismatched = { name: "IdempotentParameterMismatchException" };

  test("is not done again by a process that comes with its token later", async () => {
    await put("later");
    const first = processWith({ 1: other("later") });
    await send(first, [raise("later")], more);
    await expect(send(wrap(), [raise("later")], more)).rejects.toMatchObject(mismatched);
    expect(await balance("later")).toBe("12");
    await send(first, [raise("later")], more);
    expect(await balance("later")).toBe("12");
  });

  test("is not done again where another process with its token was faster", async () => {
    await put("faster");
    const ClientRequestToken = "faster";
    const first = processWith({ 1: other("faster"), 2: () => send(wrap(), [raise("faster")], { ClientRequestToken }) });
    await expect(send(first, [raise("faster")], { ClientRequestToken })).rejects.toMatchObject(mismatched);
    expect(await balance("faster")).toBe("12");
  });

  test("and then failed begins anew with its token, in this process", async () => {
    await put("fails");
    const ClientRequestToken = "fails";
    const check = { ConditionExpression: "balance <> :b", ExpressionAttributeValues: { ":n": { N: "1" }, ":b": { N: "11" } } };
    const checked = { Update: { ...raise("fails").Update, ...check } } as Actions[number];
    const client = processWith({ 1: other("fails") });
    expect(await codesOf(send(client, [checked], { ClientRequestToken }))).toEqual(["ConditionalCheckFailed"]);
    await other("fails")();
    await send(client, [checked], { ClientRequestToken });
    await send(client, [checked], { ClientRequestToken });
    expect(await balance("fails")).toBe("13");
  });

  test("waits for those who write the item that the spent token looks at, and no longer than maxUpdateAttempts", async () => {
    await put("busy");
    const conflict = canceled("TransactWriteItems", "TransactionConflict");
    const lost = canceled("TransactWriteItems", "ConditionalCheckFailed");
    answers.push(lost, conflict, conflict);
    await send(wrap(), [raise("busy")], { ClientRequestToken: "busy" });
    expect(await balance("busy")).toBe("11");
    answers.push(lost, conflict, conflict);
    const impatient = wrap({ maxUpdateAttempts: 2 });
    const contended = send(impatient, [raise("busy")], { ClientRequestToken: "too busy" });
    await expect(contended).rejects.toMatchObject({ code: "ERR_UPDATE_CONTENDED", details: { attempts: 2 } });
    await send(impatient, [raise("busy")], { ClientRequestToken: "too busy" });
    expect(await balance("busy")).toBe("12");
  });

  test("is repeated too where the service keeps tokens of what it cancelled", async () => {
    await put("kept");
    const ClientRequestToken = "kept";
    answers.push(
      canceled("TransactWriteItems", "ConditionalCheckFailed"),
      mismatch,
      canceled("TransactWriteItems", "ConditionalCheckFailed"),
    );
    await send(wrap(), [raise("kept")], { ClientRequestToken });
    expect(await balance("kept")).toBe("11");
    const [first, spending, again, repeated] = bodies("TransactWriteItems");
    expect(again).toBe(first);
    expect(new Set([first, spending, repeated].map((body) => JSON.parse(body ?? "").ClientRequestToken)).size).toBe(2);
  });

  test("is a mismatch where the service knows neither what was sent nor what would spend it", async () => {
    await put("foreign");
    answers.push(canceled("TransactWriteItems", "ConditionalCheckFailed"), mismatch, mismatch);
    await expect(send(wrap(), [raise("foreign")], { ClientRequestToken: "foreign" })).rejects.toMatchObject(mismatched);
    expect(await balance("foreign")).toBe("10");
  });

  test("spends nothing where the application gave no token", async () => {
    await put("tokenless");
    await send(processWith({ 1: other("tokenless") }), [raise("tokenless")]);
    // The other one's, the one that lost, and its repetition.
    expect(bodies("TransactWriteItems").length).toBe(3);
    expect(await balance("tokenless")).toBe("12");
  });
});

describe("a transaction's update of unsigned attributes", () => {
  test("keeps an encrypted row encrypted where the schema writes plaintext", async () => {
    await put("sealed");
    const plaintextOverride = "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
    const client = wrap({ schemas: [defineTable({ ...customers, plaintextOverride })], acknowledgePlaintext: true });
    await send(client, [visit("sealed")]);
    expect(await get("sealed")).toMatchObject({ balance: { N: "10" }, visits: { N: "2" } });
  });
});
