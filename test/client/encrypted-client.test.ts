import {
  DescribeTableCommand,
  DynamoDB,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandOutput,
  PutItemCommand,
  paginateQuery as paginateLowLevel,
  QueryCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument, DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery, paginateScan } from "@aws-sdk/lib-dynamodb";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type ClientServer, startClientServer } from "../support/client-server.ts";
import { clientOptions, customersName } from "../support/client-tables.ts";

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

const key = (customerId: string, recordId = "profile"): { customerId: string; recordId: string } => ({ customerId, recordId });
const lowKey = (customerId: string): { customerId: { S: string }; recordId: { S: string } } => ({
  customerId: { S: customerId },
  recordId: { S: "profile" },
});

function documents(config: object = {}): DynamoDBDocumentClient {
  return encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient({ ...server.config, ...config })), clientOptions);
}

async function storedEmail(customerId: string): Promise<object | undefined> {
  const { Item } = await server.plain.send(new GetItemCommand({ TableName: customersName, Key: lowKey(customerId) }));
  return Item?.["email"];
}

const ciphertext = { B: expect.any(Uint8Array) };

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Overview", "DynamoDB Encryption Client Configuration"
describe("the wrapped client", () => {
  test("leaves the client that was given as it is", async () => {
    const base = new DynamoDBClient(server.config);
    const steps = base.middlewareStack.identify();
    const { requestHandler } = base.config;
    const wrapped = encryptedClient(base, clientOptions);
    expect(wrapped).not.toBe(base);
    expect(base.middlewareStack.identify()).toEqual(steps);
    expect(base.config.requestHandler).toBe(requestHandler);
    await wrapped.send(new PutItemCommand({ TableName: customersName, Item: { ...lowKey("base"), email: { S: "a@b.c" } } }));
    const { Item } = await base.send(new GetItemCommand({ TableName: customersName, Key: lowKey("base") }));
    expect(Item?.["email"]).toEqual(ciphertext);
  });

  test("gives access to the configuration", async () => {
    const wrapped = encryptedClient(new DynamoDB(server.config), clientOptions);
    expect(await wrapped.config.region()).toBe("us-east-1");
    expect(await wrapped.config.credentials()).toMatchObject({ accessKeyId: expect.any(String) });
    expect(wrapped.config.requestHandler).toMatchObject({ metadata: { handlerProtocol: "dynaseal" } });
  });

  test("keeps the document client's translation", async () => {
    const base = new DynamoDBClient(server.config);
    const wrapped = encryptedClient(
      DynamoDBDocumentClient.from(base, { marshallOptions: { removeUndefinedValues: true }, unmarshallOptions: { wrapNumbers: true } }),
      clientOptions,
    );
    DynamoDBDocumentClient.from(base);
    await wrapped.send(new PutCommand({ TableName: customersName, Item: { ...key("translation"), age: 7, none: undefined } }));
    const { Item } = await wrapped.send(new GetCommand({ TableName: customersName, Key: key("translation") }));
    expect(Item).toEqual({ ...key("translation"), age: { value: "7" } });
  });

  test("a document client over it encrypts as well", async () => {
    const over = DynamoDBDocument.from(encryptedClient(new DynamoDBClient(server.config), clientOptions));
    await over.put({ TableName: customersName, Item: { ...key("over"), email: "a@b.c" } });
    expect(await storedEmail("over")).toEqual(ciphertext);
    expect((await over.get({ TableName: customersName, Key: key("over") })).Item).toMatchObject({ email: "a@b.c" });
  });

  test("paginators and waiters of the SDK take it", async () => {
    const wrapped = documents();
    for (let index = 0; index < 5; index++) {
      await wrapped.send(new PutCommand({ TableName: customersName, Item: { ...key("paginated", `r${index}`), email: `${index}@b.c` } }));
    }
    const query = { TableName: customersName, KeyConditionExpression: "customerId = :id" };
    const pages: unknown[] = [];
    for await (const page of paginateQuery(
      { client: wrapped, pageSize: 2 },
      { ...query, ExpressionAttributeValues: { ":id": "paginated" } },
    )) {
      pages.push(page.Items?.map(({ email }) => email));
    }
    expect(pages).toEqual([["0@b.c", "1@b.c"], ["2@b.c", "3@b.c"], ["4@b.c"]]);
    const low = encryptedClient(new DynamoDB(server.config), clientOptions);
    const values = { ...query, ExpressionAttributeValues: { ":id": { S: "paginated" } } };
    let count = 0;
    for await (const page of paginateLowLevel({ client: low, pageSize: 2 }, { ...values })) count += page.Items?.length ?? 0;
    for await (const page of low.paginateQuery({ ...values })) count += page.Items?.length ?? 0;
    expect(count).toBe(10);
    let scanned = 0;
    for await (const page of paginateScan({ client: wrapped }, { TableName: customersName })) scanned += page.Items?.length ?? 0;
    expect(scanned).toBeGreaterThanOrEqual(5);
    await expect(waitUntilTableExists({ client: low, maxWaitTime: 30 }, { TableName: customersName })).resolves.toMatchObject({
      state: "SUCCESS",
    });
  });

  test("callbacks get decrypted results and unchanged errors", async () => {
    const wrapped = encryptedClient(new DynamoDB(server.config), clientOptions);
    await wrapped.putItem({ TableName: customersName, Item: { ...lowKey("callback"), email: { S: "a@b.c" } } });
    const output = await new Promise<GetItemCommandOutput | undefined>((resolve, reject) => {
      wrapped.getItem({ TableName: customersName, Key: lowKey("callback") }, (error: unknown, data?: GetItemCommandOutput) =>
        error === null ? resolve(data) : reject(error),
      );
    });
    expect(output?.Item).toMatchObject({ email: { S: "a@b.c" } });
    const failure = await new Promise((resolve) => {
      wrapped.getItem({ TableName: "unknown", Key: lowKey("callback") }, (error: unknown) => resolve(error));
    });
    expect(failure).toMatchObject({ code: "ERR_TABLE_NOT_CONFIGURED" });
  });

  test("middleware on the client below sees ciphertext; a request is sent once", async () => {
    const base = new DynamoDBClient(server.config);
    const seen: unknown[] = [];
    base.middlewareStack.add((next) => (args) => {
      seen.push(args.input);
      return next(args);
    });
    const wrapped = encryptedClient(DynamoDBDocumentClient.from(base), clientOptions);
    const before = server.proxy.requests.length;
    await wrapped.send(new PutCommand({ TableName: customersName, Item: { ...key("below"), email: "a@b.c" } }));
    expect(seen).toMatchObject([{ Item: { email: ciphertext } }]);
    expect(server.proxy.requests.length - before).toBe(1);
  });

  test("a `send` patched onto the client below gets ciphertext", async () => {
    const base = new DynamoDBClient(server.config);
    const mock = mockClient(base);
    mock.on(PutItemCommand).resolves({});
    const wrapped = encryptedClient(base, clientOptions);
    await wrapped.send(new PutItemCommand({ TableName: customersName, Item: { ...lowKey("patched"), email: { S: "a@b.c" } } }));
    expect(mock.commandCalls(PutItemCommand)[0]?.args[0].input.Item).toMatchObject({ email: ciphertext });
  });

  test("aws-sdk-client-mock works over it", async () => {
    const wrapped = documents();
    const mock = mockClient(wrapped);
    mock.on(GetCommand).resolves({ Item: { email: "mocked" } });
    expect((await wrapped.send(new GetCommand({ TableName: customersName, Key: key("mock") }))).Item).toEqual({ email: "mocked" });
    mock.restore();
    await wrapped.send(new PutCommand({ TableName: customersName, Item: { ...key("mock"), email: "a@b.c" } }));
    expect(await storedEmail("mock")).toEqual(ciphertext);
  });

  test("a client that keeps its handlers does not hand them on", async () => {
    const base = new DynamoDBClient({ ...server.config, cacheMiddleware: true });
    const put = (customerId: string): PutItemCommand =>
      new PutItemCommand({ TableName: customersName, Item: { ...lowKey(customerId), email: { S: "a@b.c" } } });
    await base.send(put("cached plain"));
    const wrapped = encryptedClient(base, clientOptions);
    await wrapped.send(put("cached 1"));
    await wrapped.send(put("cached 2"));
    expect([await storedEmail("cached 1"), await storedEmail("cached 2")]).toEqual([ciphertext, ciphertext]);
  });

  test("a new client made of its configuration is refused, not plain", async () => {
    const wrapped = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    const copy = new DynamoDBClient({ ...wrapped.config, retryStrategy: undefined } as unknown as typeof server.config);
    const sending = copy.send(new PutItemCommand({ TableName: customersName, Item: { ...lowKey("copy"), email: { S: "a@b.c" } } }));
    await expect(sending).rejects.toMatchObject({ code: "ERR_SDK_UNSUPPORTED" });
    expect(await storedEmail("copy")).toBeUndefined();
  });

  test("a command with a serializer of its own is refused, not plain", async () => {
    const wrapped = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    const command = new PutItemCommand({ TableName: customersName, Item: { ...lowKey("own"), email: { S: "a@b.c" } } });
    command.middlewareStack.add((next) => (args) => next({ ...args, request: { body: JSON.stringify(args.input) } }), {
      name: "serializerMiddleware",
      step: "serialize",
      override: true,
    });
    await expect(wrapped.send(command)).rejects.toMatchObject({ code: "ERR_SDK_UNSUPPORTED" });
    expect(await storedEmail("own")).toBeUndefined();
  });

  test("errors of ours arrive as they were thrown, after no retry", async () => {
    const wrapped = documents({ maxAttempts: 3 });
    const before = server.proxy.requests.length;
    const failure = await wrapped
      .send(new PutCommand({ TableName: customersName, Item: { customerId: "reserved", recordId: "profile", aws_dbe_name: 1 } }))
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({ name: "DynasealError", code: "ERR_RESERVED_NAME" });
    expect(failure).not.toHaveProperty("$response");
    expect((failure as Error).message).not.toContain("Deserialization");
    expect(server.proxy.requests).toHaveLength(before);
  });

  test("an abort under way ends the request with an AbortError", async () => {
    const abort = new AbortController();
    const never = { onEncrypt: () => new Promise<never>(() => undefined), onDecrypt: () => new Promise<never>(() => undefined) };
    const abortable = {
      ...never,
      onEncrypt: (_materials: unknown, call: { signal?: AbortSignal | undefined }) =>
        new Promise<never>((_resolve, reject) => {
          call.signal?.addEventListener("abort", () => reject(call.signal?.reason));
        }),
    };
    const wrapped = encryptedClient(new DynamoDBClient(server.config), { ...clientOptions, keyring: abortable });
    const sending = wrapped.send(new PutItemCommand({ TableName: customersName, Item: lowKey("abort") }), { abortSignal: abort.signal });
    setTimeout(() => abort.abort(), 10);
    await expect(sending).rejects.toMatchObject({ name: "AbortError" });
  });

  test("destroy reaches the client below, but not through a document client", async () => {
    const base = new DynamoDBClient(server.config);
    let destroyed = 0;
    base.config.requestHandler.destroy = () => {
      destroyed++;
    };
    encryptedClient(DynamoDBDocumentClient.from(base), clientOptions).destroy();
    expect(destroyed).toBe(0);
    encryptedClient(base, clientOptions).destroy();
    expect(destroyed).toBe(1);
  });

  test("operations without items pass", async () => {
    const wrapped = encryptedClient(new DynamoDBClient(server.config), clientOptions);
    const { Table } = await wrapped.send(new DescribeTableCommand({ TableName: customersName }));
    expect(Table?.TableName).toBe(customersName);
    await expect(wrapped.send(new QueryCommand({ TableName: undefined }))).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });
});
