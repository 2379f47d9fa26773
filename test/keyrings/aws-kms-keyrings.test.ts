import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/index.ts";
import { ecdsaSuite } from "../../src/crypto/index.ts";
import {
  awsKmsDiscoveryKeyring,
  awsKmsKeyring,
  awsKmsMrkDiscoveryKeyring,
  awsKmsMrkKeyring,
  awsKmsMrkMultiKeyring,
  type DiscoveryFilter,
  multiKeyring,
  rawAesKeyring,
} from "../../src/keyrings/index.ts";
import { encryptionContextOf } from "../../src/materials/index.ts";
import { type LocalKms, type LocalKmsKey, startLocalKms } from "../../src/testing/index.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, withKey } from "../support/keyring-round-trip.ts";
import { callsTo, localClients } from "../support/kms-clients.ts";

const [virginia, ireland, tokyo] = ["us-east-1", "eu-west-1", "ap-northeast-1"];
const here = { discoveryFilter: { accountIds: ["000000000000"], partition: "aws" } };
let kms: LocalKms;
let primary: LocalKmsKey;
let replica: LocalKmsKey;
let single: LocalKmsKey;
let common: { readonly clientSupplier: ReturnType<typeof localClients> };

beforeAll(async () => {
  kms = await startLocalKms({ regions: [virginia, ireland, tokyo] });
  primary = await kms.createKey({ region: virginia, multiRegion: true });
  replica = await kms.replicateKey({ keyId: primary.arn, replicaRegion: ireland });
  single = await kms.createKey({ region: virginia });
  common = { clientSupplier: localClients(kms) };
});
afterEach(() => {
  kms.faults.clear();
  kms.clearEvents();
});
afterAll(() => kms.stop());

const infoOf = (written: Parameters<typeof onlyKey>[0]): string => Buffer.from(onlyKey(written).keyProviderInfo).toString();

// @see framework/aws-kms/aws-kms-keyring.md "OnEncrypt", "OnDecrypt", "Interface", "Initialization"
describe("awsKmsKeyring", () => {
  it("writes and reads with one KMS call each, in the Region of its ARN", async () => {
    const keyring = awsKmsKeyring({ ...common, keyId: single.arn });
    const written = await expectRoundTrip(keyring, keyring, { suite: ecdsaSuite, call: { region: ireland } });
    expect(callsTo(kms)).toEqual([`GenerateDataKey ${virginia}`, `Decrypt ${virginia}`]);
    expect(onlyKey(written).keyProviderId).toBe("aws-kms");
    expect(infoOf(written)).toBe(single.arn);
    expect(onlyKey(written).ciphertext.length).toBeGreaterThan(48 + 32);
  });

  it("passes over any other ARN, be it a replica of its key", async () => {
    const written = await encryptWith(awsKmsKeyring({ ...common, keyId: primary.arn }));
    await expect(decryptWith(awsKmsKeyring({ ...common, keyId: replica.arn }), written)).rejects.toMatchObject({
      code: "ERR_NO_KEY_MATCHES",
    });
    await expect(decryptWith(awsKmsKeyring({ ...common, keyId: single.arn }), written)).rejects.toMatchObject({
      code: "ERR_NO_KEY_MATCHES",
    });
  });

  it("writes with a bare key id, and says why it cannot read with it", async () => {
    const keyring = awsKmsKeyring({ ...common, keyId: single.keyId, region: virginia });
    const written = await expectRoundTrip(keyring, awsKmsKeyring({ ...common, keyId: single.arn }));
    expect(infoOf(written)).toBe(single.arn);
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code: "ERR_KMS_KEY_NOT_ARN", details: { keyId: single.keyId } });
  });

  it("refuses a changed context, intermediate key or data key", async () => {
    const keyring = awsKmsKeyring({ ...common, keyId: single.arn });
    const written = await encryptWith(keyring);
    const { ciphertext } = onlyKey(written);
    for (const changed of [
      { ...written, encryptionContext: encryptionContextOf({ a: "b" }) },
      withKey(written, { ciphertext: flipped(ciphertext, 0) }),
      withKey(written, { ciphertext: flipped(ciphertext, -1) }),
      withKey(written, { ciphertext: ciphertext.slice(0, 40) }),
    ]) {
      await expect(decryptWith(keyring, changed)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
  });

  it("refuses a header whose KMS key is no key ARN", async () => {
    const keyring = awsKmsKeyring({ ...common, keyId: single.arn });
    const written = await encryptWith(keyring);
    for (const info of [utf8("alias/x"), utf8(single.arn.replace("key/", "alias/")), Uint8Array.of(0xff), new Uint8Array()]) {
      await expect(decryptWith(keyring, withKey(written, { keyProviderInfo: info }))).rejects.toMatchObject({
        code: "ERR_HEADER_MALFORMED",
      });
    }
  });

  it("asks GenerateDataKey also as a child, never Encrypt", async () => {
    const aes = rawAesKeyring({ keyNamespace: "tests", keyName: "aes", wrappingKey: new Uint8Array(32) });
    const multi = multiKeyring({ generator: aes, children: [awsKmsKeyring({ ...common, keyId: single.arn })] });
    await expectRoundTrip(multi, awsKmsKeyring({ ...common, keyId: single.arn }));
    expect(callsTo(kms)).toEqual([`GenerateDataKey ${virginia}`, `Decrypt ${virginia}`]);
  });

  it.each(["", "key/1", "arn:aws:s3:::bucket", 7 as unknown as string])("refuses keyId %s", (keyId) => {
    expect(() => awsKmsKeyring({ keyId })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument: "keyId" }) }),
    );
  });
});

// @see framework/aws-kms/aws-kms-mrk-keyring.md "Interface", "Initialization", "OnEncrypt", "OnDecrypt"
describe("awsKmsMrkKeyring", () => {
  it("serves every Region with one configuration", async () => {
    const keyring = awsKmsMrkKeyring({ ...common, keyId: primary.arn });
    const written = await expectRoundTrip(keyring, keyring, { call: { region: virginia }, readerCall: { region: ireland } });
    expect(infoOf(written)).toBe(primary.arn);
    expect(callsTo(kms)).toEqual([`GenerateDataKey ${virginia}`, `Decrypt ${ireland}`]);
    const back = await expectRoundTrip(keyring, keyring, { call: { region: ireland }, readerCall: { region: virginia } });
    expect(infoOf(back)).toBe(replica.arn);
  });

  it("reads and writes with the ARN of any Region configured", async () => {
    const elsewhere = awsKmsMrkKeyring({ ...common, keyId: primary.arn.replace(virginia, tokyo), region: ireland });
    await expectRoundTrip(elsewhere, awsKmsMrkKeyring({ ...common, keyId: replica.arn, region: virginia }));
  });

  it("reads what its plain sibling wrote, which reads back its own ARN only", async () => {
    const plain = awsKmsKeyring({ ...common, keyId: primary.arn });
    await expectRoundTrip(plain, awsKmsMrkKeyring({ ...common, keyId: replica.arn, region: ireland }));
    await expectRoundTrip(awsKmsMrkKeyring({ ...common, keyId: replica.arn, region: virginia }), plain);
  });

  it("leaves a single-Region key in its Region", async () => {
    await expectRoundTrip(awsKmsMrkKeyring({ ...common, keyId: single.arn, region: ireland }));
    expect(callsTo(kms)).toEqual([`GenerateDataKey ${virginia}`, `Decrypt ${virginia}`]);
  });

  it("names the Region where the replica is missing", async () => {
    const keyring = awsKmsMrkKeyring({ ...common, keyId: primary.arn, region: tokyo });
    await expect(encryptWith(keyring)).rejects.toMatchObject({ code: "ERR_KMS_KEY_NOT_FOUND", details: { region: tokyo } });
  });

  it("reads in one Region while the KMS of the other is down", async () => {
    const keyring = awsKmsMrkKeyring({ ...common, keyId: primary.arn });
    const written = await encryptWith(keyring, { region: virginia });
    kms.faults.down(virginia);
    await expect(decryptWith(keyring, written, { region: ireland })).resolves.toBeDefined();
    await expect(decryptWith(keyring, written, { region: virginia })).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE" });
  });

  it("passes over another multi-Region key", async () => {
    const other = await kms.createKey({ region: virginia, multiRegion: true });
    const written = await encryptWith(awsKmsMrkKeyring({ ...common, keyId: other.arn, region: virginia }));
    await expect(decryptWith(awsKmsMrkKeyring({ ...common, keyId: primary.arn, region: virginia }), written)).rejects.toMatchObject({
      code: "ERR_NO_KEY_MATCHES",
    });
  });
});

// @see framework/aws-kms/aws-kms-mrk-are-unique.md "Implementation"
// @see framework/aws-kms/aws-kms-mrk-multi-keyrings.md "AWS KMS MRK Multi-Keyring"
describe("awsKmsMrkMultiKeyring", () => {
  it("wraps under every key, and each one alone reads", async () => {
    const keyring = awsKmsMrkMultiKeyring({ ...common, generator: primary.arn, keyIds: [single.arn], region: ireland });
    const written = await expectRoundTrip(keyring);
    expect(written.encryptedDataKeys.map((key) => Buffer.from(key.keyProviderInfo).toString())).toEqual([replica.arn, single.arn]);
    for (const keyId of [primary.arn, single.arn]) {
      await expect(decryptWith(awsKmsMrkKeyring({ ...common, keyId, region: virginia }), written)).resolves.toBeDefined();
    }
    kms.faults.deny({ region: ireland });
    await expect(decryptWith(keyring, written)).resolves.toBeDefined();
    kms.faults.deny({ region: virginia });
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code: "ERR_KMS_ACCESS_DENIED", details: { region: ireland } });
  });

  it("writes with aliases and bare ids, and says why it cannot read with them", async () => {
    const keyring = awsKmsMrkMultiKeyring({ ...common, generator: single.keyId, keyIds: [primary.keyId], region: virginia });
    const written = await encryptWith(keyring);
    expect(written.encryptedDataKeys.map((key) => Buffer.from(key.keyProviderInfo).toString())).toEqual([single.arn, primary.arn]);
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code: "ERR_KMS_KEY_NOT_ARN" });
  });

  it("only reads without generator", async () => {
    const keyring = awsKmsMrkMultiKeyring({ ...common, keyIds: [single.arn] });
    await expect(encryptWith(keyring)).rejects.toMatchObject({ code: "ERR_GENERATOR_MISSING" });
    await expect(decryptWith(keyring, await encryptWith(awsKmsKeyring({ ...common, keyId: single.arn })))).resolves.toBeDefined();
  });

  it("refuses replicas of one key, naming all of them, and no key at all", () => {
    expect(() => awsKmsMrkMultiKeyring({ generator: primary.arn, keyIds: [single.arn, replica.arn, primary.keyId] })).toThrow(
      expect.objectContaining({ code: "ERR_MULTI_REGION_KEY_TWICE", details: { keyIds: [primary.arn, replica.arn, primary.keyId] } }),
    );
    expect(() => awsKmsMrkMultiKeyring({ keyIds: [] })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
    expect(() => awsKmsMrkMultiKeyring({ keyIds: ["key/1"] })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ argument: "keyIds[0]" }) }),
    );
  });
});

// @see framework/aws-kms/aws-kms-discovery-keyring.md "Interface", "Initialization", "OnEncrypt", "OnDecrypt"
// @see framework/aws-kms/aws-kms-mrk-discovery-keyring.md "Interface", "Initialization", "OnEncrypt", "OnDecrypt"
describe("discovery keyrings", () => {
  it("read under any key of the account, where it is", async () => {
    const keyring = awsKmsDiscoveryKeyring({ ...common, ...here });
    await expectRoundTrip(awsKmsKeyring({ ...common, keyId: single.arn }), keyring, { readerCall: { region: ireland } });
    await expectRoundTrip(awsKmsKeyring({ ...common, keyId: replica.arn }), keyring);
    expect(callsTo(kms).filter((call) => call.startsWith("Decrypt"))).toEqual([`Decrypt ${virginia}`, `Decrypt ${ireland}`]);
  });

  it("with a Region: keys of that Region only", async () => {
    const keyring = awsKmsDiscoveryKeyring({ ...common, ...here, region: ireland });
    const written = await encryptWith(awsKmsKeyring({ ...common, keyId: primary.arn }));
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    await expectRoundTrip(awsKmsKeyring({ ...common, keyId: replica.arn }), keyring);
  });

  it("multi-Region: by the replica here, and single-Region keys of here", async () => {
    const keyring = awsKmsMrkDiscoveryKeyring({ ...common, ...here, region: ireland });
    await expectRoundTrip(awsKmsKeyring({ ...common, keyId: primary.arn }), keyring);
    expect(callsTo(kms)).toEqual([`GenerateDataKey ${virginia}`, `Decrypt ${ireland}`]);
    const far = await encryptWith(awsKmsKeyring({ ...common, keyId: single.arn }));
    await expect(decryptWith(keyring, far)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    const near = await kms.createKey({ region: ireland });
    await expectRoundTrip(awsKmsKeyring({ ...common, keyId: near.arn }), keyring);
  });

  it("multi-Region: refuses a Region that is not its client's, and asks nobody", async () => {
    const written = await encryptWith(awsKmsKeyring({ ...common, keyId: primary.arn }));
    kms.clearEvents();
    const client = common.clientSupplier(ireland);
    const { discoveryFilter } = here;
    await expect(decryptWith(awsKmsMrkDiscoveryKeyring({ discoveryFilter, client, region: virginia }), written)).rejects.toMatchObject({
      code: "ERR_INVALID_ARGUMENT",
      details: { argument: "region" },
    });
    expect(callsTo(kms)).toEqual([]);
    await expect(decryptWith(awsKmsMrkDiscoveryKeyring({ discoveryFilter, client, region: ireland }), written)).resolves.toBeDefined();
  });

  it.each([awsKmsDiscoveryKeyring, awsKmsMrkDiscoveryKeyring])(
    "%o asks nobody about keys of other accounts or partitions",
    async (make) => {
      const written = await encryptWith(awsKmsKeyring({ ...common, keyId: single.arn }));
      kms.clearEvents();
      for (const filter of [{ accountIds: ["111122223333"] }, { accountIds: ["000000000000"], partition: "aws-cn" }]) {
        const keyring = make({ ...common, discoveryFilter: filter, region: virginia });
        await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
      }
      expect(callsTo(kms)).toEqual([]);
      await expect(decryptWith(make({ ...common, discoveryFilter: "any-account", region: virginia }), written)).resolves.toBeDefined();
    },
  );

  it.each([awsKmsDiscoveryKeyring, awsKmsMrkDiscoveryKeyring])("%o cannot write, and needs a filter", async (make) => {
    await expect(encryptWith(make({ ...common, ...here }))).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_ENCRYPT" });
    for (const filter of [undefined, {}, { accountIds: [] }, { accountIds: [""] }, { accountIds: ["1"], partition: "" }, "any"]) {
      expect(() => make({ ...common, discoveryFilter: filter as DiscoveryFilter })).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARGUMENT", details: expect.objectContaining({ argument: "discoveryFilter" }) }),
      );
    }
  });

  it.each([awsKmsDiscoveryKeyring, awsKmsMrkDiscoveryKeyring])("%o throws KMS's refusal", async (make) => {
    const written = await encryptWith(awsKmsKeyring({ ...common, keyId: primary.arn }));
    kms.faults.deny({ region: virginia, action: "Decrypt" });
    await expect(decryptWith(make({ ...common, ...here, region: virginia }), written)).rejects.toMatchObject({
      code: "ERR_KMS_ACCESS_DENIED",
    });
  });
});
