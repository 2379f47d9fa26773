import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
  SignCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LocalKmsEvent, LocalKmsKey } from "../../../src/testing/index.ts";
import { bytesOf, defined, east, expectRefused, startTestKms, type TestKms, west } from "./support.ts";

let test: TestKms;
let key: LocalKmsKey;

beforeAll(async () => {
  test = await startTestKms({ now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) });
  key = await test.kms.createKey({ region: east });
});
afterAll(() => test.stop());
beforeEach(() => test.kms.clearEvents());

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly requestId: string | undefined;
  readonly body: { readonly __type?: string; readonly message?: string };
}

const credential = "AKIARAW/20260102/us-east-1/kms/aws4_request";
const signed = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=00`;

function call(input: { method?: string; target?: string; authorization?: string; body?: string }): Promise<Answer> {
  const { method = "POST", target = "TrentService.ListKeys", authorization = signed, body = "{}" } = input;
  return new Promise((resolve, reject) => {
    const headers = {
      "x-amz-target": target,
      "content-type": "application/x-amz-json-1.1",
      ...(authorization === "" ? {} : { authorization }),
    };
    const outgoing = request(test.kms.endpoint, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { "content-type": type, "x-amzn-requestid": requestId } = response.headers;
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode, type, requestId: String(requestId), body: JSON.parse(text) as Answer["body"] });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

describe("the protocol", () => {
  it("is JSON 1.1 with a request id", async () => {
    expect(await call({})).toEqual({
      status: 200,
      type: "application/x-amz-json-1.1",
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      body: { Keys: [{ KeyId: key.keyId, KeyArn: key.arn }], Truncated: false },
    });
  });

  it.each([
    ["another method", { method: "PUT" }, 400, "UnknownOperationException"],
    ["no target", { target: "" }, 400, "UnknownOperationException"],
    ["another service's target", { target: "DynamoDB_20120810.ListTables" }, 400, "UnknownOperationException"],
    ["an operation that is not there", { target: "TrentService.GenerateRandom" }, 400, "UnknownOperationException"],
    ["an operation named like a member of Object", { target: "TrentService.toString" }, 400, "UnknownOperationException"],
    ["no signature", { authorization: "" }, 400, "MissingAuthenticationTokenException"],
    ["another scheme", { authorization: "Bearer x" }, 400, "IncompleteSignatureException"],
    ["a signature without a scope", { authorization: "AWS4-HMAC-SHA256 Credential=AKIARAW" }, 400, "IncompleteSignatureException"],
    ["a scope without a signature", { authorization: `AWS4-HMAC-SHA256 Credential=${credential}` }, 400, "IncompleteSignatureException"],
    ["another service's scope", { authorization: signed.replace("/kms/", "/dynamodb/") }, 400, "InvalidSignatureException"],
    ["a Region that is not there", { authorization: signed.replace(east, "sa-east-1") }, 400, "NotFoundException"],
    ["no JSON", { body: "{" }, 400, "SerializationException"],
    ["a JSON list", { body: "[]" }, 400, "SerializationException"],
    ["a string for a number", { body: '{"Limit":"2"}' }, 400, "SerializationException"],
    ["a number for a string", { target: "TrentService.DescribeKey", body: '{"KeyId":2}' }, 400, "SerializationException"],
    ["a member that is null", { target: "TrentService.DescribeKey", body: '{"KeyId":null}' }, 400, "ValidationException"],
    ["a member of Object", { target: "TrentService.DescribeKey", body: '{"__proto__":{"KeyId":"x"}}' }, 400, "ValidationException"],
    ["more than 1 MiB", { body: JSON.stringify({ Marker: "x".repeat(1024 * 1024) }) }, 413, "RequestEntityTooLargeException"],
  ])("%s", async (_name, input, status, exception) => {
    const answer = await call(input);
    expect({ status: answer.status, exception: answer.body.__type }).toEqual({ status, exception });
    expect(answer.body.message).not.toBe("");
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["a map of numbers", { EncryptionContext: { a: 1 } }],
    ["a list", { EncryptionContext: [] }],
    ["half a surrogate pair", { EncryptionContext: { a: "\ud800" } }],
    ["no base64", { Plaintext: "*" }],
    ["odd grant tokens", { GrantTokens: [1] }],
    ["an odd dry run", { DryRun: "yes" }],
  ])("Encrypt with %s", async (_name, input) => {
    const body = JSON.stringify({ KeyId: key.keyId, Plaintext: "AA==", ...input });
    expect((await call({ target: "TrentService.Encrypt", body })).body.__type).toBe("SerializationException");
  });

  it("takes __proto__ as a name in an encryption context", async () => {
    const encrypt = '{"KeyId":"KEY","Plaintext":"AA==","EncryptionContext":{"__proto__":"a"}}'.replace("KEY", key.keyId);
    const { CiphertextBlob } = (await call({ target: "TrentService.Encrypt", body: encrypt })).body as { CiphertextBlob: string };
    const decrypt = (context: string) =>
      call({ target: "TrentService.Decrypt", body: `{"CiphertextBlob":"${CiphertextBlob}","EncryptionContext":${context}}` });
    expect((await decrypt('{"__proto__":"a"}')).body).toMatchObject({ Plaintext: "AA==" });
    expect((await decrypt("{}")).body.__type).toBe("InvalidCiphertextException");
  });

  it("tells the SDK what it does not know", async () => {
    const sign = new SignCommand({ KeyId: key.keyId, Message: bytesOf("x"), SigningAlgorithm: "ECDSA_SHA_256" });
    await expectRefused(test.client(east).send(sign), "UnknownOperationException");
  });

  it("listens on loopback only", async () => {
    const { hostname, port } = new URL(test.kms.endpoint);
    expect(hostname).toBe("127.0.0.1");
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of others.filter(({ family, internal }) => family === "IPv4" && !internal)) {
      const reached = await new Promise((resolve) => {
        const socket = connect(Number(port), address, () => resolve("connected"));
        socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
        socket.once("connect", () => socket.destroy());
      });
      expect(reached).toBe("ECONNREFUSED");
    }
  });
});

describe("events", () => {
  it("have CloudTrail's shape", async () => {
    const { $metadata } = await test.client(east, "AKIAREADER").send(
      new GenerateDataKeyCommand({
        KeyId: key.keyId,
        NumberOfBytes: 32,
        EncryptionContext: { table: "customers" },
        GrantTokens: ["token"],
      }),
    );
    expect(test.kms.events).toEqual([
      {
        eventVersion: "1.11",
        eventTime: "2026-01-02T03:04:05Z",
        eventSource: "kms.amazonaws.com",
        eventName: "GenerateDataKey",
        awsRegion: east,
        sourceIPAddress: "127.0.0.1",
        userAgent: expect.stringContaining("aws-sdk-js"),
        userIdentity: {
          type: "IAMUser",
          principalId: "AKIAREADER",
          arn: "arn:aws:iam::000000000000:user/AKIAREADER",
          accountId: "000000000000",
          accessKeyId: "AKIAREADER",
          userName: "AKIAREADER",
        },
        requestParameters: { keyId: key.keyId, numberOfBytes: 32, encryptionContext: { table: "customers" }, grantTokens: ["token"] },
        responseElements: null,
        resources: [{ ARN: key.arn, accountId: "000000000000", type: "AWS::KMS::Key" }],
        requestID: defined($metadata.requestId),
        eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        readOnly: true,
        eventType: "AwsApiCall",
        managementEvent: true,
        eventCategory: "Management",
        recipientAccountId: "000000000000",
      },
    ] satisfies LocalKmsEvent[]);
  });

  it("tell refusals, and writes from reads", async () => {
    await test.client(west).send(new CreateKeyCommand({ MultiRegion: true }));
    await expectRefused(test.client(west).send(new EncryptCommand({ KeyId: key.arn, Plaintext: bytesOf("x") })), "NotFoundException");
    const lift = test.kms.faults.deny({ keyId: key.keyId });
    await expectRefused(test.client(east).send(new EncryptCommand({ KeyId: key.arn, Plaintext: bytesOf("x") })), "AccessDeniedException");
    lift();
    const seen = test.kms.events.map(({ eventName, awsRegion, readOnly, errorCode, resources }) => ({
      eventName,
      awsRegion,
      readOnly,
      errorCode,
      resources: resources.length,
    }));
    expect(seen).toEqual([
      { eventName: "CreateKey", awsRegion: west, readOnly: false, errorCode: undefined, resources: 1 },
      { eventName: "Encrypt", awsRegion: west, readOnly: true, errorCode: "NotFoundException", resources: 0 },
      { eventName: "Encrypt", awsRegion: east, readOnly: true, errorCode: "AccessDenied", resources: 1 },
    ]);
  });

  it("hold no plaintext, ciphertext or key bytes", async () => {
    const Plaintext = bytesOf("the secret of the house");
    const { CiphertextBlob } = await test.client(east).send(new EncryptCommand({ KeyId: key.keyId, Plaintext }));
    await test.client(east).send(new DecryptCommand({ CiphertextBlob: defined(CiphertextBlob) }));
    await test.client(east).send(new ReEncryptCommand({ CiphertextBlob: defined(CiphertextBlob), DestinationKeyId: key.keyId }));
    const made = await test.client(east).send(new GenerateDataKeyCommand({ KeyId: key.keyId, NumberOfBytes: 32 }));
    const refused = { KeyId: Buffer.from(Plaintext).toString("base64"), Plaintext: "the secret of the house" };
    await call({ target: "TrentService.Encrypt", body: JSON.stringify({ ...refused, KeyId: key.keyId }) });
    const text = JSON.stringify(test.kms.events);
    expect(test.kms.events).toHaveLength(5);
    expect(test.kms.events[2]?.resources).toHaveLength(1);
    expect(text).not.toContain("the secret of the house");
    for (const bytes of [Plaintext, defined(CiphertextBlob), defined(made.Plaintext), defined(made.CiphertextBlob)]) {
      expect(text).not.toContain(Buffer.from(bytes).toString("base64"));
    }
  });

  it("count 500 calls at once", async () => {
    await Promise.all(
      Array.from({ length: 500 }, () => test.client(east).send(new GenerateDataKeyCommand({ KeyId: key.keyId, NumberOfBytes: 32 }))),
    );
    expect(test.kms.events).toHaveLength(500);
    expect(new Set(test.kms.events.map(({ requestID }) => requestID)).size).toBe(500);
    test.kms.clearEvents();
    expect(test.kms.events).toEqual([]);
  });
});
