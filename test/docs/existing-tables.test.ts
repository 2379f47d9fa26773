import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { defineTable, parseSchema } from "../../src/schema/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { type Fleet, LiveTraffic } from "../support/live-traffic.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const region = "us-east-1";
const TableName = "customers-prod";
const shownKey = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";

let folder: string;
let kms: LocalKms;
let tables: LocalGlobalTable;
let keyId: string;
let plain: DynamoDBDocumentClient;
let blocks: readonly Block[];

/** A block of the page: a file if a name and a colon stand before it. */
interface Block {
  readonly language: string;
  readonly text: string;
  readonly file: string | undefined;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaseal-existing-"));
  [kms, tables] = await Promise.all([startLocalKms({ regions: [region] }), startLocalGlobalTable({ regions: [region] })]);
  ({ arn: keyId } = await kms.createKey({ region, multiRegion: true }));
  const client = new DynamoDBClient(tables.clientConfig(region));
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  plain = DynamoDBDocumentClient.from(client);
  const markdown = await readFile(`${root}docs/existing-tables.md`, "utf8");
  blocks = [...markdown.matchAll(/([^\n]*)\n\n```(\w+)\n(.*?)^```$/gms)].map(([, before = "", language = "", text = ""]) => ({
    language,
    text: text.replaceAll(shownKey, keyId),
    file: /`([\w./-]+)`[^`]*:$/.exec(before)?.[1],
  }));
  await mkdir(join(folder, "bin"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const paths = { dynaseal: [`${root}src/index.ts`], "dynaseal/*": [`${root}src/*/index.ts`] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ extends: `${root}tsconfig.json`, compilerOptions: { paths } }));
  const tsx = import.meta.resolve("tsx");
  await command("dynaseal", `"${process.execPath}" --import "${tsx}" "${root}src/cli/main.ts"`);
  await command("aws", `"${process.execPath}" "${root}test/support/aws-command.mjs"`);
});
afterAll(async () => {
  plain.destroy();
  await Promise.all([kms.stop(), tables.stop(), rm(folder, { recursive: true, force: true })]);
});

async function command(name: string, starts: string): Promise<void> {
  await writeFile(join(folder, "bin", name), `#!/bin/sh\nexec ${starts} "$@"\n`);
  await chmod(join(folder, "bin", name), 0o755);
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

function run(file: string, args: readonly string[]): Promise<Ended> {
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
    NODE_NO_WARNINGS: "1",
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: tables.clientConfig(region).endpoint,
  };
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

/** The one block of commands that has these words. */
function shell(words: string): Promise<Ended> {
  const [block, ...more] = blocks.filter(({ language, text }) => language === "sh" && text.includes(words));
  expect(more).toEqual([]);
  return run("sh", ["-euc", block?.text ?? "exit 99"]);
}

/** The schema of a step, as the page has it: 0 to 2. */
const schemaTexts = (): readonly string[] => blocks.filter(({ file }) => file === "schemas/customers.table.json").map(({ text }) => text);

/** The schema of a step becomes that of the command line, and of a fleet. */
async function deploy(step: 1 | 2 | 4): Promise<Fleet> {
  const text = schemaTexts()[step === 4 ? 2 : step - 1] ?? "";
  const written: readonly Block[] = [
    ...blocks.filter(({ file }) => file !== undefined && file !== "schemas/customers.table.json"),
    { language: "json", text, file: "schemas/customers.table.json" },
  ];
  for (const { file = "", text: content } of written) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: (one) => new KMSClient(kms.clientConfig(one)) });
  const schema = parseSchema(JSON.parse(text));
  const options = { schemas: [schema], keyring, tableNames: { customers: TableName }, ...(step !== 4 && { acknowledgePlaintext: true }) };
  return {
    name: `step ${step}`,
    documents: encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(tables.clientConfig(region))), options),
  };
}
const plainFleet = (): Fleet => ({ name: "plain", documents: plain });

async function counts(): Promise<{ readonly plain: number; readonly encrypted: number }> {
  const { Items = [] } = await plain.send(new ScanCommand({ TableName, ConsistentRead: true }));
  const encrypted = Items.filter((item) => Object.hasOwn(item, "aws_dbe_head")).length;
  return { plain: Items.length - encrypted, encrypted };
}

/** Both fleets of a rolling deployment, each item written by one and then the other, and everything read by both. */
async function sideBySide(traffic: LiveTraffic, ...fleets: readonly Fleet[]): Promise<void> {
  expect(await traffic.run(fleets, { operations: 500 })).toEqual([]);
  for (const fleet of fleets) expect(await traffic.differences(fleet)).toEqual([]);
}

describe("docs/existing-tables.md", () => {
  it("leads a table in use from plain to encrypted and back, step by step, and no request fails or loses what was written", async () => {
    const traffic = new LiveTraffic({ TableName, seed: 7 });
    await sideBySide(traffic, plainFleet());
    expect(await counts()).toMatchObject({ encrypted: 0 });
    expect(await shell("update-continuous-backups")).toMatchObject({ code: 0 });

    const first = await deploy(1);
    await sideBySide(traffic, plainFleet(), first);
    expect(await counts()).toMatchObject({ encrypted: 0 });
    const service = await run("node_modules/.bin/tsx", ["--tsconfig", "tsconfig.json", "service.ts"]);
    expect(service).toEqual({ code: 0, output: "" });
    // Writers would go on making plain items: the job does not start.
    expect(await shell("table encrypt --table customers --write-units")).toMatchObject({ code: 252 });

    const second = await deploy(2);
    await sideBySide(traffic, first, second);
    const before = await counts();
    expect(before.plain).toBeGreaterThan(0);
    expect(await shell("--dry-run")).toMatchObject({ code: 0, output: expect.stringContaining(`would write ${before.plain} items`) });
    expect(await counts()).toEqual(before);

    const live = new AbortController();
    const during = traffic.run([second, second], { until: live.signal });
    const job = await shell("table encrypt --table customers --write-units");
    live.abort();
    expect(await during).toEqual([]);
    expect(job).toMatchObject({ code: 0, output: expect.stringContaining("point-in-time recovery in us-east-1, until ") });
    expect(await traffic.differences(second)).toEqual([]);
    expect(await shell("table count")).toMatchObject({ code: 0 });
    expect(await shell("table verify")).toMatchObject({ code: 0, output: expect.stringContaining(keyId) });
    expect(await counts()).toMatchObject({ plain: 0 });

    const last = await deploy(4);
    await sideBySide(traffic, second, last);
    expect(await counts()).toMatchObject({ plain: 0 });

    // And back.
    await sideBySide(traffic, last, await deploy(2));
    expect(await shell("table decrypt")).toMatchObject({ code: 252, output: expect.stringContaining("ERR_JOB_REFUSED") });
    const again = await deploy(1);
    await sideBySide(traffic, second, again);
    const away = new AbortController();
    const meanwhile = traffic.run([again, again], { until: away.signal });
    expect(await shell("table decrypt")).toMatchObject({ code: 0 });
    away.abort();
    expect(await meanwhile).toEqual([]);
    expect(await counts()).toMatchObject({ encrypted: 0 });
    await sideBySide(traffic, again, plainFleet());
  }, 120_000);

  it("is right that steps that are not neighbours do not work side by side: the same traffic finds it", async () => {
    const traffic = new LiveTraffic({ TableName, seed: 8, prefix: "skipped" });
    const second = await deploy(2);
    const failures = await traffic.run([plainFleet(), second], { operations: 300 });
    expect(failures.length).toBeGreaterThan(0);
  });

  it("has three schemas that differ in plaintextOverride alone, and a fence that lets the job through", () => {
    const schemas = schemaTexts().map((text) => JSON.parse(text));
    expect(schemas.map(({ plaintextOverride }) => plaintextOverride)).toEqual([
      "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
      "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
      undefined,
    ]);
    const rest = schemas.map(({ plaintextOverride: _, ...others }) => others);
    expect(rest).toEqual([rest[2], rest[2], rest[2]]);
    expect(() => schemas.map((schema) => defineTable(schema))).not.toThrow();
    const policy = blocks.find(({ file }) => file === "table-policy.json")?.text ?? "";
    const [statement] = JSON.parse(policy).Statement;
    expect(statement).toMatchObject({ Effect: "Deny", Principal: "*" });
    expect(statement.Action).toEqual(expect.arrayContaining(["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"]));
    expect(statement.Condition.ArnNotEquals["aws:PrincipalArn"]).toContainEqual(expect.stringContaining("table-job"));
  });
});
