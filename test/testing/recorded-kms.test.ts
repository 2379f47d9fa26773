import {
  DecryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
  KMSServiceException,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RecordedKms, type RecordedKmsCall, recordedKmsCalls, startRecordedKms } from "../support/recorded-kms.ts";
import { readVectors } from "../support/vectors.ts";

const files = ["java/kms.json", "java/hierarchical-kms.json"];
const calls = files.flatMap((file) => recordedKmsCalls(readVectors(file)));

let kms: RecordedKms;
const clients = new Map<string, KMSClient>();

beforeAll(async () => {
  kms = await startRecordedKms(calls);
  for (const region of ["us-east-1", "eu-west-1"]) clients.set(region, new KMSClient({ ...kms.clientConfig(region), maxAttempts: 1 }));
});
afterAll(async () => {
  for (const client of clients.values()) client.destroy();
  await kms.stop();
});

function bytes(value: unknown): Uint8Array {
  return Buffer.from(String(value), "base64");
}

/** Sends a recorded request, with changes, through the SDK; bytes of the answer in base64 again. */
async function send(call: RecordedKmsCall, changes: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { CiphertextBlob, ...members } = call.request;
  const input = { ...members, ...(CiphertextBlob === undefined ? {} : { CiphertextBlob: bytes(CiphertextBlob) }), ...changes } as never;
  const client = clients.get(call.region) ?? expect.fail(`no client for ${call.region}`);
  const command = {
    Decrypt: () => client.send(new DecryptCommand(input)),
    GenerateDataKey: () => client.send(new GenerateDataKeyCommand(input)),
    GenerateDataKeyWithoutPlaintext: () => client.send(new GenerateDataKeyWithoutPlaintextCommand(input)),
    ReEncrypt: () => client.send(new ReEncryptCommand(input)),
  }[call.operation];
  const { $metadata: _metadata, ...output } = await (command ?? expect.fail(call.operation))();
  return Object.fromEntries(
    Object.entries(output).map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value]),
  );
}

describe("a KMS that answers from recordings", () => {
  it("knows the recordings of both files", () => {
    expect(calls).toHaveLength(44);
  });

  it.each(calls.map((call, index) => [index, call.operation, call.region, call] as const))(
    "call %d: %s in %s",
    async (_index, _operation, _region, call) => {
      expect(await send(call)).toEqual(call.response);
      expect(kms.answered.at(-1)?.response).toEqual(call.response);
    },
  );

  it("finds the key of a ciphertext, takes AES_256 for 32 bytes, and any grant token", async () => {
    const decrypt = calls.find(({ operation }) => operation === "Decrypt") ?? expect.fail("no Decrypt");
    expect(await send(decrypt, { KeyId: undefined, GrantTokens: ["token"] })).toEqual(decrypt.response);
    const generate = calls.find(({ operation }) => operation === "GenerateDataKey") ?? expect.fail("no GenerateDataKey");
    expect(await send(generate, { NumberOfBytes: undefined, KeySpec: "AES_256" })).toEqual(generate.response);
  });

  it.each([
    ["another context", { EncryptionContext: { a: "b" } }, "InvalidCiphertextException"],
    ["another key", { KeyId: "arn:aws:kms:us-east-1:123456789012:key/other" }, "IncorrectKeyException"],
    ["another ciphertext", { CiphertextBlob: new Uint8Array(8) }, "NotFoundException"],
  ])("refuses %s", async (_name, changes, name) => {
    const decrypt = calls.find(({ operation }) => operation === "Decrypt") ?? expect.fail("no Decrypt");
    const refusal = await send(decrypt, changes).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(KMSServiceException);
    expect(refusal).toHaveProperty("name", name);
  });
});
