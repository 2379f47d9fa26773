import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { branchKeyStore } from "../../src/keystore/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const region = "eu-west-1";
const base = {
  tableName: "people",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" },
  algorithmSuite: "HMAC",
} as const;
const encrypting = { ...base, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
const plainWriting = { ...base, plaintextOverride: "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" } as const;
/** On a server without backups. The keyring asks KMS for each item, which wants a rate. */
const here = ["--no-backup", "--kms-requests", "100000"] as const;

let folder: string;
let kms: LocalKms;
let tables: LocalGlobalTable;
let client: DynamoDBClient;
let keyId: string;
let made = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-table-"));
  [kms, tables] = await Promise.all([startLocalKms({ regions: [region] }), startLocalGlobalTable({ regions: [region] })]);
  client = new DynamoDBClient(tables.clientConfig(region));
  ({ arn: keyId } = await kms.createKey({ region, multiRegion: true }));
  for (const [name, schema] of Object.entries({ encrypting, plainWriting })) {
    writeFileSync(join(folder, `${name}.table.json`), JSON.stringify(schema));
    writeFileSync(
      join(folder, `${name}.json`),
      JSON.stringify({ schemas: `${name}.table.json`, keyring: { awsKmsMrkKeyring: { keyId } } }),
    );
  }
});
afterAll(async () => {
  client.destroy();
  await Promise.all([kms.stop(), tables.stop()]);
  rmSync(folder, { recursive: true });
});

type Item = Record<string, AttributeValue>;

const itemOf = (id: string): Item => ({ id: { S: id }, email: { S: `${id}@b.c` }, tier: { S: "gold" } });

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
  ((await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? []).sort((a, b) =>
    (a["id"]?.S ?? "") < (b["id"]?.S ?? "") ? -1 : 1,
  );
const plainRows = async (table: string): Promise<number> => (await rows(table)).filter((row) => !Object.hasOwn(row, "aws_dbe_head")).length;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  NODE_NO_WARNINGS: "1",
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_ENDPOINT_URL_KMS: kms.endpoint,
  AWS_ENDPOINT_URL_DYNAMODB: tables.clientConfig(region).endpoint,
});
const argumentsOf = (args: readonly string[]): string[] => ["--import", import.meta.resolve("tsx"), main, "table", ...args];

function dynaseal(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, argumentsOf(args), { cwd: folder, env: environment() }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** A job on a table, with its report. */
async function job(
  name: string,
  table: string,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly report: Record<string, unknown> }> {
  const config = name === "decrypt" ? "plainWriting.json" : "encrypting.json";
  const options = name === "count" || name === "verify" ? args : [...here.slice(0, 1), ...args];
  const rate = name === "count" ? [] : here.slice(1);
  const ended = await dynaseal(name, "--physical-table", table, "--config", config, "--json", ...rate, ...options);
  expect(ended).toMatchObject({ stderr: expect.not.stringContaining("ERR_"), stdout: expect.stringMatching(/^\{/) });
  return { code: ended.code, report: JSON.parse(ended.stdout) };
}

const ids = Array.from({ length: 12 }, (_, index) => `p${index}`);
const checkpointOf = (table: string): string => join(folder, `dynaseal-encrypt-${table}.checkpoint.json`);

describe("dynaseal table", () => {
  it("estimates, encrypts, counts, verifies and decrypts a table", async () => {
    const table = await newTable(ids.map(itemOf));
    const before = await rows(table);

    const estimate = await job("encrypt", table, "--dry-run");
    expect(estimate).toMatchObject({
      code: 0,
      report: { dryRun: true, counts: { read: 12, plain: 12, written: 12 }, kmsRequests: 12, tooLarge: 0 },
    });
    expect(await rows(table)).toEqual(before);
    expect(await job("count", table)).toMatchObject({ code: 1, report: { counts: { plain: 12, encrypted: 0 } } });

    const encrypted = await job("encrypt", table);
    expect(encrypted).toMatchObject({
      code: 0,
      report: { dryRun: false, outcome: "done", counts: { written: 12 }, remaining: 0, failures: [] },
    });
    expect(encrypted.report["remains"]).toEqual([{ where: "backups" }, { where: "exports" }, { where: "copies" }]);
    expect(await plainRows(table)).toBe(0);
    expect(existsSync(checkpointOf(table))).toBe(false);
    expect(await job("encrypt", table)).toMatchObject({ code: 0, report: { counts: { written: 0, current: 12 } } });
    expect(await job("re-encrypt", table)).toMatchObject({ code: 0, report: { counts: { written: 0, current: 12 }, remaining: 0 } });
    expect(await job("count", table)).toMatchObject({ code: 0, report: { counts: { plain: 0, encrypted: 12 } } });
    expect(await job("verify", table)).toMatchObject({ code: 0, report: { findings: { keys: { [keyId]: 12 } }, remains: [] } });

    const decrypted = await job("decrypt", table, "--acknowledge-plaintext", table);
    expect(decrypted).toMatchObject({ code: 0, report: { counts: { written: 12 }, remaining: 0 } });
    expect(await rows(table)).toEqual(before);
  }, 60_000);

  it("does one segment with a share of the job, and says what is left to people, with the account before it writes", async () => {
    const table = await newTable(ids.map(itemOf));
    const args = ["encrypt", "--physical-table", table, "--config", "encrypting.json", ...here, "--total-segments", "2"];
    const first = await dynaseal(...args, "--segment", "0");
    expect(first).toMatchObject({ code: 0, stderr: "In eu-west-1: no account, servers on this machine\n" });
    const left = await plainRows(table);
    expect(left).toBeLessThan(12);
    const second = await dynaseal(...args, "--segment", "1");
    expect(second.stdout).toMatch(new RegExp(`written +${left}\\n`));
    expect(second.stdout).toContain("What was plain still stands in:");
    expect(await plainRows(table)).toBe(0);
  });

  it("reports an item that it cannot write, without its key, until that is asked for", async () => {
    const table = await newTable([itemOf("a"), { ...itemOf("secret-7"), aws_dbe_foot: { B: new Uint8Array(3) } }]);
    const ended = await job("encrypt", table);
    expect(ended).toMatchObject({
      code: 2,
      report: { outcome: "partial", counts: { written: 1, failed: 1 }, failures: [{ code: "ERR_ITEM_REMNANT" }] },
    });
    expect(JSON.stringify(ended)).not.toContain("secret-7");
    expect(await job("verify", table, "--reveal")).toMatchObject({
      code: 1,
      report: { failures: [{ code: "ERR_ITEM_REMNANT", key: { id: { S: "secret-7" } } }] },
    });
    expect(await job("encrypt", table, "--max-failures", "0", "--page-size", "1")).toMatchObject({ code: 2 });
  });

  it("goes on after kill -9 where it was, from a file that others cannot read", async () => {
    const many = Array.from({ length: 60 }, (_, index) => itemOf(`k${index}`));
    const table = await newTable(many);
    const args = ["encrypt", "--physical-table", table, "--config", "encrypting.json", ...here, "--json", "--page-size", "2"];
    const file = checkpointOf(table);
    await killed(args, file, "SIGKILL");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const written = 60 - (await plainRows(table));
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThan(60);
    const segments: readonly { readonly counts: { readonly read: number } }[] = JSON.parse(readFileSync(file, "utf8")).segments;
    const saved = segments.reduce((sum, { counts }) => sum + counts.read, 0);
    expect(saved).toBeGreaterThan(0);
    await client.send(new PutItemCommand({ TableName: table, Item: itemOf("late") }));

    const again = await dynaseal(...args);
    const report = JSON.parse(again.stdout);
    expect(report.counts.read).toBeLessThanOrEqual(61);
    if (report.remaining > 0) {
      // The late item stands in a part that was done: it was seen, and the next run takes it.
      expect({ code: again.code, outcome: report.outcome, remaining: report.remaining }).toEqual({
        code: 2,
        outcome: "partial",
        remaining: 1,
      });
      expect((await dynaseal(...args)).code).toBe(0);
    }
    expect(await plainRows(table)).toBe(0);
    expect(existsSync(file)).toBe(false);
    const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: (one) => new KMSClient(kms.clientConfig(one)) });
    const reader = encryptedClient(new DynamoDBClient(tables.clientConfig(region)), {
      schemas: [defineTable(encrypting)],
      keyring,
      tableNames: { people: table },
      acknowledgePlaintext: true,
    });
    for (const item of many) {
      const { Item } = await reader.send(new GetItemCommand({ TableName: table, Key: { id: item["id"] ?? { S: "" } } }));
      expect(Item).toEqual(item);
    }
    reader.destroy();
  }, 60_000);

  it("ends with 130 when it is interrupted, and leaves a whole checkpoint", async () => {
    const table = await newTable(Array.from({ length: 60 }, (_, index) => itemOf(`k${index}`)));
    const args = ["encrypt", "--physical-table", table, "--config", "encrypting.json", ...here, "--page-size", "2"];
    expect(await killed(args, checkpointOf(table), "SIGINT")).toBe(130);
    expect(JSON.parse(readFileSync(checkpointOf(table), "utf8"))).toMatchObject({ job: "encrypt", physicalTable: table });
    const other = await dynaseal("count", "--physical-table", table, "--config", "encrypting.json", "--checkpoint", checkpointOf(table));
    expect(other).toMatchObject({ code: 252, stderr: expect.stringContaining("ERR_JOB_REFUSED") });
  }, 30_000);

  it("adds beacons under the key store of the configuration, and asks for no rate where KMS is asked once", async () => {
    const keyStore = { tableName: "branch-keys", logicalKeyStoreName: "people-test", kms: { mrkArn: keyId }, region };
    const clientSupplier = (one: string): KMSClient => new KMSClient(kms.clientConfig(one));
    const store = branchKeyStore({ ...keyStore, client, kms: { mrkArn: keyId, clientSupplier } });
    await store.createTable();
    const { branchKeyId } = await store.createKey({ branchKeyId: "people", encryptionContext: { for: "people" } });
    const attributes = { ...encrypting.attributes, email: { action: "ENCRYPT_AND_SIGN", beacon: { length: 16 } } };
    writeFileSync(join(folder, "searched.table.json"), JSON.stringify({ ...encrypting, attributes }));
    const config = { keyStore, keyring: { awsKmsHierarchicalKeyring: { branchKeyId } }, beaconKeys: { branchKeyId } };
    for (const name of ["encrypting", "searched"]) {
      writeFileSync(join(folder, `${name}-tenant.json`), JSON.stringify({ schemas: `${name}.table.json`, ...config }));
    }
    const table = await newTable(ids.map(itemOf));
    const run = async (name: string, schema: string, ...args: readonly string[]): Promise<unknown> => {
      const ended = await dynaseal(name, "--physical-table", table, "--config", `${schema}-tenant.json`, "--json", ...args);
      return { code: ended.code, ...(ended.stdout !== "" && { report: JSON.parse(ended.stdout) }), stderr: ended.stderr };
    };
    expect(await run("encrypt", "encrypting", "--no-backup")).toMatchObject({ code: 0, report: { counts: { written: 12 } } });
    expect(await run("verify", "searched")).toMatchObject({ code: 1, report: { counts: { failed: 0, staleBeacons: 12 } } });
    expect(await run("update-beacons", "searched", "--no-backup")).toMatchObject({
      code: 0,
      report: { counts: { written: 12 }, remaining: 0 },
    });
    expect((await rows(table)).filter((row) => row["aws_dbe_b_email"] === undefined)).toEqual([]);
    expect(await run("verify", "searched")).toMatchObject({ code: 0, report: { counts: { staleBeacons: 0 } } });
  }, 30_000);

  describe("refuses, and writes nothing", () => {
    const refused: readonly (readonly [string, readonly string[], string])[] = [
      ["no backup that was asked for", ["encrypt", "--config", "encrypting.json", ...here.slice(1)], "point-in-time recovery is off"],
      [
        "a keyring that asks KMS for each item, without a rate",
        ["encrypt", "--config", "encrypting.json", "--no-backup"],
        "--kms-requests",
      ],
      ["encrypt, while writers write plain", ["encrypt", "--config", "plainWriting.json", ...here], "ERR_JOB_REFUSED"],
      [
        "decrypt, while writers encrypt",
        ["decrypt", "--config", "encrypting.json", ...here, "--acknowledge-plaintext", "people-1"],
        "ERR_JOB_REFUSED",
      ],
      ["decrypt without the name typed out", ["decrypt", "--config", "plainWriting.json", ...here], "--acknowledge-plaintext"],
      [
        "decrypt with the logical name",
        ["decrypt", "--config", "plainWriting.json", ...here, "--acknowledge-plaintext", "people"],
        "--acknowledge-plaintext",
      ],
      ["a part of nothing", ["encrypt", "--config", "encrypting.json", ...here, "--write-units", "50%"], "no provisioned capacity"],
      ["a rate that is none", ["encrypt", "--config", "encrypting.json", ...here, "--write-units", "0"], "above 0"],
      ["a segment that there is not", ["encrypt", "--config", "encrypting.json", ...here, "--segment", "4"], "0 to 3"],
      ["an option that would do nothing", ["count", "--config", "encrypting.json", "--dry-run"], "unknown option"],
    ];
    let ends: readonly Ended[] = [];
    beforeAll(async () => {
      const table = await newTable([itemOf("a")]);
      ends = await Promise.all(refused.map(([, args]) => dynaseal(...args, "--physical-table", table)));
      expect(await rows(table)).toEqual([itemOf("a")]);
    }, 60_000);

    it.each(refused.map(([name, , why], place) => [name, why, place] as const))("%s", (_name, why, place) => {
      expect(ends[place]).toMatchObject({ code: 252, stdout: "", stderr: expect.stringContaining(why) });
    });
  });
});

/** Runs a command slowly until it has saved something, and ends it; the exit code if it has one. */
function killed(args: readonly string[], file: string, signal: "SIGKILL" | "SIGINT"): Promise<number | null> {
  const child: ChildProcess = spawn(process.execPath, argumentsOf([...args, "--write-units", "40", "--total-segments", "4"]), {
    cwd: folder,
    env: environment(),
    stdio: "ignore",
  });
  const watch = setInterval(() => {
    if (!existsSync(file)) return;
    // Once: a second SIGINT would end it at once.
    clearInterval(watch);
    child.kill(signal);
  }, 20);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      clearInterval(watch);
      resolve(code);
    });
  });
}
