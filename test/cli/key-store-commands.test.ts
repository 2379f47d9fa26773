import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { type Ended, runCommand } from "../support/run-command.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const home = "us-east-1";
const away = "eu-west-1";
const tableName = "key-store-7";
const uuid = /^[0-9a-f-]{36}$/;

let folder: string;
let kms: LocalKms;
let tables: LocalGlobalTable;
let sts: Server;
let stsRefuses = false;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-key-store-"));
  [kms, tables] = await Promise.all([
    startLocalKms({ regions: [home, away] }),
    startLocalGlobalTable({ regions: [home, away], tableScope: "one-region" }),
  ]);
  sts = createServer((request, response) => {
    request.resume().on("end", () => {
      response
        .writeHead(stsRefuses ? 403 : 200, { "content-type": "text/xml" })
        .end(
          stsRefuses
            ? "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>"
            : "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/keys/ann</Arn><UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        );
    });
  });
  await new Promise<void>((resolve) => sts.listen(0, "127.0.0.1", resolve));
  const { arn, keyId } = await kms.createKey({ region: home, multiRegion: true });
  await kms.replicateKey({ keyId, replicaRegion: away });
  const common = { schemas: "schemas", keyring: { awsKmsMrkKeyring: { keyId: arn } } };
  const keyStore = { tableName, logicalKeyStoreName: "customers-test", kms: { mrkArn: arn } };
  writeFileSync(join(folder, "dynaseal.config.json"), JSON.stringify({ ...common, keyStore }));
  writeFileSync(join(folder, "no-key-store.json"), JSON.stringify(common));
  writeFileSync(
    join(folder, "discovery.json"),
    JSON.stringify({ ...common, keyStore: { ...keyStore, kms: { mrkDiscovery: { accountIds: ["000000000000"] } } } }),
  );
  await succeeds("create", "--replicas", away);
});
afterAll(async () => {
  sts.close();
  await Promise.all([kms.stop(), tables.stop()]);
  rmSync(folder, { recursive: true });
});

const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  // The AWS SDK warns of old versions of Node, on the standard error that is looked at here.
  NODE_NO_WARNINGS: "1",
  AWS_REGION: home,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_ENDPOINT_URL_KMS: kms.endpoint,
  AWS_ENDPOINT_URL_DYNAMODB: tables.clientConfig(home).endpoint,
  ...more,
});

/** In this process: starting one takes longer than what most commands do. */
function dynaseal(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const config = args.includes("--config") ? [] : ["--config", join(folder, "dynaseal.config.json")];
  return runCommand(["key-store", ...args, ...config], environment(more));
}

/** As a user starts it, in the folder of the configuration. */
function dynasealProcess(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), main, "key-store", ...args],
      { cwd: folder, env: { PATH: process.env["PATH"], ...environment() } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** What the command prints as JSON. */
async function succeeds(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await dynaseal([...args, "--output", "json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining("ERR_") });
  return JSON.parse(stdout);
}

async function itemCount(region = home): Promise<number | undefined> {
  const client = new DynamoDBClient(tables.clientConfig(region));
  const { Count } = await client.send(new ScanCommand({ TableName: tableName, ConsistentRead: true }));
  client.destroy();
  return Count;
}

const stsEndpoint = (): string => `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;

describe("dynaseal key-store", () => {
  it("creates the key store in both Regions, and again without harm", async () => {
    for (const region of [home, away]) {
      const client = new DynamoDBClient(tables.clientConfig(region));
      const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      client.destroy();
      expect(Table).toMatchObject({ TableStatus: "ACTIVE", DeletionProtectionEnabled: true });
    }
    const again = await dynasealProcess(["create", "--replicas", away]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining(tableName) });
  });

  it("creates, rotates, lists and describes a branch key, from either Region", async () => {
    const created = await succeeds("create-key", "--branch-key-id", "tenant-7", "--encryption-context", "tenant=7=seven", "plan=gold");
    expect(created).toEqual({ dryRun: false, tableName, branchKeyId: "tenant-7", branchKeyVersion: expect.stringMatching(uuid) });
    const rotated = await succeeds("version-key", "tenant-7");
    expect(rotated["branchKeyVersion"]).not.toBe(created["branchKeyVersion"]);
    await expect.poll(() => itemCount(away), { timeout: 10_000 }).toBe(await itemCount());
    for (const region of [home, away]) {
      expect(await succeeds("list-keys", "--region", region)).toEqual({ branchKeyIds: expect.arrayContaining(["tenant-7"]) });
      const described = await succeeds("describe-key", "tenant-7", "--region", region);
      expect(described).toMatchObject({
        branchKeyId: "tenant-7",
        activeVersion: rotated["branchKeyVersion"],
        beaconKey: true,
        encryptionContextKeys: ["plan", "tenant"],
      });
      expect(described["versions"]).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ branchKeyVersion: created["branchKeyVersion"], active: false }),
          expect.objectContaining({ branchKeyVersion: rotated["branchKeyVersion"], active: true }),
        ]),
      );
      expect(described).not.toHaveProperty("encryptionContext");
    }
    expect(await succeeds("describe-key", "tenant-7", "--reveal")).toMatchObject({
      encryptionContext: { tenant: "7=seven", plan: "gold" },
    });
    const { stdout } = await dynaseal(["describe-key", "tenant-7"]);
    expect(stdout).toContain("Nothing of this was verified");
    expect(stdout).toContain("plan, tenant");
    expect(stdout).not.toContain("seven");
    expect((await dynaseal(["list-keys"])).stdout.split("\n")).toContain("tenant-7");
  });

  it("takes a random id, and shows who writes where on standard error, so that JSON stands alone", async () => {
    const { code, stdout, stderr } = await dynaseal(["create-key", "--json"], { AWS_ENDPOINT_URL_STS: stsEndpoint() });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)["branchKeyId"]).toMatch(uuid);
    expect(stderr).toBe("In us-east-1: account 111122223333, as arn:aws:sts::111122223333:assumed-role/keys/ann\n");
    const local = await dynaseal(["create-key", "--dry-run", "--region", away]);
    expect(local.stderr).toBe("In eu-west-1: no account, servers on this machine\n");
  });

  it("writes nothing if it does not know who writes", async () => {
    const before = await itemCount();
    stsRefuses = true;
    try {
      const { code, stderr } = await dynaseal(["create-key"], { AWS_ENDPOINT_URL_STS: stsEndpoint() });
      expect({ code, stderr }).toEqual({ code: 253, stderr: expect.stringContaining("ExpiredToken") });
    } finally {
      stsRefuses = false;
    }
    expect(await itemCount()).toBe(before);
  });

  it("writes nothing in a dry run, and fails where the write would", async () => {
    await succeeds("create-key", "--branch-key-id", "dry", "--encryption-context", "tenant=dry");
    const before = await itemCount();
    expect(await succeeds("create", "--dry-run", "--replicas", away)).toEqual({ dryRun: true, tableName, replicas: [away] });
    expect(await succeeds("create-key", "--dry-run")).toEqual({ dryRun: true, tableName });
    expect(await succeeds("version-key", "dry", "--dry-run")).toMatchObject({ dryRun: true, activeVersion: expect.stringMatching(uuid) });
    expect(await itemCount()).toBe(before);
  });

  it.each([
    ["an id that is taken", ["create-key", "--branch-key-id", "dry", "--encryption-context", "tenant=dry"], "ERR_BRANCH_KEY_EXISTS"],
    ["a key that is not there", ["version-key", "nobody"], "ERR_BRANCH_KEY_NOT_FOUND"],
  ])("fails in a dry run as the write would, for %s", async (_name, args, why) => {
    const [dry, wet] = [await dynaseal([...args, "--dry-run"]), await dynaseal(args)];
    expect(dry).toEqual(wet);
    expect(dry).toMatchObject({ code: 254, stdout: "", stderr: expect.stringContaining(why) });
  });

  it.each([
    ["an id without a context", ["create-key", "--branch-key-id", "bare"], 252, "ERR_INVALID_ARGUMENT"],
    ["a context that is not a pair", ["create-key", "--encryption-context", "secret-7"], 252, "ERR_INVALID_ARGUMENT"],
    ["a name given twice", ["create-key", "--encryption-context", "a=secret-7", "a=1"], 252, "ERR_INVALID_ARGUMENT"],
    ["a configuration without a key store", ["list-keys", "--config", "no-key-store.json"], 252, "ERR_INVALID_ARGUMENT"],
    ["a key that is not there", ["describe-key", "nobody"], 254, "ERR_BRANCH_KEY_NOT_FOUND"],
    ["no id", ["describe-key"], 252, "missing required argument"],
    ["a write under discovery", ["create-key", "--config", "discovery.json"], 254, "ERR_KEY_STORE_DISCOVERY_WRITE"],
  ])("refuses %s, and says why without quoting a value", async (_name, args, code, why) => {
    const ended = await dynaseal(args.map((arg) => (arg.endsWith(".json") ? join(folder, arg) : arg)));
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(why) });
    expect(ended.stderr).not.toContain("secret-7");
  });
});

describe("disabling, enabling and erasing a branch key from the command line", () => {
  const create = (id: string): Promise<unknown> => succeeds("create-key", "--branch-key-id", id, "--encryption-context", "tenant=a");

  it("disables and enables a key, and shows it", async () => {
    await create("leaving");
    expect(await succeeds("disable-key", "leaving", "--dry-run")).toMatchObject({ dryRun: true, state: "active", versions: 1 });
    expect(await succeeds("describe-key", "leaving")).toMatchObject({ state: "active", stateSince: null });
    const { disabledAt } = await succeeds("disable-key", "leaving");
    expect(await succeeds("describe-key", "leaving")).toMatchObject({ state: "disabled", stateSince: disabledAt });
    expect(await dynaseal(["version-key", "leaving"])).toMatchObject({
      code: 254,
      stderr: expect.stringContaining("ERR_BRANCH_KEY_ERASED"),
    });
    expect(await succeeds("enable-key", "leaving", "--dry-run")).toMatchObject({ dryRun: true, disabledAt });
    expect(await succeeds("describe-key", "leaving")).toMatchObject({ state: "disabled" });
    await succeeds("enable-key", "leaving");
    expect(await succeeds("describe-key", "leaving")).toMatchObject({ state: "active", beaconKey: true });
    await succeeds("version-key", "leaving");
  });

  it("erases a disabled key, verifies it in each Region, and says what stays", async () => {
    await create("gone");
    await succeeds("version-key", "gone");
    await succeeds("disable-key", "gone");
    await tables.settled();
    const erase = ["erase-key", "gone", "--confirm", "gone", "--regions", home, away];
    expect(await succeeds(...erase, "--pending-days", "0", "--dry-run")).toMatchObject({ dryRun: true, state: "disabled", versions: 2 });
    const before = Date.now();
    const erased = await succeeds(...erase, "--pending-days", "0");
    expect(erased).toMatchObject({
      branchKeyId: "gone",
      deletedVersions: 2,
      regions: [home, away],
      verification: { erased: true, cameBack: [], missing: [] },
      notTouched: expect.arrayContaining([expect.stringContaining("backups"), expect.stringContaining("SIGN_ONLY")]),
    });
    const until = Date.parse(String(erased["noPointInTimeRecoveryAfter"])) - 35 * 86_400_000;
    expect(until).toBeGreaterThanOrEqual(before);
    expect(until).toBeLessThanOrEqual(Date.now());
    expect(await succeeds("describe-key", "gone")).toMatchObject({ state: "erased", versions: [] });
    const again = await dynaseal(["erase-key", "gone", "--confirm", "gone"]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("No other Region was asked") });
    expect(again.stdout).toContain("point-in-time recovery");
    expect(again.stdout).toContain("equal beacons");
  });

  it("ends with 1 and names what came back, and with 2 if a Region does not answer after the erasure", async () => {
    await create("back");
    await succeeds("disable-key", "back");
    await tables.settled();
    tables.pause();
    const erase = ["erase-key", "back", "--confirm", "back", "--pending-days", "0", "--regions", home];
    try {
      const left = await dynaseal([...erase, away, "--json"]);
      expect(left.code).toBe(1);
      const { verification } = JSON.parse(left.stdout);
      expect(verification.erased).toBe(false);
      expect(verification.cameBack).toEqual(expect.arrayContaining([{ region: away, type: "branch:ACTIVE" }]));
      expect(await dynaseal([...erase, away])).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`${away}: branch:ACTIVE is there`),
      });
    } finally {
      tables.resume();
      await tables.settled();
    }
    const unasked = await dynaseal([...erase, "ap-south-1", "--json"]);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining("not verified") });
    expect(JSON.parse(unasked.stdout)).toMatchObject({ branchKeyId: "back", verification: null });
    expect(await dynaseal([...erase, away])).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing is left") });
  });

  it.each([
    ["a key in use, enabled", ["enable-key", "used"], 254, "ERR_BRANCH_KEY_NOT_DISABLED"],
    ["a key in use, erased", ["erase-key", "used", "--confirm", "used"], 254, "ERR_BRANCH_KEY_NOT_DISABLED"],
    ["a key disabled just now, erased", ["erase-key", "fresh", "--confirm", "fresh"], 254, "ERR_BRANCH_KEY_ERASE_PENDING"],
    ["an erased key, disabled", ["disable-key", "erased"], 254, "ERR_BRANCH_KEY_ERASED"],
    ["an erased key, enabled", ["enable-key", "erased"], 254, "ERR_BRANCH_KEY_ERASED"],
    ["a key that is not there", ["disable-key", "nobody"], 254, "ERR_BRANCH_KEY_NOT_FOUND"],
    ["another id to confirm", ["erase-key", "fresh", "--confirm", "frehs"], 252, "ERR_INVALID_ARGUMENT"],
    ["no id to confirm", ["erase-key", "fresh"], 252, "--confirm"],
    ["days that are no number", ["erase-key", "fresh", "--confirm", "fresh", "--pending-days", "soon"], 252, "ERR_INVALID_ARGUMENT"],
    ["negative days", ["erase-key", "fresh", "--confirm", "fresh", "--pending-days", "-1"], 252, "ERR_INVALID_ARGUMENT"],
  ])("refuses %s, in a dry run too", async (_name, args, code, why) => {
    if ((await dynaseal(["describe-key", "used"])).code !== 0) {
      for (const id of ["used", "fresh", "erased"]) await create(id);
      for (const id of ["fresh", "erased"]) await succeeds("disable-key", id);
      await succeeds("erase-key", "erased", "--confirm", "erased", "--pending-days", "0");
    }
    const before = await itemCount();
    for (const more of [[], ["--dry-run"]]) {
      expect(await dynaseal([...args, ...more])).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(why) });
    }
    expect(await itemCount()).toBe(before);
  });
});
