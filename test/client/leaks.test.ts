import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable } from "../../src/testing/index.ts";
import { clientOptions, createClientTables, customersName as TableName } from "../support/client-tables.ts";

const region = "us-east-1";
const secret = "very.secret.person@example.com";
const Item = { customerId: "leaks", recordId: "profile", email: secret, address: { street: `${secret} street` }, tier: "gold", visits: 1 };
const Key = { customerId: "leaks", recordId: "profile" };

let tables: LocalGlobalTable;
let recorder: { readonly server: Server; readonly endpoint: string; readonly seen: string[] };

beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: [region] });
  const base = new DynamoDBClient(tables.clientConfig(region));
  await createClientTables(base);
  base.destroy();
  recorder = await startRecorder(tables.endpoint);
});
afterAll(async () => {
  await new Promise((resolve) => recorder.server.close(resolve));
  await tables.stop();
});

/** Puts, reads, updates, queries, transactions, and failures of each kind. */
async function traffic(documents: DynamoDBDocumentClient): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const attempt = (sent: Promise<unknown>): Promise<unknown> => sent.catch((error: unknown) => failures.push(error));
  await documents.send(new PutCommand({ TableName, Item }));
  expect((await documents.send(new GetCommand({ TableName, Key }))).Item).toEqual(Item);
  await documents.send(new UpdateCommand({ TableName, Key, UpdateExpression: "ADD visits :n", ExpressionAttributeValues: { ":n": 1 } }));
  const query = { TableName, KeyConditionExpression: "customerId = :c", ExpressionAttributeValues: { ":c": "leaks" } };
  expect((await documents.send(new QueryCommand(query))).Items?.[0]).toMatchObject({ email: secret });
  await documents.send(new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item } }] }));
  await attempt(documents.send(new PutCommand({ TableName, Item, ConditionExpression: "attribute_not_exists(tier)" })));
  await attempt(documents.send(new PutCommand({ TableName, Item: { ...Item, customerId: undefined } })));
  await attempt(documents.send(new PutCommand({ TableName, Item: { ...Item, aws_dbe_x: secret } })));
  const update = { TableName, Key, UpdateExpression: "SET email = :v" };
  await documents.send(new UpdateCommand({ ...update, ExpressionAttributeValues: { ":v": secret } }));
  const condition = { ConditionExpression: "email <> :v" };
  await attempt(documents.send(new UpdateCommand({ ...update, ...condition, ExpressionAttributeValues: { ":v": secret } })));
  await attempt(
    documents.send(new UpdateCommand({ ...update, UpdateExpression: "SET email = email + :v", ExpressionAttributeValues: { ":v": 1 } })),
  );
  await attempt(documents.send(new PutCommand({ TableName: "unknown", Item })));
  await attempt(documents.send(new PutCommand({ TableName, Item: { ...Item, email: `${secret}\ud800` } })));
  expect(failures.length).toBe(7);
  return failures;
}

// Spans of OpenTelemetry are looked at in test/sdk-versions, under an SDK that its instrumentation hooks.
describe("no plaintext value leaves", () => {
  it("in HTTP bodies, in the SDK's log, or in errors", async () => {
    const log: string[] = [];
    const write = (...parts: unknown[]): void => void log.push(inspect(parts, { depth: 12 }));
    const logger = { trace: write, debug: write, info: write, warn: write, error: write };
    const base = new DynamoDBClient({ ...tables.clientConfig(region), endpoint: recorder.endpoint, logger });
    const failures = await traffic(encryptedClient(DynamoDBDocumentClient.from(base), clientOptions));
    expect(recorder.seen.join("").includes("aws_dbe_head")).toBe(true);
    expect(findSecret(recorder.seen.join("\n"))).toBe(false);
    expect(log.length).toBeGreaterThan(0);
    expect(findSecret(log.join("\n"))).toBe(false);
    for (const failure of failures) expect(findSecret(inspect(failure, { depth: 12, showHidden: true })), String(failure)).toBe(false);
    base.destroy();
  });
});

describe("aws-sdk-client-mock", () => {
  it("works over a wrapped client", async () => {
    const documents = encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient({ region })), clientOptions);
    const mock = mockClient(documents);
    mock.on(GetCommand).resolves({ Item });
    expect((await documents.send(new GetCommand({ TableName, Key }))).Item).toEqual(Item);
    expect(mock.commandCalls(GetCommand).length).toBe(1);
    mock.restore();
  });
});

function findSecret(text: string): boolean {
  return text.includes(secret) || text.includes(Buffer.from(secret).toString("base64").slice(4, -8));
}

/** Passes requests on and keeps the bodies of both directions. */
async function startRecorder(target: string): Promise<typeof recorder> {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    seen.push(body.toString("latin1"));
    const { host: _host, "content-length": _length, connection: _connection, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(target + (request.url ?? "/"), { method: "POST", headers, body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    seen.push(bytes.toString("latin1"));
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, seen, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
