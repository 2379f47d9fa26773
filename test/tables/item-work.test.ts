import { expect, it } from "vitest";
import type { TurnSource } from "../../src/item/index.ts";
import { ItemWork } from "../../src/tables/index.ts";

/** Time passes only where a part says so. */
function manualTurns(): TurnSource & { readonly pass: (milliseconds: number) => void; turns: number } {
  let now = 0;
  return {
    turns: 0,
    pass: (milliseconds) => {
      now += milliseconds;
    },
    now: () => now,
    async nextTurn() {
      this.turns++;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it("turns the loop once for every five milliseconds of work, however many wait for the same turn", async () => {
  const source = manualTurns();
  const work = new ItemWork({ concurrency: 16, turns: source });
  const spans: number[] = [0];
  const nextTurn = source.nextTurn.bind(source);
  source.nextTurn = async () => {
    spans.push(0);
    await nextTurn();
  };
  const part = async (): Promise<void> => {
    source.pass(1);
    spans[spans.length - 1] = (spans.at(-1) ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: 1000 }, () => work.run(part)));
  expect(spans.reduce((sum, span) => sum + span, 0)).toBe(1000);
  expect(Math.max(...spans)).toBeLessThanOrEqual(5);
  expect(source.turns).toBe(spans.length - 1);
});

it("never turns for parts that take no time, nor for what passed between them", async () => {
  const source = manualTurns();
  const work = new ItemWork({ concurrency: 16, turns: source });
  for (let part = 0; part < 5; part++) {
    await work.run(async () => undefined);
    source.pass(60_000);
  }
  expect(source.turns).toBe(0);
});

it("runs as many at a time as allowed, in the order in which they came, also where some fail", async () => {
  const work = new ItemWork({ concurrency: 3, turns: manualTurns() });
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) =>
      work.run(async () => {
        begun.push(index);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (index % 4 === 1) throw new Error(`part ${index}`);
        return index;
      }),
    ),
  );
  expect(begun).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(most).toBe(3);
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(5);
});

it("begins nothing more once the request is over", async () => {
  const work = new ItemWork({ concurrency: 2, turns: manualTurns() });
  const begun: number[] = [];
  const parts = Array.from({ length: 10 }, (_, index) =>
    work.run(async () => {
      begun.push(index);
      await new Promise((resolve) => setImmediate(resolve));
      if (index === 0) throw new Error("part 0");
    }),
  );
  const all = Promise.all(parts).finally(() => work.end());
  await expect(all).rejects.toThrow("part 0");
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(begun.length).toBeLessThan(5);
});
