import { Readable } from "node:stream";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { awsKmsDiscoveryKeyring, awsKmsKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import { branchKeyStore } from "../../src/keystore/index.ts";
import { defineTable } from "../../src/schema/index.ts";
import { decryptWith, encryptWith } from "../support/keyring-round-trip.ts";

interface Sent {
  readonly target: string;
  readonly userAgent: string;
  readonly body: string;
}

const arn = (region: string, account = "111122223333"): string =>
  `arn:aws:kms:${region}:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

/** What every client of a test is made of: an endpoint that does not exist, and a handler that answers in its place. */
function answering(endpoint: string, answer: (target: string) => object, region = "eu-west-1") {
  const sent: Sent[] = [];
  const config = {
    ...{ region, endpoint, credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test" }, maxAttempts: 1 },
    requestHandler: {
      handle: async (request: { readonly headers: Record<string, string>; readonly body: unknown }) => {
        const target = (request.headers["x-amz-target"] ?? "").replace(/^.*\./, "");
        sent.push({ target, userAgent: request.headers["user-agent"] ?? "", body: String(request.body) });
        const body = Readable.from([JSON.stringify(answer(target))]);
        return { response: { statusCode: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body } as never };
      },
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    },
  };
  return { config, sent };
}

const dataKey = (KeyId: string): object => ({
  KeyId,
  SourceKeyId: KeyId,
  Plaintext: Buffer.alloc(32).toString("base64"),
  CiphertextBlob: Buffer.alloc(9).toString("base64"),
});

const refused = (service: string, endpoint: string): object => ({ code: "ERR_ENDPOINT_NOT_ENCRYPTED", details: { service, endpoint } });

describe("a plain http endpoint that is not on this machine", () => {
  it.each(["http://10.0.0.1:4566", "http://localstack:4566", "http://127.0.0.1.example.com"])("of KMS is refused: %s", async (endpoint) => {
    const { config, sent } = answering(endpoint, () => dataKey(arn("eu-west-1")));
    const keyring = (allowPlainHttp?: boolean) =>
      awsKmsKeyring({ keyId: arn("eu-west-1"), client: new KMSClient(config), ...(allowPlainHttp && { allowPlainHttp }) });
    await expect(encryptWith(keyring())).rejects.toMatchObject(refused("KMS", new URL(endpoint).hostname));
    expect(sent).toEqual([]);
    await encryptWith(keyring(true));
    expect(sent).toHaveLength(1);
  });

  it("of a key store's table and of its KMS is refused", async () => {
    const table = answering("http://dynamodb:8000", () => ({}));
    const options = { tableName: "keys", logicalKeyStoreName: "keys", client: new DynamoDBClient(table.config) };
    const kms = answering("http://kms:8080", () => dataKey(arn("eu-west-1")));
    const key = { keyArn: arn("eu-west-1"), client: new KMSClient(kms.config) };
    const store = branchKeyStore({ ...options, kms: key });
    await expect(store.getActiveBranchKey({ branchKeyId: "a" })).rejects.toMatchObject(refused("key store", "dynamodb"));
    await expect(store.createTable()).rejects.toMatchObject(refused("key store", "dynamodb"));
    await expect(store.createKey()).rejects.toMatchObject(refused("KMS", "kms"));
    expect([...table.sent, ...kms.sent]).toEqual([]);
    const allowed = branchKeyStore({ ...options, allowPlainHttp: true, kms: key });
    await expect(allowed.getActiveBranchKey({ branchKeyId: "a" })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
    await allowed.createKey();
    expect(kms.sent.length).toBeGreaterThan(0);
    const halfAllowed = branchKeyStore({ ...options, allowPlainHttp: true, kms: { ...key, allowPlainHttp: false } });
    await expect(halfAllowed.createKey()).rejects.toMatchObject(refused("KMS", "kms"));
  });

  it("of DynamoDB is refused, for protected and for plain tables", async () => {
    const { config, sent } = answering("http://dynamodb-local:8000", () => ({}));
    const options = {
      schemas: [defineTable({ tableName: "customers", partitionKey: "id", attributes: {} })],
      keyring: rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32) }),
      plainTables: ["plain"],
    };
    const get = (TableName: string, allowPlainHttp?: boolean) =>
      encryptedClient(new DynamoDBClient(config), { ...options, allowPlainHttp }).send(
        new GetItemCommand({ TableName, Key: { id: { S: "1" } } }),
      );
    for (const table of ["customers", "plain"]) {
      await expect(get(table)).rejects.toMatchObject(refused("DynamoDB", "dynamodb-local"));
      expect(sent).toEqual([]);
    }
    for (const table of ["customers", "plain"]) await get(table, true);
    expect(sent).toHaveLength(2);
  });

  it.each(["https://kms.example.com", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])(
    "is not meant: %s",
    async (endpoint) => {
      const { config } = answering(endpoint, () => dataKey(arn("eu-west-1")));
      await encryptWith(awsKmsKeyring({ keyId: arn("eu-west-1"), client: new KMSClient(config) }));
    },
  );
});

describe("an alias or bare key id", () => {
  const local = arn("eu-west-1", "000000000000");
  it.each(["alias/mine", "1234abcd-12ab-34cd-56ef-1234567890ab"])(
    "%s of the local test account reaches no other host with a context",
    async (keyId) => {
      const answer = (target: string): object => (target === "DescribeKey" ? { KeyMetadata: { KeyId: "k", Arn: local } } : dataKey(local));
      const { config, sent } = answering("https://kms.example.com", answer);
      const keyring = awsKmsKeyring({ keyId, client: new KMSClient(config) });
      for (let call = 0; call < 2; call++)
        await expect(encryptWith(keyring)).rejects.toMatchObject({ code: "ERR_LOCAL_KEY_ON_REMOTE_ENDPOINT", details: { keyId: local } });
      expect(sent.map(({ target }) => target)).toEqual(["DescribeKey"]);
      expect(sent.map(({ body }) => body).join()).not.toContain("aws-crypto");
    },
  );

  it("of an account is asked for once, and then used", async () => {
    const mine = arn("eu-west-1");
    const answer = (target: string): object => (target === "DescribeKey" ? { KeyMetadata: { KeyId: "k", Arn: mine } } : dataKey(mine));
    const { config, sent } = answering("https://kms.internal.example.com", answer);
    const keyring = awsKmsKeyring({ keyId: "alias/mine", client: new KMSClient(config) });
    for (let call = 0; call < 2; call++) await encryptWith(keyring);
    expect(sent.map(({ target }) => target)).toEqual(["DescribeKey", "GenerateDataKey", "GenerateDataKey"]);
  });

  it("on a host of AWS is not asked for: no key there is of that account", async () => {
    const { config, sent } = answering("https://kms.eu-west-1.amazonaws.com", () => dataKey(arn("eu-west-1")));
    await encryptWith(awsKmsKeyring({ keyId: "alias/mine", client: new KMSClient(config) }));
    expect(sent.map(({ target }) => target)).toEqual(["GenerateDataKey"]);
  });
});

// @see framework/branch-key-store.md "KMS Client"
describe("the user agent", () => {
  it("names the library and the keyring", async () => {
    const { config, sent } = answering("https://kms.eu-west-1.amazonaws.com", () => dataKey(arn("eu-west-1")));
    await encryptWith(awsKmsKeyring({ keyId: arn("eu-west-1"), client: new KMSClient(config) }));
    expect(sent[0]?.userAgent).toMatch(/(?:^| )dynaseal(?: |$)/);
    expect(sent[0]?.userAgent).toContain("md/dynaseal#awsKmsKeyring");
  });

  it("names the key store", async () => {
    const { config, sent } = answering("https://dynamodb.eu-west-1.amazonaws.com", () => ({}));
    const client = new DynamoDBClient(config);
    const store = branchKeyStore({ tableName: "keys", logicalKeyStoreName: "keys", client, kms: { keyArn: arn("eu-west-1") } });
    await expect(store.getActiveBranchKey({ branchKeyId: "a" })).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_NOT_FOUND" });
    expect(sent[0]?.userAgent).toContain("md/dynaseal#branchKeyStore");
  });
});

it("an error names the Region that was asked, not the one in the key's ARN", async () => {
  const { config } = answering("https://kms.eu-west-1.amazonaws.com", () => ({}), "eu-west-1");
  const client = new KMSClient({
    ...config,
    requestHandler: {
      ...config.requestHandler,
      handle: async () => {
        const body = Readable.from([JSON.stringify({ __type: "NotFoundException", message: "no such key" })]);
        return { response: { statusCode: 400, headers: { "content-type": "application/x-amz-json-1.1" }, body } as never };
      },
    },
  });
  await expect(encryptWith(awsKmsKeyring({ keyId: arn("us-east-1"), client }))).rejects.toMatchObject({
    code: "ERR_KMS_KEY_NOT_FOUND",
    details: { region: "eu-west-1", keyId: arn("us-east-1") },
  });
});

describe("a discovery keyring", () => {
  const item = (regions: readonly string[]) => ({
    encryptedDataKeys: regions.map((region) => ({
      keyProviderId: "aws-kms",
      keyProviderInfo: Buffer.from(arn(region)),
      ciphertext: new Uint8Array(80),
    })),
  });
  const supplier = (regions: string[], destroyed: string[]) => (region: string) => {
    regions.push(region);
    const client = new KMSClient(answering("https://kms.example.com", () => ({ __type: "InvalidCiphertextException" }), region).config);
    client.destroy = () => void destroyed.push(region);
    return client;
  };
  const read = async (keyring: ReturnType<typeof awsKmsDiscoveryKeyring>, regions: readonly string[]): Promise<unknown> => {
    const written = await encryptWith(rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32) }));
    return decryptWith(keyring, { ...written, ...item(regions) });
  };
  const filter = { discoveryFilter: { accountIds: ["111122223333"] } } as const;

  it("asks in the listed Regions only", async () => {
    const asked: string[] = [];
    const keyring = awsKmsDiscoveryKeyring({ ...filter, clientSupplier: supplier(asked, []), regions: ["eu-west-1", "us-east-1"] });
    await expect(read(keyring, ["invented-1", "eu-west-1", "invented-2"])).rejects.toThrow();
    await expect(read(keyring, ["invented-1"])).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    expect(asked).toEqual(["eu-west-1"]);
    expect(() => awsKmsDiscoveryKeyring({ ...filter, regions: [] })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });

  it("asks for four of an item's data keys, unless the option says otherwise", async () => {
    const regions = Array.from({ length: 20 }, (_, index) => `invented-${index}`);
    const asked: string[] = [];
    const limited = awsKmsDiscoveryKeyring({ ...filter, clientSupplier: supplier(asked, []) });
    await expect(read(limited, regions)).rejects.toMatchObject({
      code: "ERR_LIMIT_EXCEEDED",
      details: { maximum: 4, option: "maxDecryptCalls" },
    });
    expect(asked).toHaveLength(4);
    const unlimited = awsKmsDiscoveryKeyring({ ...filter, clientSupplier: supplier(asked, []), maxDecryptCalls: Number.POSITIVE_INFINITY });
    await expect(read(unlimited, regions)).rejects.toThrow();
    expect(asked).toHaveLength(24);
    expect(() => awsKmsDiscoveryKeyring({ ...filter, maxDecryptCalls: 0 })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
    );
  });

  it("never destroys a client of the application's supplier", async () => {
    const [asked, destroyed]: [string[], string[]] = [[], []];
    const keyring = awsKmsDiscoveryKeyring({ ...filter, clientSupplier: supplier(asked, destroyed), maxDecryptCalls: 100 });
    await expect(
      read(
        keyring,
        Array.from({ length: 30 }, (_, index) => `invented-${index}`),
      ),
    ).rejects.toThrow();
    expect(asked).toHaveLength(30);
    expect(destroyed).toEqual([]);
  });
});
