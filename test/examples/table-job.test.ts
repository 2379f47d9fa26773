import { readdirSync, readFileSync } from "node:fs";
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import aslValidator from "asl-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type TableCheckpointsOptions,
  type TableJob,
  type TableJobAnswer,
  type TableJobEvent,
  type TableJobHandlerOptions,
  tableCheckpoints,
  tableJob,
  tableJobHandler,
} from "../../src/jobs/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { type LocalGlobalTable, type LocalKms, startLocalGlobalTable, startLocalKms } from "../../src/testing/index.ts";
import { type Execution, execute, type StateMachine } from "../support/state-machine.ts";

const folder = new URL("../../examples/table-job/", import.meta.url);
const region = "eu-west-1";
const checkpointTable = "table-job-checkpoints";
const definition = (): StateMachine => JSON.parse(readFileSync(new URL("definition.asl.json", folder), "utf8"));
const schema = defineTable({
  tableName: "customers",
  partitionKey: "customerId",
  attributes: { email: "ENCRYPT_AND_SIGN" },
  algorithmSuite: "HMAC",
  plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ",
});

let kms: LocalKms;
let tables: LocalGlobalTable;
let client: DynamoDBClient;
let keyId: string;
let made = 0;

beforeAll(async () => {
  [kms, tables] = await Promise.all([startLocalKms({ regions: [region] }), startLocalGlobalTable({ regions: [region] })]);
  client = new DynamoDBClient(tables.clientConfig(region));
  ({ arn: keyId } = await kms.createKey({ region, multiRegion: true }));
  await client.send(
    new CreateTableCommand({
      TableName: checkpointTable,
      KeySchema: [
        { AttributeName: "run", KeyType: "HASH" },
        { AttributeName: "segment", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "run", AttributeType: "S" },
        { AttributeName: "segment", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
});
afterAll(async () => {
  client.destroy();
  await Promise.all([kms.stop(), tables.stop()]);
});

const canary = "canary-7f3a";

async function newTable(items: number): Promise<string> {
  made++;
  const TableName = `customers-${made}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: "customerId", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "customerId", AttributeType: "S" }],
      BillingMode: "PAY_PER_REQUEST",
    }),
  );
  for (let index = 0; index < items; index++) {
    const Item = { customerId: { S: `${canary}-${index}` }, email: { S: `${index}@example.com` } };
    await client.send(new PutItemCommand({ TableName, Item }));
  }
  return TableName;
}

async function plainItems(TableName: string): Promise<number> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items.filter((item) => !Object.hasOwn(item, "aws_dbe_head")).length;
}

function jobOn(physicalTable: string): TableJob {
  const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: (one) => new KMSClient(kms.clientConfig(one)) });
  return tableJob({ job: "encrypt", client, schema, keyring, physicalTable });
}

const checkpoints = (run: string) => tableCheckpoints({ client, checkpointTable, run } satisfies TableCheckpointsOptions);
const handlerOf = (job: TableJob, more: Partial<TableJobHandlerOptions> = {}): ReturnType<typeof tableJobHandler> =>
  tableJobHandler({ job, checkpoints, preFlight: { noBackup: true }, pageSize: 3, ...more });

interface Run {
  readonly execution: Execution;
  readonly calls: readonly TableJobEvent[];
}

/** One execution, with the events that its function got. */
async function run(handler: ReturnType<typeof tableJobHandler>, token: string, totalSegments = 20): Promise<Run> {
  const calls: TableJobEvent[] = [];
  const execution = await execute(definition(), { token, totalSegments }, (payload) => {
    const event = payload as unknown as TableJobEvent;
    calls.push(event);
    return handler(event, { getRemainingTimeInMillis: () => 60_000 });
  });
  return { execution, calls };
}

const writesOf = (calls: readonly TableJobEvent[]): readonly (number | undefined)[] =>
  calls.filter(({ step }) => step === "write").map(({ segment }) => segment);

describe("the definition", () => {
  it("is valid, and a fault in it would be found", () => {
    const whole = definition();
    expect(aslValidator(whole)).toMatchObject({ isValid: true, errors: [] });
    const { Check: _, ...States } = whole.States;
    expect(aslValidator({ ...whole, States }).isValid).toBe(false);
    expect(aslValidator({ ...whole, StartAt: "Nowhere" }).isValid).toBe(false);
  });

  it("has maps that are distributed, bounded, tolerant and silent, so that the last state decides", () => {
    const { Write, Check } = definition().States;
    for (const map of [Write, Check]) {
      expect(map).toMatchObject({
        ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } },
        MaxConcurrency: expect.any(Number),
        ToleratedFailurePercentage: 100,
        ResultPath: null,
      });
    }
  });

  it("stands beside policies that are JSON", () => {
    const policies = readdirSync(folder).filter((name) => name.endsWith("policy.json"));
    expect(policies).toHaveLength(2);
    for (const name of policies) {
      const { Statement } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
      for (const statement of Statement) expect(statement).toMatchObject({ Effect: "Allow", Resource: expect.stringContaining("${") });
    }
  });
});

describe("the workflow, with the real function", () => {
  it("encrypts a table in 20 segments, and its history holds numbers only", async () => {
    const table = await newTable(40);
    const { execution, calls } = await run(handlerOf(jobOn(table)), "first");
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: { token: "first", counts: { read: 40, written: 40, failed: 0 } } });
    expect(new Set(writesOf(calls)).size).toBe(20);
    expect(await plainItems(table)).toBe(0);
    expect(execution.history.join("\n")).not.toContain(canary);
    expect(execution.history.join("\n")).not.toContain("example.com");
    expect(execution.history.length).toBeGreaterThan(80);
  });

  it("fails by its last state if one segment is poisoned, and does the rest only once that is mended", async () => {
    const table = await newTable(40);
    const job = jobOn(table);
    let poisoned = true;
    const page: TableJob["page"] = (input) =>
      input.segment === 7 && poisoned ? Promise.reject(new Error("AccessDeniedException")) : job.page(input);
    const handler = handlerOf({ ...job, page });
    const broken = await run(handler, "poisoned");
    expect(broken.execution.status).toBe("FAILED");
    expect(broken.execution.history.at(-1)).toContain("is not done: 1 segments did not end");
    expect(broken.calls.at(-1)?.step).toBe("end");
    const left = await plainItems(table);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(40);

    poisoned = false;
    let written = 0;
    const counting = handlerOf({
      ...job,
      page: async (input) => {
        expect(input.segment).toBe(7);
        const done = await job.page(input);
        written += done.counts.written;
        return done;
      },
    });
    const mended = await run(counting, "poisoned");
    expect(mended.execution).toMatchObject({ status: "SUCCEEDED", output: { counts: { written: 40 } } });
    expect(written).toBe(left);
    expect(await plainItems(table)).toBe(0);
  });

  it("goes round until a segment is done, when the function's time is short", async () => {
    const table = await newTable(10);
    let now = 0;
    const job = jobOn(table);
    const slow: TableJob = {
      ...job,
      page: (input) => {
        now += 30_000;
        return job.page(input);
      },
    };
    const { execution, calls } = await run(handlerOf(slow, { clock: { now: () => now } }), "slow", 1);
    expect(execution.status).toBe("SUCCEEDED");
    // 48 of 60 seconds: two pages of three items.
    expect(writesOf(calls)).toEqual([0, 0]);
  });

  it("fails if an item fails, says so without its key, and stops a segment in which too many do", async () => {
    const table = await newTable(4);
    for (const id of ["r1", "r2"]) {
      const Item = { customerId: { S: `${canary}-${id}` }, aws_dbe_foot: { B: new Uint8Array(3) } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    }
    const { execution } = await run(handlerOf(jobOn(table)), "remnants", 2);
    expect(execution.status).toBe("FAILED");
    expect(execution.history.at(-1)).toContain("2 items failed");
    expect(execution.history.join("\n")).not.toContain(canary);
    const [state] = await checkpoints([table, "encrypt", 2, "remnants", "write"].join("#")).load();
    expect(state?.done).toBe(true);

    const handler = handlerOf(jobOn(table), { maximumFailures: 1 });
    const event: TableJobEvent = { step: "write", token: "stops", totalSegments: 1, segment: 0 };
    await expect(handler(event, { getRemainingTimeInMillis: () => 60_000 })).rejects.toMatchObject({ code: "ERR_JOB_INCOMPLETE" });
  });

  it.each<[string, object]>([
    ["no step", { token: "t", totalSegments: 1 }],
    ["a step of another object", { step: "toString", token: "t", totalSegments: 1 }],
    ["a token that is a path", { step: "begin", token: "a#b", totalSegments: 1 }],
    ["more segments than a state holds", { step: "begin", token: "t", totalSegments: 1001 }],
    ["a segment beyond the last", { step: "write", token: "t", totalSegments: 1, segment: 1 }],
    ["no segment", { step: "check", token: "t", totalSegments: 1 }],
  ])("refuses %s", async (_, event) => {
    const call: Promise<TableJobAnswer> = handlerOf(jobOn("customers-1"))(event as TableJobEvent, { getRemainingTimeInMillis: () => 1000 });
    await expect(call).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });
});
