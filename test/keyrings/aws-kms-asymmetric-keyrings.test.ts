import { generateKeyPairSync } from "node:crypto";
import { GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { concatBytes, SecretBytes, utf8 } from "../../src/bytes/index.ts";
import { digest, type EcdhCurve, ecdhCurves, ecdsaSuite, hmacSuite, importRsaPublicKey, systemRandomness } from "../../src/crypto/index.ts";
import {
  type AwsKmsEcdhKeyringOptions,
  awsKmsEcdhKeyring,
  awsKmsRsaKeyring,
  multiKeyring,
  rawEcdhKeyring,
} from "../../src/keyrings/index.ts";
import { type EncryptionMaterials, encryptionContextOf, wrapDataKey } from "../../src/materials/index.ts";
import { type LocalKms, type LocalKmsKey, startLocalKms } from "../../src/testing/index.ts";
import { decryptWith, encryptWith, expectRoundTrip, flipped, onlyKey, testContext, withKey } from "../support/keyring-round-trip.ts";
import { callsTo, localClients } from "../support/kms-clients.ts";

const [virginia, ireland] = ["us-east-1", "eu-west-1"];
let kms: LocalKms;
let common: { readonly clientSupplier: ReturnType<typeof localClients> };

beforeAll(async () => {
  kms = await startLocalKms({ regions: [virginia, ireland] });
  common = { clientSupplier: localClients(kms) };
});
afterEach(() => {
  kms.faults.clear();
  kms.clearEvents();
});
afterAll(() => kms.stop());

async function publicKeyOf(key: LocalKmsKey): Promise<Uint8Array> {
  const { PublicKey } = await localClients(kms)(key.region).send(new GetPublicKeyCommand({ KeyId: key.arn }));
  kms.clearEvents();
  return PublicKey ?? new Uint8Array();
}

// @see framework/aws-kms/aws-kms-rsa-keyring.md "Initialization", "AWS KMS Encryption Algorithm", "Supported Padding Schemes"
// @see framework/aws-kms/aws-kms-rsa-keyring.md "OnEncrypt", "OnDecrypt", "Encryption Context Digest"
describe("awsKmsRsaKeyring", () => {
  let key: LocalKmsKey;
  beforeAll(async () => {
    key = await kms.createKey({ region: virginia, keySpec: "RSA_2048", multiRegion: true });
    await kms.replicateKey({ keyId: key.arn, replicaRegion: ireland });
  });

  it.each(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] as const)(
    "writes without KMS and reads with it under %s",
    async (encryptionAlgorithm) => {
      const publicKey = await publicKeyOf(key);
      const keyring = awsKmsRsaKeyring({ ...common, keyId: key.arn, encryptionAlgorithm, publicKey, region: virginia });
      const written = await expectRoundTrip(keyring);
      expect(callsTo(kms)).toEqual([`Decrypt ${virginia}`]);
      const { keyProviderId, keyProviderInfo, ciphertext } = onlyKey(written);
      expect([keyProviderId, Buffer.from(keyProviderInfo).toString(), ciphertext.length]).toEqual(["aws-kms-rsa", key.arn, 48 + 256]);
    },
  );

  it("fetches the public key once, by the replica in the own Region", async () => {
    const keyring = awsKmsRsaKeyring({ ...common, keyId: key.arn, encryptionAlgorithm: "RSAES_OAEP_SHA_256", region: ireland });
    kms.faults.down(ireland, { times: 1 });
    await expect(encryptWith(keyring)).rejects.toMatchObject({ code: "ERR_KMS_UNREACHABLE" });
    kms.clearEvents();
    await Promise.all([expectRoundTrip(keyring), expectRoundTrip(keyring)]);
    expect(callsTo(kms)).toEqual([`GetPublicKey ${ireland}`, `Decrypt ${ireland}`, `Decrypt ${ireland}`]);
  });

  it("refuses the ECDSA suite, a changed context or ciphertext", async () => {
    const keyring = awsKmsRsaKeyring({ ...common, keyId: key.arn, encryptionAlgorithm: "RSAES_OAEP_SHA_256", region: virginia });
    await expect(encryptWith(keyring, {}, ecdsaSuite)).rejects.toMatchObject({ code: "ERR_SUITE_NOT_SUPPORTED" });
    const written = await encryptWith(keyring);
    await expect(keyring.onDecrypt({ ...(await decryptWith(keyring, written)), algorithmSuite: ecdsaSuite }, [], {})).rejects.toMatchObject(
      {
        code: "ERR_SUITE_NOT_SUPPORTED",
      },
    );
    const otherContext = { ...written, encryptionContext: encryptionContextOf({ a: "b" }) };
    await expect(decryptWith(keyring, otherContext)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    for (const at of [0, 48, -1]) {
      const changed = withKey(written, { ciphertext: flipped(onlyKey(written).ciphertext, at) });
      await expect(decryptWith(keyring, changed)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
    const otherAlgorithm = awsKmsRsaKeyring({ ...common, keyId: key.arn, encryptionAlgorithm: "RSAES_OAEP_SHA_1", region: virginia });
    await expect(decryptWith(otherAlgorithm, written)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
  });

  it("refuses an intermediate key that comes with the digest of another context, though all else is authentic", async () => {
    const padding = "OAEP_SHA256_MGF1";
    const rsa = importRsaPublicKey(await publicKeyOf(key));
    const keyring = awsKmsRsaKeyring({ ...common, keyId: key.arn, encryptionAlgorithm: "RSAES_OAEP_SHA_256", region: virginia });
    const materials = {
      algorithmSuite: hmacSuite,
      encryptionContext: testContext,
      requiredEncryptionContextKeys: [],
      encryptedDataKeys: [],
    };
    const written = (digestOf: (aad: Uint8Array) => Uint8Array): Promise<EncryptionMaterials> =>
      wrapDataKey(
        { ...materials, symmetricSigningKeys: [], plaintextDataKey: undefined, signingKey: undefined },
        systemRandomness,
        (aad) => {
          const intermediateKey = new SecretBytes(systemRandomness.bytes(32));
          const wrapped = rsa?.encrypt(padding, concatBytes(digestOf(aad), intermediateKey.reveal())) ?? new Uint8Array();
          return { keyProviderId: "aws-kms-rsa", keyProviderInfo: utf8(key.arn), intermediateKey, wrapped };
        },
      );
    await expect(decryptWith(keyring, await written((aad) => digest("sha384", aad)))).resolves.toBeDefined();
    for (const digestOf of [() => digest("sha384", utf8("another")), () => new Uint8Array(48), () => new Uint8Array(0)]) {
      await expect(decryptWith(keyring, await written(digestOf))).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
  });

  it("passes over other keys", async () => {
    const other = await kms.createKey({ region: virginia, keySpec: "RSA_2048" });
    const keyring = awsKmsRsaKeyring({ ...common, keyId: other.arn, encryptionAlgorithm: "RSAES_OAEP_SHA_256" });
    const written = await encryptWith(
      awsKmsRsaKeyring({ ...common, keyId: key.arn, encryptionAlgorithm: "RSAES_OAEP_SHA_256", region: virginia }),
    );
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it("checks its arguments", () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "spki", format: "pem" }).toString();
    const keyId = key.arn;
    const encryptionAlgorithm = "RSAES_OAEP_SHA_256";
    expect(() => awsKmsRsaKeyring({ keyId, encryptionAlgorithm, publicKey: short })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
    );
    expect(() => awsKmsRsaKeyring({ keyId, encryptionAlgorithm: "SM2PKE" as "RSAES_OAEP_SHA_1" })).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ argument: "encryptionAlgorithm" }) }),
    );
    expect(() => awsKmsRsaKeyring({ keyId: "alias/x", encryptionAlgorithm })).toThrow(
      expect.objectContaining({ code: "ERR_KMS_KEY_NOT_ARN" }),
    );
  });
});

const specs = { "P-256": "ECC_NIST_P256", "P-384": "ECC_NIST_P384", "P-521": "ECC_NIST_P521" } as const;
const namedCurves = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

function pair(curve: EcdhCurve): { publicKey: string; privateKey: string } {
  return generateKeyPairSync("ec", {
    namedCurve: namedCurves[curve],
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
}

// @see framework/aws-kms/aws-kms-ecdh-keyring.md "ECC Keys", "Interface", "Initialization", "Curve Specification"
// @see framework/aws-kms/aws-kms-ecdh-keyring.md "Supported Curve Specifications", "OnEncrypt", "OnDecrypt"
// @see framework/key-agreement-schemas.md "KmsPublicKeyDiscovery", "KmsPrivateKeyToStaticPublicKey"
describe.each(ecdhCurves)("awsKmsEcdhKeyring on %s", (curve) => {
  const partner = pair(curve);
  let key: LocalKmsKey;
  beforeAll(async () => {
    key = await kms.createKey({ region: virginia, keySpec: specs[curve], keyUsage: "KEY_AGREEMENT" });
  });
  const options = (change: Partial<AwsKmsEcdhKeyringOptions> = {}): AwsKmsEcdhKeyringOptions =>
    ({
      ...common,
      curve,
      keyId: key.arn,
      keyAgreement: "static",
      recipientPublicKey: partner.publicKey,
      ...change,
    }) as AwsKmsEcdhKeyringOptions;

  it("static: one DeriveSharedSecret an item, the public key fetched once", async () => {
    const keyring = awsKmsEcdhKeyring(options());
    const written = await expectRoundTrip(keyring, keyring, { suite: ecdsaSuite });
    expect(callsTo(kms)).toEqual([`GetPublicKey ${virginia}`, `DeriveSharedSecret ${virginia}`, `DeriveSharedSecret ${virginia}`]);
    expect(onlyKey(written).keyProviderId).toBe("aws-kms-ecdh");
  });

  it("static: the partner reads with the raw keyring, and the reverse", async () => {
    const publicKey = await publicKeyOf(key);
    const raw = rawEcdhKeyring({ curve, keyAgreement: "static", privateKey: partner.privateKey, recipientPublicKey: publicKey });
    const keyring = awsKmsEcdhKeyring(options({ publicKey }));
    await expectRoundTrip(keyring, raw);
    await expectRoundTrip(raw, keyring);
    expect(callsTo(kms)).toEqual([`DeriveSharedSecret ${virginia}`, `DeriveSharedSecret ${virginia}`]);
  });

  it("discovery: reads what anybody wrote to it, and cannot write", async () => {
    const writer = rawEcdhKeyring({ curve, keyAgreement: "ephemeral", recipientPublicKey: await publicKeyOf(key) });
    const keyring = awsKmsEcdhKeyring(options({ keyAgreement: "discovery" }));
    const written = await expectRoundTrip(writer, keyring);
    await expect(encryptWith(keyring)).rejects.toMatchObject({ code: "ERR_KEYRING_CANNOT_ENCRYPT" });
    for (const at of [0, 80, 112, -1]) {
      const changed = withKey(written, { ciphertext: flipped(onlyKey(written).ciphertext, at) });
      await expect(decryptWith(keyring, changed)).rejects.toMatchObject({ code: "ERR_NOT_AUTHENTIC" });
    }
    const noPoint = onlyKey(written).keyProviderInfo.slice().fill(0xff, -33);
    noPoint[9 + (noPoint.length - 9) / 2] = 5;
    await expect(decryptWith(keyring, withKey(written, { keyProviderInfo: noPoint }))).rejects.toMatchObject({
      code: "ERR_HEADER_MALFORMED",
    });
  });

  it("asks KMS nothing for items of other keyrings, and passes over other parties", async () => {
    const others = rawEcdhKeyring({
      curve,
      keyAgreement: "static",
      privateKey: pair(curve).privateKey,
      recipientPublicKey: partner.publicKey,
    });
    const keyring = awsKmsEcdhKeyring(options());
    await expect(decryptWith(keyring, await encryptWith(others))).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    expect(callsTo(kms)).toEqual([`GetPublicKey ${virginia}`]);
    kms.clearEvents();
    const fresh = awsKmsEcdhKeyring(options());
    const foreign = withKey(await encryptWith(others), { keyProviderId: "tests" });
    await expect(decryptWith(fresh, foreign)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    expect(callsTo(kms)).toEqual([]);
  });

  it("throws KMS's refusal, in a multi keyring too", async () => {
    const keyring = awsKmsEcdhKeyring(options());
    const written = await encryptWith(keyring);
    kms.faults.deny({ action: "DeriveSharedSecret" });
    await expect(decryptWith(keyring, written)).rejects.toMatchObject({
      code: "ERR_KMS_ACCESS_DENIED",
      details: { operation: "DeriveSharedSecret" },
    });
    const raw = rawEcdhKeyring({ curve, keyAgreement: "discovery", privateKey: partner.privateKey });
    await expect(decryptWith(multiKeyring({ children: [keyring, raw] }), written)).resolves.toBeDefined();
  });

  it("refuses a KMS key of another curve or usage, and unknown schemes", async () => {
    const other = await kms.createKey({
      region: virginia,
      keySpec: curve === "P-256" ? "ECC_NIST_P384" : "ECC_NIST_P256",
      keyUsage: "KEY_AGREEMENT",
    });
    await expect(encryptWith(awsKmsEcdhKeyring(options({ keyId: other.arn })))).rejects.toMatchObject({ code: "ERR_INVALID_ARGUMENT" });
    for (const change of [{ keyAgreement: "ephemeral" }, { curve: "P-1" }, { recipientPublicKey: "none" }, { publicKey: "none" }]) {
      expect(() => awsKmsEcdhKeyring(options(change as Partial<AwsKmsEcdhKeyringOptions>))).toThrow(
        expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }),
      );
    }
    expect(() => awsKmsEcdhKeyring(options({ keyId: "alias/x" }))).toThrow(expect.objectContaining({ code: "ERR_KMS_KEY_NOT_ARN" }));
  });
});
