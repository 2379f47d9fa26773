import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity, Service } from "electrodb";
import { beforeAll, expect, inject, test } from "vitest";
import { encryptedClient } from "../../../src/client/index.ts";
import { awsKmsHierarchicalKeyring } from "../../../src/keyrings/index.ts";
import { defineTable } from "../../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../../src/testing/index.ts";
import { type LibraryRun, librarySuite, tableName } from "../../support/libraries/library-suite.ts";
import { person as anyPerson } from "../../support/libraries/person.ts";
import { secretNumber, secretText } from "../../support/libraries/secrets.ts";

type Client = DynamoDBClient | DynamoDBDocumentClient;

function entities(client: Client) {
  const member = new Entity(
    {
      model: { entity: "member", version: "1", service: "club" },
      attributes: {
        org: { type: "string", required: true },
        id: { type: "string", required: true },
        city: { type: "string", required: true },
        joined: { type: "string", required: true },
        name: { type: "string", required: true },
        email: { type: "string" },
        balance: { type: "number" },
        address: { type: "map", properties: { street: { type: "string" }, floor: { type: "number" } } },
        notes: { type: "list", items: { type: "string" } },
        tags: { type: "set", items: "string" },
        visits: { type: "number" },
        updatedAt: { type: "number", watch: "*", set: () => 1_700_000_000_000, readOnly: true },
      },
      indexes: {
        members: { collection: "everything", pk: { field: "pk", composite: ["org"] }, sk: { field: "sk", composite: ["id"] } },
        byCity: { index: "byCity", pk: { field: "gsi1pk", composite: ["city"] }, sk: { field: "gsi1sk", composite: ["joined"] } },
      },
    },
    { client, table: tableName },
  );
  const letter = new Entity(
    {
      model: { entity: "letter", version: "1", service: "club" },
      attributes: {
        org: { type: "string", required: true },
        number: { type: "string", required: true, field: "id" },
        text: { type: "string", required: true },
      },
      indexes: {
        letters: { collection: "everything", pk: { field: "pk", composite: ["org"] }, sk: { field: "sk", composite: ["number"] } },
      },
    },
    { client, table: tableName },
  );
  return { member, letter, club: new Service({ member, letter }, { client, table: tableName }) };
}

/** It keeps sets as lists. */
function person(org: string, id: string) {
  return { ...anyPerson(org, id), tags: [secretText("tag")] };
}

const stamped = { updatedAt: 1_700_000_000_000 };

function cases({ client, kind, sent }: LibraryRun<Client>): void {
  let member: ReturnType<typeof entities>["member"];
  let letter: ReturnType<typeof entities>["letter"];
  let club: ReturnType<typeof entities>["club"];
  beforeAll(() => {
    ({ member, letter, club } = entities(client()));
  });
  const created = async (org: string, id: string) => {
    const given = person(org, id);
    await member.create(given).go();
    return { ...given, ...stamped };
  };
  const read = async (org: string, id: string) => (await member.get({ org, id }).go({ consistent: true })).data;

  test("create, then get; creating twice is refused", async () => {
    const given = person("create", "01");
    expect((await member.create(given).go()).data).toEqual({ ...given, ...stamped });
    expect(await read("create", "01")).toEqual({ ...given, ...stamped });
    const again = member.create(given).go();
    await expect(again).rejects.toMatchObject({ code: 4001, cause: { name: "ConditionalCheckFailedException" } });
    expect(await read("create", "nobody")).toBeNull();
  });

  test("put replaces, and gives the old item", async () => {
    const old = await created("put", "01");
    const { data } = await member.put({ ...person("put", "01"), name: secretText("other") }).go({ response: "all_old" });
    expect(data).toEqual(old);
    expect(await read("put", "01")).toEqual({ ...old, name: secretText("other") });
  });

  test("queries by primary key, in order, by pages", async () => {
    const all = [await created("query", "01"), await created("query", "02"), await created("query", "03")];
    expect((await member.query.members({ org: "query" }).go()).data).toEqual(all);
    expect((await member.query.members({ org: "query" }).gte({ id: "02" }).go({ order: "desc" })).data).toEqual([all[2], all[1]]);
    const first = await member.query.members({ org: "query" }).go({ limit: 2 });
    expect(first.data).toEqual(all.slice(0, 2));
    const second = await member.query.members({ org: "query" }).go({ limit: 2, cursor: first.cursor });
    expect(second.data).toEqual(all.slice(2));
    expect((await member.query.members({ org: "query" }).go({ pages: "all", limit: 1 })).data).toEqual(all);
  });

  test("queries through an index", async () => {
    const given = { ...person("index", "01"), city: "Oslo" };
    await member.create(given).go();
    await member.create({ ...person("index", "02"), city: "Oslo", joined: "2025-02" }).go();
    const late = await member.query.byCity({ city: "Oslo" }).begins({ joined: "2024" }).go();
    expect(late.data).toEqual([{ ...given, ...stamped }]);
    const names = await member.query.byCity({ city: "Oslo" }).go({ attributes: ["name"] });
    expect(names.data).toEqual([{ name: secretText("index 01") }, { name: secretText("index 02") }]);
    expect((await member.query.byCity({ city: "Oslo" }).go({ hydrate: true })).data).toHaveLength(2);
  });

  test("filters on encrypted attributes", async () => {
    const [first] = [await created("filter", "01"), await created("filter", "02")];
    const found = await member.query
      .members({ org: "filter" })
      .where(({ name, balance }, { eq, gt }) => `${eq(name, first.name)} AND ${gt(balance, secretNumber())}`)
      .go();
    expect(found.data).toEqual([first]);
    const matched = await member.match({ org: "filter", email: secretText("02@example.com") }).go();
    expect(matched.data.map(({ id }) => id)).toEqual(["02"]);
    const scanned = await member.scan.where(({ name }, { begins }) => begins(name, secretText("filter"))).go({ pages: "all" });
    expect(scanned.data).toHaveLength(2);
  });

  test("patch sets, adds, appends, removes and deletes", async () => {
    const before = await created("patch", "01");
    const { data } = await member
      .patch({ org: "patch", id: "01" })
      .set({ name: secretText("new name") })
      .add({ balance: 50, visits: 2 })
      .append({ notes: [secretText("second")] })
      .remove(["email"])
      .delete({ tags: [secretText("tag")] })
      .data(({ address }, { set }) => set(address.street, secretText("elsewhere")))
      .go({ response: "all_new" });
    const { email: _email, tags: _tags, ...rest } = before;
    const expected = {
      ...rest,
      name: secretText("new name"),
      balance: secretNumber(150),
      visits: 3,
      notes: [secretText("first"), secretText("second")],
      address: { ...before.address, street: secretText("elsewhere") },
    };
    expect(data).toEqual(expected);
    expect(await read("patch", "01")).toEqual(expected);
  });

  test("patch of a missing item is refused, update makes it", async () => {
    const key = { org: "missing", id: "01" };
    const patch = member
      .patch(key)
      .set({ name: secretText("nobody") })
      .go();
    await expect(patch).rejects.toMatchObject({ code: 4001, cause: { name: "ConditionalCheckFailedException" } });
    expect(await read("missing", "01")).toBeNull();
    await member
      .update(key)
      .set({ name: secretText("somebody") })
      .add({ balance: secretNumber(1) })
      .go();
    expect(await read("missing", "01")).toEqual({ ...key, ...stamped, name: secretText("somebody"), balance: secretNumber(1) });
  });

  test("conditions on encrypted attributes decide", async () => {
    const before = await created("condition", "01");
    const key = { org: "condition", id: "01" };
    const debit = (least: number) =>
      member
        .patch(key)
        .subtract({ balance: 30 })
        .where(({ balance, name }, { gte, eq, exists }) => `${gte(balance, least)} AND ${eq(name, before.name)} AND ${exists(name)}`);
    const updated = await debit(secretNumber(100)).go({ response: "updated_new" });
    expect(updated.data).toMatchObject({ balance: secretNumber(70) });
    await expect(debit(secretNumber(100)).go()).rejects.toMatchObject({ cause: { name: "ConditionalCheckFailedException" } });
    const refused = await debit(secretNumber(100)).go({ returnOnConditionCheckFailure: "all_old" });
    expect(refused).toMatchObject({ rejected: true, data: { ...before, balance: secretNumber(70) } });
    const kept = member.remove(key).where(({ balance }, { lt }) => lt(balance, secretNumber()));
    await expect(kept.go()).rejects.toMatchObject({ cause: { name: "ConditionalCheckFailedException" } });
    expect(await read("condition", "01")).toEqual({ ...before, balance: secretNumber(70) });
  });

  test("an update of an unsigned counter is one call where what the library adds is unsigned too", async () => {
    const before = await created("count", "01");
    sent();
    await member.patch({ org: "count", id: "01" }).add({ visits: 4 }).go();
    expect(sent()).toEqual(kind === "signed bookkeeping" ? ["GetItem", "UpdateItem"] : ["UpdateItem"]);
    expect(await read("count", "01")).toEqual({ ...before, visits: 5 });
  });

  test("an update moves an item in its index", async () => {
    const before = await created("move", "01");
    await member
      .patch({ org: "move", id: "01" })
      .set({ city: "Rome", joined: before.joined, name: secretText("moved") })
      .go();
    const after = { ...before, city: "Rome", name: secretText("moved") };
    expect((await member.query.byCity({ city: "Rome" }).go()).data).toEqual([after]);
    const left = await member.query
      .byCity({ city: "Paris" })
      .where(({ org }, { eq }) => eq(org, "move"))
      .go();
    expect(left.data).toEqual([]);
  });

  test("upsert makes and changes", async () => {
    const given = person("upsert", "01");
    const { data } = await member.upsert(given).go({ response: "all_new" });
    expect(data).toEqual({ ...given, ...stamped });
    const { balance, email, ...rest } = given;
    const again = member.upsert({ ...rest, name: secretText("again") }).add({ balance: 5 });
    await again.ifNotExists({ email: secretText("unused") }).go();
    expect(await read("upsert", "01")).toEqual({ ...given, ...stamped, name: secretText("again"), balance: balance + 5, email });
  });

  test("projections of encrypted, signed and unsigned attributes", async () => {
    const given = await created("projection", "01");
    const key = { org: "projection", id: "01" };
    const { name, address, city, visits } = given;
    expect((await member.get(key).go({ attributes: ["name", "city", "visits"] })).data).toEqual({ name, city, visits });
    const queried = await member.query.members({ org: "projection" }).go({ attributes: ["address"] });
    expect(queried.data).toEqual([{ address }]);
    expect((await member.scan.where(({ org }, { eq }) => eq(org, "projection")).go({ attributes: ["name"], pages: "all" })).data).toEqual([
      { name },
    ]);
  });

  test("delete gives the old item, remove wants one", async () => {
    const given = await created("delete", "01");
    const key = { org: "delete", id: "01" };
    expect((await member.delete(key).go({ response: "all_old" })).data).toEqual(given);
    expect(await read("delete", "01")).toBeNull();
    await expect(member.remove(key).go()).rejects.toMatchObject({ cause: { name: "ConditionalCheckFailedException" } });
  });

  test("batches", async () => {
    const given = ["01", "02", "03"].map((id) => person("batch", id));
    expect((await member.put(given).go()).unprocessed).toEqual([]);
    const keys = given.map(({ org, id }) => ({ org, id }));
    const { data } = await member.get([...keys, { org: "batch", id: "nobody" }]).go({ preserveBatchOrder: true });
    expect(data).toEqual([...given.map((one) => ({ ...one, ...stamped })), null]);
    expect((await member.get(keys).go({ attributes: ["name"], preserveBatchOrder: true })).data).toEqual(
      given.map(({ name }) => ({ name })),
    );
    expect((await member.delete(keys.slice(1)).go()).unprocessed).toEqual([]);
    expect((await member.query.members({ org: "batch" }).go()).data).toEqual([{ ...given[0], ...stamped }]);
  });

  test("collections mix entities", async () => {
    const one = await created("collection", "01");
    const note = { org: "collection", number: "n1", text: secretText("a letter") };
    await letter.create(note).go();
    expect((await club.collections.everything({ org: "collection" }).go()).data).toEqual({ member: [one], letter: [note] });
  });

  test("transactions write and read", async () => {
    const first = await created("transaction", "01");
    const second = await created("transaction", "02");
    await created("transaction", "03");
    const note = { org: "transaction", number: "n1", text: secretText("paid") };
    const pay = (amount: number) =>
      club.transaction.write(({ member, letter }) => [
        member
          .patch({ org: "transaction", id: "01" })
          .subtract({ balance: amount })
          .where(({ balance }, { gte }) => gte(balance, secretNumber(amount)))
          .commit(),
        member.patch({ org: "transaction", id: "02" }).add({ balance: amount }).commit(),
        member.delete({ org: "transaction", id: "03" }).commit(),
        letter.put(note).commit(),
        member
          .check({ org: "create", id: "01" })
          .where(({ name }, { eq }) => eq(name, secretText("create 01")))
          .commit(),
      ]);
    expect(await pay(60).go()).toMatchObject({ canceled: false });
    const poorer = { ...first, balance: secretNumber(40) };
    const { data } = await club.transaction
      .get(({ member, letter }) => [
        member.get({ org: "transaction", id: "01" }).commit(),
        member.get({ org: "transaction", id: "02" }).commit(),
        member.get({ org: "transaction", id: "03" }).commit(),
        letter.get({ org: "transaction", number: "n1" }).commit(),
      ])
      .go();
    expect(data.map(({ item }) => item)).toEqual([poorer, { ...second, balance: secretNumber(160) }, null, note]);
    const refused = await pay(60).go();
    expect(refused).toMatchObject({ canceled: true });
    expect(refused.data.map(({ code }) => code)).toEqual(["ConditionalCheckFailed", "None", "None", "None", "None"]);
    expect(await read("transaction", "01")).toEqual(poorer);
  });
}

const suite = {
  keys: ["pk", "sk"],
  indexKeys: ["gsi1pk", "gsi1sk"],
  bookkeeping: ["gsi1pk", "gsi1sk", "__edb_e__", "__edb_v__", "org", "id", "city", "joined", "updatedAt"],
  secret: ["name", "email", "balance", "address", "notes", "tags", "text"],
  cases,
} as const;

librarySuite<Client>({ ...suite, name: "electrodb on DynamoDBClient", make: (config: DynamoDBClientConfig) => new DynamoDBClient(config) });
librarySuite<Client>({
  ...suite,
  name: "electrodb on DynamoDBDocumentClient",
  make: (config: DynamoDBClientConfig) =>
    DynamoDBDocumentClient.from(new DynamoDBClient(config), { marshallOptions: { removeUndefinedValues: true } }),
});

// The library writes a property on every error, which can be done once to one object.
test("writes that fail together for one reason each tell it", async () => {
  const store = staticBranchKeyStore([], { logicalKeyStoreName: "keys" });
  const slow = {
    ...store,
    getActiveBranchKey: async (request: Parameters<typeof store.getActiveBranchKey>[0]) => {
      await delay(50);
      return store.getActiveBranchKey(request);
    },
  };
  const config = {
    region: "us-east-1",
    endpoint: inject("dynamoDbEndpoint"),
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
  };
  const attributes = {
    __edb_e__: "SIGN_ONLY",
    __edb_v__: "SIGN_ONLY",
    org: "SIGN_ONLY",
    id: "SIGN_ONLY",
    text: "ENCRYPT_AND_SIGN",
  } as const;
  const client = encryptedClient(new DynamoDBClient(config), {
    schemas: [defineTable({ tableName, partitionKey: "pk", sortKey: "sk", attributes })],
    keyring: awsKmsHierarchicalKeyring({ keyStore: slow, branchKeyId: "missing", ttlSeconds: 60 }),
  });
  const { letter } = entities(client);
  const writes = ["1", "2"].map((number) => letter.put({ org: "none", number, text: "t" }).go());
  const outcomes = await Promise.allSettled(writes);
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.cause?.code : "written"));
  expect(codes).toEqual(["ERR_BRANCH_KEY_NOT_FOUND", "ERR_BRANCH_KEY_NOT_FOUND"]);
});
