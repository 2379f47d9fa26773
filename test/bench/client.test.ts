import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measureLatency, percentile } from "../../bench/support/latency.ts";

const script = fileURLToPath(new URL("../../bench/client.ts", import.meta.url));

let output: string;
beforeAll(() => {
  output = mkdtempSync(join(tmpdir(), "dynaseal-bench-"));
});
afterAll(() => rmSync(output, { recursive: true }));

describe("the bench of the client", () => {
  test("runs on the embedded server, prints its table and writes its figures", { timeout: 120_000 }, async () => {
    const parameters = ["--import", "tsx", script, "--rounds", "2", "--server", "embedded", "--output", output];
    const { stdout } = await promisify(execFile)(process.execPath, parameters);
    expect(stdout).toContain("Server: embedded; 2 rounds");
    const { server, rows } = JSON.parse(readFileSync(join(output, "client.json"), "utf8")) as {
      readonly server: string;
      readonly rows: readonly Readonly<Record<string, string | number>>[];
    };
    expect(server).toBe("embedded");
    const requests = new Map<unknown, unknown[]>();
    for (const row of rows) {
      expect(row["median ms"], JSON.stringify(row)).toBeGreaterThan(0);
      expect(row["p95 ms"]).toBeGreaterThanOrEqual(Number(row["median ms"]));
      expect(row["times plain"]).toBeGreaterThan(0);
      expect(stdout).toContain(String(row["operation"]));
      requests.set(row["operation"], [...(requests.get(row["operation"]) ?? []), row["requests"]]);
    }
    // Plain, HMAC, ECDSA: a write that has to read first takes two requests, all others as many as in a plain table.
    const reading = ["update of an encrypted attribute", "put on a condition on an encrypted attribute"];
    reading.push("transaction of 4 that reads: 2 updates, check, put");
    expect(requests.size).toBe(10);
    for (const [operation, counts] of requests)
      expect(counts, String(operation)).toEqual(reading.includes(String(operation)) ? [1, 2, 2] : [1, 1, 1]);
  });

  test("refuses a number of rounds that is none", async () => {
    const running = promisify(execFile)(process.execPath, ["--import", "tsx", script, "--rounds", "few"]);
    await expect(running).rejects.toMatchObject({ stderr: expect.stringContaining("--rounds takes a whole number") });
  });
});

describe("latencies", () => {
  test("are counted after the warm-up, each contender in every round", async () => {
    const order: string[] = [];
    const contender = (name: string, calls: number) => {
      let requests = 0;
      const run = async (): Promise<void> => {
        order.push(name);
        requests += calls;
      };
      return { name, run, requests: () => requests };
    };
    const results = await measureLatency([contender("a", 1), contender("b", 3)], { rounds: 2, operations: 1 });
    expect(results.map(({ name, requests }) => [name, requests])).toEqual([
      ["a", 1],
      ["b", 3],
    ]);
    expect(results[0]?.ratio).toBe(1);
    expect(order.slice(-4)).toEqual(["a", "b", "b", "a"]);
  });

  test("have a percentile that is one of them", () => {
    const values = Array.from({ length: 20 }, (_, index) => 20 - index);
    expect(percentile(values, 0.95)).toBe(19);
    expect(percentile(values, 1)).toBe(20);
    expect(percentile([7], 0.95)).toBe(7);
  });
});
