import { expect, it } from "vitest";
import { hmacSuite } from "../../src/crypto/index.ts";
import { DynasealError } from "../../src/errors/index.ts";
import { awsKmsMrkDiscoveryKeyring, awsKmsMrkKeyring, multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import { defaultCmm, type EncryptedDataKey, encryptionContextOf, type Keyring } from "../../src/materials/index.ts";

const arn = "arn:aws:kms:ap-southeast-2:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
const other = "arn:aws:kms:us-east-1:111122223333:key/mrk-00000000000000000000000000000001";
const aes = (keyName: string): Keyring => rawAesKeyring({ keyNamespace: "our keys", keyName, wrappingKey: new Uint8Array(32).fill(1) });

async function refusal(keyring: Keyring, encryptedDataKeys: readonly EncryptedDataKey[]): Promise<DynasealError> {
  const encryptionContext = encryptionContextOf({});
  const request = { algorithmSuite: hmacSuite, encryptionContext, reproducedEncryptionContext: encryptionContext, encryptedDataKeys };
  const error = await defaultCmm(keyring)
    .decryptMaterials(request, {})
    .catch((reason: unknown) => reason);
  if (!(error instanceof DynasealError)) throw new Error("was not refused");
  expect(error.code).toBe("ERR_NO_KEY_MATCHES");
  return error;
}

async function keysOf(keyring: Keyring): Promise<readonly EncryptedDataKey[]> {
  const request = { algorithmSuite: hmacSuite, encryptionContext: encryptionContextOf({}), requiredEncryptionContextKeys: [] };
  return (await defaultCmm(keyring).getEncryptionMaterials(request, {})).encryptedDataKeys;
}

it("an error about keys shows both sides' keys whole", async () => {
  const planted = { keyProviderId: "aws-kms", keyProviderInfo: Buffer.from(arn), ciphertext: new Uint8Array(1) };
  const keyring = multiKeyring({ generator: awsKmsMrkKeyring({ keyId: other }), decryptOnly: [aes("new")] });
  const error = await refusal(keyring, [...(await keysOf(aes("old"))), planted]);
  expect(error.details).toMatchObject({
    keyProviderIds: ["our keys", "aws-kms"],
    itemKeys: ["our keys old", `aws-kms ${arn}`],
    keyringKeys: [`aws-kms ${other}`, "our keys new"],
  });
  for (const name of ["our keys old", arn, other, "our keys new"]) expect(error.message).toContain(name);
});

it("a discovery keyring is shown by its filter", async () => {
  const discoveryFilter = { partition: "aws", accountIds: ["111122223333", "444455556666"] };
  const error = await refusal(awsKmsMrkDiscoveryKeyring({ region: "eu-west-1", discoveryFilter }), await keysOf(aes("old")));
  expect(error.details).toMatchObject({ keyringKeys: ["aws-kms keys of accounts 111122223333, 444455556666"] });
});

it("a keyring that tells no names is refused without them", async () => {
  const idle: Keyring = { onEncrypt: async (materials) => materials, onDecrypt: async (materials) => materials };
  const error = await refusal(idle, await keysOf(aes("old")));
  expect(error.details).toMatchObject({ itemKeys: ["our keys old"], keyringKeys: [] });
});

it("planted names write no lines of their own, fill nothing and show no bytes", async () => {
  const planted = (info: Uint8Array): EncryptedDataKey => ({
    keyProviderId: "x\n\u001b[31m",
    keyProviderInfo: info,
    ciphertext: new Uint8Array(1),
  });
  const infos = [Buffer.from("a\r\nforged line"), Buffer.alloc(60_000, "b"), Buffer.from([255, 254, 0])];
  const error = await refusal(aes("k"), [...infos, ...Array<Buffer>(200).fill(Buffer.from("c"))].map(planted));
  expect(error.message).not.toMatch(/\p{Cc}/u);
  expect(error.message.length).toBeLessThan(5000);
  const { itemKeys } = error.details as { itemKeys: readonly string[] };
  expect(itemKeys).toHaveLength(32);
  expect(itemKeys[2]).toBe("x\\u000a\\u001b[31m");
});
