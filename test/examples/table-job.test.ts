import { readdirSync, readFileSync } from "node:fs";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import aslValidator from "asl-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TableJob, TableJobAnswer, TableJobEvent, tableJobHandler } from "../../src/jobs/index.ts";
import { type Execution, execute, type StateMachine } from "../support/state-machine.ts";
import { canary, startTableJobFixture, type TableJobFixture } from "../support/table-job-fixture.ts";

const folder = new URL("../../examples/table-job/", import.meta.url);
const definition = (): StateMachine => JSON.parse(readFileSync(new URL("definition.asl.json", folder), "utf8"));
let fixture: TableJobFixture;
beforeAll(async () => {
  fixture = await startTableJobFixture();
});
afterAll(() => fixture.stop());

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
    const table = await fixture.newTable(40);
    const { execution, calls } = await run(fixture.handlerOf(fixture.jobOn(table)), "first");
    expect(execution).toMatchObject({ status: "SUCCEEDED", output: { token: "first", counts: { read: 40, written: 40, failed: 0 } } });
    expect(new Set(writesOf(calls)).size).toBe(20);
    expect(await fixture.plainItems(table)).toBe(0);
    expect(execution.history.join("\n")).not.toContain(canary);
    expect(execution.history.join("\n")).not.toContain("example.com");
    expect(execution.history.length).toBeGreaterThan(80);
  });

  it("fails by its last state if one segment is poisoned, and does the rest only once that is mended", async () => {
    const table = await fixture.newTable(40);
    const job = fixture.jobOn(table);
    let poisoned = true;
    const page: TableJob["page"] = (input) =>
      input.segment === 7 && poisoned ? Promise.reject(new Error("AccessDeniedException")) : job.page(input);
    const handler = fixture.handlerOf({ ...job, page });
    const broken = await run(handler, "poisoned");
    expect(broken.execution.status).toBe("FAILED");
    expect(broken.execution.history.at(-1)).toContain("is not done: 1 segments did not end");
    expect(broken.calls.at(-1)?.step).toBe("end");
    const left = await fixture.plainItems(table);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(40);

    poisoned = false;
    let written = 0;
    const counting = fixture.handlerOf({
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
    expect(await fixture.plainItems(table)).toBe(0);
  });

  it("goes round until a segment is done, when the function's time is short", async () => {
    const table = await fixture.newTable(10);
    let now = 0;
    const job = fixture.jobOn(table);
    const slow: TableJob = {
      ...job,
      page: (input) => {
        now += 30_000;
        return job.page(input);
      },
    };
    const { execution, calls } = await run(fixture.handlerOf(slow, { clock: { now: () => now } }), "slow", 1);
    expect(execution.status).toBe("SUCCEEDED");
    // 48 of 60 seconds: two pages of three items.
    expect(writesOf(calls)).toEqual([0, 0]);
  });

  it("fails if an item fails, says so without its key, and stops a segment in which too many do", async () => {
    const table = await fixture.newTable(4);
    for (const id of ["r1", "r2"]) {
      const Item = { customerId: { S: `${canary}-${id}` }, aws_dbe_foot: { B: new Uint8Array(3) } };
      await fixture.client.send(new PutItemCommand({ TableName: table, Item }));
    }
    const { execution } = await run(fixture.handlerOf(fixture.jobOn(table)), "remnants", 2);
    expect(execution.status).toBe("FAILED");
    expect(execution.history.at(-1)).toContain("2 items failed");
    expect(execution.history.join("\n")).not.toContain(canary);
    const [state] = await fixture.checkpoints([table, "encrypt", 2, "remnants", "write"].join("#")).load();
    expect(state?.done).toBe(true);

    const handler = fixture.handlerOf(fixture.jobOn(table), { maximumFailures: 1 });
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
    const call: Promise<TableJobAnswer> = fixture.handlerOf(fixture.jobOn("customers-1"))(event as TableJobEvent, {
      getRemainingTimeInMillis: () => 1000,
    });
    await expect(call).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
  });
});

describe("tableCheckpoints", () => {
  it("keep cursors and failures with binary and text keys, and name no more failures than an item holds", async () => {
    const checkpoints = fixture.checkpoints("own");
    const { counts, findings } = await fixture.jobOn(await fixture.newTable(1)).page({ segment: 0, totalSegments: 1 });
    const cursor = { customerId: { S: "a" }, place: { B: new Uint8Array([1, 2]) } };
    const failures = Array.from({ length: 500 }, (_, index) => ({
      code: "ERR_ITEM_REMNANT",
      revealKey: () => ({ customerId: { S: String(index).padStart(1500, "x") } }),
    }));
    for (const segment of [0, 3]) await checkpoints.save({ segment, cursor, done: false, counts, findings, failures });
    expect((await checkpoints.load()).map(({ segment }) => segment)).toEqual([0, 3]);
    const [state, ...others] = await checkpoints.load(3);
    expect(others).toEqual([]);
    expect(state).toMatchObject({ segment: 3, cursor, done: false, counts });
    expect(state?.failures.length).toBeGreaterThan(100);
    expect(state?.failures.length).toBeLessThan(200);
    expect(state?.failures[1]?.revealKey()["customerId"]?.S).toMatch(/x1$/);
    expect(JSON.stringify(state?.failures)).not.toContain("xx");
    await checkpoints.clear();
    expect(await checkpoints.load()).toEqual([]);
  });
});
