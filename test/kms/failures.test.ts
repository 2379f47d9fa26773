import { type AddressInfo, createServer } from "node:net";
import { DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SecretBytes } from "../../src/bytes/index.ts";
import {
  decrypt,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  KmsConnection,
  type KmsOptions,
  reEncrypt,
} from "../../src/kms/index.ts";
import { encryptionContextOf, type KeyringCall } from "../../src/materials/index.ts";
import { type LocalKms, type LocalKmsKey, startLocalKms } from "../../src/testing/index.ts";
import { answeringClient, localClients } from "../support/kms-clients.ts";

const region = "eu-west-1";
const secretValue = "a value that must not be quoted";
const encryptionContext = encryptionContextOf({ "aws-crypto-attr.id": secretValue });
let kms: LocalKms;
let key: LocalKmsKey;

beforeAll(async () => {
  kms = await startLocalKms({ regions: [region, "us-east-1"] });
  key = await kms.createKey({ region });
});
afterEach(() => kms.faults.clear());
afterAll(() => kms.stop());

function generate(
  keyId = key.arn,
  options: KmsOptions = {},
  call: KeyringCall = {},
  inRegion = region,
): ReturnType<typeof generateDataKey> {
  const connection = new KmsConnection({ clientSupplier: localClients(kms), ...options });
  return generateDataKey({ connection, target: { keyId, region: inRegion }, call }, { encryptionContext, length: 32 });
}

/** What an error shows to whoever prints it, causes included. */
function shown(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) parts.push(at.message, JSON.stringify({ ...at }), at.stack ?? "");
  return parts.join("\n");
}

describe("plaintext in answers", () => {
  /** A client that shows what the SDK decoded, as middleware of the application could. */
  function watched(seen: Uint8Array[], repeat: "once" | "again" = "once"): KMSClient {
    const client = localClients(kms)(region);
    let kept: Promise<object> | undefined;
    client.middlewareStack.add(
      (next) => async (args) => {
        if (repeat === "again" && kept !== undefined) return kept as never;
        const result = next(args);
        kept = result;
        const { Plaintext } = (await result).output as { Plaintext?: Uint8Array };
        if (Plaintext !== undefined) seen.push(Plaintext);
        return result;
      },
      { step: "build", priority: "low" },
    );
    return client;
  }

  it("is zeroed in the SDK's own objects as soon as it has been taken", async () => {
    const seen: Uint8Array[] = [];
    const connection = new KmsConnection({ clientSupplier: () => watched(seen) });
    const context = { connection, target: { keyId: key.arn, region }, call: {} };
    const made = await generateDataKey(context, { encryptionContext, length: 32 });
    const read = await decrypt(context, { ciphertext: made.ciphertext, encryptionContext, length: 32 });
    expect(made.plaintext.reveal()).toEqual(read.reveal());
    expect(made.plaintext.reveal()).not.toEqual(new Uint8Array(32));
    expect(seen.map((bytes) => [...bytes])).toEqual([[...new Uint8Array(32)], [...new Uint8Array(32)]]);
  });

  it("is refused where middleware answers with the same object again, which holds zeros now", async () => {
    const connection = new KmsConnection({ client: watched([], "again") });
    const context = { connection, target: { keyId: key.arn, region }, call: {} };
    await generateDataKey(context, { encryptionContext, length: 32 });
    await expect(generateDataKey(context, { encryptionContext, length: 32 })).rejects.toMatchObject({ code: "ERR_SECRET_WIPED" });
  });

  it("stays in the answers of a stub in place of the client, which answers with them again", async () => {
    const Plaintext = new Uint8Array(32).fill(7);
    const client = new KMSClient({ region });
    client.send = async () => ({ KeyId: key.arn, Plaintext, CiphertextBlob: Uint8Array.of(1) }) as never;
    const connection = new KmsConnection({ client });
    const context = { connection, target: { keyId: key.arn, region }, call: {} };
    for (const _ of [1, 2]) {
      const { plaintext } = await generateDataKey(context, { encryptionContext, length: 32 });
      expect(plaintext.reveal()).toEqual(new Uint8Array(32).fill(7));
      plaintext.wipe();
    }
    expect(Plaintext).toEqual(new Uint8Array(32).fill(7));
  });
});

describe("calls", () => {
  it("generate, decrypt, encrypt and re-encrypt fit together", async () => {
    const connection = new KmsConnection({ clientSupplier: localClients(kms) });
    const context = { connection, target: { keyId: key.arn, region }, call: {} };
    const made = await generateDataKey(context, { encryptionContext, length: 32 });
    expect(made.keyArn).toBe(key.arn);
    const read = await decrypt(context, { ciphertext: made.ciphertext, encryptionContext, length: 32 });
    expect(read.reveal()).toEqual(made.plaintext.reveal());

    const wrapped = await encrypt(context, { plaintext: new SecretBytes(Uint8Array.of(1, 2, 3)), encryptionContext });
    const other = encryptionContextOf({ other: "context" });
    const again = await reEncrypt(context, {
      ciphertext: wrapped.ciphertext,
      sourceEncryptionContext: encryptionContext,
      destinationKeyId: key.arn,
      destinationEncryptionContext: other,
    });
    expect((await decrypt(context, { ciphertext: again.ciphertext, encryptionContext: other })).reveal()).toEqual(Uint8Array.of(1, 2, 3));

    const blind = await generateDataKeyWithoutPlaintext(context, { encryptionContext, length: 32 });
    expect(await decrypt(context, { ciphertext: blind.ciphertext, encryptionContext, length: 32 })).toHaveLength(32);
    await expect(decrypt(context, { ciphertext: blind.ciphertext, encryptionContext, length: 16 })).rejects.toMatchObject({
      code: "ERR_KMS_RESPONSE_INVALID",
    });
  });

  it("decrypt refuses another context, ciphertext or key", async () => {
    const connection = new KmsConnection({ clientSupplier: localClients(kms) });
    const other = await kms.createKey({ region });
    const { ciphertext } = await generate();
    const ask = (keyId: string, bytes: Uint8Array, context = encryptionContext): Promise<unknown> =>
      decrypt({ connection, target: { keyId, region }, call: {} }, { ciphertext: bytes, encryptionContext: context, length: 32 });
    await expect(ask(key.arn, ciphertext, encryptionContextOf({}))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    await expect(ask(key.arn, ciphertext.slice().fill(1, -3))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    await expect(ask(other.arn, ciphertext)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("sends the grant tokens of the Region", async () => {
    const connection = new KmsConnection({ grantTokens: { [region]: ["one"] } });
    expect(connection.grantTokens(region)).toEqual(["one"]);
    expect(connection.grantTokens("us-east-1")).toEqual([]);
    expect(new KmsConnection({ grantTokens: ["every"] }).grantTokens("us-east-1")).toEqual(["every"]);
  });

  it("runs inside the caller's limit", async () => {
    let inside = 0;
    const limit = <Result>(task: () => Promise<Result>): Promise<Result> => {
      inside++;
      return task();
    };
    await generate(key.arn, {}, { limit });
    expect(inside).toBe(1);
  });
});

describe("failures", () => {
  it("names a denied call", async () => {
    kms.faults.deny({ region, accessKeyId: "AKIATEST" });
    await expect(generate()).rejects.toMatchObject({
      code: "ERR_KMS_ACCESS_DENIED",
      details: { operation: "GenerateDataKey", region, keyId: key.arn },
      cause: { name: "AccessDeniedException", httpStatusCode: 400 },
    });
  });

  it("names a key that is disabled, pending deletion, unknown, or of another Region", async () => {
    const client = localClients(kms)(region);
    const [disabled, doomed] = [await kms.createKey({ region }), await kms.createKey({ region })];
    await client.send(new DisableKeyCommand({ KeyId: disabled.arn }));
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: doomed.arn }));
    await expect(generate(disabled.arn)).rejects.toMatchObject({ code: "ERR_KMS_KEY_DISABLED" });
    await expect(generate(doomed.arn)).rejects.toMatchObject({ code: "ERR_KMS_KEY_PENDING_DELETION" });
    const unknown = key.arn.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
    await expect(generate(unknown)).rejects.toMatchObject({ code: "ERR_KMS_KEY_NOT_FOUND" });
    await expect(generate(key.arn, {}, {}, "us-east-1")).rejects.toMatchObject({
      code: "ERR_KMS_KEY_NOT_FOUND",
      details: { region: "us-east-1", keyId: key.arn },
    });
  });

  it("names throttling, and outages by connection, HTTP 5xx and silence", async () => {
    const lift = kms.faults.throttled(region);
    await expect(generate()).rejects.toMatchObject({ code: "ERR_KMS_THROTTLED" });
    lift();
    kms.faults.serverError(region, { times: 1, exception: "DependencyTimeoutException" });
    await expect(generate()).rejects.toMatchObject({
      code: "ERR_KMS_UNREACHABLE",
      details: { region, keyId: key.arn, reason: "HTTP 503 DependencyTimeoutException" },
    });
    kms.faults.down(region, { times: 1 });
    await expect(generate()).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE", details: { reason: "ECONNRESET" } });
    kms.faults.hanging(region);
    await expect(generate(key.arn, { timeoutSeconds: 0.05 })).rejects.toMatchObject({
      code: "ERR_KMS_UNREACHABLE",
      details: { region, keyId: key.arn, reason: "no answer within 0.05 s" },
    });
  });

  it("names a port that nobody listens on", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const client = new KMSClient({ ...kms.clientConfig(region), endpoint: `http://127.0.0.1:${port}`, maxAttempts: 1 });
    await expect(generate(key.arn, { clientSupplier: undefined, client })).rejects.toMatchObject({
      code: "ERR_KMS_UNREACHABLE",
      details: { reason: "ECONNREFUSED" },
    });
  });

  it("survives what the SDK's retries survive", async () => {
    kms.faults.throttled(region, { times: 1 });
    await expect(generate(key.arn, { clientSupplier: localClients(kms, { maxAttempts: 3 }) })).resolves.toBeDefined();
  });

  it("gives any other refusal by KMS's name", async () => {
    const rsa = await kms.createKey({ region, keySpec: "RSA_2048" });
    await expect(generate(rsa.arn)).rejects.toMatchObject({ code: "ERR_KMS_REFUSED", details: { name: "InvalidKeyUsageException" } });
  });

  it("quotes no value of the encryption context, whatever KMS says", async () => {
    const client = localClients(kms)(region);
    client.middlewareStack.add(
      () => async () => {
        throw Object.assign(new Error(`Value '{id=${secretValue}}' at 'encryptionContext' failed to satisfy constraint`), {
          name: "ValidationException",
          $metadata: { httpStatusCode: 400 },
          request: { secretValue },
        });
      },
      { step: "deserialize", priority: "low" },
    );
    const error: unknown = await generate(key.arn, { clientSupplier: undefined, client }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ERR_KMS_REFUSED", details: { name: "ValidationException" } });
    expect(shown(error)).not.toContain(secretValue);
  });

  it("ends with the caller's abort, before and during the call", async () => {
    await expect(generate(key.arn, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ERR_ABORTED" });
    kms.faults.hanging(region);
    const controller = new AbortController();
    const running = generate(key.arn, {}, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(running).rejects.toMatchObject({ code: "ERR_ABORTED" });
  });
});

describe("answers that are not to be trusted", () => {
  const arn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const base64 = (length: number): string => Buffer.alloc(length).toString("base64");

  it.each([
    ["no key ARN", { KeyId: "alias/x", Plaintext: base64(32), CiphertextBlob: base64(10) }],
    ["no KeyId", { Plaintext: base64(32), CiphertextBlob: base64(10) }],
    ["a short plaintext", { KeyId: arn, Plaintext: base64(16), CiphertextBlob: base64(10) }],
    ["no plaintext", { KeyId: arn, CiphertextBlob: base64(10) }],
    ["no ciphertext", { KeyId: arn, Plaintext: base64(32) }],
    ["a huge ciphertext", { KeyId: arn, Plaintext: base64(32), CiphertextBlob: base64(6145) }],
  ])("%s", async (_what, answer) => {
    const { client } = answeringClient(answer);
    await expect(generate(arn, { clientSupplier: undefined, client })).rejects.toMatchObject({ code: "ERR_KMS_RESPONSE_INVALID" });
  });

  it("another key than the one that was to decrypt", async () => {
    const { client } = answeringClient({ KeyId: arn, Plaintext: base64(32) });
    const connection = new KmsConnection({ client });
    const ask = (keyId: string): Promise<unknown> =>
      decrypt({ connection, target: { keyId, region }, call: {} }, { ciphertext: new Uint8Array(9), encryptionContext, length: 32 });
    await expect(ask(arn)).resolves.toHaveLength(32);
    await expect(ask("1234abcd-12ab-34cd-56ef-1234567890ab")).resolves.toHaveLength(32);
    for (const keyId of [arn.replace("key/1", "key/2"), arn.replace("eu-west-1", "us-east-1"), "2234abcd-12ab-34cd-56ef-1234567890ab"]) {
      await expect(ask(keyId)).rejects.toMatchObject({ code: "ERR_KMS_RESPONSE_INVALID" });
    }
  });
});
