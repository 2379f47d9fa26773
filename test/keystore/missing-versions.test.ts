import { describe, expect, it } from "vitest";
import { DynasealError } from "../../src/errors/index.ts";
import { MissingVersions } from "../../src/keystore/missing-versions.ts";

const waitSeconds = 0.3;

/** A key store of one Region: which versions are there, and how often each was looked for. */
function region(options: { readonly delay?: number } = {}) {
  const present = new Set<string>();
  const asked: string[] = [];
  let running = 0;
  const clock = { at: 0, now: () => clock.at };
  const missing = new MissingVersions({ waitSeconds, clock });
  const state = { present, asked, clock, mostRunning: 0 };
  const get = (branchKeyId: string, version: string, request: object, signal?: AbortSignal): Promise<string> => {
    const identifier = `${branchKeyId}/${version}`;
    return missing.get({
      ...{ branchKeyId, identifier, request, signal },
      find: async () => {
        asked.push(identifier);
        running++;
        state.mostRunning = Math.max(state.mostRunning, running);
        await new Promise((resolve) => setTimeout(resolve, options.delay ?? 0));
        running--;
        if (present.has(identifier)) return identifier;
        const details = { tableName: "t", branchKeyId, type: `branch:version:${version}`, waitedSeconds: 0 };
        throw new DynasealError("ERR_BRANCH_KEY_NOT_REPLICATED", { details });
      },
    });
  };
  return Object.assign(state, { get });
}

async function timed<Result>(task: Promise<Result>): Promise<{ readonly result: PromiseSettledResult<Result>; readonly took: number }> {
  const started = performance.now();
  const [result] = await Promise.allSettled([task]);
  return { result: result as PromiseSettledResult<Result>, took: performance.now() - started };
}

const missed = { status: "rejected", reason: { code: "ERR_BRANCH_KEY_NOT_REPLICATED", details: { waitedSeconds: waitSeconds } } };

describe("a version that is not there", () => {
  it("is waited for, and served when it arrives", async () => {
    const { get, present } = region();
    setTimeout(() => present.add("a/1"), 100);
    const { result, took } = await timed(get("a", "1", {}));
    expect(result).toMatchObject({ status: "fulfilled", value: "a/1" });
    expect(took).toBeGreaterThan(90);
  });

  it("costs one request one wait, however many versions it names, one after the other", async () => {
    const { get, asked } = region();
    const request = {};
    const { took } = await timed(
      (async () => {
        for (let index = 0; index < 50; index++) expect((await timed(get("a", `${index}`, request))).result).toMatchObject(missed);
      })(),
    );
    expect(took).toBeGreaterThan(290);
    expect(took).toBeLessThan(6000);
    // The first is polled; each other one is asked for once, since the wait is over.
    expect(asked.length).toBeLessThan(50 + 12);
  });

  it("costs two reads each where many are missing side by side, beside a few that are polled", async () => {
    const { get, asked } = region();
    const request = {};
    const { took } = await timed(Promise.allSettled(Array.from({ length: 300 }, (_, index) => get("a", `${index}`, request))));
    expect(took).toBeLessThan(10_000);
    expect(asked.length).toBeLessThanOrEqual(300 * 2 + 4 * 8);
  });

  it("costs as little where many requests name them", async () => {
    const { get, asked } = region();
    await Promise.allSettled(Array.from({ length: 300 }, (_, index) => get("a", `${index}`, {})));
    expect(asked.length).toBeLessThanOrEqual(300 * 2 + 4 * 8);
  });

  it("is waited for once where many items name it", async () => {
    const { get, asked } = region();
    const request = {};
    const all = await Promise.allSettled(Array.from({ length: 300 }, () => get("a", "1", request)));
    expect(all.every(({ status }) => status === "rejected")).toBe(true);
    expect(asked.length).toBeLessThan(300 + 12);
  });

  it("takes four slots of its branch key, and none of another's", async () => {
    const slow = region({ delay: 20 });
    const request = {};
    const planted = Promise.allSettled(Array.from({ length: 40 }, (_, index) => slow.get("a", `${index}`, request)));
    slow.present.add("b/1");
    const { result, took } = await timed(slow.get("b", "1", {}));
    expect(result).toMatchObject({ status: "fulfilled" });
    expect(took).toBeLessThan(waitSeconds * 1000 - 10);
    await planted;
    expect(slow.mostRunning).toBeLessThanOrEqual(5);
  });

  it("that was found before is asked for at once", async () => {
    const slow = region({ delay: 20 });
    slow.present.add("a/known");
    await slow.get("a", "known", {});
    const planted = Promise.allSettled(Array.from({ length: 40 }, (_, index) => slow.get("a", `${index}`, {})));
    expect((await timed(slow.get("a", "known", {}))).took).toBeLessThan(waitSeconds * 1000 - 10);
    await planted;
  });

  it("is known to be missing for as long as it was waited for, and no longer", async () => {
    const { get, asked, clock, present } = region();
    expect((await timed(get("a", "1", {}))).result).toMatchObject(missed);
    const before = asked.length;
    present.add("a/1");
    clock.at += waitSeconds * 1000 - 1;
    const { result, took } = await timed(get("a", "1", {}));
    expect(result).toMatchObject(missed);
    expect(took).toBeLessThan(waitSeconds * 1000 - 10);
    expect(asked).toHaveLength(before);
    clock.at += 1;
    expect((await timed(get("a", "1", {}))).result).toMatchObject({ status: "fulfilled" });
  });

  it("is not known for longer because the clock was set back", async () => {
    const { get, clock, present } = region();
    clock.at = 1_000_000;
    await timed(get("a", "1", {}));
    present.add("a/1");
    clock.at = 0;
    expect((await timed(get("a", "1", {}))).result).toMatchObject({ status: "fulfilled" });
  });

  it("is forgotten when a thousand newer ones are missing", async () => {
    const { get, asked } = region();
    await timed(get("a", "first", {}));
    const request = {};
    await timed(get("a", "another", request));
    for (let index = 0; index < 1000; index++) await timed(get("a", `${index}`, request));
    const before = asked.length;
    await timed(get("a", "first", request));
    expect(asked.length).toBeGreaterThan(before);
  });

  it("is waited for no longer than the caller wants", async () => {
    const { get } = region();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const { result, took } = await timed(get("a", "1", {}, controller.signal));
    expect(result).toMatchObject({ status: "rejected", reason: { code: "ERR_ABORTED" } });
    expect(took).toBeLessThan(waitSeconds * 1000 - 10);
  });

  it("costs a request with any number of branch keys four waits at most", async () => {
    const { get } = region();
    const request = {};
    const { took } = await timed(
      (async () => {
        for (let index = 0; index < 20; index++) await timed(get(`tenant ${index}`, "1", request));
      })(),
    );
    expect(took).toBeLessThan(waitSeconds * 1000 * 15);
  });
});
