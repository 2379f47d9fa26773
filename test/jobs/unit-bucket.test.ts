import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitBucket } from "../../src/jobs/index.ts";

describe("UnitBucket", () => {
  it("lets no more units pass than the rate says, counted from an empty bucket, whatever the pauses in between", async () => {
    const steps = fc.array(fc.record({ units: fc.integer({ min: 1, max: 50 }), idle: fc.integer({ min: 0, max: 2000 }) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 500 }), async (taken, unitsPerSecond) => {
        let now = 5_000;
        const passed: { readonly at: number; readonly units: number }[] = [];
        const bucket = new UnitBucket({
          unitsPerSecond,
          clock: { now: () => now },
          sleep: (milliseconds) => {
            now += milliseconds;
            return Promise.resolve();
          },
        });
        for (const { units, idle } of taken) {
          now += idle;
          const asked = now;
          await bucket.take(units);
          passed.push({ at: now, units });
          expect(now - asked).toBeGreaterThan(0);
        }
        // From any moment to any later one: idle time saves nothing up.
        for (const [index, from] of passed.entries()) {
          const later = passed.slice(index + 1);
          const sum = later.reduce((total, { units }) => total + units, 0);
          const last = later.at(-1);
          if (last !== undefined) expect(sum).toBeLessThanOrEqual(((last.at - from.at) / 1000) * unitsPerSecond + 1e-6);
        }
      }),
    );
  });

  it("waits for what the last request cost more than was taken for it", async () => {
    let slept = 0;
    const clock = { now: () => 0 };
    const sleep = (milliseconds: number): Promise<void> => {
      slept = milliseconds;
      return Promise.resolve();
    };
    const bucket = new UnitBucket({ unitsPerSecond: 10, clock, sleep });
    bucket.spend(5);
    await bucket.take(0);
    expect(slept).toBe(500);
  });
});
