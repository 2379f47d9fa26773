import {
  CreateAliasCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, defined, east, expectRefused, startTestKms, type TestKms, west } from "./support.ts";

let test: TestKms;
let now = Date.UTC(2026, 0, 1);
const day = 86_400_000;

beforeAll(async () => {
  test = await startTestKms({ now: () => now });
});
afterAll(() => test.stop());

const encrypt = (KeyId: string, region = east) => test.client(region).send(new EncryptCommand({ KeyId, Plaintext: bytesOf("secret") }));
const decrypt = (CiphertextBlob: Uint8Array | undefined, region = east) =>
  test.client(region).send(new DecryptCommand({ CiphertextBlob: defined(CiphertextBlob) }));

describe("aliases", () => {
  const create = (AliasName: string, TargetKeyId: string, region = east) =>
    test.client(region).send(new CreateAliasCommand({ AliasName, TargetKeyId }));
  const update = (AliasName: string, TargetKeyId: string) => test.client(east).send(new UpdateAliasCommand({ AliasName, TargetKeyId }));

  it("name a key of their Region, in cryptographic operations and DescribeKey", async () => {
    const first = await test.kms.createKey({ region: east });
    const second = await test.kms.createKey({ region: east });
    await create("alias/app/orders", first.arn);
    expect((await encrypt("alias/app/orders")).KeyId).toBe(first.arn);
    expect((await encrypt("arn:aws:kms:us-east-1:000000000000:alias/app/orders")).KeyId).toBe(first.arn);
    await expectRefused(encrypt("alias/app/orders", west), "NotFoundException");
    await expectRefused(test.client(east).send(new RotateKeyOnDemandCommand({ KeyId: "alias/app/orders" })), "NotFoundException");

    now += 1000;
    await update("alias/app/orders", second.keyId);
    const { KeyMetadata } = await test.client(east).send(new DescribeKeyCommand({ KeyId: "alias/app/orders" }));
    expect(KeyMetadata?.Arn).toBe(second.arn);
    const { Aliases } = await test.client(east).send(new ListAliasesCommand({ KeyId: second.keyId }));
    expect(Aliases).toEqual([
      {
        AliasName: "alias/app/orders",
        AliasArn: "arn:aws:kms:us-east-1:000000000000:alias/app/orders",
        TargetKeyId: second.keyId,
        CreationDate: new Date(now - 1000),
        LastUpdatedDate: new Date(now),
      },
    ]);
    expect((await test.client(east).send(new ListAliasesCommand({ KeyId: first.keyId }))).Aliases).toEqual([]);

    await test.client(east).send(new DeleteAliasCommand({ AliasName: "alias/app/orders" }));
    await expectRefused(encrypt("alias/app/orders"), "NotFoundException");
  });

  it("go with their key", async () => {
    const key = await test.kms.createKey({ region: east });
    await create("alias/gone", key.keyId);
    await test.kms.deleteKey(key);
    await create("alias/gone", (await test.kms.createKey({ region: east })).keyId);
  });

  it("refuse what KMS refuses", async () => {
    const key = await test.kms.createKey({ region: east });
    const rsa = await test.kms.createKey({ region: east, keySpec: "RSA_2048" });
    const pending = await test.kms.createKey({ region: east });
    await test.client(east).send(new ScheduleKeyDeletionCommand({ KeyId: pending.keyId }));
    await create("alias/taken", key.keyId);
    await expectRefused(create("alias/taken", key.keyId), "AlreadyExistsException");
    await expectRefused(create("alias/aws/mine", key.keyId), "InvalidAliasNameException");
    await expectRefused(create("taken", key.keyId), "ValidationException");
    await expectRefused(create("alias/pending", pending.keyId), "KMSInvalidStateException");
    await expectRefused(create("alias/alias", "alias/taken"), "NotFoundException");
    await expectRefused(update("alias/none", key.keyId), "NotFoundException");
    await expectRefused(update("alias/taken", rsa.keyId), "ValidationException");
    await expectRefused(test.client(east).send(new DeleteAliasCommand({ AliasName: "alias/none" })), "NotFoundException");
  });
});

describe("rotation", () => {
  const rotate = (KeyId: string, region = east) => test.client(region).send(new RotateKeyOnDemandCommand({ KeyId }));
  const status = (KeyId: string, region = east) => test.client(region).send(new GetKeyRotationStatusCommand({ KeyId }));
  const rotations = async (KeyId: string, region = east, input: object = {}) =>
    defined((await test.client(region).send(new ListKeyRotationsCommand({ KeyId, ...input }))).Rotations);

  it("on demand keeps old blobs readable and is shared by replicas", async () => {
    const key = await test.kms.createKey({ region: east, multiRegion: true });
    await test.kms.replicateKey({ ...key, replicaRegion: west });
    const before = await encrypt(key.keyId);
    expect((await rotate(key.keyId)).KeyId).toBe(key.arn);
    const after = await encrypt(key.keyId, west);
    const versions = await Promise.all([before, after].flatMap((one) => [decrypt(one.CiphertextBlob), decrypt(one.CiphertextBlob, west)]));
    expect(versions.map(({ Plaintext }) => Plaintext)).toEqual(Array(4).fill(bytesOf("secret")));
    const [first, firstWest, second, secondWest] = versions.map(({ KeyMaterialId }) => KeyMaterialId);
    expect([firstWest, secondWest]).toEqual([first, second]);
    expect(second).not.toBe(first);

    const replica = key.arn.replace(east, west);
    expect(await rotations(key.keyId, west)).toEqual([
      { KeyId: replica, KeyMaterialId: second, KeyMaterialState: "CURRENT", RotationDate: new Date(now), RotationType: "ON_DEMAND" },
    ]);
    const all = await rotations(key.keyId, east, { IncludeKeyMaterial: "ALL_KEY_MATERIAL" });
    expect(all.map(({ KeyMaterialId, KeyMaterialState }) => [KeyMaterialId, KeyMaterialState])).toEqual([
      [first, "NON_CURRENT"],
      [second, "CURRENT"],
    ]);
  });

  it("is automatic when asked for", async () => {
    const { keyId, arn } = await test.kms.createKey({ region: east });
    expect(await status(keyId)).toMatchObject({ KeyId: arn, KeyRotationEnabled: false });
    await test.client(east).send(new EnableKeyRotationCommand({ KeyId: keyId, RotationPeriodInDays: 90 }));
    expect(await status(keyId)).toMatchObject({
      KeyRotationEnabled: true,
      RotationPeriodInDays: 90,
      NextRotationDate: new Date(now + 90 * day),
    });
    const before = await encrypt(keyId);
    now += 200 * day;
    const made = await rotations(keyId);
    expect(made.map(({ RotationType }) => RotationType)).toEqual(["AUTOMATIC", "AUTOMATIC"]);
    expect((await decrypt(before.CiphertextBlob)).Plaintext).toEqual(bytesOf("secret"));
    await test.client(east).send(new DisableKeyRotationCommand({ KeyId: keyId }));
    now += 200 * day;
    expect(await rotations(keyId)).toHaveLength(2);
    expect((await status(keyId)).KeyRotationEnabled).toBe(false);
  });

  it("refuses replicas, asymmetric keys, odd periods and a 26th rotation", async () => {
    const key = await test.kms.createKey({ region: east, multiRegion: true });
    await test.kms.replicateKey({ ...key, replicaRegion: west });
    const ecc = await test.kms.createKey({ region: east, keySpec: "ECC_NIST_P256" });
    await expectRefused(rotate(key.keyId, west), "UnsupportedOperationException");
    await expectRefused(test.client(west).send(new EnableKeyRotationCommand({ KeyId: key.keyId })), "UnsupportedOperationException");
    await expectRefused(test.client(west).send(new DisableKeyRotationCommand({ KeyId: key.keyId })), "UnsupportedOperationException");
    await expectRefused(rotate(ecc.keyId), "UnsupportedOperationException");
    await expectRefused(status(ecc.keyId), "UnsupportedOperationException");
    const odd = test.client(east).send(new EnableKeyRotationCommand({ KeyId: key.keyId, RotationPeriodInDays: 89 }));
    await expectRefused(odd, "ValidationException");
    for (let i = 0; i < 25; i++) await rotate(key.keyId);
    await expectRefused(rotate(key.keyId), "LimitExceededException");
    const page = await test.client(east).send(new ListKeyRotationsCommand({ KeyId: key.keyId, Limit: 10 }));
    expect(page).toMatchObject({ Truncated: true, NextMarker: "10" });
    expect(page.Rotations).toHaveLength(10);
  });
});
