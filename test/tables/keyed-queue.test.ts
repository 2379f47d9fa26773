import { describe, expect, test } from "vitest";
import { KeyedQueue } from "../../src/tables/keyed-queue.ts";

/** A task that runs until it is told to end. */
function held(): { readonly task: () => Promise<void>; readonly end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { task: () => ended, end };
}

describe("a queue by key", () => {
  test("runs tasks of one key in their order, and others at once", async () => {
    const queue = new KeyedQueue();
    const first = held();
    const order: string[] = [];
    const running = queue.run({ keys: ["a"] }, first.task);
    const second = queue.run({ keys: ["a"] }, async () => void order.push("a"));
    await queue.run({ keys: ["b"] }, async () => void order.push("b"));
    first.end();
    await Promise.all([running, second]);
    expect(order).toEqual(["b", "a"]);
  });

  test("lets tasks of several keys never wait for each other", async () => {
    const queue = new KeyedQueue();
    const order: number[] = [];
    const keys = [["a", "b"], ["b", "a"], ["a"], ["b", "b", "c"], ["c", "a"]];
    await Promise.all(keys.map((some, index) => queue.run({ keys: some }, async () => void order.push(index))));
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  test("goes on after a task that failed", async () => {
    const queue = new KeyedQueue();
    const failing = queue.run({ keys: ["a"] }, () => Promise.reject(new Error("no")));
    const next = queue.run({ keys: ["a"] }, async () => "yes");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
  });

  test("lets go at once who is aborted while he waits, and keeps the order of the others", async () => {
    const queue = new KeyedQueue();
    const first = held();
    const order: string[] = [];
    const running = queue.run({ keys: ["a"] }, first.task).then(() => order.push("first"));
    const abort = new AbortController();
    const leaving = queue.run({ keys: ["a"], signal: abort.signal }, async () => void order.push("aborted"));
    const last = queue.run({ keys: ["a"] }, async () => void order.push("last"));
    abort.abort();
    await expect(leaving).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(order).toEqual([]);
    first.end();
    await Promise.all([running, last]);
    expect(order).toEqual(["first", "last"]);
  });

  test("does not begin what was aborted before", async () => {
    const queue = new KeyedQueue();
    const begun = queue.run({ keys: ["a"], signal: AbortSignal.abort() }, async () => "begun");
    await expect(begun).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(await queue.run({ keys: ["a"] }, async () => "next")).toBe("next");
  });
});
