import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocument, DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { HttpRequest, HttpResponse } from "@smithy/core/protocols";
import type { InitializeMiddleware } from "@smithy/types";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { clientOptions, createClientTables, customersName as TableName } from "../support/client-tables.ts";
import { type HeaderRecorder, startHeaderRecorder } from "../support/header-recorder.ts";

const region = "us-east-1";
let tables: LocalGlobalTable;
let kms: LocalKms;
let dynamoDb: HeaderRecorder;
let kmsRecorder: HeaderRecorder;
let keyId: string;

beforeAll(async () => {
  tables = await startLocalGlobalTable({ regions: [region] });
  const plain = new DynamoDBClient(tables.clientConfig(region));
  await createClientTables(plain);
  plain.destroy();
  kms = await startLocalKms({ regions: [region] });
  keyId = (await kms.createKey({ region, multiRegion: true })).arn;
  dynamoDb = await startHeaderRecorder(tables.endpoint);
  kmsRecorder = await startHeaderRecorder(kms.endpoint);
});
afterEach(() => {
  dynamoDb.seen.length = 0;
  kmsRecorder.seen.length = 0;
});
afterAll(async () => {
  for (const server of [dynamoDb, kmsRecorder, tables, kms]) await server.stop();
});

const Key = { customerId: { S: "middleware" }, recordId: { S: "profile" } };
const Item = { ...Key, email: { S: "a@example.com" } };
const put = (): PutItemCommand => new PutItemCommand({ TableName, Item });
const get = (): GetItemCommand => new GetItemCommand({ TableName, Key });
/** Reads, encrypts and writes: several requests of one operation. */
const guarded = (): UpdateItemCommand =>
  new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: "SET email = :e",
    ExpressionAttributeValues: { ":e": { S: "b@example.com" } },
  });

function client(): DynamoDBClient {
  const kmsClient = new KMSClient({ ...kms.clientConfig(region), endpoint: kmsRecorder.endpoint });
  const base = new DynamoDBClient({ ...tables.clientConfig(region), endpoint: dynamoDb.endpoint });
  return encryptedClient(base, { ...clientOptions, keyring: awsKmsMrkKeyring({ keyId, client: kmsClient }) });
}

type Step = { step: "build" | "finalizeRequest" | "serialize"; priority?: "high" | "low" };
type Change = (request: HttpRequest) => HttpRequest | undefined;

function withRequestStep(target: DynamoDBClient, change: Change, step: Step = { step: "build" }): DynamoDBClient {
  target.middlewareStack.add(
    (next) => (args) => {
      const { request } = args as { request?: unknown };
      if (!HttpRequest.isInstance(request)) throw new Error("the request is no HttpRequest");
      return next({ ...args, request: change(request) ?? request } as typeof args);
    },
    { name: "test", ...step } as never,
  );
  return target;
}

describe("headers", () => {
  const setHeader: Change = (request) => {
    request.headers["X-Correlation-Id"] = "c-1";
    return undefined;
  };

  test.each<Step>([
    { step: "build" },
    { step: "build", priority: "high" },
    { step: "build", priority: "low" },
    { step: "finalizeRequest" },
    { step: "finalizeRequest", priority: "low" },
  ])("of a step at $step $priority go along with every request of the operation, signed, and with none to KMS", async (step) => {
    const wrapped = withRequestStep(client(), setHeader, step);
    await wrapped.send(put());
    await wrapped.send(guarded());
    expect((await wrapped.send(get())).Item).toEqual({ ...Item, email: { S: "b@example.com" } });
    expect(dynamoDb.seen.length).toBeGreaterThanOrEqual(4);
    for (const headers of dynamoDb.seen) {
      expect(headers["x-correlation-id"]).toBe("c-1");
      expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-correlation-id/);
    }
    expect(kmsRecorder.seen.length).toBeGreaterThan(0);
    for (const headers of kmsRecorder.seen) expect(headers).not.toHaveProperty("x-correlation-id");
  });

  test("go along with operations that pass as they are, and with each attempt", async () => {
    const { DescribeTableCommand } = await import("@aws-sdk/client-dynamodb");
    await withRequestStep(client(), setHeader).send(new DescribeTableCommand({ TableName }));
    expect(dynamoDb.seen.map((headers) => headers["x-correlation-id"])).toEqual(["c-1"]);
  });

  test("are not taken over where they belong to the single request", async () => {
    await client().send(put());
    const [before] = dynamoDb.seen.splice(0);
    const own = ["host", "Content-Type", "content-length", "content-encoding", "X-Amz-Target", "x-amz-date", "Authorization"];
    const more = ["amz-sdk-request", "amz-sdk-invocation-id", "transfer-encoding", "x-amz-security-token", "x-amz-content-sha256"];
    const wrapped = withRequestStep(client(), (request) => {
      for (const name of [...own, ...more]) request.headers[name] = "planted";
      return undefined;
    });
    await wrapped.send(put());
    const [after] = dynamoDb.seen;
    expect(Object.keys(after ?? {}).toSorted()).toEqual(Object.keys(before ?? {}).toSorted());
    expect(JSON.stringify(after)).not.toContain("planted");
  });

  test("words and pairs for the user agent are appended to the SDK's own", async () => {
    const wrapped = withRequestStep(client(), (request) => {
      const { "user-agent": present = "" } = request.headers;
      request.headers["user-agent"] = `${present} PT/Test/1.0 PTEnv/NA`;
      return undefined;
    });
    wrapped.middlewareStack.add((next, context) => (args) => {
      Object.assign(context, { userAgent: [["my-library", "2.0"]] });
      return next(args);
    });
    await wrapped.send(put());
    const [{ "user-agent": agent } = {}] = dynamoDb.seen;
    expect(agent).toMatch(/^aws-sdk-js\/.* my-library\/2\.0.* PT\/Test\/1\.0 PTEnv\/NA$/);
    for (const headers of kmsRecorder.seen) expect(headers["user-agent"]).not.toMatch(/PT\/|my-library/);
  });
});

describe("steps of others", () => {
  test("may stand beside each step of the SDK's own", async () => {
    const names = new DynamoDBClient({ region }).middlewareStack.identify().map((step) => step.split(/ /)[0] ?? "");
    expect(names.length).toBeGreaterThan(5);
    const wrapped = client();
    const present = wrapped.middlewareStack.identify();
    const seen: string[] = [];
    for (const toMiddleware of [...names, "awsAuthMiddleware", "httpAuthSchemeMiddleware", "endpointV2Middleware"]) {
      if (names.includes(toMiddleware)) expect(present.some((step) => step.startsWith(`${toMiddleware} `))).toBe(true);
      for (const relation of ["before", "after"] as const) {
        const note = `${relation} ${toMiddleware}`;
        const noting: InitializeMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => (args) => {
          seen.push(note);
          return next(args);
        };
        wrapped.middlewareStack.addRelativeTo(noting, { relation, toMiddleware, name: note });
      }
    }
    await wrapped.send(put());
    expect(new Set(seen).size).toBe((names.length + 3) * 2);
    expect((await wrapped.send(get())).Item).toEqual(Item);
  });

  test("in front of the serializer see the input before it is copied, as native values where the document client has not marshalled", async () => {
    const documents = DynamoDBDocumentClient.from(client());
    const adding: InitializeMiddleware<ServiceInputTypes, ServiceOutputTypes> = (next) => (args) => {
      const { Item: given } = args.input as { Item?: object };
      return next(given === undefined ? args : { ...args, input: { ...args.input, Item: { ...given, city: "added" } } });
    };
    documents.middlewareStack.addRelativeTo(adding, { relation: "before", toMiddleware: "serializerMiddleware", name: "adds" });
    await documents.send(new PutCommand({ TableName, Item: { customerId: "m", recordId: "added", email: "x" } }));
    const { Item: found } = await documents.send(new GetCommand({ TableName, Key: { customerId: "m", recordId: "added" } }));
    expect(found).toEqual({ customerId: "m", recordId: "added", email: "x", city: "added" });
  });

  test("may put another input in the place of the copy", async () => {
    const wrapped = client();
    wrapped.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, Key: { ...Key, recordId: { S: "other" } } } }),
      {
        step: "serialize",
        priority: "high",
      },
    );
    await client().send(new PutItemCommand({ TableName, Item: { ...Item, recordId: { S: "other" } } }));
    expect((await wrapped.send(get())).Item).toMatchObject({ recordId: { S: "other" } });
  });

  test("may replace the request by a copy, and see the like of a response", async () => {
    const copies: Change[] = [
      (request) => new HttpRequest({ ...request, headers: { ...request.headers, "x-copy": "1" } }),
      (request) => HttpRequest.clone(request),
      (request) => request.clone(),
      (request) => ({ ...request }) as HttpRequest,
    ];
    for (const copy of copies) expect((await withRequestStep(client(), copy).send(put())).$metadata.httpStatusCode).toBe(200);
    const wrapped = client();
    let response: unknown;
    wrapped.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        response = result.response;
        return result;
      },
      { step: "deserialize", priority: "low" },
    );
    expect((await wrapped.send(get())).Item).toEqual(Item);
    expect(HttpResponse.isInstance(response)).toBe(true);
    expect(response).toMatchObject({ statusCode: 200, body: undefined });
  });

  test("get the endpoint's address with the request", async () => {
    let address: string | undefined;
    await withRequestStep(client(), ({ protocol, hostname, port, method, path }) => {
      address = `${method} ${protocol}//${hostname}:${port}${path}`;
      return undefined;
    }).send(put());
    expect(address).toBe(`POST ${dynamoDb.endpoint}/`);
  });

  test("that give the request a body, or bring a serializer of their own, are refused: nothing is sent", async () => {
    const unsupported = { code: "ERR_SDK_UNSUPPORTED" };
    const withBody = withRequestStep(client(), (request) => new HttpRequest({ ...request, body: JSON.stringify(Item) }), {
      step: "serialize",
    });
    await expect(withBody.send(put())).rejects.toMatchObject(unsupported);
    const command = put();
    command.middlewareStack.add(
      (next) => (args) =>
        next({ ...args, request: new HttpRequest({ method: "POST", headers: { "x-amz-target": "DynamoDB_20120810.PutItem" } }) } as never),
      { name: "serializerMiddleware", step: "serialize", override: true },
    );
    await expect(client().send(command)).rejects.toMatchObject(unsupported);
    expect(dynamoDb.seen).toEqual([]);
  });

  test("a command whose send is tried again by a step runs again", async () => {
    const wrapped = DynamoDBDocument.from(client());
    wrapped.middlewareStack.add(
      (next) => async (args) => {
        await next(args);
        return next(args);
      },
      { step: "finalizeRequest" },
    );
    await wrapped.put({ TableName, Item: { customerId: "m", recordId: "twice", email: "x" } });
    expect(dynamoDb.seen.length).toBe(2);
  });
});
