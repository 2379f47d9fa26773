import {
  CreateAliasCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalKmsKey } from "../../../src/testing/index.ts";
import { bytesOf, defined, east, expectRefused, startTestKms, type TestKms, west } from "./support.ts";

let test: TestKms;
let key: LocalKmsKey;
let multiRegion: LocalKmsKey;

beforeAll(async () => {
  test = await startTestKms();
  key = await test.kms.createKey({ region: east });
  multiRegion = await test.kms.createKey({ region: east, multiRegion: true });
  await test.kms.replicateKey({ ...multiRegion, replicaRegion: west });
});
afterAll(() => test.stop());

const context = { table: "customers", "aws-crypto-attr.é": "7" };

type Input<Command extends new (...args: never[]) => unknown> = Partial<ConstructorParameters<Command>[0]>;
const generate = (input: Input<typeof GenerateDataKeyCommand>, region = east) =>
  test.client(region).send(new GenerateDataKeyCommand({ KeyId: key.arn, ...input }));
const encrypt = (input: Input<typeof EncryptCommand>, region = east) =>
  test.client(region).send(new EncryptCommand({ KeyId: key.arn, Plaintext: bytesOf("secret"), ...input }));
const decrypt = (CiphertextBlob: Uint8Array, input: Input<typeof DecryptCommand> = {}, region = east) =>
  test.client(region).send(new DecryptCommand({ CiphertextBlob, ...input }));

describe("GenerateDataKey", () => {
  it.each([
    [{ KeySpec: "AES_128" }, 16],
    [{ KeySpec: "AES_256" }, 32],
    [{ NumberOfBytes: 1 }, 1],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const)("%j makes %d bytes that Decrypt gives back", async (length, bytes) => {
    const made = await generate({ ...length, EncryptionContext: context, GrantTokens: ["token"] });
    expect(made.KeyId).toBe(key.arn);
    expect(made.Plaintext).toHaveLength(bytes);
    const opened = await decrypt(defined(made.CiphertextBlob), { EncryptionContext: context, KeyId: key.arn });
    expect(opened).toMatchObject({ KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT", KeyMaterialId: made.KeyMaterialId });
    expect(opened.Plaintext).toEqual(made.Plaintext);
  });

  it("without plaintext gives the blob alone", async () => {
    const made = await test.client(east).send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.keyId, NumberOfBytes: 32 }));
    expect(made).not.toHaveProperty("Plaintext");
    expect((await decrypt(defined(made.CiphertextBlob))).Plaintext).toHaveLength(32);
  });

  it("refuses", async () => {
    await expectRefused(generate({}), "ValidationException");
    await expectRefused(generate({ KeySpec: "AES_256", NumberOfBytes: 32 }), "ValidationException");
    await expectRefused(generate({ NumberOfBytes: 0 }), "ValidationException");
    await expectRefused(generate({ NumberOfBytes: 1025 }), "ValidationException");
    await expectRefused(generate({ KeySpec: "AES_512" as never }), "ValidationException");
    await expectRefused(generate({ NumberOfBytes: 32, DryRun: true }), "DryRunOperationException");
    await expectRefused(generate({ NumberOfBytes: 32, Recipient: {} }), "UnsupportedOperationException");
    await expectRefused(generate({ NumberOfBytes: 32, EncryptionContext: { k: "x".repeat(8192) } }), "ValidationException");
    await expectRefused(generate({ KeyId: undefined, NumberOfBytes: 32 }), "ValidationException");
    await expectRefused(generate({ KeyId: "", NumberOfBytes: 32 }), "ValidationException");
  });

  it("serves 500 calls at once, each with its own data key", async () => {
    const made = await Promise.all(Array.from({ length: 500 }, () => generate({ KeySpec: "AES_256" })));
    expect(new Set(made.map((one) => Buffer.from(defined(one.Plaintext)).toString("hex"))).size).toBe(500);
    expect(new Set(made.map((one) => one.$metadata.requestId)).size).toBe(500);
  });
});

describe("Encrypt and Decrypt", () => {
  it("decrypt what was encrypted, with or without KeyId", async () => {
    const { CiphertextBlob, KeyId, EncryptionAlgorithm } = await encrypt({ EncryptionContext: context });
    expect({ KeyId, EncryptionAlgorithm }).toEqual({ KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    for (const input of [{}, { KeyId: key.keyId }, { KeyId: key.arn }]) {
      const { Plaintext } = await decrypt(defined(CiphertextBlob), { ...input, EncryptionContext: context });
      expect(Plaintext).toEqual(bytesOf("secret"));
    }
  });

  it("bind the encryption context whatever the order of its pairs", async () => {
    const blob = defined((await encrypt({ EncryptionContext: { a: "1", b: "2" } })).CiphertextBlob);
    await decrypt(blob, { EncryptionContext: { b: "2", a: "1" } });
    for (const wrong of [{}, { a: "1" }, { a: "1", b: "3" }, { a: "1", b: "2", c: "" }, { A: "1", b: "2" }, { a: "2", b: "1" }]) {
      await expectRefused(decrypt(blob, { EncryptionContext: wrong }), "InvalidCiphertextException");
    }
  });

  it("refuse any flipped bit and any prefix of a blob", async () => {
    const blob = defined((await encrypt({})).CiphertextBlob);
    // The key id says which key it is: a blob of a key that does not exist is told apart, as in KMS.
    const idStart = 2;
    const idEnd = idStart + key.keyId.length;
    await fc.assert(
      fc.asyncProperty(fc.nat(blob.length - 1), fc.nat(7), async (index, bit) => {
        const changed = Uint8Array.from(blob);
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        const inId = index === 1 || (index >= idStart && index < idEnd);
        const call = decrypt(changed).catch((error: unknown) => error);
        expect(["InvalidCiphertextException", ...(inId ? ["AccessDeniedException"] : [])]).toContain(((await call) as Error).name);
      }),
      { numRuns: 60 },
    );
    for (let length = 1; length < blob.length; length += 7) {
      await expectRefused(decrypt(blob.subarray(0, length)), "InvalidCiphertextException");
    }
  });

  it("refuse another key, and a blob whose key is not in the Region", async () => {
    const other = await test.kms.createKey({ region: east });
    const blob = defined((await encrypt({})).CiphertextBlob);
    await expectRefused(decrypt(blob, { KeyId: other.arn }), "IncorrectKeyException");
    await expectRefused(decrypt(blob, {}, west), "AccessDeniedException");
    await expectRefused(decrypt(blob, { KeyId: key.arn }, west), "NotFoundException");
    await expectRefused(decrypt(blob, { KeyId: multiRegion.keyId }, west), "IncorrectKeyException");
  });

  it("take 4096 bytes and no more", async () => {
    const { CiphertextBlob } = await encrypt({ Plaintext: new Uint8Array(4096) });
    expect((await decrypt(defined(CiphertextBlob))).Plaintext).toHaveLength(4096);
    await expectRefused(encrypt({ Plaintext: new Uint8Array(4097) }), "ValidationException");
    await expectRefused(encrypt({ Plaintext: new Uint8Array(0) }), "ValidationException");
    await expectRefused(decrypt(new Uint8Array(6145)), "ValidationException");
  });

  it("end dry runs with the error that says so, after all checks", async () => {
    const blob = defined((await encrypt({})).CiphertextBlob);
    await expectRefused(encrypt({ DryRun: true }), "DryRunOperationException");
    await expectRefused(decrypt(blob, { DryRun: true }), "DryRunOperationException");
    await expectRefused(decrypt(blob, { DryRun: true, EncryptionContext: context }), "InvalidCiphertextException");
    await expectRefused(decrypt(blob, { Recipient: {} }), "UnsupportedOperationException");
  });

  it("refuse a key that is disabled or pending deletion", async () => {
    const own = await test.kms.createKey({ region: east });
    const blob = defined((await encrypt({ KeyId: own.keyId })).CiphertextBlob);
    await test.client(east).send(new DisableKeyCommand({ KeyId: own.keyId }));
    await expectRefused(decrypt(blob), "DisabledException");
    await expectRefused(encrypt({ KeyId: own.keyId }), "DisabledException");
    await test.client(east).send(new ScheduleKeyDeletionCommand({ KeyId: own.keyId }));
    await expectRefused(decrypt(blob), "KMSInvalidStateException");
    await expectRefused(encrypt({ KeyId: own.keyId }), "KMSInvalidStateException");
    await test.kms.deleteKey(own);
    await expectRefused(decrypt(blob), "AccessDeniedException");
  });

  it("refuse a key of another usage or spec", async () => {
    const ecc = await test.kms.createKey({ region: east, keySpec: "ECC_NIST_P256" });
    const rsa = await test.kms.createKey({ region: east, keySpec: "RSA_2048" });
    await expectRefused(encrypt({ KeyId: ecc.keyId }), "InvalidKeyUsageException");
    await expectRefused(encrypt({ KeyId: rsa.keyId }), "InvalidKeyUsageException");
    await expectRefused(generate({ KeyId: rsa.keyId, NumberOfBytes: 32 }), "InvalidKeyUsageException");
    await expectRefused(encrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }), "InvalidKeyUsageException");
  });
});

describe("related multi-Region keys", () => {
  it("decrypt each other's blobs, under their own ARN", async () => {
    const there = multiRegion.arn.replace(east, west);
    const fromEast = await generate({ KeyId: multiRegion.arn, KeySpec: "AES_256", EncryptionContext: context });
    const inWest = await decrypt(defined(fromEast.CiphertextBlob), { KeyId: there, EncryptionContext: context }, west);
    expect(inWest.Plaintext).toEqual(fromEast.Plaintext);
    expect(inWest.KeyId).toBe(there);

    const fromWest = await generate({ KeyId: there, KeySpec: "AES_256" }, west);
    expect(fromWest.KeyId).toBe(there);
    expect((await decrypt(defined(fromWest.CiphertextBlob))).Plaintext).toEqual(fromWest.Plaintext);
    await expectRefused(decrypt(defined(fromEast.CiphertextBlob), {}, west), "InvalidCiphertextException");
  });

  it("decrypt in one Region while the other's is disabled", async () => {
    const own = await test.kms.createKey({ region: east, multiRegion: true });
    await test.kms.replicateKey({ ...own, replicaRegion: west });
    const blob = defined((await encrypt({ KeyId: own.arn })).CiphertextBlob);
    await test.client(east).send(new DisableKeyCommand({ KeyId: own.keyId }));
    expect((await decrypt(blob, {}, west)).Plaintext).toEqual(bytesOf("secret"));
    await expectRefused(decrypt(blob), "DisabledException");
  });
});

describe("ReEncrypt", () => {
  it("moves a ciphertext to another key and context", async () => {
    await test.client(east).send(new CreateAliasCommand({ AliasName: "alias/destination", TargetKeyId: multiRegion.keyId }));
    const source = await encrypt({ EncryptionContext: context });
    const moved = await test.client(east).send(
      new ReEncryptCommand({
        CiphertextBlob: defined(source.CiphertextBlob),
        SourceEncryptionContext: context,
        DestinationKeyId: "alias/destination",
        DestinationEncryptionContext: { to: "there" },
      }),
    );
    expect(moved).toMatchObject({
      SourceKeyId: key.arn,
      KeyId: multiRegion.arn,
      SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      SourceKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      DestinationKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const { Plaintext } = await decrypt(defined(moved.CiphertextBlob), { EncryptionContext: { to: "there" } }, west);
    expect(Plaintext).toEqual(bytesOf("secret"));
  });

  it("refuses a wrong source, a wrong destination and a dry run", async () => {
    const CiphertextBlob = defined((await encrypt({})).CiphertextBlob);
    const send = (input: Input<typeof ReEncryptCommand>) =>
      test.client(east).send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: key.keyId, ...input }));
    await expectRefused(send({ SourceEncryptionContext: context }), "InvalidCiphertextException");
    await expectRefused(send({ SourceKeyId: multiRegion.keyId }), "IncorrectKeyException");
    await expectRefused(send({ DestinationKeyId: "alias/nowhere" }), "NotFoundException");
    await expectRefused(send({ DryRun: true }), "DryRunOperationException");
  });
});
