import { describe, expect, it } from "vitest";
import { DynasealError } from "../../src/errors/index.ts";
import {
  type KeyMaterialCache,
  type KeyMaterialCacheOptions,
  type KeyMaterialRequest,
  keyMaterialCache,
} from "../../src/materials/index.ts";
import { stormTrackingFor } from "../../src/materials/storm-tracking.ts";

class Denied extends Error {}

/** A source that counts its fetches and answers when told to. */
class Source {
  readonly pending: {
    readonly resolve: (text: string) => void;
    readonly reject: (error: unknown) => void;
    readonly signal: AbortSignal;
  }[] = [];

  request(identifier: string, rest: Partial<KeyMaterialRequest<string>> = {}): KeyMaterialRequest<string> {
    return {
      identifier,
      ttlSeconds: 300,
      load: (signal) => new Promise((resolve, reject) => void this.pending.push({ resolve, reject, signal })),
      revokes: (error) => error instanceof Denied,
      ...rest,
    };
  }

  get fetches(): number {
    return this.pending.length;
  }

  answer(index: number, text: string): void {
    this.pending[index]?.resolve(text);
  }

  fail(index: number, error: unknown): void {
    this.pending[index]?.reject(error);
  }
}

function setUp(options: Omit<KeyMaterialCacheOptions, "clock"> = {}): {
  cache: KeyMaterialCache;
  source: Source;
  time: { seconds: number };
} {
  const time = { seconds: 1_000_000 };
  const cache = keyMaterialCache({ ...options, clock: { now: () => time.seconds * 1000 } });
  return { cache, source: new Source(), time };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function filled(cache: KeyMaterialCache, source: Source, identifier = "a"): Promise<void> {
  const index = source.fetches;
  const first = cache.get(source.request(identifier));
  source.answer(index, identifier.toUpperCase());
  await first;
}

// @see framework/cryptographic-materials-cache.md "Overview", "Cache Entry", "Time-to-live (TTL)", "Get Cache Entry"
// @see framework/cryptographic-materials-cache.md "Background Processing"
// @see framework/local-cryptographic-materials-cache.md "Initialization", "Entry Capacity", "Entry Pruning Tail Size"
// @see framework/local-cryptographic-materials-cache.md "Put Cache Entry", "Get Cache Entry", "Pruning"
describe("entries", () => {
  it("serves up to the time to live and not beyond", async () => {
    const { cache, source, time } = setUp();
    await filled(cache, source);
    time.seconds += 269;
    expect(await cache.get(source.request("a"))).toBe("A");
    expect(source.fetches).toBe(1);
    time.seconds += 31;
    const late = cache.get(source.request("a"));
    expect(source.fetches).toBe(2);
    source.answer(1, "new");
    expect(await late).toBe("new");
  });

  it("counts the life from the start of the fetch, so that a freeze during it is no gain", async () => {
    const { cache, source, time } = setUp();
    const first = cache.get(source.request("a"));
    time.seconds += 301;
    source.answer(0, "A");
    await first;
    void cache.get(source.request("a"));
    expect(source.fetches).toBe(2);
  });

  it("does not serve an entry from the future after the clock was set back", async () => {
    const { cache, source, time } = setUp();
    await filled(cache, source);
    time.seconds -= 3600;
    void cache.get(source.request("a"));
    expect(source.fetches).toBe(2);
  });

  it("honours the shorter life that another user asks for", async () => {
    const { cache, source, time } = setUp();
    await filled(cache, source);
    time.seconds += 60;
    expect(await cache.get(source.request("a"))).toBe("A");
    void cache.get(source.request("a", { ttlSeconds: 60 }));
    expect(source.fetches).toBe(2);
  });

  it("drops the least recently used entry first", async () => {
    const { cache, source } = setUp({ capacity: 2 });
    await filled(cache, source, "a");
    await filled(cache, source, "b");
    await cache.get(source.request("a"));
    await filled(cache, source, "c");
    await cache.get(source.request("a"));
    await cache.get(source.request("c"));
    expect(source.fetches).toBe(3);
    void cache.get(source.request("b"));
    expect(source.fetches).toBe(4);
  });

  it("stores nothing with capacity 0, and still fetches once for all who ask together", async () => {
    const { cache, source } = setUp({ capacity: 0 });
    const both = Promise.all([cache.get(source.request("a")), cache.get(source.request("a"))]);
    source.answer(0, "A");
    expect(await both).toEqual(["A", "A"]);
    void cache.get(source.request("a"));
    expect(source.fetches).toBe(2);
  });

  it("serves a second identifier with what was fetched", async () => {
    const { cache, source } = setUp();
    const first = cache.get(source.request("active", { alsoServes: (text) => `version ${text}` }));
    source.answer(0, "1");
    await first;
    expect(await cache.get(source.request("version 1"))).toBe("1");
    expect(source.fetches).toBe(1);
  });
});

// @see framework/storm-tracking-cryptographic-materials-cache.md "Behaviors", "In Flight", "PutCacheEntry", "GetCacheEntry"
describe("single flight", () => {
  it("fetches once for 3,000 who ask at the same time", async () => {
    const { cache, source } = setUp();
    const all = Promise.all(Array.from({ length: 3000 }, () => cache.get(source.request("a"))));
    expect(source.fetches).toBe(1);
    source.answer(0, "A");
    expect(new Set(await all)).toEqual(new Set(["A"]));
  });

  it("tells a failure to all who wait, and remembers none", async () => {
    const { cache, source } = setUp();
    const both = Promise.allSettled([cache.get(source.request("a")), cache.get(source.request("a"))]);
    source.fail(0, new Error("down"));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    void cache.get(source.request("a"));
    expect(source.fetches).toBe(2);
  });

  it("gives each who waits an error of its own, which it may write on", async () => {
    const { cache, source } = setUp();
    const both = Promise.allSettled([cache.get(source.request("a")), cache.get(source.request("a"))]);
    source.fail(
      0,
      new DynasealError("ERR_BRANCH_KEY_NOT_FOUND", { details: { tableName: "keys", branchKeyId: "id", type: "branch:ACTIVE" } }),
    );
    const reasons = (await both).map((outcome) => (outcome.status === "rejected" ? outcome.reason : undefined));
    expect(reasons.map(({ code }) => code)).toEqual(["ERR_BRANCH_KEY_NOT_FOUND", "ERR_BRANCH_KEY_NOT_FOUND"]);
    expect(reasons[0]).not.toBe(reasons[1]);
  });

  it("turns a synchronous throw of the source into a rejection", async () => {
    const { cache, source } = setUp();
    const load = (): never => {
      throw new Error("at once");
    };
    await expect(cache.get(source.request("a", { load }))).rejects.toThrow("at once");
  });

  it("lets one caller abort without ending the fetch of the others", async () => {
    const { cache, source } = setUp();
    const controller = new AbortController();
    const leaver = cache.get(source.request("a", { signal: controller.signal }));
    const stayer = cache.get(source.request("a"));
    controller.abort();
    await expect(leaver).rejects.toMatchObject({ code: "ERR_ABORTED" });
    await expect(cache.get(source.request("a", { signal: controller.signal }))).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(source.pending[0]?.signal.aborted).toBe(false);
    source.answer(0, "A");
    expect(await stayer).toBe("A");
  });

  it("starts a second attempt once the first is slower than the grace interval; the first answer counts", async () => {
    const { cache, source, time } = setUp();
    const early = cache.get(source.request("a"));
    time.seconds += 4;
    const joined = cache.get(source.request("a"));
    expect(source.fetches).toBe(1);
    time.seconds += 1;
    const late = cache.get(source.request("a"));
    expect(source.fetches).toBe(2);
    source.fail(0, new Error("slow and failed"));
    await settled();
    source.answer(1, "second");
    expect(await Promise.all([early, joined, late])).toEqual(["second", "second", "second"]);
  });

  it("gives up after the in-flight TTL, aborts the fetch, and starts anew for the next caller", async () => {
    const { cache, source } = setUp({ inFlightTtlSeconds: 0.03, graceIntervalSeconds: 0.03 });
    await expect(cache.get(source.request("a"))).rejects.toMatchObject({ code: "ERR_KEY_MATERIAL_TIMEOUT" });
    expect(source.pending[0]?.signal.aborted).toBe(true);
    const next = cache.get(source.request("a"));
    source.answer(0, "too late");
    source.answer(1, "A");
    expect(await next).toBe("A");
    expect(await cache.get(source.request("a"))).toBe("A");
  });

  it("fetches at most fan-out different keys at a time", async () => {
    const { cache, source } = setUp({ fanOut: 2 });
    const all = ["a", "b", "c", "d"].map((identifier) => cache.get(source.request(identifier)));
    expect(source.fetches).toBe(2);
    source.answer(0, "A");
    await all[0];
    expect(source.fetches).toBe(3);
    source.fail(1, new Error("down"));
    await expect(all[1]).rejects.toThrow("down");
    expect(source.fetches).toBe(4);
    source.answer(2, "C");
    source.answer(3, "D");
    expect(await Promise.all([all[2], all[3]])).toEqual(["C", "D"]);
  });

  it("lets who waits for a place give up, too", async () => {
    const { cache, source } = setUp({ fanOut: 1, inFlightTtlSeconds: 0.03, graceIntervalSeconds: 0.03 });
    const both = await Promise.allSettled([cache.get(source.request("a")), cache.get(source.request("b"))]);
    for (const outcome of both) expect(outcome).toMatchObject({ reason: { code: "ERR_KEY_MATERIAL_TIMEOUT" } });
  });
});

// @see framework/storm-tracking-cryptographic-materials-cache.md "Within Grace Period", "Within Grace Interval"
describe("refresh within the grace period", () => {
  it("serves the old entry to all while one fetch renews it", async () => {
    const { cache, source, time } = setUp();
    await filled(cache, source);
    time.seconds += 270;
    const served = await Promise.all(Array.from({ length: 100 }, () => cache.get(source.request("a"))));
    expect(new Set(served)).toEqual(new Set(["A"]));
    expect(source.fetches).toBe(2);
    source.answer(1, "renewed");
    await settled();
    expect(await cache.get(source.request("a"))).toBe("renewed");
    time.seconds += 60;
    expect(await cache.get(source.request("a"))).toBe("renewed");
    expect(source.fetches).toBe(2);
  });

  it("keeps the entry after a failed refresh until its TTL, and tries again after the grace interval", async () => {
    const { cache, source, time } = setUp();
    await filled(cache, source);
    time.seconds += 270;
    await cache.get(source.request("a"));
    source.fail(1, new Error("down"));
    await settled();
    time.seconds += 4;
    expect(await cache.get(source.request("a"))).toBe("A");
    expect(source.fetches).toBe(2);
    time.seconds += 1;
    expect(await cache.get(source.request("a"))).toBe("A");
    expect(source.fetches).toBe(3);
    source.fail(2, new Error("still down"));
    await settled();
    time.seconds += 25;
    const late = cache.get(source.request("a"));
    source.fail(3, new Error("down for good"));
    await expect(late).rejects.toThrow("down for good");
  });

  it("evicts at once where access is denied", async () => {
    const { cache, source, time } = setUp();
    await filled(cache, source);
    time.seconds += 270;
    expect(await cache.get(source.request("a"))).toBe("A");
    source.fail(1, new Denied());
    await settled();
    const next = cache.get(source.request("a"));
    source.fail(2, new Denied());
    await expect(next).rejects.toBeInstanceOf(Denied);
  });

  it("does not wait for a place: with every place taken it serves on without renewing", async () => {
    const { cache, source, time } = setUp({ fanOut: 1 });
    await filled(cache, source);
    time.seconds += 270;
    void cache.get(source.request("b"));
    expect(await cache.get(source.request("a"))).toBe("A");
    expect(source.fetches).toBe(2);
  });

  it("shrinks its default period for short times to live", async () => {
    const { cache, source, time } = setUp();
    const short = source.request("a", { ttlSeconds: 20 });
    const first = cache.get(short);
    source.answer(0, "A");
    await first;
    time.seconds += 14;
    await cache.get(short);
    expect(source.fetches).toBe(1);
    time.seconds += 1;
    await cache.get(short);
    expect(source.fetches).toBe(2);
  });
});

// @see framework/storm-tracking-cryptographic-materials-cache.md "Initialization", "Consistency"
describe("settings", () => {
  it.each<[string, KeyMaterialCacheOptions]>([
    ["a grace interval over the in-flight TTL", { graceIntervalSeconds: 21 }],
    ["an in-flight TTL over the grace period", { inFlightTtlSeconds: 31 }],
    ["the specification's own defaults", { gracePeriodSeconds: 10, graceIntervalSeconds: 1, inFlightTtlSeconds: 20 }],
    ["no fan-out", { fanOut: 0 }],
    ["a broken capacity", { capacity: 1.5 }],
    ["a negative capacity", { capacity: -1 }],
    ["a grace period of 0", { gracePeriodSeconds: 0 }],
    ["no number", { inFlightTtlSeconds: Number.NaN }],
  ])("refuses %s", (_, options) => {
    expect(() => keyMaterialCache(options)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });

  it("refuses a time to live within the configured grace period", () => {
    const cache = keyMaterialCache({ gracePeriodSeconds: 30 });
    expect(() => cache.checkTtl(30)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
    expect(() => cache.checkTtl(0)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
    cache.checkTtl(31);
  });

  it.each([0.5, 1, 2, 5, 19, 20, 21, 40, 60, 79, 80, 119, 120, 121, 300, 86_400])(
    "derive defaults from a time to live of %f seconds that keep the specification's rule",
    (ttlSeconds) => {
      keyMaterialCache().checkTtl(ttlSeconds);
      const { gracePeriodSeconds, graceIntervalSeconds, inFlightTtlSeconds } = stormTrackingFor({}, ttlSeconds);
      expect(gracePeriodSeconds).toBeLessThan(ttlSeconds);
      if (ttlSeconds < 20) return expect(gracePeriodSeconds).toBe(0);
      expect(graceIntervalSeconds).toBeLessThanOrEqual(inFlightTtlSeconds);
      expect(inFlightTtlSeconds).toBeLessThanOrEqual(gracePeriodSeconds);
    },
  );

  it("refuses what was given where it contradicts the defaults of a short life", () => {
    const cache = keyMaterialCache({ inFlightTtlSeconds: 20 });
    expect(() => cache.checkTtl(40)).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
    cache.checkTtl(80);
  });
});
