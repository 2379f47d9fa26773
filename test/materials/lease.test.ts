import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SecretBytes } from "../../src/bytes/index.ts";
import { ExpiringEntries } from "../../src/materials/expiring-entries.ts";
import {
  type KeyMaterialCache,
  type KeyMaterialCacheOptions,
  type KeyMaterialRequest,
  keyMaterialCache,
} from "../../src/materials/index.ts";
import { RequestLeases } from "../../src/materials/lease.ts";

class Denied extends Error {}

interface Key {
  readonly secret: SecretBytes;
}

/** A source of keys that remembers all it gave, and how often each was wiped. */
class Source {
  readonly given: (Key & { wipes: number })[] = [];

  request(identifier: string, rest: Partial<KeyMaterialRequest<Key>> = {}): KeyMaterialRequest<Key> {
    return {
      identifier,
      ttlSeconds: 300,
      load: async () => {
        const key = { secret: new SecretBytes(new Uint8Array(32).fill(this.given.length + 1)), wipes: 0 };
        this.given.push(key);
        return key;
      },
      wipe: (key) => {
        const found = this.given.find((one) => one === key);
        if (found !== undefined) found.wipes++;
        key.secret.wipe();
      },
      revokes: (error) => error instanceof Denied,
      ...rest,
    };
  }

  get wipes(): readonly number[] {
    return this.given.map(({ wipes }) => wipes);
  }
}

function setUp(options: Omit<KeyMaterialCacheOptions, "clock"> = {}): {
  cache: KeyMaterialCache;
  source: Source;
  time: { seconds: number };
} {
  const time = { seconds: 1_000_000 };
  return { cache: keyMaterialCache({ ...options, clock: { now: () => time.seconds * 1000 } }), source: new Source(), time };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const wiped = expect.objectContaining({ code: "ERR_SECRET_WIPED" });

async function use(cache: KeyMaterialCache, request: KeyMaterialRequest<Key>): Promise<Key> {
  const lease = await cache.lease(request);
  lease.release();
  return lease.material;
}

describe("a key is wiped at the end of its last lease", () => {
  it("when it is evicted", async () => {
    const { cache, source } = setUp({ capacity: 1 });
    const [one, two] = [await cache.lease(source.request("a")), await cache.lease(source.request("a"))];
    await use(cache, source.request("b"));
    expect(one.material.secret.reveal()).toEqual(new Uint8Array(32).fill(1));
    one.release();
    one.release();
    expect(two.material.secret.reveal()).toEqual(new Uint8Array(32).fill(1));
    two.release();
    expect(() => two.material.secret.reveal()).toThrow(wiped);
    expect(source.wipes).toEqual([1, 0]);
  });

  it("when it expires, on an access to another key", async () => {
    const { cache, source, time } = setUp();
    const held = await cache.lease(source.request("held"));
    for (const identifier of ["a", "b", "c", "d", "e"]) await use(cache, source.request(identifier));
    time.seconds += 24 * 3600;
    await use(cache, source.request("other"));
    expect(source.wipes).toEqual([0, 1, 1, 1, 1, 1, 0]);
    held.release();
    expect(source.wipes).toEqual([1, 1, 1, 1, 1, 1, 0]);
  });

  it("when it is renewed, and not before", async () => {
    const { cache, source, time } = setUp();
    const old = await cache.lease(source.request("a"));
    time.seconds += 270;
    await use(cache, source.request("a"));
    await settled();
    expect((await use(cache, source.request("a"))).secret.reveal()).toEqual(new Uint8Array(32).fill(2));
    expect(source.wipes).toEqual([0, 0]);
    old.release();
    expect(source.wipes).toEqual([1, 0]);
  });

  it("when access to it is denied", async () => {
    const { cache, source, time } = setUp();
    await use(cache, source.request("a"));
    time.seconds += 270;
    const load = (): Promise<Key> => Promise.reject(new Denied());
    await use(cache, source.request("a", { load }));
    await settled();
    expect(source.wipes).toEqual([1]);
  });

  it("when nothing is kept at all: capacity 0", async () => {
    const { cache, source } = setUp({ capacity: 0 });
    const [one, two] = await Promise.all([cache.lease(source.request("a")), cache.lease(source.request("a"))]);
    expect(one.material).toBe(two.material);
    one.release();
    expect(two.material.secret.reveal()).toEqual(new Uint8Array(32).fill(1));
    two.release();
    await settled();
    expect(source.wipes).toEqual([1]);
  });

  it("once, however many identifiers stand for it", async () => {
    const { cache, source } = setUp({ capacity: 2 });
    const request = source.request("active", { alsoServes: () => "version 1" });
    await use(cache, request);
    await use(cache, source.request("other"));
    expect((await use(cache, source.request("version 1"))).secret.reveal()).toEqual(new Uint8Array(32).fill(1));
    await use(cache, source.request("another"));
    await use(cache, source.request("third"));
    expect(source.wipes).toEqual([1, 1, 0, 0]);
  });

  it("once, also where the key store answers with the same object again and again", async () => {
    const { cache, source, time } = setUp();
    const key = await source.request("").load(new AbortController().signal);
    const load = async (): Promise<Key> => key;
    await use(cache, source.request("a", { load }));
    time.seconds += 100;
    await use(cache, source.request("b", { load }));
    time.seconds += 250;
    expect((await use(cache, source.request("b", { load }))).secret.reveal()).toEqual(new Uint8Array(32).fill(1));
    time.seconds += 100;
    await use(cache, source.request("c"));
    expect(source.wipes).toEqual([1, 0]);
  });

  it("where every caller gave up before it came, or it came after the time for it", async () => {
    const { cache, source } = setUp({ inFlightTtlSeconds: 0.03, graceIntervalSeconds: 0.03, capacity: 0 });
    let answer: () => void = () => undefined;
    const slow = source.request("a");
    const load = (): Promise<Key> =>
      new Promise((resolve) => {
        answer = () => void slow.load(new AbortController().signal).then(resolve);
      });
    const controller = new AbortController();
    const left = cache.lease({ ...slow, load, signal: controller.signal });
    controller.abort();
    await expect(left).rejects.toMatchObject({ code: "ERR_ABORTED" });
    answer();
    await settled();
    expect(source.wipes).toEqual([1]);
    await expect(cache.lease({ ...slow, load })).rejects.toMatchObject({ code: "ERR_KEY_MATERIAL_TIMEOUT" });
    answer();
    await settled();
    expect(source.wipes).toEqual([1, 1]);
  });

  it("and never where it was handed out without a lease", async () => {
    const { cache, source, time } = setUp();
    const { secret } = await cache.get(source.request("a"));
    time.seconds += 3600;
    await use(cache, source.request("b"));
    expect(secret.reveal()).toEqual(new Uint8Array(32).fill(1));
  });
});

describe("the timer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("wipes what expires although nobody asks for anything, and keeps no process alive", async () => {
    const source = new Source();
    const cache = keyMaterialCache();
    await use(cache, source.request("a", { ttlSeconds: 60 }));
    await use(cache, source.request("b", { ttlSeconds: 30 }));
    await vi.advanceTimersByTimeAsync(30_100);
    expect(source.wipes).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(source.wipes).toEqual([1, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not hold the process", async () => {
    const set = vi.spyOn(globalThis, "setTimeout");
    const source = new Source();
    await use(keyMaterialCache(), source.request("a"));
    const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(timers.length).toBeGreaterThan(0);
    expect(timers.some((timer) => timer.hasRef())).toBe(false);
  });

  it("comes back for the rest where very many end at once, and each access prunes a bounded number", async () => {
    const dropped: number[] = [];
    const time = { now: 0 };
    const entries = new ExpiringEntries<number>({
      capacity: 1000,
      clock: { now: () => time.now },
      dropped: (one) => void dropped.push(one),
    });
    for (let i = 0; i < 500; i++) entries.set(`${i}`, i, 1000);
    time.now = 2000;
    expect(entries.get("none", time.now)).toBeUndefined();
    expect(dropped).toHaveLength(64);
    await vi.advanceTimersByTimeAsync(1500);
    expect(dropped).toHaveLength(500);
  });
});

describe("ExpiringEntries", () => {
  // @see framework/local-cryptographic-materials-cache.md "Put Cache Entry", "Pruning"
  it("drops what is over when something is put, not only when something is asked for", () => {
    const dropped: string[] = [];
    const time = { now: 0 };
    const clock = { now: (): number => time.now };
    const entries = new ExpiringEntries<string>({ capacity: 10, clock, dropped: (one) => void dropped.push(one) });
    entries.set("a", "A", 1000);
    entries.set("b", "B", 3000);
    time.now = 2000;
    entries.set("c", "C", 4000);
    expect(dropped).toEqual(["A"]);
    expect(entries.get("b", time.now)).toBe("B");
  });

  it("behaves as a simple list does: drops what is over, then the least recently used, each once", () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), key: fc.nat(12), life: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ kind: fc.constant("get" as const), key: fc.nat(12) }),
      fc.record({ kind: fc.constant("delete" as const), key: fc.nat(12) }),
      fc.record({ kind: fc.constant("wait" as const), time: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
        let now = 1000;
        let next = 0;
        const dropped: number[] = [];
        const entries = new ExpiringEntries<number>({ capacity: 8, clock: { now: () => now }, dropped: (one) => void dropped.push(one) });
        let model: { key: number; value: number; expiresAt: number }[] = [];
        const gone: number[] = [];
        const keep = (condition: (entry: (typeof model)[number]) => boolean): void => {
          gone.push(...model.filter((entry) => !condition(entry)).map(({ value }) => value));
          model = model.filter(condition);
        };
        for (const one of commands) {
          if (one.kind === "wait") now += one.time;
          if (one.kind === "delete") {
            entries.delete(`${one.key}`);
            keep(({ key }) => key !== one.key);
          }
          if (one.kind === "set") {
            const value = next++;
            keep(({ expiresAt }) => expiresAt > now);
            entries.set(`${one.key}`, value, now + one.life);
            keep(({ key }) => key !== one.key);
            model.push({ key: one.key, value, expiresAt: now + one.life });
            const oldest = model.length > 8 ? model[0] : undefined;
            keep((entry) => entry !== oldest);
          }
          if (one.kind === "get") {
            const found = entries.get(`${one.key}`, now);
            keep(({ expiresAt }) => expiresAt > now);
            const expected = model.find(({ key }) => key === one.key);
            expect(found).toBe(expected?.value);
            if (expected !== undefined) model = [...model.filter((entry) => entry !== expected), expected];
          }
          expect([...dropped].sort((a, b) => a - b)).toEqual([...gone].sort((a, b) => a - b));
        }
      }),
    );
  });
});

describe("RequestLeases", () => {
  it("end with the request; what comes later ends at once", () => {
    const leases = new RequestLeases();
    const ended: number[] = [];
    leases.add(() => void ended.push(1));
    leases.add(() => void ended.push(2));
    expect(ended).toEqual([]);
    leases.end();
    leases.end();
    leases.add(() => void ended.push(3));
    expect(ended).toEqual([1, 2, 3]);
  });
});
