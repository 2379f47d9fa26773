import { DynamoDB } from "@aws-sdk/client-dynamodb";
import dynamoose from "dynamoose";
import { beforeAll, expect, test } from "vitest";
import { type LibraryRun, librarySuite, tableName } from "../../support/libraries/library-suite.ts";
import { bornPerson as person } from "../../support/libraries/person.ts";
import { secretNumber, secretText } from "../../support/libraries/secrets.ts";

// The library keeps models in one registry, by name and by table: one for both runs, which set the client.
const Member = dynamoose.model(
  "Member",
  new dynamoose.Schema(
    {
      org: { type: String, hashKey: true },
      id: { type: String, rangeKey: true },
      city: { type: String, index: { name: "byCity", type: "global", rangeKey: "joined", project: true } },
      joined: String,
      name: String,
      email: String,
      balance: Number,
      address: { type: Object, schema: { street: String, floor: Number } },
      notes: { type: Array, schema: [String] },
      tags: { type: Set, schema: [String] },
      birthday: Date,
      visits: Number,
    },
    { timestamps: true },
  ),
  { tableName, create: false, waitForActive: false },
);
const { Condition } = dynamoose;

function cases({ client, kind, sent }: LibraryRun<DynamoDB>): void {
  beforeAll(() => {
    dynamoose.aws.ddb.set(client());
  });
  /** Without the library's time stamps and class. */
  const bare = (found: object | undefined): unknown => {
    if (found === undefined) return undefined;
    const { createdAt, updatedAt, ...rest } = { ...found } as Record<string, unknown>;
    expect([createdAt ?? updatedAt, updatedAt]).toEqual([expect.any(Date), expect.any(Date)]);
    return rest;
  };
  const all = (found: readonly object[]): unknown => found.map(bare);
  const created = async (org: string, id: string) => {
    const given = person(org, id);
    await Member.create(given);
    return given;
  };
  const read = async (org: string, id: string): Promise<unknown> => bare(await Member.get({ org, id }, { consistent: true }));
  const conditionFailure = { name: "ConditionalCheckFailedException" };

  test("create, then get; creating twice is refused", async () => {
    const given = await created("create", "01");
    expect(await read("create", "01")).toEqual(given);
    await expect(Member.create(given)).rejects.toMatchObject(conditionFailure);
    expect(await read("create", "nobody")).toBeUndefined();
  });

  test("save replaces, and can depend on what was there", async () => {
    const old = await created("put", "01");
    const other = new Member({ ...old, name: secretText("other") });
    const condition = () => new Condition().where("name").eq(old.name).and().where("balance").between(secretNumber(), secretNumber(100));
    await other.save({ condition: condition(), return: "item" });
    await expect(other.save({ condition: condition(), return: "item" })).rejects.toMatchObject(conditionFailure);
    expect(await read("put", "01")).toEqual({ ...old, name: secretText("other") });
    const item = await Member.get({ org: "put", id: "01" });
    item["notes"] = [secretText("by hand")];
    await item.save();
    expect(await read("put", "01")).toMatchObject({ notes: [secretText("by hand")] });
  });

  test("queries by primary key, in order, by pages", async () => {
    const given = [await created("query", "01"), await created("query", "02"), await created("query", "03")];
    expect(all(await Member.query("org").eq("query").exec())).toEqual(given);
    expect(all(await Member.query("org").eq("query").where("id").ge("02").sort("descending").exec())).toEqual([given[2], given[1]]);
    const first = await Member.query("org").eq("query").limit(2).exec();
    expect(all(first)).toEqual(given.slice(0, 2));
    expect(all(await Member.query("org").eq("query").startAt(first.lastKey).exec())).toEqual(given.slice(2));
    expect(all(await Member.query("org").eq("query").limit(1).all().exec())).toEqual(given);
    expect((await Member.query("org").eq("query").count().exec()).count).toBe(3);
  });

  test("queries through an index", async () => {
    const given = { ...person("index", "01"), city: "Oslo" };
    await Member.create(given);
    await Member.create({ ...person("index", "02"), city: "Oslo", joined: "2025-02" });
    const late = await Member.query("city").eq("Oslo").where("joined").beginsWith("2024").using("byCity").exec();
    expect(all(late)).toEqual([given]);
    const names = await Member.query("city").eq("Oslo").using("byCity").attributes(["name"]).exec();
    expect(names.map((item) => ({ ...item }))).toEqual([{ name: secretText("index 01") }, { name: secretText("index 02") }]);
  });

  test("filters on encrypted attributes", async () => {
    const given = [await created("filter", "01"), await created("filter", "02")];
    const one = Member.query("org")
      .eq("filter")
      .filter("email")
      .eq(secretText("02@example.com"))
      .filter("address.floor")
      .ge(secretNumber());
    expect(all(await one.exec())).toEqual([given[1]]);
    const scan = Member.scan("name").beginsWith(secretText("filter")).and().where("balance").gt(secretNumber());
    expect((await scan.all().exec()).count).toBe(2);
    expect((await Member.scan("name").beginsWith(secretText("filter")).parallel(2).exec()).length).toBe(2);
  });

  test("update sets, adds, appends, removes and deletes", async () => {
    const before = await created("update", "01");
    const key = { org: "update", id: "01" };
    const updated = await Member.update(key, {
      $SET: { name: secretText("new name"), address: { street: secretText("elsewhere"), floor: secretNumber(2) } },
      $ADD: { balance: 50, visits: 2, notes: [secretText("second")] },
      $REMOVE: ["email"],
      $DELETE: { tags: new Set([secretText("tag")]) },
    });
    const { email: _email, tags: _tags, ...rest } = before;
    const expected = {
      ...rest,
      name: secretText("new name"),
      balance: secretNumber(150),
      visits: 3,
      notes: [secretText("first"), secretText("second")],
      address: { street: secretText("elsewhere"), floor: secretNumber(2) },
    };
    expect(bare(updated)).toEqual(expected);
    expect(await read("update", "01")).toEqual(expected);
    const old = await Member.update(key, { name: secretText("third") }, { returnValues: "UPDATED_OLD" });
    expect(old.name).toBe(secretText("new name"));
  });

  test("update makes a missing item, unless a condition says otherwise", async () => {
    const key = { org: "missing", id: "01" };
    const exists = new Condition().where("org").exists();
    await expect(Member.update(key, { name: secretText("nobody") }, { condition: exists })).rejects.toMatchObject(conditionFailure);
    expect(await read("missing", "01")).toBeUndefined();
    await Member.update(key, { $SET: { name: secretText("somebody") }, $ADD: { balance: secretNumber(1) } });
    expect(await read("missing", "01")).toEqual({ ...key, name: secretText("somebody"), balance: secretNumber(1) });
    await Member.update(key, { $ADD: { balance: 1 } });
    expect(await read("missing", "01")).toEqual({ ...key, name: secretText("somebody"), balance: secretNumber(2) });
  });

  test("conditions on encrypted attributes decide", async () => {
    const before = await created("condition", "01");
    const key = { org: "condition", id: "01" };
    const rich = () => new Condition().where("balance").ge(secretNumber(100)).and().where("name").eq(before.name);
    const debit = () => Member.update(key, { $ADD: { balance: -30 } }, { condition: rich() });
    expect(bare(await debit())).toEqual({ ...before, balance: secretNumber(70) });
    await expect(debit()).rejects.toMatchObject(conditionFailure);
    await expect(Member.delete(key, { condition: rich() })).rejects.toMatchObject(conditionFailure);
    expect(await read("condition", "01")).toEqual({ ...before, balance: secretNumber(70) });
  });

  test("an update of an unsigned counter is one call where what the library adds is unsigned too", async () => {
    const before = await created("count", "01");
    sent();
    await Member.update({ org: "count", id: "01" }, { $ADD: { visits: 4 } });
    expect(sent()).toEqual(kind === "signed bookkeeping" ? ["GetItem", "UpdateItem"] : ["UpdateItem"]);
    expect(await read("count", "01")).toEqual({ ...before, visits: 5 });
  });

  test("an update moves an item in its index", async () => {
    const before = await created("move", "01");
    await Member.update({ org: "move", id: "01" }, { city: "Rome", name: secretText("moved") });
    const inCity = async (city: string) => all(await Member.query("city").eq(city).using("byCity").filter("org").eq("move").exec());
    expect(await inCity("Rome")).toEqual([{ ...before, city: "Rome", name: secretText("moved") }]);
    expect(await inCity("Paris")).toEqual([]);
  });

  test("projections of encrypted, signed and unsigned attributes", async () => {
    const { name, address, city, visits } = await created("projection", "01");
    const key = { org: "projection", id: "01" };
    expect({ ...(await Member.get(key, { attributes: ["name", "city", "visits"] })) }).toEqual({ name, city, visits });
    const queried = await Member.query("org").eq("projection").attributes(["address"]).exec();
    expect(queried.map((item) => ({ ...item }))).toEqual([{ address }]);
    const scanned = await Member.scan("org").eq("projection").attributes(["name"]).exec();
    expect(scanned.map((item) => ({ ...item }))).toEqual([{ name }]);
  });

  test("delete", async () => {
    const given = await created("delete", "01");
    const key = { org: "delete", id: "01" };
    await Member.delete(key, { condition: new Condition().where("name").eq(given.name) });
    expect(await read("delete", "01")).toBeUndefined();
  });

  test("batches", async () => {
    const given = ["01", "02", "03"].map((id) => person("batch", id));
    expect((await Member.batchPut(given)).unprocessedItems).toEqual([]);
    const keys = given.map(({ org, id }) => ({ org, id }));
    expect(all(await Member.batchGet(keys))).toEqual(given);
    expect((await Member.batchDelete(keys.slice(1))).unprocessedItems).toEqual([]);
    expect(all(await Member.query("org").eq("batch").exec())).toEqual([given[0]]);
  });

  test("a projection of a batch, which is a legacy parameter", async () => {
    const { org, id, name } = await created("legacy", "01");
    const names = Member.batchGet([{ org, id }], { attributes: ["org", "id", "name"] });
    expect((await names).map((item) => ({ ...item }))).toEqual([{ org, id, name }]);
  });

  test("transactions write and read", async () => {
    const first = await created("transaction", "01");
    const second = await created("transaction", "02");
    await created("transaction", "03");
    const fourth = person("transaction", "04");
    const key = (id: string) => ({ org: "transaction", id });
    const pay = (amount: number, id: string) =>
      dynamoose.transaction([
        Member.transaction.update(
          key("01"),
          { $ADD: { balance: -amount } },
          { return: "request", condition: new Condition().where("balance").ge(secretNumber(amount)) },
        ),
        Member.transaction.update(key("02"), { $ADD: { balance: amount } }),
        Member.transaction.delete(key("03")),
        Member.transaction.create({ ...fourth, id }),
        Member.transaction.condition({ org: "create", id: "01" }, new Condition().where("name").eq(secretText("create 01"))),
      ]);
    await pay(60, "04");
    const found = await dynamoose.transaction(["01", "02", "04"].map((id) => Member.transaction.get(key(id))));
    expect(all(found)).toEqual([{ ...first, balance: secretNumber(40) }, { ...second, balance: secretNumber(160) }, fourth]);
    const Code = "ConditionalCheckFailed";
    await expect(pay(60, "05")).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code }, { Code: "None" }, { Code: "None" }, { Code: "None" }, { Code: "None" }],
    });
    expect(await read("transaction", "01")).toEqual({ ...first, balance: secretNumber(40) });
    expect(await read("transaction", "05")).toBeUndefined();
  });
}

librarySuite<DynamoDB>({
  name: "dynamoose",
  keys: ["org", "id"],
  indexKeys: ["city", "joined"],
  bookkeeping: ["city", "joined", "createdAt", "updatedAt"],
  secret: ["name", "email", "balance", "address", "notes", "tags", "birthday"],
  make: (config) => new DynamoDB(config),
  cases,
});
