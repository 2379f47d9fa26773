import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Entity, type Model, Table } from "dynamodb-onetable";
import { beforeAll, expect, test } from "vitest";
import { type LibraryRun, librarySuite, tableName } from "../../support/libraries/library-suite.ts";
import { bornPerson as person } from "../../support/libraries/person.ts";
import { secretNumber, secretText } from "../../support/libraries/secrets.ts";

const models = {
  format: "onetable:1.1.0",
  version: "0.0.1",
  indexes: { primary: { hash: "pk", sort: "sk" }, byCity: { hash: "gs1pk", sort: "gs1sk", project: "all" } },
  models: {
    Member: {
      pk: { type: String, value: `org#\${org}` },
      sk: { type: String, value: `member#\${id}` },
      gs1pk: { type: String, value: `city#\${city}` },
      gs1sk: { type: String, value: `joined#\${joined}` },
      org: { type: String, required: true },
      id: { type: String, required: true },
      city: { type: String },
      joined: { type: String },
      name: { type: String },
      email: { type: String, map: "mail" },
      balance: { type: Number },
      address: { type: Object, schema: { street: { type: String }, floor: { type: Number } } },
      notes: { type: Array },
      tags: { type: Set },
      birthday: { type: Date },
      visits: { type: Number },
    },
    Letter: {
      pk: { type: String, value: `org#\${org}` },
      sk: { type: String, value: `letter#\${id}` },
      org: { type: String, required: true },
      id: { type: String, required: true },
      text: { type: String },
    },
  },
  params: { isoDates: true, timestamps: true },
} as const;

type Member = Entity<typeof models.models.Member>;
type Letter = Entity<typeof models.models.Letter>;

function cases({ client, kind, sent }: LibraryRun<DynamoDBClient>): void {
  let table: Table<typeof models>;
  let member: Model<Member>;
  let letter: Model<Letter>;
  beforeAll(() => {
    table = new Table({ name: tableName, client: client(), schema: models, partial: true });
    member = table.getModel<Member>("Member");
    letter = table.getModel<Letter>("Letter");
  });
  /** Without the library's time stamps. */
  const bare = (found: unknown): unknown => {
    if (found === undefined) return undefined;
    const { created, updated, ...rest } = found as Record<string, unknown>;
    expect([created, updated]).toEqual([expect.any(Date), expect.any(Date)]);
    return rest;
  };
  const all = (found: readonly unknown[]): unknown => found.map(bare);
  const created = async (org: string, id: string) => {
    const given = person(org, id);
    await member.create(given);
    return given;
  };
  const read = async (org: string, id: string): Promise<unknown> => bare(await member.get({ org, id }, { consistent: true }));
  const conditionFailure = { code: "ConditionalCheckFailedException" };

  test("create, then get; creating twice is refused", async () => {
    const given = person("create", "01");
    expect(bare(await member.create(given))).toEqual(given);
    expect(await read("create", "01")).toEqual(given);
    await expect(member.create(given)).rejects.toMatchObject(conditionFailure);
    expect(await read("create", "nobody")).toBeUndefined();
  });

  test("create can replace, and depend on what was there", async () => {
    const old = await created("put", "01");
    const other = { ...old, name: secretText("other") };
    const where = `\${name} = @{name} and \${balance} between {0} and @{most}`;
    const params = () => ({ exists: null, where, substitutions: { name: old.name, most: secretNumber(100) } });
    await member.create(other, params());
    await expect(member.create(other, params())).rejects.toMatchObject(conditionFailure);
    expect(await read("put", "01")).toEqual(other);
  });

  test("finds by primary key, in order, by pages", async () => {
    const given = [await created("query", "01"), await created("query", "02"), await created("query", "03")];
    expect(all(await member.find({ org: "query" }))).toEqual(given);
    expect(all(await member.find({ org: "query", sk: { ">=": "member#02" } } as never, { reverse: true }))).toEqual([given[2], given[1]]);
    const first = await member.find({ org: "query" }, { limit: 2 });
    expect(all(first)).toEqual(given.slice(0, 2));
    expect(all(await member.find({ org: "query" }, { limit: 2, next: first.next ?? {} }))).toEqual(given.slice(2));
    expect((await member.find({ org: "query" }, { count: true })).count).toBe(3);
  });

  test("finds through an index", async () => {
    const given = { ...person("index", "01"), city: "Oslo" };
    await member.create(given);
    await member.create({ ...person("index", "02"), city: "Oslo", joined: "2025-02" });
    const late = await member.find({ city: "Oslo", gs1sk: { begins: "joined#2024" } } as never, { index: "byCity" });
    expect(all(late)).toEqual([given]);
    const names = await member.find({ city: "Oslo" }, { index: "byCity", fields: ["name"] });
    expect(names.map(({ name }) => name)).toEqual([secretText("index 01"), secretText("index 02")]);
    const followed = await member.find({ city: "Oslo" }, { index: "byCity", follow: true });
    expect(followed.map(({ name }) => name)).toEqual([secretText("index 01"), secretText("index 02")]);
  });

  test("filters on encrypted attributes", async () => {
    const given = [await created("filter", "01"), await created("filter", "02")];
    expect(all(await member.find({ org: "filter", email: secretText("02@example.com") }))).toEqual([given[1]]);
    const where = `\${balance} > @{least} and \${address.floor} >= @{least}`;
    const rich = await member.find({ org: "filter" }, { where, substitutions: { least: secretNumber() } });
    expect(all(rich)).toEqual(given);
    expect(await member.find({ org: "filter" }, { where, substitutions: { least: secretNumber(101) } })).toEqual([]);
    const substitutions = { least: secretNumber(), prefix: secretText("filter") };
    const scanned = await member.scan({}, { where: `begins_with(\${name}, @{prefix}) and \${balance} > @{least}`, substitutions });
    expect(scanned).toHaveLength(2);
  });

  test("update sets, adds, pushes, removes and deletes", async () => {
    const before = await created("update", "01");
    const updated = await member.update(
      { org: "update", id: "01", name: secretText("new name"), address: { street: secretText("elsewhere") } },
      {
        add: { balance: 50, visits: 2 },
        push: { notes: [secretText("second")] },
        remove: ["email"],
        delete: { tags: new Set([secretText("tag")]) },
      },
    );
    const { email: _email, tags: _tags, ...rest } = before;
    const expected = {
      ...rest,
      name: secretText("new name"),
      balance: secretNumber(150),
      visits: 3,
      notes: [secretText("first"), secretText("second")],
      address: { ...before.address, street: secretText("elsewhere") },
    };
    expect(bare(updated)).toEqual(expected);
    expect(await read("update", "01")).toEqual(expected);
    const sum = { balance: `\${balance} + {5}`, "notes[0]": secretText("changed") };
    const again = await member.update({ org: "update", id: "01" }, { set: sum });
    expect(bare(again)).toEqual({ ...expected, balance: secretNumber(155), notes: [secretText("changed"), secretText("second")] });
  });

  test("update of a missing item is refused, upsert makes it", async () => {
    const key = { org: "missing", id: "01" };
    const given = { ...key, name: secretText("somebody"), city: "Nowhere", joined: "2024", balance: secretNumber(1) };
    await expect(member.update(given)).rejects.toMatchObject(conditionFailure);
    expect(await read("missing", "01")).toBeUndefined();
    expect(bare(await member.upsert(given))).toEqual(given);
    await member.upsert({ ...key, name: secretText("again") }, { add: { balance: 1 } });
    expect(await read("missing", "01")).toEqual({ ...given, name: secretText("again"), balance: secretNumber(2) });
  });

  test("conditions on encrypted attributes decide", async () => {
    const before = await created("condition", "01");
    const key = { org: "condition", id: "01" };
    const substitutions = { least: secretNumber(100), name: before.name };
    const debit = () =>
      member.update(key, {
        add: { balance: -30 },
        where: `\${balance} >= @{least} and \${name} = @{name}`,
        substitutions,
        return: "ALL_NEW",
      });
    expect(bare(await debit())).toEqual({ ...before, balance: secretNumber(70) });
    await expect(debit()).rejects.toMatchObject(conditionFailure);
    await expect(member.remove(key, { where: `\${balance} < @{least}`, substitutions: { least: secretNumber() } })).rejects.toMatchObject(
      conditionFailure,
    );
    expect(await read("condition", "01")).toEqual({ ...before, balance: secretNumber(70) });
  });

  test("an update of an unsigned counter is one call where what the library adds is unsigned too", async () => {
    const before = await created("count", "01");
    sent();
    await member.update({ org: "count", id: "01" }, { add: { visits: 4 } });
    expect(sent()).toEqual(kind === "signed bookkeeping" ? ["GetItem", "UpdateItem"] : ["UpdateItem"]);
    expect(await read("count", "01")).toEqual({ ...before, visits: 5 });
  });

  test("an update moves an item in its index", async () => {
    const before = await created("move", "01");
    await member.update({ org: "move", id: "01", city: "Rome", name: secretText("moved") });
    const inCity = async (city: string) => all(await member.find({ city }, { index: "byCity", where: `\${org} = {move}` }));
    expect(await inCity("Rome")).toEqual([{ ...before, city: "Rome", name: secretText("moved") }]);
    expect(await inCity("Paris")).toEqual([]);
  });

  test("projections of encrypted, signed and unsigned attributes", async () => {
    const { name, address, city, visits, email } = await created("projection", "01");
    const key = { org: "projection", id: "01" };
    const got = await member.get(key, { fields: ["name", "city", "visits", "email"] });
    expect(got).toEqual({ name, city, visits, email });
    expect(await member.find({ org: "projection" }, { fields: ["address"] })).toEqual([{ address }]);
    expect(await member.scan({ org: "projection" }, { fields: ["name"] })).toEqual([{ name }]);
  });

  test("remove gives the old item", async () => {
    const given = await created("remove", "01");
    const key = { org: "remove", id: "01" };
    expect(bare(await member.remove(key))).toEqual(given);
    expect(await read("remove", "01")).toBeUndefined();
    await expect(member.remove(key, { exists: true })).rejects.toMatchObject(conditionFailure);
    await created("remove", "02");
    await created("remove", "03");
    expect(await member.remove({ org: "remove" }, { many: true })).toHaveLength(2);
    expect(await member.find({ org: "remove" })).toEqual([]);
  });

  test("batches", async () => {
    const given = ["01", "02", "03"].map((id) => person("batch", id));
    const writes = {};
    for (const one of given) await member.create(one, { batch: writes });
    await letter.create({ org: "batch", id: "n1", text: secretText("a letter") }, { batch: writes });
    await table.batchWrite(writes);
    const gets = {};
    for (const { org, id } of given) await member.get({ org, id }, { batch: gets });
    const found = await table.batchGet<Member>(gets, { parse: true, hidden: false });
    expect(new Set(all(found) as object[])).toEqual(new Set(given));
    const some = {};
    for (const { org, id } of given) await member.get({ org, id }, { batch: some });
    const names = await table.batchGet<Member>(some, { parse: true, hidden: false, fields: ["name"] });
    expect(names.map(({ name }) => name).sort()).toEqual(given.map(({ name }) => name));
    const deletes = {};
    for (const { org, id } of given.slice(1)) await member.remove({ org, id }, { batch: deletes });
    await table.batchWrite(deletes);
    expect(all(await member.find({ org: "batch" }))).toEqual([given[0]]);
    expect(Object.keys(await table.fetch(["Member", "Letter"], { pk: "org#batch" }))).toEqual(["Letter", "Member"]);
  });

  test("transactions write and read", async () => {
    const first = await created("transaction", "01");
    const second = await created("transaction", "02");
    await created("transaction", "03");
    const note = { org: "transaction", id: "n1", text: secretText("paid") };
    const key = (id: string) => ({ org: "transaction", id });
    const pay = async (amount: number) => {
      const transaction = {};
      const substitutions = { least: secretNumber(amount), name: secretText("create 01") };
      await member.update(key("01"), { add: { balance: -amount }, where: `\${balance} >= @{least}`, substitutions, transaction });
      await member.update(key("02"), { set: { balance: `\${balance} + {${amount}}` }, transaction });
      await member.remove(key("03"), { transaction });
      await letter.create(note, { exists: null, transaction });
      await member.check({ org: "create", id: "01" }, { where: `\${name} = @{name}`, substitutions, transaction });
      await table.transact("write", transaction);
    };
    await pay(60);
    const transaction = {};
    for (const id of ["01", "02", "03"]) await member.get(key(id), { transaction });
    await letter.get(key("n1"), { transaction });
    const found = (await table.transact("get", transaction, { parse: true, hidden: false })) as unknown as readonly unknown[];
    expect(all(found)).toEqual([{ ...first, balance: secretNumber(40) }, { ...second, balance: secretNumber(160) }, note]);
    const Code = "ConditionalCheckFailed";
    await expect(pay(60)).rejects.toMatchObject({
      code: "TransactionCanceledException",
      context: { err: { CancellationReasons: [{ Code }, { Code: "None" }, { Code: "None" }, { Code: "None" }, { Code: "None" }] } },
    });
    expect(await read("transaction", "01")).toEqual({ ...first, balance: secretNumber(40) });
  });
}

librarySuite<DynamoDBClient>({
  name: "dynamodb-onetable",
  keys: ["pk", "sk"],
  indexKeys: ["gs1pk", "gs1sk"],
  bookkeeping: ["gs1pk", "gs1sk", "_type", "created", "updated", "org", "id", "city", "joined"],
  // Names as they are stored, hence the library's `map`.
  secret: ["name", "mail", "balance", "address", "notes", "tags", "birthday", "text"],
  make: (config) => new DynamoDBClient(config),
  cases,
});
