import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DynasealError } from "../../src/errors/index.ts";
import { awsKmsMrkKeyring } from "../../src/keyrings/index.ts";
import { type FailoverOptions, RegionalFailover } from "../../src/kms/index.ts";
import type { CompleteEncryptionMaterials, DynasealEvent, Keyring, KeyringCall } from "../../src/materials/index.ts";
import { type LocalKms, startLocalKms } from "../../src/testing/index.ts";
import { decryptWith, encryptWith } from "../support/keyring-round-trip.ts";
import { callsTo, localClients } from "../support/kms-clients.ts";

const own = "eu-west-1";
const next = "us-east-1";

function failure(code: "ERR_KMS_UNREACHABLE" | "ERR_KMS_THROTTLED" | "ERR_KMS_ACCESS_DENIED", region: string): DynasealError {
  const details = { operation: "Decrypt", region, keyId: "key", reason: "test" };
  return new DynasealError(code, { details });
}

/** Regions that answer as the test says, and what was asked and told. */
function bench(options: Partial<FailoverOptions> = {}) {
  let now = 0;
  const failover = new RegionalFailover({ regions: [next], ...options }, () => now);
  const answers = new Map<string, () => string>();
  const asked: string[] = [];
  const events: DynasealEvent[] = [];
  const call: KeyringCall = { onEvent: (event) => events.push(event) };
  const run = (): Promise<string> =>
    failover.run(own, call, async (region) => {
      asked.push(region);
      return answers.get(region)?.() ?? region;
    });
  const failing = (region: string, code: Parameters<typeof failure>[0]): void => {
    answers.set(region, () => {
      throw failure(code, region);
    });
  };
  return {
    run,
    failing,
    heal: (region: string) => answers.delete(region),
    asked,
    events,
    pass: (seconds: number) => (now += seconds * 1000),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("RegionalFailover", () => {
  it("asks the own Region alone while it answers", async () => {
    const { run, asked, events } = bench();
    expect(await run()).toBe(own);
    expect([asked, events]).toEqual([[own], []]);
  });

  it("moves on an outage, leaves the Region alone, and tells of the switch once", async () => {
    const { run, failing, asked, events } = bench();
    failing(own, "ERR_KMS_UNREACHABLE");
    expect([await run(), await run(), await run()]).toEqual([next, next, next]);
    expect(asked).toEqual([own, next, next, next]);
    expect(events).toEqual([{ type: "kms-failover", from: own, to: next, reason: "unreachable" }]);
  });

  it("goes back by itself after a probe that nobody waits for", async () => {
    const { run, failing, heal, asked, events, pass } = bench();
    failing(own, "ERR_KMS_UNREACHABLE");
    await run();
    pass(10);
    expect(await run()).toBe(next);
    await settled();
    expect(asked).toEqual([own, next, own, next]);
    heal(own);
    pass(9);
    await run();
    expect(asked).toEqual([own, next, own, next, next]);
    pass(1);
    expect(await run()).toBe(next);
    await settled();
    expect(await run()).toBe(own);
    expect(events).toEqual([
      { type: "kms-failover", from: own, to: next, reason: "unreachable" },
      { type: "kms-failover", from: next, to: own, reason: "recovered" },
    ]);
  });

  it("comes back to a Region that refuses: that is an answer", async () => {
    const { run, failing, pass } = bench();
    failing(own, "ERR_KMS_UNREACHABLE");
    await run();
    failing(own, "ERR_KMS_ACCESS_DENIED");
    pass(10);
    expect(await run()).toBe(next);
    await settled();
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_ACCESS_DENIED" });
  });

  it("never moves for what KMS decided, also not from the next Region", async () => {
    const { run, failing, asked } = bench({ regions: [next, "ap-south-1"] });
    failing(own, "ERR_KMS_ACCESS_DENIED");
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_ACCESS_DENIED" });
    failing(own, "ERR_KMS_UNREACHABLE");
    failing(next, "ERR_KMS_ACCESS_DENIED");
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_ACCESS_DENIED", details: { region: next } });
    expect(asked).toEqual([own, own, next]);
  });

  it("names the first Region when none answers, and asks all again next time", async () => {
    const { run, failing, asked } = bench();
    failing(own, "ERR_KMS_UNREACHABLE");
    failing(next, "ERR_KMS_UNREACHABLE");
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE", details: { region: own } });
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE", details: { region: own } });
    expect(asked).toEqual([own, next, own, next]);
  });

  it("does not move for throttling unless told to", async () => {
    const { run, failing, asked } = bench();
    failing(own, "ERR_KMS_THROTTLED");
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_THROTTLED" });
    expect(asked).toEqual([own]);
  });

  it("does not move for an outage where only throttling is named", async () => {
    const { run, failing, asked } = bench({ on: ["throttled"] });
    failing(own, "ERR_KMS_UNREACHABLE");
    for (let i = 0; i < 20; i++) await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE" });
    expect(new Set(asked)).toEqual(new Set([own]));
  });

  it("moves at most one throttled call in ten", async () => {
    const { run, failing, asked, events } = bench({ on: ["unreachable", "throttled"] });
    failing(own, "ERR_KMS_THROTTLED");
    let moved = 0;
    for (let i = 0; i < 200; i++)
      moved += await run().then(
        () => 1,
        () => 0,
      );
    expect(moved).toBe(20);
    expect(asked.filter((region) => region === next)).toHaveLength(20);
    expect(events).toHaveLength(20);
    expect(new Set(events.map((event) => "reason" in event && event.reason))).toEqual(new Set(["throttled"]));
  });

  it("saves unused retries for a hundred calls and no more", async () => {
    const { run, failing } = bench({ on: ["throttled"] });
    for (let i = 0; i < 1000; i++) await run();
    failing(own, "ERR_KMS_THROTTLED");
    const results = await Promise.allSettled(Array.from({ length: 30 }, run));
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(10);
    await expect(run()).rejects.toMatchObject({ code: "ERR_KMS_THROTTLED" });
  });

  it("passes an abort and an error of the caller's own", async () => {
    const { failing, run } = bench();
    failing(own, "ERR_KMS_UNREACHABLE");
    const failover = new RegionalFailover({ regions: [next] });
    const aborted = new DynasealError("ERR_ABORTED", { details: {} });
    await expect(failover.run(own, {}, () => Promise.reject(aborted))).rejects.toBe(aborted);
    const other = new Error("no role");
    await expect(failover.run(own, {}, () => Promise.reject(other))).rejects.toBe(other);
    await run();
  });
});

describe("a thousand reads while the KMS of the own Region fails", () => {
  let kms: LocalKms;
  let keyId: string;
  let written: CompleteEncryptionMaterials;

  beforeEach(async () => {
    kms = await startLocalKms({ regions: [own, next] });
    const primary = await kms.createKey({ region: next, multiRegion: true });
    keyId = (await kms.replicateKey({ keyId: primary.arn, replicaRegion: own })).arn;
    written = await encryptWith(awsKmsMrkKeyring({ keyId, clientSupplier: localClients(kms), region: own }));
  });
  afterEach(() => kms.stop());

  const count = 1000;
  const readers = 16;

  /**
   * Reads with 16 readers at once; the fault begins with the middle one, from where `more` readers join them, so that
   * hanging reads hang side by side. Returns the error of each read by the order of their starts, and which reads had
   * ended when the fault began.
   */
  async function reads(
    keyring: Keyring,
    call: KeyringCall,
    fault: () => void,
    more = 0,
  ): Promise<{ errors: unknown[]; ended: ReadonlySet<number> }> {
    const errors: unknown[] = [];
    let ended: ReadonlySet<number> = new Set();
    let started = 0;
    const joined: Promise<void>[] = [];
    const reader = async (): Promise<void> => {
      while (started < count) {
        const index = started++;
        if (index === count / 2) {
          fault();
          ended = new Set([...errors.keys()].filter((done) => done in errors));
          joined.push(...Array.from({ length: more }, reader));
        }
        errors[index] = await decryptWith(keyring, written, call).then(
          () => undefined,
          (error: unknown) => error,
        );
      }
    };
    await Promise.all(Array.from({ length: readers }, reader));
    await Promise.all(joined);
    return { errors, ended };
  }

  it.each(["down", "hanging"] as const)("%s, with failover: none fails, and only calls in flight are slow", async (fault) => {
    const events: DynasealEvent[] = [];
    // Long enough for a busy machine to answer where nothing is wrong, and not to probe the Region meanwhile.
    const failover = { regions: [next], deadlineSeconds: 3, breakerSeconds: 60 };
    const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: localClients(kms), region: own, failover });
    const { errors } = await reads(keyring, { onEvent: (event) => events.push(event) }, () => kms.faults[fault](own));
    expect(errors).toEqual(Array.from({ length: count }));
    const slow = kms.events.filter((event) => event.awsRegion === own && event.errorCode !== undefined);
    expect(slow.length).toBeGreaterThan(0);
    expect(slow.length).toBeLessThanOrEqual(readers);
    expect(events).toEqual([{ type: "kms-failover", from: own, to: next, reason: "unreachable" }]);
    expect(callsTo(kms)).toContain(`Decrypt ${next}`);
  });

  it.each([
    ["down", /./],
    ["hanging", /no answer within 3 s/],
  ] as const)("%s, without failover: each one from then on fails, naming Region and key", async (fault, reason) => {
    const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: localClients(kms), region: own, timeoutSeconds: 3 });
    const { errors, ended } = await reads(keyring, {}, () => kms.faults[fault](own), count / 2);
    expect(errors).toHaveLength(count);
    expect(ended.size).toBeGreaterThan(count / 2 - readers);
    for (const [index, error] of errors.entries()) {
      // What was in flight at that moment may have come through.
      if (ended.has(index) || (index < count / 2 && error === undefined)) {
        expect(error).toBeUndefined();
        continue;
      }
      expect(error).toMatchObject({
        code: "ERR_KMS_UNREACHABLE",
        details: { operation: "Decrypt", region: own, keyId, reason: expect.stringMatching(reason) },
        message: expect.stringMatching(new RegExp(`${own}.*${keyId}|${keyId}.*${own}`)),
      });
    }
    expect(callsTo(kms)).not.toContain(`Decrypt ${next}`);
  });

  it("moves at an HTTP 5xx, writes under the other replica, and comes back", async () => {
    const failover = { regions: [next], breakerSeconds: 0.05 };
    const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: localClients(kms), region: own, failover });
    const lift = kms.faults.serverError(own);
    const meanwhile = await encryptWith(keyring);
    expect(Buffer.from(meanwhile.encryptedDataKeys[0]?.keyProviderInfo ?? []).toString()).toContain(next);
    lift();
    await expect
      .poll(async () => Buffer.from((await encryptWith(keyring)).encryptedDataKeys[0]?.keyProviderInfo ?? []).toString())
      .toContain(own);
    await expect(decryptWith(keyring, meanwhile)).resolves.toBeDefined();
  });

  it.each([
    ["a denied call", "ERR_KMS_ACCESS_DENIED"],
    ["a key that is not there", "ERR_KMS_KEY_NOT_FOUND"],
  ])("%s stays where it is", async (what, code) => {
    const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: localClients(kms), region: own, failover: { regions: [next] } });
    if (what === "a denied call") kms.faults.deny({ region: own });
    else await kms.deleteKey({ keyId, region: own });
    kms.clearEvents();
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code, details: { region: own } });
    expect(callsTo(kms)).toEqual([`Decrypt ${own}`]);
  });

  it("the caller's abort stays where it is", async () => {
    const keyring = awsKmsMrkKeyring({ keyId, clientSupplier: localClients(kms), region: own, failover: { regions: [next] } });
    kms.faults.hanging(own);
    kms.clearEvents();
    await expect(decryptWith(keyring, written, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    expect(callsTo(kms)).not.toContain(`Decrypt ${next}`);
  });
});
