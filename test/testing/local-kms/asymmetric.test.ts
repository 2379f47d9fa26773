import { constants, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, publicEncrypt } from "node:crypto";
import {
  DecryptCommand,
  DeriveSharedSecretCommand,
  DisableKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalKmsKey } from "../../../src/testing/index.ts";
import { bytesOf, defined, east, expectRefused, startTestKms, type TestKms, west } from "./support.ts";

let test: TestKms;
let rsa: LocalKmsKey;

beforeAll(async () => {
  test = await startTestKms();
  rsa = await test.kms.createKey({ region: east, keySpec: "RSA_2048" });
});
afterAll(() => test.stop());

const publicKeyOf = async (key: LocalKmsKey): Promise<KeyObject> => {
  const { PublicKey } = await test.client(key.region).send(new GetPublicKeyCommand({ KeyId: key.arn }));
  return createPublicKey({ key: Buffer.from(defined(PublicKey)), format: "der", type: "spki" });
};

describe("GetPublicKey", () => {
  it("gives SPKI and the facts of the key", async () => {
    const answer = await test.client(east).send(new GetPublicKeyCommand({ KeyId: rsa.keyId }));
    expect(answer).toMatchObject({
      KeyId: rsa.arn,
      KeySpec: "RSA_2048",
      KeyUsage: "ENCRYPT_DECRYPT",
      EncryptionAlgorithms: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    });
    expect((await publicKeyOf(rsa)).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it("refuses symmetric and disabled keys", async () => {
    const symmetric = await test.kms.createKey({ region: east });
    await expectRefused(test.client(east).send(new GetPublicKeyCommand({ KeyId: symmetric.keyId })), "UnsupportedOperationException");
    const disabled = await test.kms.createKey({ region: east, keySpec: "ECC_NIST_P256" });
    await test.client(east).send(new DisableKeyCommand({ KeyId: disabled.keyId }));
    await expectRefused(test.client(east).send(new GetPublicKeyCommand({ KeyId: disabled.keyId })), "DisabledException");
  });
});

describe("RSAES-OAEP", () => {
  it.each([
    ["RSAES_OAEP_SHA_1", "sha1", 214],
    ["RSAES_OAEP_SHA_256", "sha256", 190],
  ] as const)("%s: round trip, and what OpenSSL encrypted", async (EncryptionAlgorithm, oaepHash, maximum) => {
    const encrypt = (length: number) =>
      test.client(east).send(new EncryptCommand({ KeyId: rsa.arn, EncryptionAlgorithm, Plaintext: new Uint8Array(length) }));
    const decrypt = (CiphertextBlob: Uint8Array) =>
      test.client(east).send(new DecryptCommand({ KeyId: rsa.arn, EncryptionAlgorithm, CiphertextBlob }));

    const sealed = await encrypt(maximum);
    expect(sealed).toMatchObject({ KeyId: rsa.arn, EncryptionAlgorithm });
    expect(await decrypt(defined(sealed.CiphertextBlob))).toMatchObject({ KeyId: rsa.arn, Plaintext: new Uint8Array(maximum) });
    await expectRefused(encrypt(maximum + 1), "ValidationException");

    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const foreign = publicEncrypt({ key: await publicKeyOf(rsa), oaepHash, padding }, bytesOf("from a partner"));
    expect((await decrypt(foreign)).Plaintext).toEqual(bytesOf("from a partner"));
    foreign[0] = (foreign[0] ?? 0) ^ 1;
    await expectRefused(decrypt(foreign), "InvalidCiphertextException");
  });

  it("refuses the wrong algorithm, a context, and Decrypt without KeyId", async () => {
    const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
    const { CiphertextBlob } = await test
      .client(east)
      .send(new EncryptCommand({ KeyId: rsa.arn, EncryptionAlgorithm, Plaintext: bytesOf("x") }));
    const decrypt = (input: object) => test.client(east).send(new DecryptCommand({ CiphertextBlob, ...input }));
    await expectRefused(decrypt({ EncryptionAlgorithm }), "ValidationException");
    await expectRefused(decrypt({ EncryptionAlgorithm, KeyId: rsa.arn, EncryptionContext: { a: "b" } }), "ValidationException");
    await expectRefused(decrypt({ EncryptionAlgorithm: "RSAES_OAEP_SHA_1", KeyId: rsa.arn }), "InvalidCiphertextException");
    await expectRefused(decrypt({ EncryptionAlgorithm: "SM2PKE", KeyId: rsa.arn }), "InvalidKeyUsageException");
    const signing = await test.kms.createKey({ region: east, keySpec: "RSA_2048", keyUsage: "SIGN_VERIFY" });
    await expectRefused(decrypt({ EncryptionAlgorithm, KeyId: signing.arn }), "InvalidKeyUsageException");
  });

  it("re-encrypts between a symmetric and an RSA key", async () => {
    const symmetric = await test.kms.createKey({ region: east });
    const sealed = await test.client(east).send(new EncryptCommand({ KeyId: symmetric.arn, Plaintext: bytesOf("moved") }));
    const algorithm = "RSAES_OAEP_SHA_256";
    const moved = await test.client(east).send(
      new ReEncryptCommand({
        CiphertextBlob: defined(sealed.CiphertextBlob),
        DestinationKeyId: rsa.arn,
        DestinationEncryptionAlgorithm: algorithm,
      }),
    );
    const { Plaintext } = await test
      .client(east)
      .send(new DecryptCommand({ KeyId: rsa.arn, EncryptionAlgorithm: algorithm, CiphertextBlob: moved.CiphertextBlob }));
    expect(Plaintext).toEqual(bytesOf("moved"));
  });
});

describe("DeriveSharedSecret", () => {
  const derive = (key: LocalKmsKey, peer: KeyObject, input: object = {}) =>
    test.client(key.region).send(
      new DeriveSharedSecretCommand({
        KeyId: key.arn,
        KeyAgreementAlgorithm: "ECDH",
        PublicKey: peer.export({ format: "der", type: "spki" }),
        ...input,
      }),
    );

  it.each([
    ["ECC_NIST_P256", "prime256v1", 32],
    ["ECC_NIST_P384", "secp384r1", 48],
    ["ECC_NIST_P521", "secp521r1", 66],
  ] as const)("%s: both sides agree", async (keySpec, namedCurve, length) => {
    const key = await test.kms.createKey({ region: east, keySpec });
    const peer = generateKeyPairSync("ec", { namedCurve });
    const answer = await derive(key, peer.publicKey);
    expect(answer).toMatchObject({ KeyId: key.arn, KeyAgreementAlgorithm: "ECDH", KeyOrigin: "AWS_KMS" });
    expect(answer.SharedSecret).toHaveLength(length);
    const ours = diffieHellman({ privateKey: peer.privateKey, publicKey: await publicKeyOf(key) });
    expect(Buffer.from(defined(answer.SharedSecret)).equals(ours)).toBe(true);
  });

  it("agrees in a replica, and with a given private key", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
    const keyMaterial = privateKey.export({ format: "pem", type: "pkcs8" });
    const key = await test.kms.createKey({ region: east, multiRegion: true, keySpec: "ECC_NIST_P384", keyMaterial });
    const replica = await test.kms.replicateKey({ ...key, replicaRegion: west });
    expect((await publicKeyOf(replica)).equals(publicKey)).toBe(true);
    const peer = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).publicKey;
    expect((await derive(key, peer)).SharedSecret).toEqual((await derive(replica, peer)).SharedSecret);
  });

  it("refuses another curve, what is no key, another usage or algorithm, and a dry run", async () => {
    const key = await test.kms.createKey({ region: east, keySpec: "ECC_NIST_P256" });
    const peer = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey;
    await expectRefused(derive(key, generateKeyPairSync("ec", { namedCurve: "secp384r1" }).publicKey), "ValidationException");
    await expectRefused(derive(key, await publicKeyOf(rsa)), "ValidationException");
    await expectRefused(derive(key, peer, { PublicKey: bytesOf("not a key") }), "ValidationException");
    await expectRefused(derive(key, peer, { KeyAgreementAlgorithm: "DH" }), "ValidationException");
    await expectRefused(derive(key, peer, { DryRun: true }), "DryRunOperationException");
    await expectRefused(derive(key, peer, { Recipient: {} }), "UnsupportedOperationException");
    await expectRefused(derive(rsa, peer), "InvalidKeyUsageException");
  });
});
