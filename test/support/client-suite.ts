import { DeleteItemCommand, DynamoDBClient, type DynamoDBClientConfig, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { clientOptions, createClientTables, customersName, notesName } from "./client-tables.ts";
import { type Dialect, dialects, type Native } from "./dialects.ts";

/** A server for the suite. */
export interface ClientSuiteServer {
  readonly config: DynamoDBClientConfig;
  /** DynamoDB Local 2.6.1 looks for a table of that very name where a transaction gives an ARN. */
  readonly arnsInTransactions: boolean;
  stop(): Promise<void>;
}

// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before PutItem", "Decrypt after PutItem"
// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after DeleteItem", "Validate Before DeleteItem"
// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after GetItem", "Decrypt after BatchGetItem"
// @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after TransactGetItems"
// @see specification/dynamodb-encryption-client/ddb-support.md "RemoveBeacons"
/** Every operation through every client class, over one server. */
export function clientSuite(start: () => Promise<ClientSuiteServer>): void {
  let server: ClientSuiteServer;
  let plain: DynamoDBClient;

  beforeAll(async () => {
    server = await start();
    plain = new DynamoDBClient(server.config);
    await createClientTables(plain);
  });
  afterAll(async () => {
    plain.destroy();
    await server.stop();
  });

  describe.each(dialects)("$name", (dialect) => {
    const wrapped = (): unknown => encryptedClient(dialect.make(server.config) as DynamoDBClient, clientOptions);
    operations(
      dialect,
      wrapped,
      () => plain,
      () => server,
    );
  });
}

function operations(dialect: Dialect, wrapped: () => unknown, plain: () => DynamoDBClient, server: () => ClientSuiteServer): void {
  let client: unknown;
  const run = (operation: string, input: Native, options?: object): Promise<Native> => dialect.run(client, operation, input, options);
  const customer = (name: string, more: Native = {}): Native => ({
    customerId: `${dialect.name} ${name}`,
    recordId: "profile",
    email: `${name}@example.com`,
    address: { street: "Main Street 1", lines: ["a", "b"] },
    tier: "gold",
    visits: 1,
    ...more,
  });
  const keyOf = ({ customerId, recordId }: Native): Native => ({ customerId, recordId });
  const put = (item: Native, more: Native = {}): Promise<Native> => run("PutItem", { TableName: customersName, Item: item, ...more });
  const get = async (item: Native): Promise<unknown> =>
    (await run("GetItem", { TableName: customersName, Key: keyOf(item), ConsistentRead: true }))["Item"];
  const stored = async (item: Native): Promise<Record<string, unknown> | undefined> => {
    const Key = { customerId: { S: String(item["customerId"]) }, recordId: { S: String(item["recordId"]) } };
    return (await plain().send(new GetItemCommand({ TableName: customersName, Key }))).Item;
  };

  beforeAll(() => {
    client = wrapped();
  });

  test("is still its class", () => {
    expect(dialect.isInstance(client)).toBe(true);
  });

  test("PutItem stores ciphertext, GetItem gives plaintext", async () => {
    const item = customer("put", { unnamed: ["by the schema", 1] });
    await put(item);
    expect(await get(item)).toEqual(item);
    const row = await stored(item);
    expect(row).toMatchObject({ email: { B: expect.any(Uint8Array) }, tier: { S: "gold" }, visits: { N: "1" } });
    expect(Object.keys(row ?? {})).toEqual(expect.arrayContaining(["aws_dbe_head", "aws_dbe_foot"]));
    expect(Buffer.concat(Object.values(row ?? {}).map((value) => Buffer.from(JSON.stringify(value)))).includes("@example.com")).toBe(false);
  });

  test("an item that is not there stays absent", async () => {
    expect(await get(customer("nobody"))).toBeUndefined();
  });

  test("PutItem and DeleteItem give the old item back", async () => {
    const item = customer("old");
    await put(item);
    const again = await put({ ...item, email: "new@example.com" }, { ReturnValues: "ALL_OLD" });
    expect(again["Attributes"]).toEqual(item);
    const gone = await run("DeleteItem", { TableName: customersName, Key: keyOf(item), ReturnValues: "ALL_OLD" });
    expect(gone["Attributes"]).toEqual({ ...item, email: "new@example.com" });
    expect(await get(item)).toBeUndefined();
  });

  test("a failed condition carries the item, decrypted, as AttributeValues", async () => {
    const item = customer("condition");
    await put(item, { ConditionExpression: "attribute_not_exists(email)" });
    const failing = put(item, {
      ConditionExpression: "attribute_not_exists(customerId) OR tier = :tier",
      ExpressionAttributeValues: { ":tier": "silver" },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await expect(failing).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      Item: { email: { S: "condition@example.com" } },
    });
  });

  test("UpdateItem of unsigned attributes", async () => {
    const item = customer("update");
    await put(item);
    const update = {
      TableName: customersName,
      Key: keyOf(item),
      UpdateExpression: "ADD visits :one SET #seen = if_not_exists(seen, :day)",
      ExpressionAttributeNames: { "#seen": "seen" },
      ExpressionAttributeValues: { ":one": 1, ":day": "monday" },
    };
    const updated = { ...item, visits: 2, seen: "monday" };
    expect((await run("UpdateItem", { ...update, ReturnValues: "ALL_NEW" }))["Attributes"]).toEqual(updated);
    expect((await run("UpdateItem", { ...update, ReturnValues: "UPDATED_NEW" }))["Attributes"]).toEqual({ visits: 3, seen: "monday" });
    expect(await get(item)).toEqual({ ...updated, visits: 3 });
    const failing = run("UpdateItem", {
      ...update,
      ConditionExpression: "visits > :ten",
      ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ":ten": 10 },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await expect(failing).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: { email: { S: "update@example.com" } } });
  });

  test("UpdateItem creates an item encrypted", async () => {
    const key = keyOf(customer("created"));
    const update = {
      TableName: customersName,
      Key: key,
      UpdateExpression: "SET visits = :one",
      ExpressionAttributeValues: { ":one": 1 },
      ReturnValues: "ALL_NEW",
    };
    const conditional = { ...update, ConditionExpression: "attribute_exists(customerId)" };
    await expect(run("UpdateItem", conditional)).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    expect((await run("UpdateItem", update))["Attributes"]).toEqual({ ...key, visits: 1 });
    expect(await get(key)).toEqual({ ...key, visits: 1 });
    expect(await stored(key)).toHaveProperty("aws_dbe_foot");
  });

  test("Query and Scan decrypt pages in order, on the table and on an index that projects everything", async () => {
    const items = Array.from({ length: 7 }, (_, index) => customer("pages", { recordId: `r${index}`, tier: dialect.name }));
    for (const item of items) await put(item);
    const query = {
      TableName: customersName,
      KeyConditionExpression: "customerId = :id",
      ExpressionAttributeValues: { ":id": items[0]?.["customerId"] },
      Limit: 3,
    };
    const found: unknown[] = [];
    let ExclusiveStartKey: unknown;
    do {
      const page = await run("Query", { ...query, ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }) });
      found.push(...(page["Items"] as unknown[]));
      ExclusiveStartKey = page["LastEvaluatedKey"];
    } while (ExclusiveStartKey !== undefined);
    expect(found).toEqual(items);
    const counted = await run("Query", { ...query, Limit: undefined, Select: "COUNT" });
    expect(counted).toMatchObject({ Count: 7 });
    const byTier = {
      TableName: customersName,
      IndexName: "byTier",
      KeyConditionExpression: "tier = :tier",
      ExpressionAttributeValues: { ":tier": dialect.name },
    };
    expect((await run("Query", byTier))["Items"]).toHaveLength(7);
    const scan = {
      TableName: customersName,
      FilterExpression: "tier = :tier AND attribute_exists(email)",
      ExpressionAttributeValues: { ":tier": dialect.name },
    };
    const scanned = await Promise.all([0, 1].map((Segment) => run("Scan", { ...scan, Segment, TotalSegments: 2 })));
    const emails = scanned.flatMap(({ Items }) => (Items as Native[]).map(({ recordId, email }) => `${recordId} ${email}`));
    expect(emails.sort((a, b) => (a < b ? -1 : 1))).toEqual(items.map(({ recordId, email }) => `${recordId} ${email}`));
    const missing = { ...byTier, IndexName: "byCity", KeyConditionExpression: "city = :tier" };
    await expect(run("Query", missing)).rejects.toMatchObject({ code: "ERR_INDEX_NOT_WHOLE" });
  });

  test("batches mix plain and protected tables", async () => {
    const items = [customer("batch 1"), customer("batch 2")];
    const note = { id: dialect.name, text: "stays plain" };
    const writes = items.map((Item) => ({ PutRequest: { Item } }));
    await run("BatchWriteItem", { RequestItems: { [customersName]: writes, [notesName]: [{ PutRequest: { Item: note } }] } });
    expect(await stored(items[0] ?? {})).toMatchObject({ email: { B: expect.any(Uint8Array) } });
    const requests = { [customersName]: { Keys: items.map(keyOf) }, [notesName]: { Keys: [{ id: dialect.name }] } };
    const { Responses } = await run("BatchGetItem", { RequestItems: requests });
    const answers = Responses as Record<string, Native[]>;
    expect(answers[notesName]).toEqual([note]);
    expect(answers[customersName]).toHaveLength(2);
    expect(answers[customersName]).toEqual(expect.arrayContaining(items));
    const deletes = items.map((item) => ({ DeleteRequest: { Key: keyOf(item) } }));
    await run("BatchWriteItem", { RequestItems: { [customersName]: deletes } });
    expect(await get(items[0] ?? {})).toBeUndefined();
  });

  test("transactions mix plain and protected tables, and their reasons are decrypted", async () => {
    const [first, second, counted] = [customer("transact 1"), customer("transact 2"), customer("transact 3")];
    const note = { id: `${dialect.name} transaction`, text: "stays plain" };
    await put(second);
    await put(counted);
    const visit = { TableName: customersName, UpdateExpression: "ADD visits :one", ExpressionAttributeValues: { ":one": 1 } };
    await run("TransactWriteItems", {
      TransactItems: [
        { Put: { TableName: customersName, Item: first, ConditionExpression: "attribute_not_exists(email)" } },
        { Delete: { TableName: customersName, Key: keyOf(second) } },
        { Update: { ...visit, Key: keyOf(counted) } },
        { Put: { TableName: notesName, Item: note } },
      ],
    });
    const gets = [first, second, counted].map((item) => ({ Get: { TableName: customersName, Key: keyOf(item) } }));
    const { Responses } = await run("TransactGetItems", {
      TransactItems: [...gets, { Get: { TableName: notesName, Key: { id: note.id } } }],
    });
    expect((Responses as Native[]).map(({ Item }) => Item)).toEqual([first, undefined, { ...counted, visits: 2 }, note]);
    const failing = run("TransactWriteItems", {
      TransactItems: [
        {
          ConditionCheck: {
            TableName: customersName,
            Key: keyOf(first),
            ConditionExpression: "attribute_not_exists(email)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
        { Update: { ...visit, Key: keyOf(customer("transact nobody")) } },
      ],
    });
    await expect(failing).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "ConditionalCheckFailed", Item: { email: { S: "transact 1@example.com" } } }, { Code: "None" }],
    });
    expect(await stored(customer("transact nobody"))).toBeUndefined();
  });

  test("a table ARN is its table, in batches and transactions too", async () => {
    const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${customersName}`;
    const item = customer("arn");
    await run("PutItem", { TableName: arn, Item: item });
    expect(await stored(item)).toMatchObject({ email: { B: expect.any(Uint8Array) } });
    expect((await run("GetItem", { TableName: arn, Key: keyOf(item) }))["Item"]).toEqual(item);
    const { Responses } = await run("BatchGetItem", { RequestItems: { [arn]: { Keys: [keyOf(item)] } } });
    expect(Object.values(Responses as Native)).toEqual([[item]]);
    if (!server().arnsInTransactions) return;
    await run("TransactWriteItems", { TransactItems: [{ Put: { TableName: arn, Item: { ...item, email: "arn2@example.com" } } }] });
    expect(await stored(item)).toMatchObject({ email: { B: expect.any(Uint8Array) } });
    expect(await get(item)).toMatchObject({ email: "arn2@example.com" });
  });

  test("reads return what a projection names, nested paths included", async () => {
    const item = customer("projection", { profile: { tags: ["a", { deep: 1 }], name: "b" } });
    await put(item);
    const asked = {
      ProjectionExpression: "#e, profile.tags[1].deep, address.#l[1], nothing",
      ExpressionAttributeNames: { "#e": "email", "#l": "lines" },
    };
    const cut = { email: item["email"], profile: { tags: [{ deep: 1 }] }, address: { lines: ["b"] } };
    const Key = keyOf(item);
    expect((await run("GetItem", { TableName: customersName, Key, ...asked }))["Item"]).toEqual(cut);
    const none = { TableName: customersName, Key, ProjectionExpression: "nothing" };
    expect((await run("GetItem", none))["Item"]).toEqual({});
    const { Responses } = await run("BatchGetItem", { RequestItems: { [customersName]: { Keys: [Key], ...asked } } });
    expect((Responses as Record<string, Native[]>)[customersName]).toEqual([cut]);
    const transaction = await run("TransactGetItems", { TransactItems: [{ Get: { TableName: customersName, Key, ...asked } }] });
    expect((transaction["Responses"] as Native[]).map(({ Item }) => Item)).toEqual([cut]);
    const query = {
      TableName: customersName,
      KeyConditionExpression: "customerId = :id",
      ExpressionAttributeValues: { ":id": item["customerId"] },
      ...asked,
    };
    expect((await run("Query", query))["Items"]).toEqual([cut]);
    expect((await run("Query", { ...query, Select: "SPECIFIC_ATTRIBUTES" }))["Items"]).toEqual([cut]);
    await expect(run("Query", { ...query, Select: "COUNT" })).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("filters on encrypted attributes are decided after decryption where the request says so", async () => {
    const items = ["a", "b", "c"].map((recordId) => customer("filters", { recordId, address: { street: recordId } }));
    for (const item of items) await put(item);
    const query = {
      TableName: customersName,
      KeyConditionExpression: "customerId = :id",
      FilterExpression: "address.street <> :s",
      ExpressionAttributeValues: { ":id": items[0]?.["customerId"], ":s": "b" },
    };
    await expect(run("Query", query)).rejects.toMatchObject({ code: "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE" });
    const byInput = await run("Query", { ...query, filterAfterDecrypt: true });
    expect(byInput).toMatchObject({ Items: [items[0], items[2]], Count: 2, ScannedCount: 3 });
    const byOptions = await run("Query", { ...query, Select: "COUNT" }, { filterAfterDecrypt: true });
    expect([byOptions["Items"], byOptions["Count"]]).toEqual([undefined, 2]);
    await expect(run("Query", { ...query, filterAfterDecrypt: true, maxItemsEvaluated: 2 })).rejects.toMatchObject({
      code: "ERR_FILTER_BUDGET",
    });
  });

  test("items of an index that holds keys only are fetched, where the client may", async () => {
    const city = `${dialect.name} city`;
    const items = ["a", "b"].map((recordId) => customer("fetched", { recordId, city }));
    for (const item of items) await put(item);
    const fetching = encryptedClient(dialect.make(server().config) as DynamoDBClient, { ...clientOptions, indexes: { byCity: "fetch" } });
    const query = {
      TableName: customersName,
      IndexName: "byCity",
      KeyConditionExpression: "city = :c",
      ExpressionAttributeValues: { ":c": city },
    };
    const held = items.map(({ customerId, recordId }) => ({ customerId, recordId, city }));
    const { Items, Count } = await dialect.run(fetching, "Query", query);
    expect(Count).toBe(2);
    expect(Items).toEqual(expect.arrayContaining(held));
    const whole = await dialect.run(fetching, "Query", { ...query, Select: "ALL_ATTRIBUTES" });
    expect(whole.Items).toEqual(expect.arrayContaining(items));
    const filtered = { ...query, FilterExpression: "visits = :v", ExpressionAttributeValues: { ":c": city, ":v": 2 } };
    expect(await dialect.run(fetching, "Query", { ...filtered, Select: "COUNT" })).toMatchObject({ Count: 0, ScannedCount: 2 });
  });

  test("items that cannot be decrypted are collected where the request says so", async () => {
    const [good, bad] = ["a", "b"].map((recordId) => customer("collected", { recordId }));
    await put(good ?? {});
    const row = { customerId: { S: String(bad?.["customerId"]) }, recordId: { S: "b" }, email: { S: "plain" } };
    await plain().send(new PutItemCommand({ TableName: customersName, Item: row }));
    const query = {
      TableName: customersName,
      KeyConditionExpression: "customerId = :id",
      ExpressionAttributeValues: { ":id": good?.["customerId"] },
    };
    await expect(run("Query", query)).rejects.toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
    const { Items, UndecryptableItems } = await run("Query", { ...query, onUndecryptable: "collect" });
    expect(Items).toEqual([good]);
    expect(UndecryptableItems).toMatchObject([{ code: "ERR_ITEM_NOT_ENCRYPTED" }]);
    const Keys = [keyOf(good ?? {}), keyOf(bad ?? {})];
    const batch = await run("BatchGetItem", { RequestItems: { [customersName]: { Keys } }, onUndecryptable: "collect" });
    expect(batch).toMatchObject({
      Responses: { [customersName]: [good] },
      UndecryptableItems: [{ TableName: customersName, code: "ERR_ITEM_NOT_ENCRYPTED" }],
    });
    await plain().send(new DeleteItemCommand({ TableName: customersName, Key: { customerId: row.customerId, recordId: row.recordId } }));
  });

  test("operations without items pass; the abort signal is listened to", async () => {
    const abort = new AbortController();
    abort.abort();
    const input = { TableName: customersName, Key: keyOf(customer("abort")) };
    await expect(run("GetItem", input, { abortSignal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
    const answer = await run("GetItem", { ...input, ReturnConsumedCapacity: "TOTAL" });
    expect(answer).toMatchObject({ $metadata: { httpStatusCode: 200, attempts: 1 }, ConsumedCapacity: { TableName: customersName } });
  });
}
