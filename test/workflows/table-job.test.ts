import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TableJob, TableJobEvent, tableJobHandler } from "../../src/jobs/index.ts";
import { type Moto, type MotoExecution, startMoto } from "../support/moto.ts";
import { canary, startTableJobFixture, type TableJobFixture } from "../support/table-job-fixture.ts";

const root = new URL("../../", import.meta.url);
const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:table-job";

let fixture: TableJobFixture;
let moto: Moto;
let handler: ReturnType<typeof tableJobHandler>;
let definition: string;

beforeAll(async () => {
  fixture = await startTableJobFixture();
  moto = await startMoto(fileURLToPath(new URL("interop/moto/target/bin/moto_server", root)), (payload) =>
    handler(payload as TableJobEvent, { getRemainingTimeInMillis: () => 60_000 }),
  );
  const text = readFileSync(new URL("examples/table-job/definition.asl.json", root), "utf8");
  definition = text.replaceAll("${" + "FunctionArn}", functionArn);
});
afterAll(async () => {
  await moto.stop();
  await fixture.stop();
});

const execute = (token: string): Promise<MotoExecution> => moto.execute(definition, { token, totalSegments: 20 });

describe("examples/table-job on moto's Step Functions", () => {
  it("encrypts a table in 20 segments, and its history holds numbers only", async () => {
    const table = await fixture.newTable(200);
    handler = fixture.handlerOf(fixture.jobOn(table));
    const { status, output, history } = await execute("first");
    expect({ status, output: JSON.parse(output ?? "") }).toMatchObject({
      status: "SUCCEEDED",
      output: { counts: { written: 200, failed: 0 } },
    });
    expect(await fixture.plainItems(table)).toBe(0);
    expect(history).toContain("segment");
    expect(history).not.toContain(canary);
    expect(history).not.toContain("example.com");
  });

  it("fails by its last state if one segment is poisoned, and does the rest only once that is mended", async () => {
    const table = await fixture.newTable(200);
    const job = fixture.jobOn(table);
    const page: TableJob["page"] = (input) => (input.segment === 7 ? Promise.reject(new Error("AccessDeniedException")) : job.page(input));
    handler = fixture.handlerOf({ ...job, page });
    const broken = await execute("poisoned");
    expect(broken).toMatchObject({ status: "FAILED", cause: expect.stringContaining("1 segments did not end") });
    expect(broken.history).not.toContain(canary);
    const left = await fixture.plainItems(table);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(200);

    const touched = new Set<number>();
    handler = fixture.handlerOf({
      ...job,
      page: (input) => {
        touched.add(input.segment);
        return job.page(input);
      },
    });
    expect(await execute("poisoned")).toMatchObject({ status: "SUCCEEDED" });
    expect([...touched]).toEqual([7]);
    expect(await fixture.plainItems(table)).toBe(0);
  });
});
