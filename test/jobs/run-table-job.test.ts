import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttributeValue, CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import {
  estimateTableJob,
  type JobCheckpoints,
  type RunTableJobOptions,
  runTableJob,
  type TableJob,
  type TableJobOptions,
  tableJob,
} from "../../src/jobs/index.ts";
import { multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import { fileCheckpoints } from "../../src/node/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, startLocalGlobalTable, staticBranchKeyStore } from "../../src/testing/index.ts";

const region = "eu-west-1";
const schema = defineTable({
  tableName: "people",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" },
  otherAttributes: "ENCRYPT_AND_SIGN",
  algorithmSuite: "HMAC",
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});
const keyringOf = (fill: number): ReturnType<typeof rawAesKeyring> =>
  rawAesKeyring({ keyNamespace: "test", keyName: `key ${fill}`, wrappingKey: new Uint8Array(32).fill(fill) });
const keyring = keyringOf(1);

type Item = Record<string, AttributeValue>;
const itemOf = (id: string): Item => ({ id: { S: id }, email: { S: `${id}@b.c` }, tier: { S: "gold" } });
const itemsOf = (number: number): readonly Item[] => Array.from({ length: number }, (_, index) => itemOf(`p${index}`));
const remnant = (id: string): Item => ({ ...itemOf(id), aws_dbe_foot: { B: new Uint8Array(3) } });

let tables: LocalGlobalTable;
let client: DynamoDBClient;
let folder: string;
let made = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-jobs-"));
  tables = await startLocalGlobalTable({ regions: [region] });
  client = new DynamoDBClient(tables.clientConfig(region));
});
afterAll(async () => {
  client.destroy();
  rmSync(folder, { recursive: true });
  await tables.stop();
});

async function newTable(items: readonly Item[]): Promise<string> {
  made++;
  const TableName = `people-${made}`;
  const AttributeDefinitions = [{ AttributeName: "id", AttributeType: "S" as const }];
  const KeySchema = [{ AttributeName: "id", KeyType: "HASH" as const }];
  await client.send(new CreateTableCommand({ TableName, KeySchema, AttributeDefinitions, BillingMode: "PAY_PER_REQUEST" }));
  for (const Item of items) await client.send(new PutItemCommand({ TableName, Item }));
  return TableName;
}

const rows = async (TableName: string): Promise<readonly Item[]> =>
  (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
const jobOn = (table: string, options: Partial<TableJobOptions> = {}): TableJob =>
  tableJob({ job: "encrypt", client, schema, keyring, physicalTable: table, ...options });
const run = (job: TableJob, options: Partial<RunTableJobOptions> = {}): ReturnType<typeof runTableJob> =>
  runTableJob({ job, preFlight: { noBackup: true }, ...options });
const estimate = (job: TableJob): ReturnType<typeof estimateTableJob> => estimateTableJob({ job, preFlight: { noBackup: true } });

describe("runTableJob", () => {
  it("asks preFlight before it reads an item", async () => {
    const table = await newTable(itemsOf(2));
    await expect(runTableJob({ job: jobOn(table) })).rejects.toMatchObject({ code: "ERR_JOB_REFUSED" });
    expect(await rows(table)).toEqual(expect.arrayContaining([...itemsOf(2)]));
  });

  it("reports progress, a table that is done, and where the plain one still stands", async () => {
    const table = await newTable(itemsOf(9));
    const phases: string[] = [];
    const clock = { now: () => Date.UTC(2030, 0, 1) };
    const report = await run(jobOn(table), {
      pageSize: 2,
      clock,
      onProgress: ({ phase, counts }) => phases.push(`${phase} ${counts.read}`),
    });
    expect(report).toMatchObject({ outcome: "done", remaining: 0, counts: { read: 9, written: 9 } });
    expect(report.remains).toEqual([{ where: "backups" }, { where: "exports" }, { where: "copies" }]);
    expect(phases).toEqual(expect.arrayContaining(["write 9", "check 9"]));
    expect(await run(jobOn(table))).toMatchObject({ outcome: "done", counts: { written: 0, current: 9 } });
  });

  it("sees what others put in plain behind it", async () => {
    const table = await newTable(itemsOf(4));
    let late = false;
    const report = await run(jobOn(table), {
      totalSegments: 1,
      onProgress: ({ phase }) => {
        if (phase === "write") late = true;
      },
      checkpoints: {
        load: () => Promise.resolve([]),
        save: async ({ done }) => {
          if (done) await client.send(new PutItemCommand({ TableName: table, Item: itemOf("late") }));
        },
        clear: () => Promise.resolve(),
      },
    });
    expect(late).toBe(true);
    expect(report).toMatchObject({ outcome: "partial", remaining: 1, failures: [] });
  });

  it("goes on past items that fail, up to a limit, and from there when it is asked again", async () => {
    const table = await newTable([...itemsOf(6), remnant("r1"), remnant("r2"), remnant("r3")]);
    expect(await run(jobOn(table), { maximumFailures: 3 })).toMatchObject({
      outcome: "partial",
      counts: { written: 6, failed: 3 },
      remaining: 0,
    });

    const again = await newTable([...itemsOf(6), remnant("r1"), remnant("r2"), remnant("r3")]);
    const job = jobOn(again);
    const checkpoints = fileCheckpoints(join(folder, "limit.json"), { job, totalSegments: 1 });
    const options = { checkpoints, maximumFailures: 0, pageSize: 1, totalSegments: 1 };
    const outcomes: string[] = [];
    // Each time one more fails.
    for (let attempt = 0; attempt < 4; attempt++) {
      const { outcome, remaining, counts } = await run(jobOn(again), options);
      outcomes.push(outcome);
      if (outcome === "stopped") expect(remaining).toBeUndefined();
      else expect(counts).toMatchObject({ read: 9, written: 6, failed: 3 });
    }
    // The last one begins anew, since the job was done.
    expect(outcomes).toEqual(["stopped", "stopped", "stopped", "partial"]);
  });

  it("lets other segments save what they did when one fails", async () => {
    const table = await newTable(itemsOf(8));
    const job = jobOn(table);
    const file = join(folder, "broken.json");
    const broken: TableJob = {
      ...job,
      page: (input) => (input.segment === 1 ? Promise.reject(new Error("KMS is away")) : job.page(input)),
    };
    const checkpoints = fileCheckpoints(file, { job, totalSegments: 2 });
    await expect(run(broken, { checkpoints, totalSegments: 2 })).rejects.toThrow("KMS is away");
    const written = (await rows(table)).filter((row) => Object.hasOwn(row, "aws_dbe_head")).length;
    const saved: { readonly segments: readonly { readonly segment: number; readonly counts: { readonly written: number } }[] } = JSON.parse(
      readFileSync(file, "utf8"),
    );
    expect(saved.segments.map(({ segment, counts }) => [segment, counts.written])).toEqual([[0, written]]);
    const fresh = fileCheckpoints(file, { job, totalSegments: 2 });
    expect(await run(job, { checkpoints: fresh, totalSegments: 2 })).toMatchObject({ outcome: "done", counts: { read: 8, written: 8 } });
  });

  it.each<[string, Partial<RunTableJobOptions>, string]>([
    ["no segments", { totalSegments: 0 }, "totalSegments"],
    ["more than one process holds", { totalSegments: 65 }, "totalSegments"],
    ["a segment beyond the last", { totalSegments: 2, segment: 2 }, "segment"],
    ["half a segment", { totalSegments: 2, segment: 0.5 }, "segment"],
    ["a negative limit", { maximumFailures: -1 }, "maximumFailures"],
  ])("refuses %s", async (_, options, argument) => {
    await expect(run(jobOn("people-1"), options)).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT", details: { argument } });
  });
});

describe("estimateTableJob", () => {
  /** A client that counts what is sent. */
  function counting(): { readonly client: DynamoDBClient; readonly sent: Map<string, number> } {
    const counted = new DynamoDBClient(tables.clientConfig(region));
    const sent = new Map<string, number>();
    counted.middlewareStack.add(
      (next, { commandName = "" }) =>
        (args) => {
          sent.set(commandName, (sent.get(commandName) ?? 0) + 1);
          return next(args);
        },
      { step: "initialize", name: "counting" },
    );
    return { client: counted, sent };
  }

  it.each(["encrypt", "re-encrypt", "decrypt"] as const)("foretells what %s does, and sends no write", async (name) => {
    const table = await newTable(itemsOf(20));
    if (name !== "encrypt") await run(jobOn(table));
    const { client: counted, sent } = counting();
    const { plaintextOverride: _, ...rest } = schema;
    const options: Partial<TableJobOptions> = {
      encrypt: {},
      "re-encrypt": { keyring: multiKeyring({ generator: keyringOf(2), decryptOnly: [keyring] }) },
      decrypt: {
        schema: { ...rest, plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" as const },
        acknowledgePlaintext: table,
      },
    }[name];
    const job = jobOn(table, { ...options, job: name, client: counted });
    const before = await rows(table);
    const size = (items: readonly Item[]): number =>
      items.reduce(
        (sum, item) => sum + Object.entries(item).reduce((bytes, [key, { S = "", B = [] }]) => bytes + key.length + S.length + B.length, 0),
        0,
      );
    const foretold = await estimate(job);
    expect([...sent.keys()].filter((command) => /Put|Update|Delete|Transact|Write/.test(command))).toEqual([]);
    expect(await rows(table)).toEqual(before);
    expect(foretold).toMatchObject({
      counts: { written: 20 },
      tooLarge: 0,
      writeUnits: 20,
      kmsRequests: 0,
      streamRecords: 0,
      failures: [],
    });
    const report = await run(job);
    expect(report).toMatchObject({ outcome: "done", counts: { written: 20 } });
    // What was measured is a part; ids have one or two characters.
    expect(Math.abs(size(await rows(table)) - size(before) - foretold.growthBytes)).toBeLessThanOrEqual(40);
  });

  it("names items that would be too large or too wide, wherever in a page they are", async () => {
    const wide = Object.fromEntries(Array.from({ length: 170 }, (_, index) => [`a${index}`, { S: "x" }]));
    const large = { ...itemOf("large"), note: { S: "x".repeat(409_500) } };
    const table = await newTable([...itemsOf(10), { ...itemOf("wide"), ...wide }, large]);
    const job = jobOn(table);
    const foretold = await estimate(job);
    expect(foretold).toMatchObject({ counts: { written: 10, tooWide: 1, failed: 1 }, tooLarge: 1 });
    expect(foretold.failures.map(({ code }) => code).sort()).toEqual(["ERR_EXPRESSION_TOO_LARGE", "ERR_ITEM_TOO_LARGE"]);
    const { counts, outcome, remaining } = await run(job);
    expect({ counts, outcome, remaining }).toMatchObject({
      counts: { written: 10, tooWide: 1, failed: 1 },
      outcome: "partial",
      remaining: 2,
    });
  });
});

describe("update-beacons", () => {
  const version = "83eec007-5659-4554-bf11-86a87a8e7f17";
  const key = { branchKeyId: "beacons", activeVersion: version, versions: { [version]: new Uint8Array(32) } };
  const beaconKeysOf = (fill: number): NonNullable<TableJobOptions["beaconKeys"]> => ({
    keyStore: staticBranchKeyStore([{ ...key, beaconKey: new Uint8Array(32).fill(fill) }], { logicalKeyStoreName: "people" }),
    branchKeyId: "beacons",
  });
  const { attributes: _, ...rest } = schema;
  const emailBeacon = (length: number) =>
    defineTable({ ...rest, attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length } }, tier: "SIGN_ONLY" } });
  const signedBeacon = (compoundBeacons: object): ReturnType<typeof defineTable> =>
    defineTable({ ...emailBeacon(20), compoundBeacons } as ReturnType<typeof emailBeacon>);
  const updating = { job: "update-beacons", beaconKeys: beaconKeysOf(1) } as const;
  const verifying = { ...updating, job: "verify" } as const;
  const stale = async (table: string, options: Partial<TableJobOptions>): Promise<number> =>
    (await run(jobOn(table, { ...verifying, ...options }))).counts.staleBeacons;
  const found = async (table: string, searched: TableJobOptions["schema"], email: string): Promise<readonly Item[]> => {
    const { beaconKeys } = updating;
    const options = { schemas: [searched], keyring, beaconKeys, tableNames: { people: table }, acknowledgePlaintext: true };
    const reader = encryptedClient(new DynamoDBClient(tables.clientConfig(region)), options);
    const input = { TableName: table, FilterExpression: "email = :e", ExpressionAttributeValues: { ":e": { S: email } } };
    return (await reader.send(new ScanCommand(input))).Items ?? [];
  };

  const withTwoPartitions = defineTable({
    ...rest,
    attributes: { email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 20 } }, tier: "SIGN_ONLY" },
    beaconPartitions: 2,
  });

  /** One partition for p…, another one for q…; without a selector any partition is right. */
  const selected = (one: TableJobOptions["schema"]): Partial<TableJobOptions> =>
    one === withTwoPartitions ? { partitionSelectors: { people: ({ item }) => (item["id"]?.S?.startsWith("q") === true ? 1 : 0) } } : {};

  it.each<[string, TableJobOptions["schema"], TableJobOptions["schema"]]>([
    ["adds a beacon", schema, emailBeacon(20)],
    ["changes its length", emailBeacon(12), emailBeacon(20)],
    ["divides it into partitions", emailBeacon(20), withTwoPartitions],
    ["puts it together again", withTwoPartitions, emailBeacon(20)],
  ])("%s, after which every item is found, and a second run has nothing to do", async (_name, before, after) => {
    const table = await newTable([...itemsOf(20), ...itemsOf(20).map((item, index) => ({ ...item, id: { S: `q${index}` } }))]);
    await run(jobOn(table, { schema: before, ...(before !== schema && { beaconKeys: beaconKeysOf(1) }) }));
    const missed = await stale(table, { schema: after, ...selected(after) });
    expect(missed).toBeGreaterThan(0);
    const job = jobOn(table, { ...updating, schema: after, ...selected(after) });
    expect((await estimate(job)).counts.written).toBe(missed);
    const report = await run(job);
    expect(report).toMatchObject({ outcome: "done", counts: { read: 40, written: missed, current: 40 - missed }, remaining: 0 });
    expect(await stale(table, { schema: after, ...selected(after) })).toBe(0);
    expect(await found(table, after, "p3@b.c")).toHaveLength(2);
    expect((await run(job)).counts).toMatchObject({ written: 0, current: 40 });
  });

  it("takes away one that the schema no longer has, and writes one under another key anew", async () => {
    const table = await newTable(itemsOf(6));
    await run(jobOn(table, { schema: emailBeacon(20), beaconKeys: beaconKeysOf(2) }));
    expect(await run(jobOn(table, { ...updating, schema: emailBeacon(20) }))).toMatchObject({ outcome: "done", counts: { written: 6 } });
    expect(await found(table, emailBeacon(20), "p3@b.c")).toEqual([itemOf("p3")]);
    expect(await run(jobOn(table, { job: "update-beacons" }))).toMatchObject({ outcome: "done", counts: { written: 6 } });
    expect((await rows(table)).flatMap((row) => Object.keys(row)).filter((name) => name.startsWith("aws_dbe_b_"))).toEqual([]);
  });

  it("makes signed beacons, and leaves plain items plain", async () => {
    const after = signedBeacon({ byTier: { split: ".", signed: [{ name: "tier", prefix: "T-" }] } });
    const table = await newTable(itemsOf(6));
    await run(jobOn(table));
    await client.send(new PutItemCommand({ TableName: table, Item: itemOf("plain") }));
    expect(await run(jobOn(table, { ...updating, schema: after }))).toMatchObject({ outcome: "done", counts: { written: 6, current: 1 } });
    const stored = await rows(table);
    expect(stored.filter((row) => row["byTier"]?.S === "T-gold")).toHaveLength(6);
    expect(stored.filter((row) => !Object.hasOwn(row, "aws_dbe_head"))).toEqual([itemOf("plain")]);
    expect(await stale(table, { schema: after })).toBe(0);
  });

  it("finds beacons that a plain writer took away or planted", async () => {
    const table = await newTable(itemsOf(4));
    await run(jobOn(table, { schema: emailBeacon(20), beaconKeys: beaconKeysOf(1) }));
    const [first = {}, second = {}] = await rows(table);
    const { aws_dbe_b_email: _taken, ...without } = first;
    await client.send(new PutItemCommand({ TableName: table, Item: without }));
    await client.send(new PutItemCommand({ TableName: table, Item: { ...second, aws_dbe_b_email: { S: "00000" } } }));
    expect(await stale(table, { schema: emailBeacon(20) })).toBe(2);
    expect(await run(jobOn(table, { ...updating, schema: emailBeacon(20) }))).toMatchObject({ outcome: "done", counts: { written: 2 } });
  });
});

describe("fileCheckpoints", () => {
  const job = { job: "encrypt", tableName: "people", physicalTable: "people-7" } as const;
  const state = { segment: 0, cursor: { id: { S: "secret" } }, done: false } as const;
  const save = async (checkpoints: JobCheckpoints): Promise<void> => {
    const { counts, findings } = await jobOn("people-1").page({ segment: 0, totalSegments: 1, limit: 1 });
    await checkpoints.save({ ...state, counts, findings, failures: [] });
  };

  it("keep keys with binary values in a file for this user alone, and leave nothing behind", async () => {
    const file = join(folder, "own.json");
    const checkpoints = fileCheckpoints(file, { job, totalSegments: 2 });
    expect(await checkpoints.load()).toEqual([]);
    await save(checkpoints);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [loaded] = await fileCheckpoints(file, { job, totalSegments: 2 }).load();
    expect(loaded).toMatchObject(state);
    await checkpoints.clear();
    expect(readdirSync(folder).filter((name) => name.startsWith("own.json"))).toEqual([]);
  });

  it("forget what is done, so that one object serves a second run", async () => {
    const table = await newTable(itemsOf(8));
    const own = jobOn(table);
    const checkpoints = fileCheckpoints(join(folder, "twice.json"), { job: own, totalSegments: 2 });
    expect(await run(own, { checkpoints, totalSegments: 2 })).toMatchObject({ outcome: "done", counts: { written: 8 } });
    expect(await checkpoints.load()).toEqual([]);
    const { counts, findings } = await own.page({ segment: 0, totalSegments: 2 });
    await checkpoints.save({ segment: 0, cursor: undefined, done: false, counts, findings, failures: [] });
    expect((await checkpoints.load()).map(({ segment }) => segment)).toEqual([0]);
    await checkpoints.clear();
    await client.send(new PutItemCommand({ TableName: table, Item: itemOf("late") }));
    expect(await run(own, { checkpoints, totalSegments: 2 })).toMatchObject({ outcome: "done", counts: { read: 9, written: 1 } });
  });

  it.each([
    ["another job", { job: { ...job, job: "decrypt" } as const, totalSegments: 2 }],
    ["another table", { job: { ...job, physicalTable: "people-8" }, totalSegments: 2 }],
    ["another division", { job, totalSegments: 3 }],
    ["another Region", { job, totalSegments: 2, region: "us-east-1" }],
  ])("refuse the file of %s", async (_, options) => {
    const file = join(folder, "others.json");
    await save(fileCheckpoints(file, { job, totalSegments: 2 }));
    await expect(fileCheckpoints(file, options).load()).rejects.toMatchObject({ code: "ERR_JOB_REFUSED" });
  });

  it.each(["", "{", '{"version":1,"job":"secret"}', '"secret"'])("refuse what is not theirs: %s", async (text) => {
    const file = join(folder, "broken-text.json");
    writeFileSync(file, text);
    const error: unknown = await fileCheckpoints(file, { job, totalSegments: 2 })
      .load()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    expect(String(error)).not.toContain("secret");
  });
});
