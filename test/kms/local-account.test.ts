import type { KMSClient } from "@aws-sdk/client-kms";
import { afterEach, describe, expect, it } from "vitest";
import { generateDataKey, KmsConnection } from "../../src/kms/index.ts";
import { encryptionContextOf } from "../../src/materials/index.ts";
import { answeringClient } from "../support/kms-clients.ts";

const localArn = "arn:aws:kms:eu-west-1:000000000000:key/mrk-4321abcd12ab34cd56ef1234567890ab";

function generate(client: KMSClient, keyId: string): Promise<unknown> {
  const context = { connection: new KmsConnection({ client }), target: { keyId, region: "eu-west-1" }, call: {} };
  return generateDataKey(context, { encryptionContext: encryptionContextOf({ a: "b" }), length: 32 });
}

/** What a local KMS would answer. */
const answer = {
  KeyId: localArn,
  Plaintext: Buffer.alloc(32).toString("base64"),
  CiphertextBlob: Buffer.alloc(9).toString("base64"),
};

describe("keys of the local test account", () => {
  afterEach(() => {
    delete process.env["AWS_ENDPOINT_URL_KMS"];
  });

  it.each([
    [{}],
    [{ endpoint: "https://kms.example.com" }],
    [{ endpoint: "http://127.0.0.1.example.com" }],
    [{ endpoint: "http://10.0.0.1:4566" }],
  ])("are refused before anything is sent to %o", async (options) => {
    const { client, sent } = answeringClient(answer, options);
    await expect(generate(client, localArn)).rejects.toMatchObject({
      code: "ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT",
      details: { keyId: localArn },
    });
    expect(sent()).toBe(0);
  });

  it.each(["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.1.2.3:1"])("are taken at %s", async (endpoint) => {
    const { client, sent } = answeringClient(answer, { endpoint });
    await expect(generate(client, localArn)).resolves.toBeDefined();
    expect(sent()).toBe(1);
  });

  it("are refused where the environment names a remote endpoint", async () => {
    process.env["AWS_ENDPOINT_URL_KMS"] = "https://kms.example.com";
    const { client, sent } = answeringClient(answer);
    await expect(generate(client, localArn)).rejects.toMatchObject({ details: { endpoint: "kms.example.com" } });
    expect(sent()).toBe(0);
  });

  it("are refused where an alias turns out to be one", async () => {
    const { client } = answeringClient(answer);
    await expect(generate(client, "alias/mine")).rejects.toMatchObject({ code: "ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT" });
  });

  it("are the only ones that are held against the endpoint", async () => {
    const arn = localArn.replace("000000000000", "111122223333");
    const { client } = answeringClient({ ...answer, KeyId: arn });
    await expect(generate(client, arn)).resolves.toBeDefined();
  });
});
