import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { withDeadline } from "../../src/kms/deadline.ts";

const never = (): Promise<never> => new Promise(() => undefined);

describe("withDeadline", () => {
  it("gives the result, and tells the task's signal nothing", async () => {
    let signal: AbortSignal | undefined;
    const result = await withDeadline(1, undefined, async (given) => {
      signal = given;
      return 7;
    });
    expect([result, signal?.aborted]).toEqual([7, false]);
  });

  it("ends a task that pays no heed to its signal", async () => {
    await expect(withDeadline(0.01, undefined, never)).rejects.toThrow("no answer within 0.01 s");
    await expect(withDeadline(9, AbortSignal.timeout(10), never)).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });

  it("aborts the task's signal with the deadline", async () => {
    let signal: AbortSignal | undefined;
    const ended = withDeadline(0.01, undefined, (given) => {
      signal = given;
      return never();
    });
    await expect(ended).rejects.toThrow();
    expect(signal?.aborted).toBe(true);
  });

  it("raises no leak warning for many calls under one signal", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on("warning", note);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 100 }, () => withDeadline(5, signal, () => sleep(5))));
    await sleep(0);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });
});
