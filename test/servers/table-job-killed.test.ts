import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalKms, startLocalKms } from "../../src/testing/index.ts";
import { type Fleet, LiveTraffic } from "../support/live-traffic.ts";

/** 20,000 for the figures of the note: DYNASEAL_JOB_ITEMS=20000. */
const items = Number(process.env["DYNASEAL_JOB_ITEMS"] ?? 1000);
const kills = 3;
const region = "us-east-1";
const TableName = "customers-killed";
const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const schema = defineTable({
  tableName: "customers",
  partitionKey: "customerId",
  attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" },
  otherAttributes: "ENCRYPT_AND_SIGN",
  unsignedAttributes: ["visits"],
  algorithmSuite: "HMAC",
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});
const credentials = { accessKeyId: "killed", secretAccessKey: "killed" };

let folder: string;
let kms: LocalKms;
let plain: DynamoDBClient;
let fleet: Fleet;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaseal-killed-"));
  kms = await startLocalKms({ regions: [region] });
  const { arn: keyId } = await kms.createKey({ region, multiRegion: true });
  const config = { endpoint: inject("dynamoDbEndpoint"), region, credentials };
  plain = new DynamoDBClient(config);
  await plain.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  writeFileSync(join(folder, "customers.table.json"), JSON.stringify(schema));
  writeFileSync(
    join(folder, "dynaseal.config.json"),
    JSON.stringify({ schemas: "customers.table.json", keyring: { awsKmsMrkKeyring: { keyId } } }),
  );
  const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: (one) => new KMSClient(kms.clientConfig(one)) });
  const options = { schemas: [schema], keyring, tableNames: { customers: TableName }, acknowledgePlaintext: true };
  fleet = { name: "service", documents: encryptedClient(DynamoDBDocumentClient.from(new DynamoDBClient(config)), options) };
});
afterAll(async () => {
  plain.destroy();
  fleet.documents.destroy();
  await kms.stop();
  rmSync(folder, { recursive: true });
});

async function plainItems(): Promise<number> {
  let [count, cursor]: [number, ScanCommandOutput["LastEvaluatedKey"]] = [0, undefined];
  do {
    const FilterExpression = "attribute_not_exists(aws_dbe_head)";
    const page: ScanCommandOutput = await plain.send(
      new ScanCommand({ TableName, ConsistentRead: true, Select: "COUNT", FilterExpression, ExclusiveStartKey: cursor }),
    );
    count += page.Count ?? 0;
    cursor = page.LastEvaluatedKey;
  } while (cursor !== undefined);
  return count;
}

interface Ended {
  readonly code: number | null;
  readonly report: { readonly outcome: string; readonly remaining: number; readonly counts: Readonly<Record<string, number>> } | undefined;
}

const checkpoint = "dynaseal-encrypt-customers-killed.checkpoint.json";

const settings = ["--no-backup", "--kms-requests", "1000000", "--page-size", "10", "--json"];

/** @param until ends the process the hard way once it holds */
function job(until?: () => Promise<boolean>): Promise<Ended> {
  const options = [...settings, ...(until ? ["--write-units", String(items / 5)] : [])];
  const child = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), main, "table", "encrypt", "--physical-table", TableName, ...options],
    {
      cwd: folder,
      env: {
        PATH: process.env["PATH"],
        NODE_NO_WARNINGS: "1",
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_ENDPOINT_URL_KMS: kms.endpoint,
        AWS_ENDPOINT_URL_DYNAMODB: inject("dynamoDbEndpoint"),
      },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  let ended = false;
  const watch = async (): Promise<void> => {
    while (!ended) {
      if (await until?.()) child.kill("SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const watched = watch();
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      ended = true;
      watched.then(() => resolve({ code, report: code === null ? undefined : JSON.parse(output) }), reject);
    });
  });
}

it("encrypts a table that is in use although it is killed three times, and loses nothing that was acknowledged", async () => {
  const traffic = new LiveTraffic({ TableName, seed: 21 });
  const rest = Array.from({ length: items }, (_, index) => ({ customerId: { S: `still-${index}` }, email: { S: `${index}@example.com` } }));
  for (let at = 0; at < rest.length; at += 25) {
    const requests = rest.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await plain.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  }
  traffic.expectUnchanged(rest.map(({ customerId, email }) => ({ customerId: customerId.S, email: email.S })));
  const plainDocuments = DynamoDBDocumentClient.from(plain);
  expect(await traffic.run([{ name: "before", documents: plainDocuments }], { operations: 200 })).toEqual([]);

  const live = new AbortController();
  const during = traffic.run([fleet], { until: live.signal });
  for (let kill = 1; kill <= kills; kill++) {
    const goal = Math.round((items * (kills + 1 - kill)) / (kills + 1));
    const { code } = await job(async () => existsSync(join(folder, checkpoint)) && (await plainItems()) <= goal);
    expect(code).toBeNull();
    expect(await plainItems()).toBeGreaterThan(0);
  }
  const last = await job();
  live.abort();
  expect(await during).toEqual([]);
  expect(last).toMatchObject({ code: 0, report: { outcome: "done", remaining: 0 } });
  expect(await traffic.differences(fleet)).toEqual([]);
  expect(await plainItems()).toBe(0);
  expect(await job()).toMatchObject({ code: 0, report: { outcome: "done", counts: { written: 0, plain: 0 } } });
  expect(await traffic.differences(fleet)).toEqual([]);
}, 900_000);
