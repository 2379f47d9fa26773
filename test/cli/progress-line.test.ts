import { expect, test } from "vitest";
import { progressLines } from "../../src/cli/table/progress-line.ts";
import { type JobProgress, sumCounts } from "../../src/jobs/index.ts";

function lines() {
  const printed: string[] = [];
  let now = 0;
  const output = { isTTY: true, write: (line: string) => printed.push(line) > 0 } as unknown as NodeJS.WriteStream;
  const print = progressLines(output, { now: () => now }, 1);
  const progress = (seconds: number, phase: JobProgress["phase"], read: number) => {
    now = seconds * 1000;
    print({ phase, counts: { ...sumCounts([]), read, written: read }, itemCount: 10_000 });
  };
  return { printed, progress };
}

test("the rate of a job that goes on counts nothing that was read before it was stopped", () => {
  const { printed, progress } = lines();
  progress(1, "write", 8_000);
  progress(11, "write", 9_000);
  expect(printed).toEqual(["write: 9000 of about 10000 items, 9000 written, 0 failed; 100 items/s, about 10 s left\n"]);
});

test("each phase has a rate of its own", () => {
  const { printed, progress } = lines();
  progress(1, "write", 100);
  progress(2, "check", 100);
  progress(12, "check", 2_100);
  expect(printed).toEqual([
    "check: 100 of about 10000 items, 100 left to write, 0 failed\n",
    "check: 2100 of about 10000 items, 2100 left to write, 0 failed; 200 items/s, about 40 s left\n",
  ]);
});
