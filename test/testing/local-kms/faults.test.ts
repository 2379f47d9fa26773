import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient, ReEncryptCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LocalKmsKey, startLocalKms } from "../../../src/testing/index.ts";
import { bytesOf, defined, east, expectRefused, startTestKms, type TestKms, west } from "./support.ts";

let test: TestKms;
let key: LocalKmsKey;

beforeAll(async () => {
  test = await startTestKms();
  key = await test.kms.createKey({ region: east, multiRegion: true });
  await test.kms.replicateKey({ ...key, replicaRegion: west });
});
afterAll(() => test.stop());
afterEach(() => test.kms.faults.clear());

const generate = (region = east, accessKeyId?: string) =>
  test.client(region, accessKeyId).send(new GenerateDataKeyCommand({ KeyId: key.keyId, NumberOfBytes: 32 }));
const encrypt = (KeyId = key.keyId, accessKeyId?: string) =>
  test.client(east, accessKeyId).send(new EncryptCommand({ KeyId, Plaintext: bytesOf("secret") }));

describe("down", () => {
  it("breaks the connections of one Region until it is lifted", async () => {
    const lift = test.kms.faults.down(east);
    await expect(generate()).rejects.toMatchObject({ code: "ECONNRESET" });
    await generate(west);
    lift();
    lift();
    await generate();
  });

  it("is survived by the SDK's own retries where it ends in time", async () => {
    test.kms.faults.down(east, { times: 2 });
    const retrying = new KMSClient({ ...test.kms.clientConfig(east), maxAttempts: 3 });
    const { $metadata } = await retrying.send(new GenerateDataKeyCommand({ KeyId: key.keyId, NumberOfBytes: 32 }));
    expect($metadata.attempts).toBe(3);
    retrying.destroy();
  });

  it("reaches the calls of its Region that are already waiting, and no others", async () => {
    test.kms.faults.slow(east, { action: "GenerateDataKey", delayMilliseconds: 60_000 });
    test.kms.faults.hanging(east, { action: "Encrypt" });
    const lift = test.kms.faults.hanging(west);
    const waiting = [generate(), encrypt()].map((call) => expect(call).rejects.toMatchObject({ code: "ECONNRESET" }));
    const elsewhere = generate(west);
    await pause(50);
    test.kms.faults.down(east);
    await Promise.all(waiting);
    lift();
    await elsewhere;
  });
});

describe("hanging", () => {
  it("answers once it is lifted", async () => {
    const lift = test.kms.faults.hanging(east);
    let answered = false;
    const call = generate().then(() => {
      answered = true;
    });
    await generate(west);
    await pause(30);
    expect(answered).toBe(false);
    lift();
    await call;
    expect(answered).toBe(true);
  });

  it("ends with the client's abort, and is recorded", async () => {
    test.kms.clearEvents();
    test.kms.faults.hanging(east);
    const call = test.client(east).send(new GenerateDataKeyCommand({ KeyId: key.keyId, NumberOfBytes: 32 }), {
      abortSignal: AbortSignal.timeout(30),
    });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await until(() => test.kms.events.length === 1);
    expect(test.kms.events[0]).toMatchObject({ eventName: "GenerateDataKey", errorCode: "NoAnswer" });
  });

  it("does not hold up stop", async () => {
    const own = await startLocalKms({ regions: [east] });
    own.faults.hanging(east);
    const client = new KMSClient({ ...own.clientConfig(east), maxAttempts: 1 });
    const call = expect(client.send(new GenerateDataKeyCommand({ KeyId: key.keyId }))).rejects.toMatchObject({ code: "ECONNRESET" });
    await pause(50);
    const start = performance.now();
    await own.stop();
    await call;
    expect(performance.now() - start).toBeLessThan(10_000);
    await expect(client.send(new GenerateDataKeyCommand({ KeyId: key.keyId }))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.destroy();
  });
});

describe("throttled, slow and serverError", () => {
  it("throttles", async () => {
    test.kms.faults.throttled(east);
    await expectRefused(generate(), "ThrottlingException");
    await generate(west);
  });

  it("throttles so that the SDK retries", async () => {
    test.kms.faults.throttled(east, { times: 1 });
    const retrying = new KMSClient({ ...test.kms.clientConfig(east), maxAttempts: 2 });
    const { $metadata } = await retrying.send(new GenerateDataKeyCommand({ KeyId: key.keyId, NumberOfBytes: 32 }));
    expect($metadata.attempts).toBe(2);
    retrying.destroy();
  });

  it.each([0, 0.1, 0.25, 1 / 3, 0.9, 1])("throttles a share of %d, evenly", async (ratio) => {
    test.kms.faults.throttled(east, { ratio });
    let throttled = 0;
    for (let i = 0; i < 30; i++) await generate().catch(() => throttled++);
    expect(throttled).toBe(Math.floor(30 * ratio + 1e-9));
  });

  it("delays", async () => {
    test.kms.faults.slow(east, { delayMilliseconds: 80 });
    const start = performance.now();
    await generate();
    expect(performance.now() - start).toBeGreaterThanOrEqual(75);
  });

  it.each([
    [undefined, "KMSInternalException", 500],
    ["KeyUnavailableException", "KeyUnavailableException", 500],
    ["DependencyTimeoutException", "DependencyTimeoutException", 503],
  ] as const)("serverError %s", async (exception, name, status) => {
    test.kms.faults.serverError(east, exception === undefined ? {} : { exception });
    await expectRefused(generate(), name, status);
  });
});

describe("deny", () => {
  it("by access key, action and Region", async () => {
    const { deny } = test.kms.faults;
    const lift = deny({ region: east, accessKeyId: "READER", action: "kms:GenerateDataKey*" });
    const error = await expectRefused(generate(east, "READER"), "AccessDeniedException");
    expect(error.message).toContain("arn:aws:iam::000000000000:user/READER is not authorized to perform: kms:GenerateDataKey");
    await generate(east, "WRITER");
    await generate(west, "READER");
    await encrypt(key.keyId, "READER");
    lift();
    await generate(east, "READER");
  });

  it("by key, also where only the blob names it", async () => {
    const other = await test.kms.createKey({ region: east });
    const { CiphertextBlob } = await encrypt();
    const decrypt = (region: string) => test.client(region).send(new DecryptCommand({ CiphertextBlob: defined(CiphertextBlob) }));
    test.kms.faults.deny({ keyId: key.arn, action: "Decrypt" });
    await expectRefused(decrypt(east), "AccessDeniedException");
    await decrypt(west);
    await encrypt(other.keyId);
    test.kms.faults.deny({ keyId: key.keyId });
    await expectRefused(decrypt(west), "AccessDeniedException");
    await expectRefused(encrypt(), "AccessDeniedException");
  });

  it("knows the two actions of ReEncrypt", async () => {
    const { CiphertextBlob } = await encrypt();
    const reEncrypt = () =>
      test.client(east).send(new ReEncryptCommand({ CiphertextBlob: defined(CiphertextBlob), DestinationKeyId: key.keyId }));
    for (const action of ["ReEncryptFrom", "kms:ReEncryptTo", "kms:ReEncrypt*", "ReEncrypt"]) {
      const lift = test.kms.faults.deny({ action });
      await expectRefused(reEncrypt(), "AccessDeniedException");
      lift();
    }
    await reEncrypt();
  });
});

it("narrows any fault by action, access key and number of calls", async () => {
  test.kms.faults.throttled(east, { action: "Encrypt", accessKeyId: "WRITER", times: 1 });
  await generate(east, "WRITER");
  await encrypt(key.keyId, "READER");
  await expectRefused(encrypt(key.keyId, "WRITER"), "ThrottlingException");
  await encrypt(key.keyId, "WRITER");
});

it("refuses a fault that could never be met", () => {
  const { faults } = test.kms;
  const invalid = (argument: string) =>
    expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument }) });
  expect(() => faults.down("us-east-9")).toThrow(invalid("region"));
  expect(() => faults.deny({ region: "us-east-9" })).toThrow(invalid("region"));
  expect(() => faults.down(east, { times: 0 })).toThrow(invalid("times"));
  expect(() => faults.throttled(east, { ratio: 2 })).toThrow(invalid("ratio"));
  expect(() => faults.slow(east, { delayMilliseconds: Number.NaN })).toThrow(invalid("delayMilliseconds"));
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await pause(5);
  expect(condition()).toBe(true);
}
