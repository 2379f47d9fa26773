import { beforeAll, describe, expect, it } from "vitest";
import { DynasealError } from "../../src/errors/index.ts";
import type { Keyring } from "../../src/index.ts";
import { type StreamChange, type StreamFailure, type StreamHandlerOptions, streamHandler } from "../../src/streams/index.ts";
import { dynamoDbStreams, eventShapes, pipe, type Written } from "../support/streams/event-shapes.ts";
import { runMapping } from "../support/streams/lambda-simulator.ts";
import { canary, customer, customers, keysOf, stored, streamKeyring } from "../support/streams/stream-tables.ts";

const keyring = streamKeyring();
const records = 12;
const runs = 1_000;
const reported = ["ReportBatchItemFailures"] as const;
/** A shard: changes of three customers, interleaved. */
let shard: readonly Written[];

beforeAll(async () => {
  shard = await Promise.all(
    Array.from({ length: records }, async (_, index): Promise<Written> => {
      const item = customer(String(index % 3), index);
      return {
        eventName: "MODIFY",
        keys: keysOf(item),
        newImage: await stored(item),
        sequenceNumber: String(1000 + index),
        viewType: "NEW_IMAGE",
      };
    }),
  );
});

function options(more: Partial<StreamHandlerOptions> = {}): StreamHandlerOptions {
  return { schema: customers, keyring, ...more };
}

/** Numbers from 0 to 1 that are the same in every run of the tests. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Watches what a handler does: a record may be begun only when all records before it have been handled. */
function observer(): {
  begin: (change: StreamChange) => void;
  done: (change: StreamChange) => void;
  readonly tooEarly: string[];
  readonly handled: Set<number>;
} {
  const handled = new Set<number>();
  const tooEarly: string[] = [];
  const indexOf = ({ sequenceNumber }: StreamChange): number => Number(sequenceNumber) - 1000;
  return {
    handled,
    tooEarly,
    begin(change) {
      const index = indexOf(change);
      const open = Array.from({ length: index }, (_, before) => before).filter((before) => !handled.has(before));
      if (open.length > 0) tooEarly.push(`${index} before ${open.join(", ")}`);
    },
    done: (change) => void handled.add(indexOf(change)),
  };
}

/** Fails one call in ten; it, or the keyring under it. */
function failing(random: () => number): { readonly keyring: Keyring; readonly handle: (change: StreamChange) => void } {
  return {
    keyring: {
      ...keyring,
      async onDecrypt(materials, keys, call) {
        if (random() < 0.1)
          throw new DynasealError("ERR_KMS_UNREACHABLE", { details: { operation: "Decrypt", region: "eu-west-1" } as never });
        return keyring.onDecrypt(materials, keys, call);
      },
    },
    handle() {
      if (random() < 0.1) throw new Error("the database is away");
    },
  };
}

interface Trial {
  readonly lost: number;
  readonly tooEarly: readonly string[];
  readonly invocations: number;
}

async function trial(seed: number, report: boolean, functionResponseTypes: readonly "ReportBatchItemFailures"[]): Promise<Trial> {
  const random = randomNumbers(seed);
  const faults = failing(random);
  const watched = observer();
  const handler = streamHandler(options({ keyring: faults.keyring, reportBatchItemFailures: report, concurrency: 4 }), (change) => {
    watched.begin(change);
    faults.handle(change);
    watched.done(change);
  });
  const invocations = await runMapping(shard, handler, { shape: dynamoDbStreams, batchSize: 1 + (seed % 5), functionResponseTypes });
  return { lost: records - watched.handled.size, tooEarly: watched.tooEarly, invocations };
}

describe(`${runs} runs over a shard, 10 % of the calls of keyring and handler fail`, () => {
  it.each([
    ["thrown", false],
    ["reported", true],
  ])(
    "%s: the order holds, nothing is lost",
    async (_name, report) => {
      let invocations = 0;
      for (let seed = 1; seed <= runs / 2; seed++) {
        const result = await trial(seed, report, report ? reported : []);
        expect(result).toMatchObject({ lost: 0, tooEarly: [] });
        invocations += result.invocations;
      }
      // Otherwise nothing failed, and nothing was shown.
      expect(invocations).toBeGreaterThan(runs * 3);
    },
    120_000,
  );

  it("reported to a mapping that does not listen: the rest of the batch is lost, which the simulator shows", async () => {
    let lost = 0;
    for (let seed = 1; seed <= 50; seed++) lost += (await trial(seed, true, [])).lost;
    expect(lost).toBeGreaterThan(50);
  });
});

describe("handlers that would not do are caught by the same watch", () => {
  it("one that goes on after a failure", async () => {
    const watched = observer();
    let failures = 1;
    const { decryptRecords } = (await import("../../src/streams/index.ts")).streamDecryptor(options());
    const goesOn = async (event: unknown): Promise<unknown> => {
      const batchItemFailures: { itemIdentifier: string }[] = [];
      for (const change of await decryptRecords(event)) {
        watched.begin(change);
        if (change.sequenceNumber === "1004" && failures-- > 0) batchItemFailures.push({ itemIdentifier: "1004" });
        else watched.done(change);
      }
      return { batchItemFailures };
    };
    await runMapping(shard, goesOn, { shape: dynamoDbStreams, batchSize: 10, functionResponseTypes: reported });
    expect(watched.tooEarly).toContain("5 before 4");
  });

  it("one that handles all at once", async () => {
    const watched = observer();
    const { decryptRecords } = (await import("../../src/streams/index.ts")).streamDecryptor(options());
    const atOnce = async (event: unknown): Promise<void> => {
      const changes = await decryptRecords(event);
      await Promise.all(
        changes.map(async (change, index) => {
          watched.begin(change);
          await new Promise((resolve) => setTimeout(resolve, index % 3));
          watched.done(change);
        }),
      );
    };
    await runMapping(shard, atOnce, { shape: dynamoDbStreams, batchSize: 10, functionResponseTypes: [] });
    expect(watched.tooEarly.length).toBeGreaterThan(0);
  });
});

describe("the answer of a batch", () => {
  const failAt = (sequenceNumber: string) => (change: StreamChange) => {
    if (change.sequenceNumber === sequenceNumber) throw new Error("no");
  };

  it("is nothing where all went well and nothing is reported", async () => {
    expect(await streamHandler(options(), () => undefined)(dynamoDbStreams.event(shard), undefined)).toBeUndefined();
    expect(await streamHandler(options(), () => undefined)({ Records: [] }, undefined)).toBeUndefined();
  });

  it("is an empty list where all went well", async () => {
    const handler = streamHandler(options({ reportBatchItemFailures: true }), () => undefined);
    expect(await handler(dynamoDbStreams.event(shard), undefined)).toEqual({ batchItemFailures: [] });
    expect(await handler({ Records: [] }, undefined)).toEqual({ batchItemFailures: [] });
  });

  it("throws the handler's own error by default", async () => {
    await expect(streamHandler(options(), failAt("1003"))(dynamoDbStreams.event(shard), undefined)).rejects.toThrow("no");
  });

  it.each(eventShapes.filter(({ name }) => !name.includes("Pipes")))(
    "names the first that failed: $name",
    async ({ event, identifier }) => {
      const failures: StreamFailure[] = [];
      const handler = streamHandler(options({ reportBatchItemFailures: true, onFailure: (one) => failures.push(one) }), failAt("1003"));
      expect(await handler(event(shard), undefined)).toEqual({ batchItemFailures: [{ itemIdentifier: identifier(shard[3] as Written) }] });
      expect(failures).toMatchObject([{ sequenceNumber: "1003", error: { message: "no" } }]);
    },
  );

  it.each(eventShapes.filter(({ name }) => name.includes("Pipes")))(
    "names all from the first that failed on, by event id: $name",
    async ({ event, identifier }) => {
      const handler = streamHandler(options({ reportBatchItemFailures: true }), failAt("1003"));
      expect(await handler(event(shard), undefined)).toEqual({
        batchItemFailures: shard.slice(3).map((record) => ({ itemIdentifier: identifier(record) })),
      });
    },
  );

  it("throws where a record has no identifier to name it by: a wrong one would mean another record, or none", async () => {
    const nameless = shard.map((record, index) => (index === 3 ? { ...record, sequenceNumber: "" } : record));
    const handler = streamHandler(options({ reportBatchItemFailures: true }), ({ sequenceNumber }) => {
      if (sequenceNumber === undefined) throw new Error("no");
    });
    await expect(handler(dynamoDbStreams.event(nameless), undefined)).rejects.toThrow("no");
    const withoutId = shard.map((record, index) => (index === 9 ? { ...record, eventID: "" } : record));
    await expect(
      streamHandler(options({ reportBatchItemFailures: true }), failAt("1003"))(pipe.event(withoutId), undefined),
    ).rejects.toThrow("no");
  });

  it("reports what cannot be read as well, after everything before it was handled", async () => {
    const handled: unknown[] = [];
    const planted = shard.map((record, index) =>
      index === 3 ? { ...record, newImage: { ...record.newImage, tier: { S: canary } } } : record,
    );
    const failures: StreamFailure[] = [];
    const handler = streamHandler(
      options({ reportBatchItemFailures: true, onFailure: (one) => failures.push(one) }),
      ({ sequenceNumber }) => handled.push(sequenceNumber),
    );
    expect(await handler(dynamoDbStreams.event(planted), undefined)).toEqual({ batchItemFailures: [{ itemIdentifier: "1003" }] });
    expect(handled).toEqual(["1000", "1001", "1002"]);
    expect(failures).toMatchObject([{ error: { code: "ERR_NOT_AUTHENTIC" } }]);
    expect(JSON.stringify(failures)).not.toContain(canary);
  });

  it("with a callback one planted item does not block the shard", async () => {
    const planted = shard.map((record, index) =>
      index === 3 ? { ...record, newImage: { ...record.newImage, tier: { S: "forged" } } } : record,
    );
    const order: unknown[] = [];
    const handler = streamHandler(
      options({ onUndecryptable: ({ sequenceNumber }) => void order.push(`passed ${sequenceNumber}`) }),
      ({ sequenceNumber }) => order.push(sequenceNumber),
    );
    const invocations = await runMapping(planted, handler, { shape: dynamoDbStreams, batchSize: 10, functionResponseTypes: [] });
    expect(invocations).toBe(2);
    expect(order.slice(2, 5)).toEqual(["1002", "passed 1003", "1004"]);
    expect(order).toHaveLength(records);
  });
});

it("hands on Lambda's context, and waits for the handler before the next change", async () => {
  const steps: unknown[] = [];
  const handler = streamHandler(options(), async ({ sequenceNumber }, context: { readonly awsRequestId: string }) => {
    steps.push(`begin ${sequenceNumber} ${context.awsRequestId}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    steps.push(`end ${sequenceNumber}`);
  });
  await handler(dynamoDbStreams.event(shard.slice(0, 2)), { awsRequestId: "r" });
  expect(steps).toEqual(["begin 1000 r", "end 1000", "begin 1001 r", "end 1001"]);
});

it("an abort lets no further change be handled", async () => {
  const abort = new AbortController();
  const handled: unknown[] = [];
  const handler = streamHandler(options({ signal: abort.signal }), ({ sequenceNumber }) => {
    handled.push(sequenceNumber);
    if (sequenceNumber === "1001") abort.abort();
  });
  await expect(handler(dynamoDbStreams.event(shard), undefined)).rejects.toMatchObject({ code: "ERR_ABORTED" });
  expect(handled).toEqual(["1000", "1001"]);
});

it.each([
  [{ reportBatchItemFailures: "yes" }, "reportBatchItemFailures"],
  [{ onFailure: "log" }, "onFailure"],
])("refuses the options %j", (more, argument) => {
  expect(() => streamHandler(options(more as never), () => undefined)).toThrow(argument);
});

it("refuses to be made without a handler", () => {
  expect(() => streamHandler(options(), undefined as never)).toThrow("must be a function");
});
