import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttributeMap, itemToDynamoDbJson } from "../../src/attributes/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const region = "us-east-1";
const schema = {
  tableName: "customers",
  partitionKey: "customerId",
  algorithmSuite: "HMAC",
  attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY", visits: "DO_NOTHING" },
};
const canary = "canary-4711@example.com";
const plain: AttributeMap = { customerId: { S: "42" }, email: { S: canary }, tier: { S: "gold" }, visits: { N: "7" } };
const key = '{"customerId":{"S":"42"}}';

let folder: string;
let kms: LocalKms;
let tables: LocalGlobalTable;
let keyArn: string;
let stored: AttributeMap;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-item-"));
  [kms, tables] = await Promise.all([
    startLocalKms({ regions: [region] }),
    startLocalGlobalTable({
      regions: [region],
      tables: [
        {
          TableName: "customers-7",
          KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }],
        },
      ],
    }),
  ]);
  keyArn = (await kms.createKey({ region, multiRegion: true })).arn;
  const keyring = awsKmsMrkKeyring({ keyId: keyArn, clientSupplier: (name) => new KMSClient(kms.clientConfig(name)) });
  stored = (await itemEncryptor({ schema, keyring }).encryptItem(plain)).item;
  const client = new DynamoDBClient(tables.clientConfig(region));
  await client.send(new PutItemCommand({ TableName: "customers-7", Item: { ...stored } }));
  client.destroy();
  write("customers.table.json", schema);
  write("dynaseal.config.json", {
    schemas: "customers.table.json",
    tableNames: { customers: "customers-7" },
    keyring: { awsKmsMrkKeyring: { keyId: keyArn } },
  });
});
afterAll(async () => {
  await Promise.all([kms.stop(), tables.stop()]);
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without credentials in the folder, so that a command that needs none is seen to need none. */
function dynaseal(
  args: readonly string[],
  { input = "", keys = true }: { readonly input?: string; readonly keys?: boolean } = {},
): Promise<Ended> {
  const { endpoint: kmsEndpoint } = kms.clientConfig(region);
  const { endpoint: tableEndpoint } = tables.clientConfig(region);
  const env = {
    PATH: process.env["PATH"],
    ...(keys && {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_KMS: kmsEndpoint,
      AWS_ENDPOINT_URL_DYNAMODB: tableEndpoint,
    }),
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", import.meta.resolve("tsx"), main, "item", ...args],
      { cwd: folder, env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

function write(name: string, content: unknown): string {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}

const json = (item: AttributeMap): object => itemToDynamoDbJson(item);

describe("dynaseal item describe", () => {
  it("names format, suite, key, Region and the action of each attribute, without a key", async () => {
    const input = JSON.stringify({ Item: json(stored) });
    const { code, stdout, stderr } = await dynaseal(["describe", "--schema", "customers.table.json"], { input, keys: false });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Format 1, suite HMAC (0x6700). Nothing of this was verified.");
    expect(stdout).toContain(`aws-kms  ${keyArn}  in ${region}`);
    expect(stdout).toMatch(/email +ENCRYPT_AND_SIGN +B/);
    expect(stdout).toMatch(/visits +DO_NOTHING +N/);
    expect(stdout).not.toContain("canary");
    expect(stdout).not.toContain("gold");
  });

  it.each<[string, (item: object) => unknown, number]>([
    ["an item", (item) => item, 1],
    ["the output of get-item", (Item) => ({ Item }), 1],
    ["the output of query", (item) => ({ Items: [item, item], Count: 2 }), 2],
    ["a stream record", (item) => ({ eventName: "MODIFY", dynamodb: { NewImage: item, OldImage: item } }), 2],
    ["an event for Lambda", (item) => ({ Records: [{ dynamodb: { NewImage: item } }] }), 1],
    ["lines of an export", (Item) => `${JSON.stringify({ Item })}\n${JSON.stringify({ Item })}\n`, 2],
  ])("takes %s", async (_name, wrap, count) => {
    const wrapped = wrap(json(stored));
    const input = typeof wrapped === "string" ? wrapped : JSON.stringify(wrapped);
    const { code, stdout } = await dynaseal(["describe", "--json"], { input, keys: false });
    expect(code).toBe(0);
    const reports = [JSON.parse(stdout)].flat();
    expect(reports).toHaveLength(count);
    for (const report of reports) expect(report.encryptedDataKeys).toMatchObject([{ keyArn, region }]);
  });

  it("says that only the schema tells signed from unsigned attributes", async () => {
    const { stdout } = await dynaseal(["describe"], { input: JSON.stringify(json(stored)), keys: false });
    expect(stdout).toContain("Add --schema FILE");
  });

  it("fetches the item", async () => {
    const { code, stdout } = await dynaseal(["describe", "--physical-table", "customers-7", "--key", key, "--json"]);
    expect(code).toBe(0);
    const { bytes } = JSON.parse(stdout);
    expect(bytes.overhead).toBe(bytes.header + bytes.footer + 18);
    expect(bytes.item).toBeGreaterThan(bytes.overhead);
  });

  it("moves no cursor by an attribute's name", async () => {
    const planted = { ...json(stored), "a\u001b[2Jb\u202e": { S: "1" } };
    const { stdout } = await dynaseal(["describe"], { input: JSON.stringify(planted), keys: false });
    expect(stdout).toContain("a\\u{1b}[2Jb\\u{202e}");
    expect(stdout).not.toContain("\u001b");
  });

  it("shows the others if one fails, and ends with 2", async () => {
    const { code, stdout, stderr } = await dynaseal(["describe"], { input: JSON.stringify({ Items: [json(stored), json(plain)] }) });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("ERR_") });
    expect(stdout).toContain("Item 1 of 2");
    expect(stdout).toContain("suite HMAC");
  });

  it.each([
    ["text that is not JSON", `{"email":"${canary}`],
    ["nothing", ""],
    ["arrays in arrays", `${"[".repeat(50)}${"]".repeat(50)}`],
  ])("refuses %s, and quotes nothing of it", async (_name, input) => {
    const { code, stdout, stderr } = await dynaseal(["describe"], { input, keys: false });
    expect({ code, stdout }).toEqual({ code: 252, stdout: "" });
    expect(stderr).toContain("ERR_INVALID_ARGUMENT");
    expect(stderr).not.toContain("canary");
  });

  it("refuses a file that is not there, and a key without a table", async () => {
    expect(await dynaseal(["describe", "nowhere.json"])).toMatchObject({
      code: 252,
      stderr: expect.stringContaining("ERR_INVALID_ARGUMENT"),
    });
    expect(await dynaseal(["describe", "--key", key])).toMatchObject({ code: 252, stderr: expect.stringContaining("--physical-table") });
  });
});

describe("dynaseal item decrypt", () => {
  it("verifies, and prints names, types and lengths but no value", async () => {
    const { code, stdout } = await dynaseal(["decrypt", "--table", "customers", "--key", key]);
    expect(code).toBe(0);
    expect(stdout).toContain("verified");
    expect(stdout).toMatch(new RegExp(`email +S  ${canary.length} bytes  ENCRYPT_AND_SIGN\n`));
    expect(stdout).toContain("DO_NOTHING, not verified");
    expect(stdout).not.toContain("canary");
    expect(stdout).not.toContain("gold");
  });

  it("reveals what is named and nothing else, and repeats the reason", async () => {
    const args = ["decrypt", write("item.json", json(stored)), "--json", "--reason", "ticket 1234", "--reveal", "email"];
    const { code, stdout, stderr } = await dynaseal(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^Reason: ticket 1234$/m) });
    const { verified, attributes } = JSON.parse(stdout);
    expect(verified).toBe(true);
    expect(attributes.filter((one: object) => "value" in one)).toEqual([
      { name: "email", action: "ENCRYPT_AND_SIGN", type: "S", bytes: canary.length, value: { S: canary } },
    ]);
  });

  it("reveals nothing into a pipe without names", async () => {
    const { code, stdout, stderr } = await dynaseal(["decrypt", write("item.json", json(stored)), "--reveal"]);
    expect({ code, stdout }).toEqual({ code: 252, stdout: "" });
    expect(stderr).toContain("--reveal");
  });

  it("refuses an item that was changed, and prints nothing of it", async () => {
    const input = JSON.stringify(json({ ...stored, tier: { S: "platinum" } }));
    const { code, stdout, stderr } = await dynaseal(["decrypt", "--reveal", "email"], { input });
    expect({ code, stdout }).toEqual({ code: 255, stdout: "" });
    expect(stderr).toContain("ERR_NOT_AUTHENTIC");
  });

  it("ends with 254 if KMS refuses", async () => {
    const lift = kms.faults.deny({ region });
    const { code, stdout } = await dynaseal(["decrypt", write("item.json", json(stored))]);
    lift();
    expect({ code, stdout }).toEqual({ code: 254, stdout: "" });
  });

  it("refuses a table that the configuration does not have", async () => {
    const { code, stderr } = await dynaseal(["decrypt", "--table", "orders", "--key", key]);
    expect({ code, stderr }).toEqual({ code: 252, stderr: expect.stringContaining("customers") });
  });
});
