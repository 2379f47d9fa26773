import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import {
  $add,
  $append,
  $delete,
  $get,
  $remove,
  $set,
  $sum,
  BatchDeleteRequest,
  BatchGetCommand,
  BatchGetRequest,
  BatchPutRequest,
  BatchWriteCommand,
  ConditionCheck,
  DeleteItemCommand,
  DeleteTransaction,
  executeBatchGet,
  executeBatchWrite,
  executeTransactGet,
  executeTransactWrite,
  GetItemCommand,
  GetTransaction,
  PutItemCommand,
  PutTransaction,
  QueryCommand,
  ScanCommand,
  UpdateAttributesCommand,
  UpdateItemCommand,
  UpdateTransaction,
} from "dynamodb-toolbox";
import { beforeAll, expect, test } from "vitest";
import { type LibraryRun, librarySuite } from "../../support/libraries/library-suite.ts";
import { person } from "../../support/libraries/person.ts";
import { secretNumber, secretText } from "../../support/libraries/secrets.ts";
import { toolboxEntities } from "../../support/libraries/toolbox-entities.ts";

const conditionFailure = { name: "ConditionalCheckFailedException" };

function cases({ client, kind, sent }: LibraryRun<DynamoDBDocumentClient>): void {
  let table: ReturnType<typeof toolboxEntities>["table"];
  let member: ReturnType<typeof toolboxEntities>["member"];
  let letter: ReturnType<typeof toolboxEntities>["letter"];
  beforeAll(() => {
    ({ table, member, letter } = toolboxEntities(client()));
  });
  /** Without the library's time stamps. */
  const bare = (found: object | undefined): unknown => {
    if (found === undefined) return undefined;
    const { created, modified, ...rest } = found as Record<string, unknown>;
    expect([created, modified]).toEqual([expect.stringMatching(/^20.*Z$/), expect.stringMatching(/^20.*Z$/)]);
    return rest;
  };
  const all = (found: readonly object[] | undefined): unknown => found?.map(bare);
  const created = async (org: string, id: string) => {
    const given = person(org, id);
    await member.build(PutItemCommand).item(given).send();
    return given;
  };
  const read = async (org: string, id: string): Promise<unknown> =>
    bare((await member.build(GetItemCommand).key({ org, id }).options({ consistent: true }).send()).Item);

  test("put, then get; putting twice can be refused", async () => {
    const given = person("create", "01");
    const absent = { attr: "org", exists: false } as const;
    await member.build(PutItemCommand).item(given).options({ condition: absent }).send();
    expect(await read("create", "01")).toEqual(given);
    const again = member.build(PutItemCommand).item(given).options({ condition: absent, returnValuesOnConditionFalse: "ALL_OLD" });
    await expect(again.send()).rejects.toMatchObject(conditionFailure);
    expect(await read("create", "nobody")).toBeUndefined();
  });

  test("put replaces, gives the old item, and can depend on it", async () => {
    const old = await created("put", "01");
    const put = member.build(PutItemCommand).item({ ...old, name: secretText("other") });
    const both = put.options({
      returnValues: "ALL_OLD",
      condition: {
        and: [
          { attr: "name", eq: old.name },
          { attr: "balance", between: [secretNumber(), secretNumber(100)] },
        ],
      },
    });
    const { Attributes } = await both.send();
    expect(bare(Attributes)).toEqual(old);
    await expect(put.options({ condition: { attr: "name", eq: old.name } }).send()).rejects.toMatchObject(conditionFailure);
    expect(await read("put", "01")).toEqual({ ...old, name: secretText("other") });
  });

  test("queries by primary key, in order, by pages", async () => {
    const given = [await created("query", "01"), await created("query", "02"), await created("query", "03")];
    const query = table.build(QueryCommand).entities(member).query({ partition: "ORG#query" });
    expect(all((await query.send()).Items)).toEqual(given);
    const from = table
      .build(QueryCommand)
      .entities(member)
      .query({ partition: "ORG#query", range: { gte: "MEMBER#02" } });
    expect(all((await from.options({ reverse: true }).send()).Items)).toEqual([given[2], given[1]]);
    const first = await query.options({ limit: 2 }).send();
    expect(all(first.Items)).toEqual(given.slice(0, 2));
    const second = await query.options({ exclusiveStartKey: first.LastEvaluatedKey ?? {} }).send();
    expect(all(second.Items)).toEqual(given.slice(2));
    expect(all((await query.options({ limit: 1, maxPages: Number.POSITIVE_INFINITY }).send()).Items)).toEqual(given);
    expect((await query.options({ select: "COUNT" }).send()).Count).toBe(3);
  });

  test("queries through an index", async () => {
    const given = { ...person("index", "01"), city: "Oslo" };
    await member.build(PutItemCommand).item(given).send();
    await member
      .build(PutItemCommand)
      .item({ ...person("index", "02"), city: "Oslo", joined: "2025-02" })
      .send();
    const query = table.build(QueryCommand).entities(member);
    const late = await query.query({ index: "byCity", partition: "CITY#Oslo", range: { beginsWith: "2024" } }).send();
    expect(all(late.Items)).toEqual([given]);
    const names = await query
      .query({ index: "byCity", partition: "CITY#Oslo" })
      .options({ attributes: ["name"] })
      .send();
    expect(names.Items).toEqual([{ name: secretText("index 01") }, { name: secretText("index 02") }]);
  });

  test("filters on encrypted attributes", async () => {
    const given = [await created("filter", "01"), await created("filter", "02")];
    const query = table.build(QueryCommand).entities(member).query({ partition: "ORG#filter" });
    const filtered = query.options({
      filters: {
        Member: {
          and: [
            { attr: "email", eq: secretText("02@example.com") },
            { attr: "address.floor", gte: secretNumber() },
          ],
        },
      },
    });
    expect(all((await filtered.send()).Items)).toEqual([given[1]]);
    const scan = table
      .build(ScanCommand)
      .entities(member)
      .options({ filters: { Member: { attr: "name", beginsWith: secretText("filter") } } });
    expect((await scan.send()).Items).toHaveLength(2);
  });

  test("update sets, adds, appends, removes and deletes", async () => {
    const before = await created("update", "01");
    const { Attributes } = await member
      .build(UpdateItemCommand)
      .item({
        org: "update",
        id: "01",
        name: secretText("new name"),
        balance: $add(50),
        visits: $sum($get("visits"), 2),
        notes: $append([secretText("second")]),
        email: $remove(),
        tags: $delete(new Set([secretText("tag")])),
        address: { street: secretText("elsewhere") },
      })
      .options({ returnValues: "ALL_NEW" })
      .send();
    const { email: _email, tags: _tags, ...rest } = before;
    const expected = {
      ...rest,
      name: secretText("new name"),
      balance: secretNumber(150),
      visits: 3,
      notes: [secretText("first"), secretText("second")],
      address: { ...before.address, street: secretText("elsewhere") },
    };
    expect(bare(Attributes)).toEqual(expected);
    expect(await read("update", "01")).toEqual(expected);
    const whole = { street: secretText("whole"), floor: secretNumber(2) };
    await member
      .build(UpdateItemCommand)
      .item({ org: "update", id: "01", address: $set(whole) })
      .send();
    expect(await read("update", "01")).toEqual({ ...expected, address: whole });
  });

  test("update of attributes makes a missing item", async () => {
    const key = { org: "missing", id: "01" };
    const given = { ...key, name: secretText("somebody"), city: "Nowhere", joined: "2024", balance: secretNumber(1) };
    const exists = member
      .build(UpdateAttributesCommand)
      .item(given)
      .options({ condition: { attr: "name", exists: true } });
    await expect(exists.send()).rejects.toMatchObject(conditionFailure);
    expect(await read("missing", "01")).toBeUndefined();
    await member.build(UpdateAttributesCommand).item(given).send();
    expect(await read("missing", "01")).toEqual(given);
    await member
      .build(UpdateAttributesCommand)
      .item({ ...key, balance: $add(1), address: { street: secretText("a"), floor: secretNumber() } })
      .send();
    expect(await read("missing", "01")).toEqual({
      ...given,
      balance: secretNumber(2),
      address: { street: secretText("a"), floor: secretNumber() },
    });
  });

  test("conditions on encrypted attributes decide", async () => {
    const before = await created("condition", "01");
    const key = { org: "condition", id: "01" };
    const debit = member
      .build(UpdateItemCommand)
      .item({ ...key, balance: $add(-30) })
      .options({
        condition: {
          and: [
            { attr: "balance", gte: secretNumber(100) },
            { attr: "name", eq: before.name },
          ],
        },
        returnValues: "UPDATED_NEW",
      });
    expect((await debit.send()).Attributes).toMatchObject({ balance: secretNumber(70) });
    const failing = debit.options((options) => ({ ...options, returnValuesOnConditionFalse: "ALL_OLD" })).send();
    await expect(failing).rejects.toMatchObject({ ...conditionFailure, Item: { mail: { S: before.email } } });
    const kept = member
      .build(DeleteItemCommand)
      .key(key)
      .options({ condition: { attr: "balance", lt: secretNumber() } });
    await expect(kept.send()).rejects.toMatchObject(conditionFailure);
    expect(await read("condition", "01")).toEqual({ ...before, balance: secretNumber(70) });
  });

  test("an update of an unsigned counter is one call where what the library adds is unsigned too", async () => {
    const before = await created("count", "01");
    sent();
    await member
      .build(UpdateItemCommand)
      .item({ org: "count", id: "01", visits: $add(4) })
      .send();
    expect(sent()).toEqual(kind === "signed bookkeeping" ? ["GetItem", "UpdateItem"] : ["UpdateItem"]);
    expect(await read("count", "01")).toEqual({ ...before, visits: 5 });
  });

  test("an update moves an item in its index", async () => {
    const before = await created("move", "01");
    await member
      .build(UpdateItemCommand)
      .item({ org: "move", id: "01", city: "Rome", name: secretText("moved") })
      .send();
    const inCity = async (city: string) =>
      all(
        (
          await table
            .build(QueryCommand)
            .entities(member)
            .query({ index: "byCity", partition: `CITY#${city}` })
            .options({ filters: { Member: { attr: "org", eq: "move" } } })
            .send()
        ).Items,
      );
    expect(await inCity("Rome")).toEqual([{ ...before, city: "Rome", name: secretText("moved") }]);
    expect(await inCity("Paris")).toEqual([]);
  });

  test("projections of encrypted, signed and unsigned attributes", async () => {
    const { name, address, city, visits, email } = await created("projection", "01");
    const get = member.build(GetItemCommand).key({ org: "projection", id: "01" });
    expect((await get.options({ attributes: ["name", "city", "visits", "email"] }).send()).Item).toEqual({ name, city, visits, email });
    expect((await get.options({ attributes: ["address.street"] }).send()).Item).toEqual({ address: { street: address.street } });
    const query = table.build(QueryCommand).entities(member).query({ partition: "ORG#projection" });
    expect((await query.options({ attributes: ["address"] }).send()).Items).toEqual([{ address }]);
    const scan = table.build(ScanCommand).entities(member);
    const scanned = await scan.options({ attributes: ["name"], filters: { Member: { attr: "org", eq: "projection" } } }).send();
    expect(scanned.Items).toEqual([{ name }]);
  });

  test("delete gives the old item", async () => {
    const given = await created("delete", "01");
    const command = member.build(DeleteItemCommand).key({ org: "delete", id: "01" });
    expect(bare((await command.options({ returnValues: "ALL_OLD" }).send()).Attributes)).toEqual(given);
    expect(await read("delete", "01")).toBeUndefined();
    await expect(command.options({ condition: { attr: "name", exists: true } }).send()).rejects.toMatchObject(conditionFailure);
  });

  test("batches", async () => {
    const given = ["01", "02", "03"].map((id) => person("batch", id));
    const note = { org: "batch", id: "n1", text: secretText("a letter") };
    const puts = given.map((one) => member.build(BatchPutRequest).item(one));
    await executeBatchWrite(table.build(BatchWriteCommand).requests(...puts, letter.build(BatchPutRequest).item(note)));
    const gets = [...given, { org: "batch", id: "nobody" }].map(({ org, id }) => member.build(BatchGetRequest).key({ org, id }));
    const batch = table.build(BatchGetCommand).requests(...gets);
    const { Responses } = await executeBatchGet(batch);
    expect(Responses[0]?.map((one) => (one === undefined ? undefined : bare(one)))).toEqual([...given, undefined]);
    const { Responses: names } = await executeBatchGet(batch.options({ attributes: ["name"] }));
    expect(names[0]?.slice(0, 3)).toEqual(given.map(({ name }) => ({ name })));
    const deletes = given.slice(1).map(({ org, id }) => member.build(BatchDeleteRequest).key({ org, id }));
    await executeBatchWrite(table.build(BatchWriteCommand).requests(...deletes));
    expect(await read("batch", "01")).toEqual(given[0]);
    expect(await read("batch", "02")).toBeUndefined();
  });

  test("transactions write and read", async () => {
    const first = await created("transaction", "01");
    const second = await created("transaction", "02");
    await created("transaction", "03");
    const note = { org: "transaction", id: "n1", text: secretText("paid") };
    const key = (id: string) => ({ org: "transaction", id });
    const pay = (amount: number) =>
      executeTransactWrite(
        member
          .build(UpdateTransaction)
          .item({ ...key("01"), balance: $add(-amount) })
          .options({ condition: { attr: "balance", gte: secretNumber(amount) } }),
        member.build(UpdateTransaction).item({ ...key("02"), balance: $sum($get("balance"), amount) }),
        member.build(DeleteTransaction).key(key("03")),
        letter.build(PutTransaction).item(note),
        member
          .build(ConditionCheck)
          .key({ org: "create", id: "01" })
          .condition({ attr: "name", eq: secretText("create 01") }),
      );
    await pay(60);
    const { Responses } = await executeTransactGet(
      member.build(GetTransaction).key(key("01")),
      member
        .build(GetTransaction)
        .key(key("02"))
        .options({ attributes: ["balance", "name"] }),
      member.build(GetTransaction).key(key("03")),
      letter.build(GetTransaction).key(key("n1")),
    );
    expect(bare(Responses?.[0].Item)).toEqual({ ...first, balance: secretNumber(40) });
    expect(Responses?.[1].Item).toEqual({ balance: secretNumber(160), name: second.name });
    expect(Responses?.[2].Item).toBeUndefined();
    expect(Responses?.[3].Item).toEqual(note);
    const Code = "ConditionalCheckFailed";
    await expect(pay(60)).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code }, { Code: "None" }, { Code: "None" }, { Code: "None" }, { Code: "None" }],
    });
    expect(await read("transaction", "01")).toEqual({ ...first, balance: secretNumber(40) });
  });
}

librarySuite<DynamoDBDocumentClient>({
  name: "dynamodb-toolbox",
  keys: ["pk", "sk"],
  indexKeys: ["gsi1pk", "gsi1sk"],
  bookkeeping: ["gsi1pk", "gsi1sk", "_et", "_ct", "_md", "org", "id", "city", "joined"],
  // Names as they are stored, hence the library's `savedAs`.
  secret: ["name", "mail", "balance", "address", "notes", "tags", "text"],
  make: (config) => DynamoDBDocumentClient.from(new DynamoDBClient(config), { marshallOptions: { removeUndefinedValues: true } }),
  cases,
});
