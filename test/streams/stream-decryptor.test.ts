import { beforeAll, describe, expect, it } from "vitest";
import { DynasealError, isDynasealError } from "../../src/errors/index.ts";
import { type AttributeMap, defineTable, type Keyring } from "../../src/index.ts";
import { type StreamDecryptorOptions, streamDecryptor, type UndecryptableRecord } from "../../src/streams/index.ts";
import { dynamoDbStreams, eventShapes, kinesis, type Written } from "../support/streams/event-shapes.ts";
import { canary, customer, customers, keysOf, stored, streamKeyring } from "../support/streams/stream-tables.ts";

const keyring = streamKeyring();
const decryptor = (options: Partial<StreamDecryptorOptions> = {}) => streamDecryptor({ schema: customers, keyring, ...options });

const first = customer("42", 1);
const second = customer("42", 2, { visits: { N: "4" } });
let insert: Written;
let modify: Written;
let remove: Written;

beforeAll(async () => {
  const keys = keysOf(first);
  const [one, two] = await Promise.all([stored(first), stored(second)]);
  insert = { eventName: "INSERT", keys, newImage: one, sequenceNumber: "100" };
  modify = { eventName: "MODIFY", keys, oldImage: one, newImage: two, sequenceNumber: "200" };
  remove = { eventName: "REMOVE", keys, oldImage: two, sequenceNumber: "300" };
});

async function failure(promise: Promise<unknown>): Promise<DynasealError> {
  const error = await promise.then(
    () => new Error("nothing failed"),
    (reason: unknown) => reason,
  );
  if (!isDynasealError(error)) throw error;
  const text = JSON.stringify([error, error.message, error.hint, error.stack, String(error.cause)]);
  expect(text).not.toContain(canary);
  return error;
}

describe.each(eventShapes)("$name", ({ event, name }) => {
  it("old and new images, in order", async () => {
    const changes = await decryptor().decryptRecords(event([insert, modify, remove]));
    expect(changes.map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY", "REMOVE"]);
    expect(changes.map(({ oldImage }) => oldImage)).toEqual([undefined, first, second]);
    expect(changes.map(({ newImage }) => newImage)).toEqual([first, second, undefined]);
    expect(changes.map(({ keys }) => keys)).toEqual([keysOf(first), keysOf(first), keysOf(first)]);
    expect(changes.map(({ sequenceNumber }) => sequenceNumber)).toEqual(["100", "200", "300"]);
    expect(changes.map(({ eventId }) => eventId)).toEqual(["e100", "e200", "e300"]);
    expect(changes[1]?.newHeader).toMatchObject({ algorithmSuiteId: "0x6700", encryptedDataKeys: [{ keyProviderId: "test" }] });
    expect(changes[1]?.newDocument).toMatchObject({ email: canary, version: 2, photo: Uint8Array.of(0, 255, 2) });
    expect(changes[2]).toMatchObject({ newImage: undefined, newHeader: undefined, newDocument: undefined, expired: false });
  });

  it("when it was made", async () => {
    const [change] = await decryptor().decryptRecords(event([insert]));
    const micros = name.includes("microseconds") ? 1_764_000_000_000_007 : 1_764_000_000_000_000;
    expect(change?.approximateCreationDateTime).toEqual(new Date(1_764_000_000_000));
    expect(change?.approximateCreationMicros).toBe(micros);
    expect(change?.awsRegion).toBe("eu-west-1");
  });

  it("keys only", async () => {
    const [change] = await decryptor().decryptRecords(
      event([{ eventName: "MODIFY", keys: keysOf(first), sequenceNumber: "1", viewType: "KEYS_ONLY" }]),
    );
    expect(change).toMatchObject({
      eventName: "MODIFY",
      keys: keysOf(first),
      oldImage: undefined,
      newImage: undefined,
      newHeader: undefined,
    });
  });

  it("an item that expired", async () => {
    const [change] = await decryptor().decryptRecords(event([{ ...remove, expired: true }]));
    expect(change).toMatchObject({
      eventName: "REMOVE",
      expired: true,
      userIdentity: { principalId: "dynamodb.amazonaws.com", type: "Service" },
      oldImage: second,
    });
  });

  it("the bookkeeping of a Global Table of version 2017", async () => {
    const bookkeeping: AttributeMap = {
      "aws:rep:deleting": { BOOL: false },
      "aws:rep:updateregion": { S: "us-east-1" },
      "aws:rep:updatetime": { N: "1764000000.123456" },
    };
    const [change] = await decryptor().decryptRecords(event([{ ...insert, newImage: { ...insert.newImage, ...bookkeeping } }]));
    expect(change?.newImage).toEqual({ ...first, ...bookkeeping });
  });

  it("a record that is delivered twice is there twice, under the same id", async () => {
    const changes = await decryptor().decryptRecords(event([insert, insert]));
    expect(changes.map(({ eventId }) => eventId)).toEqual(["e100", "e100"]);
  });

  it("plaintext by the schema's policy", async () => {
    const plain = event([{ ...insert, newImage: first }, modify]);
    expect(await failure(decryptor().decryptRecords(plain))).toMatchObject({ code: "ERR_ITEM_NOT_ENCRYPTED" });
    const schema = { ...customers, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" };
    const events: unknown[] = [];
    const changes = await decryptor({ schema, acknowledgePlaintext: true, onEvent: (one) => events.push(one) }).decryptRecords(plain);
    expect(changes[0]).toMatchObject({ newImage: first, newHeader: undefined });
    expect(changes[1]?.newImage).toEqual(second);
    expect(events).toEqual([{ type: "plaintext-read", tableName: "customers" }]);
  });

  it("an image of another item is refused, although it is authentic", async () => {
    const other = await stored(customer("43", 9));
    for (const record of [
      { ...modify, newImage: other },
      { ...modify, oldImage: other },
    ]) {
      const error = await failure(decryptor().decryptRecords(event([insert, record])));
      expect(error).toMatchObject({ code: "ERR_STREAM_IMAGE_MISMATCH", details: { tableName: "customers", attribute: "customerId" } });
      expect(error.message).toContain("sequence number 200");
      expect(error.revealKey?.()).toEqual(keysOf(first));
    }
  });

  it("one changed byte is refused, and nothing is returned", async () => {
    const email = (modify.newImage?.["email"]?.B ?? new Uint8Array()).slice();
    email[0] = (email[0] ?? 0) ^ 1;
    const error = await failure(
      decryptor().decryptRecords(event([insert, { ...modify, newImage: { ...modify.newImage, email: { B: email } } }])),
    );
    expect(error).toMatchObject({ code: "ERR_NOT_AUTHENTIC", details: { tableName: "customers" } });
    expect(error.message).toContain("the new image of the record with the sequence number 200");
    expect(error.revealKey?.()).toEqual(keysOf(first));
    expect(JSON.stringify(error)).not.toContain('"42"');
  });
});

describe("the table of a stream", () => {
  it("is the schema's, whatever the stream is called", async () => {
    const schema = { ...customers, tableName: "customers-prod-7" };
    expect(await failure(decryptor({ schema }).decryptRecords(dynamoDbStreams.event([insert])))).toMatchObject({
      code: "ERR_NOT_AUTHENTIC",
    });
    const [change] = await decryptor().decryptRecords(kinesis.event([insert]));
    expect(change?.physicalTableName).toBe("customers-prod-7");
  });

  it.each([
    ["another key", { orderId: { S: "1" } }, ["customerId", "recordId"], 1],
    ["one key of two", { customerId: { S: "1" } }, ["recordId"], 0],
    ["a key more", { customerId: { S: "42" }, recordId: { N: "1" }, more: { S: canary } }, [], 1],
  ])("has exactly the schema's keys: %s", async (_name, keys, missing, unexpected) => {
    const passed: UndecryptableRecord[] = [];
    const record = { ...insert, keys };
    const onUndecryptable = (one: UndecryptableRecord): void => void passed.push(one);
    const error = await failure(decryptor({ onUndecryptable }).decryptRecords(dynamoDbStreams.event([record])));
    expect(error).toMatchObject({ code: "ERR_STREAM_KEYS_MISMATCH", details: { tableName: "customers", missing, unexpected } });
    expect(passed).toEqual([]);
  });
});

describe("what is not a record", () => {
  it.each([undefined, null, "text", 5, {}, { Records: {} }, { detail: "x" }])("event %j", async (event) => {
    expect(await failure(decryptor().decryptRecords(event))).toMatchObject({
      code: "ERR_INVALID_ARGUMENT",
      details: { argument: "event" },
    });
  });

  it.each([
    ["null", null],
    ["without a name", { dynamodb: { Keys: {} } }],
    ["with a foreign name", { eventName: canary, dynamodb: { Keys: {} } }],
    ["without a change", { eventName: "INSERT" }],
    ["without keys", { eventName: "INSERT", dynamodb: { NewImage: {} } }],
    ["with an image that is text", { eventName: "INSERT", dynamodb: { Keys: {}, NewImage: canary } }],
    ["of an SQS queue", { messageId: "1", body: canary, eventSource: "aws:sqs" }],
    ["Kinesis data that is not base64", { kinesis: { sequenceNumber: "1", data: `${canary}\n` } }],
    ["Kinesis data that is not UTF-8", { kinesis: { sequenceNumber: "1", data: "/w==" } }],
    ["Kinesis data that is not JSON", { kinesis: { sequenceNumber: "1", data: Buffer.from(`{${canary}`).toString("base64") } }],
    ["Kinesis data that is a number", { kinesis: { sequenceNumber: "1", data: Buffer.from("5").toString("base64") } }],
    ["Kinesis without data", { kinesis: { sequenceNumber: "1" } }],
  ])("a record %s", async (_name, record) => {
    expect(await failure(decryptor().decryptRecords({ Records: [record] }))).toMatchObject({ code: "ERR_STREAM_RECORD_MALFORMED" });
  });

  it("a binary that is not base64, or was printed as a Buffer", async () => {
    for (const B of ["AA=", "AB==", { type: "Buffer", data: [1] }]) {
      const record = {
        eventName: "INSERT",
        dynamodb: { Keys: { customerId: { S: "1" }, recordId: { N: "1" } }, NewImage: { photo: { B } } },
      };
      const error = await failure(decryptor().decryptRecords({ Records: [record] }));
      expect(error).toMatchObject({ code: "ERR_ATTRIBUTE_NOT_SERIALIZABLE", details: { attribute: "photo" } });
    }
  });

  it("identifiers that are not AWS's reach neither a change nor a message", async () => {
    const planted = `1\u001b[31m\n${canary}`;
    const [change] = await decryptor().decryptRecords(dynamoDbStreams.event([{ ...insert, sequenceNumber: planted, eventID: planted }]));
    expect(change).toMatchObject({ sequenceNumber: undefined, eventId: undefined });
  });
});

describe("onUndecryptable", () => {
  const planted = (): Written => ({ ...modify, sequenceNumber: "250", newImage: { ...modify.newImage, tier: { S: "platinum" } } });

  it("passes over a record in its turn, and hands it out as it came", async () => {
    const passed: UndecryptableRecord[] = [];
    const event = dynamoDbStreams.event([insert, planted(), { ...insert, newImage: first, sequenceNumber: "260" }, remove]);
    const onUndecryptable = async (record: UndecryptableRecord): Promise<void> => void passed.push(record);
    const changes = await decryptor({ onUndecryptable }).decryptRecords(event);
    expect(changes.map(({ sequenceNumber }) => sequenceNumber)).toEqual(["100", "300"]);
    expect(passed.map(({ sequenceNumber, error }) => [sequenceNumber, error.code])).toEqual([
      ["250", "ERR_NOT_AUTHENTIC"],
      ["260", "ERR_ITEM_NOT_ENCRYPTED"],
    ]);
    expect(passed[0]?.record).toBe((event as { Records: unknown[] }).Records[1]);
    expect(passed[0]?.error.revealKey?.()).toEqual(keysOf(first));
  });

  it("passes over records that are none, and images of other items", async () => {
    const codes: string[] = [];
    const onUndecryptable = ({ error }: UndecryptableRecord): void => void codes.push(error.code);
    const other = await stored(customer("43", 9));
    const { Records } = dynamoDbStreams.event([{ ...insert, newImage: other }, insert]) as { Records: unknown[] };
    const changes = await decryptor({ onUndecryptable }).decryptRecords({ Records: [{ eventName: "x" }, ...Records] });
    expect(codes).toEqual(["ERR_STREAM_RECORD_MALFORMED", "ERR_STREAM_IMAGE_MISMATCH"]);
    expect(changes).toHaveLength(1);
  });

  it("is not asked about what would fail other records as well", async () => {
    const unreachable: Keyring = {
      ...keyring,
      onDecrypt: async () => {
        throw new DynasealError("ERR_KMS_UNREACHABLE", { details: { operation: "Decrypt", region: "eu-west-1", keyId: "k" } as never });
      },
    };
    const onUndecryptable = (): void => expect.unreachable();
    const error = await failure(decryptor({ keyring: unreachable, onUndecryptable }).decryptRecords(dynamoDbStreams.event([insert])));
    expect(error.code).toBe("ERR_KMS_UNREACHABLE");
  });

  it("stops where the callback throws", async () => {
    const onUndecryptable = (): never => {
      throw new Error("the queue is full");
    };
    await expect(decryptor({ onUndecryptable }).decryptRecords(dynamoDbStreams.event([planted()]))).rejects.toThrow("the queue is full");
  });
});

describe("skipUnchanged", () => {
  const numbers = async (event: readonly Written[], options: Partial<StreamDecryptorOptions> = {}): Promise<unknown> =>
    (await decryptor({ skipUnchanged: true, ...options }).decryptRecords(dynamoDbStreams.event(event))).map(
      ({ sequenceNumber }) => sequenceNumber,
    );

  it("drops a rewrite under new keys, and nothing else", async () => {
    const again = await stored(first);
    const rewrite: Written = { ...modify, newImage: again, sequenceNumber: "150" };
    expect(await numbers([insert, rewrite, modify, remove])).toEqual(["100", "200", "300"]);
    expect((await decryptor().decryptRecords(dynamoDbStreams.event([rewrite]))).length).toBe(1);
  });

  it("drops the encryption of a plain item, also beside bookkeeping and beacons", async () => {
    const schema = { ...customers, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" };
    const extras: AttributeMap = { "aws:rep:updatetime": { N: "2" } };
    const newImage = { ...insert.newImage, ...extras, aws_dbe_b_email: { S: "a1" } };
    expect(await numbers([{ ...modify, oldImage: first, newImage }], { schema, acknowledgePlaintext: true })).toEqual([]);
  });

  it("does not count the revision that the client raises", async () => {
    const schema = defineTable({ ...(customers as object as Parameters<typeof defineTable>[0]), revision: "version" });
    const renewed = await stored(customer("42", 2), { schema });
    const changed = await stored({ ...customer("42", 2), photo: { B: Uint8Array.of(1) } }, { schema });
    const oldImage = await stored({ ...first, photo: { B: Uint8Array.of(0, 255, 2) } }, { schema });
    const records = [renewed, changed].map(
      (newImage, index): Written => ({ ...modify, oldImage, newImage, sequenceNumber: String(index) }),
    );
    expect(await numbers(records, { schema })).toEqual(["1"]);
  });

  it("drops nothing without both images", async () => {
    expect(await numbers([{ ...modify, oldImage: undefined }])).toEqual(["200"]);
    expect(await numbers([{ eventName: "MODIFY", keys: keysOf(first), sequenceNumber: "5" }])).toEqual(["5"]);
  });

  it("still refuses what is not authentic", async () => {
    const forged = { ...modify.oldImage, tier: { S: "forged" } };
    expect(
      await failure(decryptor({ skipUnchanged: true }).decryptRecords(dynamoDbStreams.event([{ ...modify, newImage: forged }]))),
    ).toMatchObject({
      code: "ERR_NOT_AUTHENTIC",
    });
  });
});

describe("load and abort", () => {
  /** A keyring that counts who waits in it, and lets them go on only when it is told to. */
  function slowKeyring(): {
    readonly keyring: Keyring;
    readonly open: () => void;
    waiting: number;
    most: number;
    readonly signals: AbortSignal[];
  } {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const state = { waiting: 0, most: 0, open: () => open(), signals: [] as AbortSignal[] };
    const slow: Keyring = {
      onEncrypt: (materials, call) => keyring.onEncrypt(materials, call),
      async onDecrypt(materials, keys, call) {
        if (call.signal) state.signals.push(call.signal);
        state.most = Math.max(state.most, ++state.waiting);
        const aborted = new Promise<never>((_resolve, reject) => {
          call.signal?.addEventListener("abort", () => reject(new DynasealError("ERR_ABORTED", { details: {} })));
        });
        await Promise.race([gate, aborted]).finally(() => state.waiting--);
        return keyring.onDecrypt(materials, keys, call);
      },
    };
    return Object.assign(state, { keyring: slow });
  }

  const many = (count: number): Written[] => Array.from({ length: count }, (_, index) => ({ ...insert, sequenceNumber: String(index) }));

  it("no more records than `concurrency` are under way", async () => {
    const slow = slowKeyring();
    const result = decryptor({ keyring: slow.keyring, concurrency: 3 }).decryptRecords(dynamoDbStreams.event(many(50)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(slow.most).toBe(3);
    slow.open();
    expect((await result).map(({ sequenceNumber }) => sequenceNumber)).toEqual(many(50).map(({ sequenceNumber }) => sequenceNumber));
    expect(slow.most).toBe(3);
  });

  it("an abort ends it, also while KMS is waited for", async () => {
    const slow = slowKeyring();
    const abort = new AbortController();
    const result = decryptor({ keyring: slow.keyring }).decryptRecords(dynamoDbStreams.event(many(50)), { signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    expect(await failure(result)).toMatchObject({ code: "ERR_ABORTED" });
    expect(slow.waiting).toBe(0);
    expect(await failure(decryptor().decryptRecords(dynamoDbStreams.event(many(1)), { signal: AbortSignal.abort() }))).toMatchObject({
      code: "ERR_ABORTED",
    });
  });

  it("the first failure takes back what is under way", async () => {
    const slow = slowKeyring();
    const error = await failure(
      decryptor({ keyring: slow.keyring }).decryptRecords({ Records: [{ eventName: "x" }, ...recordsOf(many(10))] }),
    );
    expect(error.code).toBe("ERR_STREAM_RECORD_MALFORMED");
    expect(slow.waiting).toBe(0);
    expect(slow.signals.length).toBeGreaterThan(0);
    expect(slow.signals.every(({ aborted }) => aborted)).toBe(true);
  });

  function recordsOf(written: readonly Written[]): readonly unknown[] {
    return (dynamoDbStreams.event(written) as { Records: unknown[] }).Records;
  }
});

it.each([
  [{ concurrency: 0 }, "concurrency"],
  [{ concurrency: 1.5 }, "concurrency"],
  [{ onUndecryptable: "skip" }, "onUndecryptable"],
  [{ skipUnchanged: "yes" }, "skipUnchanged"],
  [{ keyring: {} }, "keyring"],
])("refuses the options %j", async (options, argument) => {
  expect(await failure((async () => decryptor(options as never))())).toMatchObject({ code: "ERR_INVALID_ARGUMENT", details: { argument } });
});
