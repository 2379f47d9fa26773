import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { type JobCounts, type JobPage, sumCounts, type TableJobOptions, tableJob } from "../../src/jobs/index.ts";
import { multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";

type Item = Record<string, AttributeValue>;

const attributes = {
  email: "ENCRYPT_AND_SIGN",
  note: "ENCRYPT_AND_SIGN",
  tier: "SIGN_ONLY",
  visits: "DO_NOTHING",
} as const;
const base = { tableName: "people", partitionKey: "id", attributes, otherAttributes: "ENCRYPT_AND_SIGN", algorithmSuite: "HMAC" } as const;
const schema = defineTable({ ...base, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" });
const strict = defineTable(base);
const plainWriting = defineTable({ ...base, plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" });
const keyringOf = (fill: number): ReturnType<typeof rawAesKeyring> =>
  rawAesKeyring({ keyNamespace: "test", keyName: `key ${fill}`, wrappingKey: new Uint8Array(32).fill(fill) });
const keyring = keyringOf(1);
const S = (text: string): AttributeValue => ({ S: text });
const itemOf = (id: string): Item => ({ id: S(id), email: S(`${id}@b.c`), note: S("old"), tier: S("gold"), visits: { N: "1" } });

let config: { readonly endpoint: string; readonly region: string; readonly credentials: { accessKeyId: string; secretAccessKey: string } };
let plain: DynamoDBClient;
let made = 0;

beforeAll(() => {
  config = {
    endpoint: inject("dynamoDbEndpoint"),
    region: "us-east-1",
    credentials: { accessKeyId: "tablejobs", secretAccessKey: "tablejobs" },
  };
  plain = new DynamoDBClient(config);
});

async function newTable(items: readonly Item[] = []): Promise<string> {
  made++;
  const TableName = `people-${made}`;
  await plain.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  for (const item of items) await plain.send(new PutItemCommand({ TableName, Item: item }));
  return TableName;
}

const rows = async (TableName: string): Promise<readonly Item[]> =>
  (await plain.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];

const read = async (TableName: string, id: string, keys: TableJobOptions["keyring"] = keyring): Promise<Item | undefined> => {
  const client = encryptedClient(new DynamoDBClient(config), {
    schemas: [schema],
    keyring: keys,
    tableNames: { people: TableName },
    acknowledgePlaintext: true,
  });
  return (await client.send(new GetItemCommand({ TableName, Key: { id: S(id) }, ConsistentRead: true }))).Item;
};

interface Run {
  readonly counts: JobCounts;
  readonly pages: readonly JobPage[];
}

async function run(TableName: string, options: Partial<TableJobOptions> = {}, segments = 2): Promise<Run> {
  const job = tableJob({ job: "encrypt", client: plain, schema, keyring, physicalTable: TableName, ...options });
  const pages: JobPage[] = [];
  for (let segment = 0; segment < segments; segment++) {
    let cursor: JobPage["cursor"];
    do {
      const page = await job.page({ segment, totalSegments: segments, cursor, limit: 3 });
      pages.push(page);
      ({ cursor } = page);
    } while (cursor !== undefined);
  }
  return { counts: sumCounts(pages.map(({ counts }) => counts)), pages };
}

const ids = Array.from({ length: 10 }, (_, index) => `p${index}`);
const isPlain = (row: Item): boolean => !Object.keys(row).some((name) => name.startsWith("aws_dbe_"));

describe("encrypt", () => {
  it("leaves no plain item, the same values, and nothing to write for a second run", async () => {
    const table = await newTable(ids.map(itemOf));
    expect((await run(table)).counts).toMatchObject({ read: 10, plain: 10, written: 10, failed: 0, vanished: 0 });
    expect((await rows(table)).filter(isPlain)).toEqual([]);
    for (const id of ids) expect(await read(table, id)).toEqual(itemOf(id));
    expect((await run(table)).counts).toMatchObject({ read: 10, plain: 0, encrypted: 10, written: 0, current: 10 });
    expect((await run(table, { job: "count" })).counts).toMatchObject({ read: 10, plain: 0, encrypted: 10 });
  });

  it("reads plain items whatever the schema says of plaintext, as long as it does not write it", async () => {
    const table = await newTable([itemOf("a")]);
    expect((await run(table, { schema: strict })).counts.written).toBe(1);
    expect(() => tableJob({ job: "encrypt", client: plain, schema: plainWriting, keyring })).toThrow(
      expect.objectContaining({ code: "ERR_JOB_REFUSED" }),
    );
  });

  it("takes no encrypted client, which would hide what is stored", () => {
    const client = encryptedClient(new DynamoDBClient(config), { schemas: [strict], keyring });
    expect(() => tableJob({ job: "count", client, schema, keyring })).toThrow(
      expect.objectContaining({ code: "ERR_CLIENT_ALREADY_WRAPPED" }),
    );
  });

  it("names an item that cannot be encrypted by its code, hides its key, and goes on", async () => {
    const table = await newTable([
      itemOf("a"),
      { ...itemOf("secret-key"), aws_dbe_head: { B: new Uint8Array(3) } },
      { ...itemOf("c"), aws_dbe_b_email: S("x") },
    ]);
    const { counts, pages } = await run(table);
    expect(counts).toMatchObject({ read: 3, written: 1, failed: 2 });
    const failures = pages.flatMap((page) => page.failures);
    expect(failures.map(({ code }) => code)).toEqual(["ERR_ITEM_REMNANT", "ERR_ITEM_REMNANT"]);
    expect(JSON.stringify(pages)).not.toContain("secret-key");
    expect(failures.map((failure) => failure.revealKey()["id"]?.S).sort()).toEqual(["c", "secret-key"]);
  });

  it("leaves an item alone that has more attributes than a guard can hold, unless it is told", async () => {
    const wide = Object.fromEntries(Array.from({ length: 170 }, (_, index) => [`a${index}`, S("x")]));
    const table = await newTable([{ ...itemOf("wide"), ...wide }, itemOf("b")]);
    expect((await run(table)).counts).toMatchObject({ written: 1, tooWide: 1 });
    expect((await rows(table)).filter(isPlain)).toHaveLength(1);
    expect((await run(table, { unguardedWideItems: true })).counts).toMatchObject({ written: 1, tooWide: 0 });
    expect(await read(table, "wide")).toEqual({ ...itemOf("wide"), ...wide });
  });
});

/** What somebody else does between the job's read and its write; with what has to be there afterwards. */
const others: readonly {
  readonly name: string;
  readonly act: (TableName: string) => Promise<unknown>;
  readonly expected: Item | undefined;
}[] = [
  {
    name: "Delete, or expiry",
    act: (TableName) => plain.send(new DeleteItemCommand({ TableName, Key: { id: S("x") } })),
    expected: undefined,
  },
  {
    name: "a plain Put",
    act: (TableName) => plain.send(new PutItemCommand({ TableName, Item: { id: S("x"), email: S("new"), extra: S("more") } })),
    expected: { id: S("x"), email: S("new"), extra: S("more") },
  },
  {
    name: "a plain Put of the key alone",
    act: (TableName) => plain.send(new PutItemCommand({ TableName, Item: { id: S("x") } })),
    expected: { id: S("x") },
  },
  {
    name: "an Update of a signed attribute",
    act: (TableName) => set(TableName, "email", S("new")),
    expected: { ...itemOf("x"), email: S("new") },
  },
  {
    name: "an Update that adds an attribute that the schema does not name",
    act: (TableName) => set(TableName, "added", S("new")),
    expected: { ...itemOf("x"), added: S("new") },
  },
  {
    name: "an Update of an unsigned attribute",
    act: (TableName) => set(TableName, "visits", { N: "2" }),
    expected: { ...itemOf("x"), visits: { N: "2" } },
  },
  {
    name: "an Update that removes an attribute",
    act: (TableName) => plain.send(new UpdateItemCommand({ TableName, Key: { id: S("x") }, UpdateExpression: "REMOVE note" })),
    expected: { id: S("x"), email: S("x@b.c"), tier: S("gold"), visits: { N: "1" } },
  },
  {
    name: "an encrypted Put",
    act: (TableName) => encrypting(TableName).send(new PutItemCommand({ TableName, Item: { ...itemOf("x"), note: S("theirs") } })),
    expected: { ...itemOf("x"), note: S("theirs") },
  },
  {
    name: "an encrypted Update",
    act: (TableName) =>
      encrypting(TableName).send(
        new UpdateItemCommand({
          TableName,
          Key: { id: S("x") },
          UpdateExpression: "SET note = :n",
          ExpressionAttributeValues: { ":n": S("theirs") },
        }),
      ),
    expected: { ...itemOf("x"), note: S("theirs") },
  },
];

const set = (TableName: string, name: string, to: AttributeValue): Promise<unknown> =>
  plain.send(
    new UpdateItemCommand({
      TableName,
      Key: { id: S("x") },
      UpdateExpression: "SET #n = :v",
      ExpressionAttributeNames: { "#n": name },
      ExpressionAttributeValues: { ":v": to },
    }),
  );

const encrypting = (TableName: string): DynamoDBClient =>
  encryptedClient(new DynamoDBClient(config), {
    schemas: [schema],
    keyring,
    tableNames: { people: TableName },
    acknowledgePlaintext: true,
  });

/** A client of the job that lets somebody else act before its nth request, and counts them. */
function interrupted(before: number, act: () => Promise<unknown>): { readonly client: DynamoDBClient; readonly sent: () => number } {
  const client = new DynamoDBClient(config);
  let sent = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      sent++;
      if (sent === before) await act();
      return next(args);
    },
    { step: "initialize", name: "somebodyElse" },
  );
  return { client, sent: () => sent };
}

describe.each(others)("while the job encrypts, $name", ({ act, expected }) => {
  it.each([2, 3])("before request %i is not lost, and nothing deleted comes back", async (before) => {
    const table = await newTable([itemOf("x")]);
    let acted = 0;
    const { client } = interrupted(before, () => {
      acted++;
      return act(table);
    });
    await run(table, { client }, 1);
    if (acted === 0) {
      // There was no such request: the job was done before. What comes now meets an encrypted item.
      expect(before).toBeGreaterThan(2);
      expect(await read(table, "x")).toEqual(itemOf("x"));
      return;
    }
    expect(await read(table, "x")).toEqual(expected);
    expect((await rows(table)).filter(isPlain)).toEqual([]);
  });
});

describe("the same checks on a blind job", () => {
  it("find the lost update and the item that came back", async () => {
    const table = await newTable([itemOf("x"), itemOf("y")]);
    const seen = await rows(table);
    await set(table, "email", S("new"));
    await plain.send(new DeleteItemCommand({ TableName: table, Key: { id: S("y") } }));
    for (const Item of seen) await encrypting(table).send(new PutItemCommand({ TableName: table, Item }));
    expect(await read(table, "x")).not.toMatchObject({ email: S("new") });
    expect(await read(table, "y")).toBeDefined();
  });
});

const version = "83eec007-5659-4554-bf11-86a87a8e7f17";
const beaconKey = {
  branchKeyId: "beacons",
  activeVersion: version,
  versions: { [version]: new Uint8Array(32) },
  beaconKey: new Uint8Array(32),
};
const beaconKeys = { keyStore: staticBranchKeyStore([beaconKey], { logicalKeyStoreName: "people" }), branchKeyId: "beacons" };
const searchable = defineTable({
  ...base,
  attributes: { ...attributes, email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } } },
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});

describe.each(["re-encrypt", "update-beacons", "decrypt"] as const)("%s", (job) => {
  const newKeyring = multiKeyring({ generator: keyringOf(2), decryptOnly: [keyringOf(1)] });
  const optionsFor = (table: string): Partial<TableJobOptions> =>
    ({
      decrypt: { job, schema: plainWriting, acknowledgePlaintext: table },
      "re-encrypt": { job, keyring: newKeyring },
      "update-beacons": { job, schema: searchable, beaconKeys },
    })[job];

  it("changes every item once, and keeps its values", async () => {
    const table = await newTable(ids.map(itemOf));
    await run(table);
    expect((await run(table, optionsFor(table))).counts).toMatchObject({ read: 10, written: 10, failed: 0 });
    if (job === "decrypt") expect((await rows(table)).map((row) => row["id"]?.S).sort()).toEqual(ids);
    for (const id of ids) expect(await read(table, id, job === "re-encrypt" ? keyringOf(2) : keyring)).toEqual(itemOf(id));
    if (job === "update-beacons") expect((await rows(table)).filter((row) => row["aws_dbe_b_email"] === undefined)).toEqual([]);
    if (job === "decrypt") expect((await rows(table)).every(isPlain)).toBe(true);
    expect((await run(table, optionsFor(table))).counts).toMatchObject({ read: 10, written: 0, failed: 0 });
  });

  it.each([
    ["Delete", (table: string) => plain.send(new DeleteItemCommand({ TableName: table, Key: { id: S("x") } })), undefined],
    ["an encrypted Update", (table: string) => others.at(-1)?.act(table) ?? Promise.resolve(), { ...itemOf("x"), note: S("theirs") }],
    ["an Update of an unsigned attribute", (table: string) => set(table, "visits", { N: "2" }), { ...itemOf("x"), visits: { N: "2" } }],
  ] as const)("loses no %s in between", async (_, act, expected) => {
    const table = await newTable([itemOf("x")]);
    await run(table);
    const { client } = interrupted(2, () => act(table));
    await run(table, { ...optionsFor(table), client }, 1);
    expect(await read(table, "x", newKeyring)).toEqual(expected);
  });
});

describe("decrypt", () => {
  it.each([
    ["a schema that still encrypts", { schema, acknowledgePlaintext: "people-x" }],
    ["no acknowledgement", { schema: plainWriting }],
    ["the logical name in its place", { schema: plainWriting, acknowledgePlaintext: "people" }],
  ])("is refused with %s", (_, options) => {
    expect(() => tableJob({ job: "decrypt", client: plain, keyring, physicalTable: "people-x", ...options })).toThrow(
      expect.objectContaining({ code: "ERR_JOB_REFUSED" }),
    );
  });
});

describe("verify", () => {
  it("tells of keys, suites, formats and legends, and of items that a plain writer broke", async () => {
    const table = await newTable(ids.map(itemOf));
    await run(table);
    await plain.send(new PutItemCommand({ TableName: table, Item: itemOf("plain") }));
    await set(table, "email", S("broken")).catch(() => undefined);
    await plain.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { id: S("p1") },
        UpdateExpression: "SET tier = :t",
        ExpressionAttributeValues: { ":t": S("broken") },
      }),
    );
    const before = await rows(table);
    const { counts, pages } = await run(table, { job: "verify" }, 1);
    expect(counts).toMatchObject({ plain: 2, encrypted: 10, failed: 1, written: 0 });
    expect(pages.map(({ findings }) => findings.failures["ERR_NOT_AUTHENTIC"] ?? 0).reduce((sum, one) => sum + one)).toBe(1);
    const keys = new Set(pages.flatMap(({ findings }) => Object.keys(findings.keys)));
    expect([...keys]).toEqual(["test/key 1"]);
    expect(await rows(table)).toEqual(before);
  });
});
