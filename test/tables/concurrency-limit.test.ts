import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { concurrencyLimit } from "../../src/tables/index.ts";

test("never more tasks than allowed, in their order, failures included", async () => {
  const limit = concurrencyLimit(3);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const tasks = Array.from({ length: 20 }, (_, index) =>
    limit(async () => {
      started.push(index);
      most = Math.max(most, ++running);
      await turn();
      running--;
      if (index % 5 === 0) throw new Error("fails");
      return index;
    }).catch(() => -1),
  );
  const results = await Promise.all(tasks);
  expect(most).toBe(3);
  expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(results).toEqual(started.map((index) => (index % 5 === 0 ? -1 : index)));
});

test("a place that was given back is taken again", async () => {
  const limit = concurrencyLimit(1);
  expect([await limit(async () => 1), await limit(async () => 2)]).toEqual([1, 2]);
});
