import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ListKeysCommand,
  paginateListKeys,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLocalKms } from "../../../src/testing/index.ts";
import { bytesOf, defined, east, expectRefused, startTestKms, type TestKms, west } from "./support.ts";

let test: TestKms;
let now = Date.UTC(2026, 0, 1);
const day = 86_400_000;

beforeAll(async () => {
  test = await startTestKms({ regions: [east, west, "ap-south-1", "cn-north-1", "us-gov-west-1"], now: () => now });
});
afterAll(() => test.stop());

const dataKey = (keyId: string, region = east) =>
  test.client(region).send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: "AES_256" }));

describe("CreateKey and DescribeKey", () => {
  it("makes a single-Region key", async () => {
    const { KeyMetadata } = await test.client(east).send(new CreateKeyCommand({ Description: "orders" }));
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: "000000000000",
      Arn: `arn:aws:kms:us-east-1:000000000000:key/${KeyMetadata?.KeyId}`,
      CreationDate: new Date(now),
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      Description: "orders",
      Enabled: true,
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      KeyId: expect.stringMatching(/^[0-9a-f]{8}-/),
      KeyManager: "CUSTOMER",
      KeySpec: "SYMMETRIC_DEFAULT",
      KeyState: "Enabled",
      KeyUsage: "ENCRYPT_DECRYPT",
      MultiRegion: false,
      Origin: "AWS_KMS",
    });
    const described = await test.client(east).send(new DescribeKeyCommand({ KeyId: defined(KeyMetadata?.Arn), GrantTokens: ["token"] }));
    expect(described.KeyMetadata).toEqual(KeyMetadata);
  });

  it.each([
    ["RSA_2048", "ENCRYPT_DECRYPT"],
    ["RSA_2048", "SIGN_VERIFY"],
    ["ECC_NIST_P256", "KEY_AGREEMENT"],
    ["ECC_NIST_P521", "SIGN_VERIFY"],
  ] as const)("makes a %s key for %s", async (KeySpec, KeyUsage) => {
    const { KeyMetadata } = await test.client(east).send(new CreateKeyCommand({ KeySpec, KeyUsage }));
    expect(KeyMetadata).toMatchObject({ KeySpec, KeyUsage });
  });

  it("refuses what KMS refuses", async () => {
    const send = (input: object) => test.client(east).send(new CreateKeyCommand(input));
    await expectRefused(send({ KeySpec: "RSA_2048" }), "ValidationException");
    await expectRefused(send({ KeyUsage: "KEY_AGREEMENT" }), "ValidationException");
    await expectRefused(send({ KeySpec: "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" }), "ValidationException");
    await expectRefused(send({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" }), "UnsupportedOperationException");
    await expectRefused(send({ Origin: "EXTERNAL" }), "UnsupportedOperationException");
  });

  it("puts a Region's partition into its ARNs", async () => {
    expect((await test.kms.createKey({ region: "cn-north-1" })).arn).toMatch(/^arn:aws-cn:kms:cn-north-1:000000000000:key\//);
    expect((await test.kms.createKey({ region: "us-gov-west-1" })).arn).toMatch(/^arn:aws-us-gov:kms:us-gov-west-1:000000000000:key\//);
  });
});

describe("how a key is named", () => {
  it("takes id and ARN of its own Region and account", async () => {
    const key = await test.kms.createKey({ region: east });
    expect((await dataKey(key.keyId)).KeyId).toBe(key.arn);
    expect((await dataKey(key.arn)).KeyId).toBe(key.arn);
  });

  it("finds nothing under any other name", async () => {
    const key = await test.kms.createKey({ region: east });
    expect(await expectRefused(dataKey(key.arn, west), "NotFoundException")).toHaveProperty("message", "Invalid arn us-east-1");
    await expectRefused(dataKey(key.keyId, west), "NotFoundException");
    await expectRefused(dataKey(key.arn.replace("000000000000", "111122223333")), "NotFoundException");
    await expectRefused(dataKey(key.arn.replace("arn:aws:", "arn:aws-cn:")), "NotFoundException");
    await expectRefused(dataKey("00000000-0000-0000-0000-000000000000"), "NotFoundException");
    await expectRefused(dataKey("nonsense"), "NotFoundException");
    await expectRefused(dataKey("arn:aws:kms:us-east-1"), "InvalidArnException");
    await expectRefused(dataKey("arn:aws:s3:us-east-1:000000000000:key/x"), "InvalidArnException");
    await expectRefused(dataKey("x".repeat(2049)), "ValidationException");
    await expectRefused(dataKey(key.keyId, "sa-east-1"), "NotFoundException");
  });
});

it("lists the keys of one Region, page by page", async () => {
  const own = await startTestKms();
  try {
    const arns: string[] = [];
    for (let i = 0; i < 5; i++) arns.push((await own.kms.createKey({ region: east })).arn);
    await own.kms.createKey({ region: west });
    const listed: string[] = [];
    for await (const page of paginateListKeys({ client: own.client(east), pageSize: 2 }, {})) {
      listed.push(...(page.Keys ?? []).map((key) => defined(key.KeyArn)));
    }
    expect(listed).toEqual(arns);
    await expectRefused(own.client(east).send(new ListKeysCommand({ Marker: "odd" })), "InvalidMarkerException");
    await expectRefused(own.client(east).send(new ListKeysCommand({ Marker: "6" })), "InvalidMarkerException");
    await expectRefused(own.client(east).send(new ListKeysCommand({ Limit: 1001 })), "ValidationException");
  } finally {
    await own.stop();
  }
});

describe("multi-Region keys", () => {
  it("shares id, but neither state nor description with a replica", async () => {
    const { KeyMetadata } = await test.client(east).send(new CreateKeyCommand({ MultiRegion: true, Description: "primary" }));
    const keyId = defined(KeyMetadata?.KeyId);
    expect(keyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    const replica = await test.client(east).send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: west, Description: "replica" }));
    const arnEast = `arn:aws:kms:us-east-1:000000000000:key/${keyId}`;
    const arnWest = `arn:aws:kms:eu-west-1:000000000000:key/${keyId}`;
    expect(replica.ReplicaKeyMetadata).toMatchObject({
      Arn: arnWest,
      Description: "replica",
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: "REPLICA",
        PrimaryKey: { Arn: arnEast, Region: east },
        ReplicaKeys: [{ Arn: arnWest, Region: west }],
      },
    });

    await test.client(west).send(new DisableKeyCommand({ KeyId: keyId }));
    await expectRefused(dataKey(keyId, west), "DisabledException");
    expect((await dataKey(keyId, east)).KeyId).toBe(arnEast);
    await test.client(west).send(new EnableKeyCommand({ KeyId: keyId }));
    expect((await dataKey(keyId, west)).KeyId).toBe(arnWest);
  });

  it("refuses a replica of a single-Region key, of a replica, twice, or in a Region that is not there", async () => {
    const replicate = (keyId: string, ReplicaRegion: string, region = east) =>
      test.client(region).send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion }));
    const single = await test.kms.createKey({ region: east });
    const key = await test.kms.createKey({ region: east, multiRegion: true });
    await replicate(key.keyId, west);
    await expectRefused(replicate(single.keyId, west), "UnsupportedOperationException");
    await expectRefused(replicate(key.keyId, "ap-south-1", west), "UnsupportedOperationException");
    await expectRefused(replicate(key.keyId, west), "AlreadyExistsException");
    await expectRefused(replicate(key.keyId, "sa-east-1"), "ValidationException");
    await expectRefused(replicate(key.keyId, "cn-north-1"), "ValidationException");
    await test.client(east).send(new DisableKeyCommand({ KeyId: key.keyId }));
    await expectRefused(replicate(key.keyId, "ap-south-1"), "DisabledException");
  });

  it("moves the primary", async () => {
    const key = await test.kms.createKey({ region: east, multiRegion: true });
    await test.kms.replicateKey({ keyId: key.arn, replicaRegion: west });
    const update = (region: string, PrimaryRegion: string) =>
      test.client(region).send(new UpdatePrimaryRegionCommand({ KeyId: key.keyId, PrimaryRegion }));
    await expectRefused(update(west, east), "UnsupportedOperationException");
    await expectRefused(update(east, east), "UnsupportedOperationException");
    await expectRefused(update(east, "ap-south-1"), "NotFoundException");
    await update(east, west);
    const { KeyMetadata } = await test.client(west).send(new DescribeKeyCommand({ KeyId: key.keyId }));
    expect(KeyMetadata?.MultiRegionConfiguration).toMatchObject({ MultiRegionKeyType: "PRIMARY", PrimaryKey: { Region: west } });
    await test.client(west).send(new ReplicateKeyCommand({ KeyId: key.keyId, ReplicaRegion: "ap-south-1" }));
  });
});

describe("deletion", () => {
  const schedule = (keyId: string, region = east, PendingWindowInDays = 7) =>
    test.client(region).send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays }));

  it("makes a key useless, can be cancelled, and is final after the waiting period", async () => {
    const { keyId, arn } = await test.kms.createKey({ region: east });
    await expectRefused(test.client(east).send(new CancelKeyDeletionCommand({ KeyId: keyId })), "KMSInvalidStateException");
    await expectRefused(schedule(keyId, east, 6), "ValidationException");
    expect(await schedule(keyId)).toMatchObject({ KeyId: arn, KeyState: "PendingDeletion", DeletionDate: new Date(now + 7 * day) });
    await expectRefused(dataKey(keyId), "KMSInvalidStateException");
    await expectRefused(schedule(keyId), "KMSInvalidStateException");
    await expectRefused(test.client(east).send(new EnableKeyCommand({ KeyId: keyId })), "KMSInvalidStateException");
    await expectRefused(test.client(east).send(new DisableKeyCommand({ KeyId: keyId })), "KMSInvalidStateException");

    expect((await test.client(east).send(new CancelKeyDeletionCommand({ KeyId: keyId }))).KeyId).toBe(arn);
    await expectRefused(dataKey(keyId), "DisabledException");
    await test.client(east).send(new EnableKeyCommand({ KeyId: keyId }));
    await dataKey(keyId);

    await schedule(keyId);
    now += 7 * day;
    await expectRefused(dataKey(keyId), "NotFoundException");
  });

  it("of a primary waits until the last replica is gone", async () => {
    const key = await test.kms.createKey({ region: east, multiRegion: true });
    await test.kms.replicateKey({ ...key, replicaRegion: west });
    const scheduled = await schedule(key.keyId);
    expect(scheduled).toMatchObject({ KeyState: "PendingReplicaDeletion", PendingWindowInDays: 7 });
    expect(scheduled.DeletionDate).toBeUndefined();
    now += 30 * day;
    await dataKey(key.keyId, west);
    await schedule(key.keyId, west);
    now += 7 * day;
    await expectRefused(dataKey(key.keyId, west), "NotFoundException");
    const { KeyMetadata } = await test.client(east).send(new DescribeKeyCommand({ KeyId: key.keyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: "PendingDeletion", DeletionDate: new Date(now + 7 * day) });
    now += 7 * day;
    await expectRefused(dataKey(key.keyId), "NotFoundException");
  });
});

describe("the functions of the handle", () => {
  it("deletes at once", async () => {
    const key = await test.kms.createKey({ region: east, multiRegion: true });
    await test.kms.replicateKey({ keyId: key.keyId, primaryRegion: east, replicaRegion: west });
    await expect(test.kms.deleteKey(key)).rejects.toMatchObject({
      code: "ERR_LOCAL_KMS_REFUSED",
      details: { exception: "KMSInvalidStateException" },
    });
    await test.kms.deleteKey({ keyId: key.keyId, region: west });
    await expectRefused(dataKey(key.keyId, west), "NotFoundException");
    await test.kms.deleteKey(key);
    await expectRefused(dataKey(key.keyId), "NotFoundException");
  });

  it("makes the same key of the same id and material again", async () => {
    const keyMaterial = bytesOf("0123456789abcdef0123456789abcdef");
    const keyId = "mrk-0123456789abcdef0123456789abcdef";
    const withKey = async <Result>(use: (client: KMSClient) => Promise<Result>): Promise<Result> => {
      const own = await startTestKms();
      try {
        await own.kms.createKey({ region: east, multiRegion: true, keyId, keyMaterial });
        return await use(own.client(east));
      } finally {
        await own.stop();
      }
    };
    const made = await withKey((client) => client.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: "AES_256" })));
    const opened = await withKey((client) => client.send(new DecryptCommand({ CiphertextBlob: defined(made.CiphertextBlob) })));
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(opened.KeyMaterialId).toBe(made.KeyMaterialId);
  });

  it("refuses, each with its code", async () => {
    const { createKey, replicateKey } = test.kms;
    const key = await createKey({ region: east, multiRegion: true });
    const invalid = (argument: string) => ({ code: "ERR_INVALID_ARGUMENT", details: { argument } });
    const refused = (exception: string) => ({ code: "ERR_LOCAL_KMS_REFUSED", details: { exception } });
    await expect(createKey({ region: east, keyId: "x" })).rejects.toMatchObject(invalid("keyId"));
    await expect(createKey({ region: east, keyId: key.keyId })).rejects.toMatchObject(invalid("keyId"));
    await expect(createKey({ region: east, keyMaterial: new Uint8Array(31) })).rejects.toMatchObject(invalid("keyMaterial"));
    await expect(createKey({ region: east, keyUsage: "SIGN_VERIFY" })).rejects.toMatchObject(invalid("keyUsage"));
    await expect(createKey({ region: east, keySpec: "AES" as never })).rejects.toMatchObject(invalid("keySpec"));
    await expect(createKey({ ...key, region: west })).rejects.toMatchObject(refused("AlreadyExistsException"));
    await expect(createKey({ region: "sa-east-1" })).rejects.toMatchObject(invalid("region"));
    await expect(replicateKey({ ...key, primaryRegion: west, replicaRegion: west })).rejects.toMatchObject(refused("NotFoundException"));
    await expect(replicateKey({ ...key, replicaRegion: east })).rejects.toMatchObject(refused("AlreadyExistsException"));
    await expect(replicateKey({ ...key, replicaRegion: "cn-north-1" })).rejects.toMatchObject(refused("ValidationException"));
    await expect(replicateKey({ ...key, replicaRegion: "sa-east-1" })).rejects.toMatchObject(invalid("region"));
    await expect(test.kms.deleteKey({ ...key, region: "sa-east-1" })).rejects.toMatchObject(invalid("region"));
    await expect(startLocalKms({ regions: [] })).rejects.toMatchObject(invalid("regions"));
    await expect(startLocalKms({ regions: ["Ireland"] })).rejects.toMatchObject(invalid("regions"));
  });
});
