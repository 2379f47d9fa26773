import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const region = "us-east-1";
let folder: string;
let tables: LocalGlobalTable;
let kms: LocalKms;
let keyId: string;

/** The agents and the built package, installed in a folder of their own; the servers that both clients talk to. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaseal-agents-"));
  await cp(join(root, "test/agents/fixture"), folder, { recursive: true });
  await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder });
  for (const part of ["dist", "package.json"]) await cp(join(root, part), join(folder, "node_modules/dynaseal", part), { recursive: true });
  tables = await startLocalGlobalTable({ regions: [region] });
  kms = await startLocalKms({ regions: [region] });
  keyId = (await kms.createKey({ region, multiRegion: true })).arn;
  const client = new DynamoDBClient(tables.clientConfig(region));
  for (const TableName of ["plain", "customers"])
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["customerId", "recordId"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        KeySchema: [
          { AttributeName: "customerId", KeyType: "HASH" },
          { AttributeName: "recordId", KeyType: "RANGE" },
        ],
      }),
    );
  client.destroy();
});
afterAll(async () => {
  await tables.stop();
  await kms.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a script of the fixture in a process of its own, and reads the JSON on its last line. */
async function check(script: string, ...parameters: readonly string[]): Promise<unknown> {
  const config = { tables: tables.clientConfig(region), kms: kms.clientConfig(region), keyId };
  const env = { ...process.env, CHECK_AGENT: JSON.stringify(config) };
  const { stdout } = await run(process.execPath, [script, ...parameters], { cwd: folder, env, maxBuffer: 32 << 20, timeout: 120_000 });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

interface Watched {
  readonly answers: Readonly<Record<"plain" | "encrypted", readonly string[]>>;
  /** DynamoDB calls in what the agent recorded. */
  readonly calls: number;
  readonly marked: boolean;
  /** The clients whose plaintext stands in what was recorded. */
  readonly leaked: readonly string[];
}

describe("an agent with the settings it has by itself, a plain and an encrypted client side by side", () => {
  it.each(["opentelemetry", "xray", "powertools-tracer", "datadog", "elastic", "newrelic"])("%s", async (agent) => {
    const { answers, calls, marked, leaked } = (await check("check-agent.cjs", agent)) as Watched;
    expect(answers.encrypted).toEqual(answers.plain);
    // One condition fails on purpose; everything else is answered.
    expect(answers.plain.filter((answer) => answer.includes("failed"))).toEqual([
      expect.stringContaining("ConditionalCheckFailedException"),
    ]);
    expect(calls).toBeGreaterThanOrEqual(answers.plain.length + answers.encrypted.length);
    expect({ marked, leaked }).toEqual({ marked: true, leaked: [] });
  });
});

it("hooks and a statement serializer that the application gives OpenTelemetry see the plaintext of an encrypted client", async () => {
  const { answers, leaked } = (await check("check-agent.cjs", "opentelemetry-hooks")) as Watched;
  expect(answers.encrypted).toEqual(answers.plain);
  expect(leaked).toEqual(["plain", "encrypted"]);
});

it("Powertools' idempotency and parameters do on an encrypted client what they do on a plain one", async () => {
  const { plain, encrypted } = (await check("check-powertools.cjs")) as Readonly<
    Record<"plain" | "encrypted", { readonly did: { readonly answers: readonly unknown[] }; readonly storedInClear: boolean }>
  >;
  expect(encrypted.did).toEqual(plain.did);
  expect(plain.did.answers[1]).toEqual(plain.did.answers[0]);
  expect(plain.did.answers[2]).not.toEqual(plain.did.answers[0]);
  expect([plain.storedInClear, encrypted.storedInClear]).toEqual([true, false]);
});
