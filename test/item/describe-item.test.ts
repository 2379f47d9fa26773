import { describe, expect, it } from "vitest";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { describeItem, itemEncryptor } from "../../src/item/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { itemFromJson } from "../support/dynamodb-json.ts";
import type { ItemVector } from "../support/item-vectors.ts";
import { readVectors } from "../support/vectors.ts";

const keyring = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(4) });
const schema = {
  tableName: "customers",
  partitionKey: "id",
  attributes: {
    id: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
    tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
    email: "ENCRYPT_AND_SIGN",
    tier: "SIGN_ONLY",
    visits: "DO_NOTHING",
  },
};
const plain: AttributeMap = { id: { S: "1" }, tenant: { N: "7" }, email: { S: "a@example.com" }, tier: { S: "gold" } };
const legend = {
  id: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
  tier: "SIGN_ONLY",
  email: "ENCRYPT_AND_SIGN",
  tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT",
};

// @see specification/dynamodb-encryption-client/ddb-get-encrypted-data-key-description.md "Input", "Output", "Behavior"
describe("describeItem", () => {
  it("tells the legend by attribute name, and takes bare header bytes", async () => {
    const { item: stored } = await itemEncryptor({ schema, keyring }).encryptItem(plain);
    const described = describeItem(stored);
    expect(described).toMatchObject({ formatVersion: 2, algorithmSuiteId: "0x6701", encryptedDataKeys: [{ keyProviderId: "n" }] });
    expect({ ...described.legend }).toEqual(legend);
    expect(described.actions).toEqual(Object.values(legend));
    expect(Object.keys(described.storedEncryptionContext)).toEqual(["aws-crypto-public-key"]);
    const bare = describeItem(stored["aws_dbe_head"]?.B ?? new Uint8Array());
    expect(bare).toEqual({ ...described, legend: undefined });
  });

  it("names no attribute by guess: with unsigned ones beside the signed it takes the schema", async () => {
    const { item: stored } = await itemEncryptor({ schema, keyring }).encryptItem({ ...plain, visits: { N: "1" } });
    expect(describeItem(stored).legend).toBeUndefined();
    expect({ ...describeItem(stored, { schema }).legend }).toEqual(legend);
    const replicated = { ...stored, "aws:rep:updateregion": { S: "eu-west-1" } };
    expect({ ...describeItem(replicated, { schema }).legend }).toEqual(legend);
  });

  it("keeps what it described, whatever becomes of the item's bytes", async () => {
    const { item: stored } = await itemEncryptor({ schema, keyring }).encryptItem(plain);
    const described = describeItem(stored);
    const before = structuredClone(described.encryptedDataKeys);
    stored["aws_dbe_head"]?.B?.fill(0);
    expect(described.encryptedDataKeys).toEqual(before);
  });

  it("shows KMS keys as text, with their Region", () => {
    const vector = readVectors<{ cases: readonly ItemVector[] }>("java/kms.json").cases.find(
      ({ config }) => config.keyring.type === "kms-mrk",
    );
    const [key] = describeItem(itemFromJson(vector?.encrypted ?? {})).encryptedDataKeys;
    expect(key?.keyArn).toMatch(/^arn:aws:kms:[a-z0-9-]+:\d{12}:key\//);
    expect(key?.region).toBe(key?.keyArn?.split(":")[3]);
    expect(Buffer.from(key?.keyProviderInfo ?? []).toString()).toBe(key?.keyArn);
  });

  it("shows no text that is not a key ARN, whoever planted it", async () => {
    const { item: stored } = await itemEncryptor({ schema, keyring }).encryptItem(plain);
    const [key] = describeItem(stored).encryptedDataKeys;
    expect(key).not.toHaveProperty("keyArn");
    expect(key).not.toHaveProperty("region");
  });
});

// @see specification/dynamodb-encryption-client/decrypt-item.md "Parsed Header"
// @see specification/dynamodb-encryption-client/encrypt-item.md "Parsed Header"
// @see specification/structured-encryption/decrypt-path-structure.md "Parsed Header"
describe("the header that encrypting and decrypting return", () => {
  it("has actions by name, the stored and the selector context", async () => {
    const { encryptItem, decryptItem } = itemEncryptor({ schema, keyring });
    const { item: stored, header: written } = await encryptItem({ ...plain, tenant: { N: "07.0" }, visits: { N: "1" } });
    const { header: read } = await decryptItem(stored);
    for (const header of [written, read]) {
      expect({ ...header?.attributeActionsOnEncrypt }).toEqual(legend);
      expect({ ...header?.selectorContext }).toEqual({ id: { S: "1" }, tenant: { N: "7" } });
      expect(Object.keys(header?.storedEncryptionContext ?? {})).toEqual(["aws-crypto-public-key"]);
      expect(header?.encryptionContext).toMatchObject({ "aws-crypto-table-name": "customers", "aws-crypto-attr.tenant": "7" });
    }
    expect(read).toEqual(written);
    expect(JSON.parse(JSON.stringify(read))).toMatchObject({ encryptedDataKeys: [{ keyProviderId: "n" }] });
  });

  it("format 1: the selector context holds the keys", async () => {
    const { attributes: _attributes, ...rest } = schema;
    const first = itemEncryptor({ schema: { ...rest, attributes: { email: "ENCRYPT_AND_SIGN" } }, keyring });
    const { item: stored, header } = await first.encryptItem({ id: { B: Uint8Array.of(1) }, email: { S: "a" } });
    expect({ ...header?.selectorContext }).toEqual({ id: { B: Uint8Array.of(1) } });
    expect((await first.decryptItem(stored)).header).toEqual(header);
  });

  it("shows what was verified, also after the caller wrote into the item", async () => {
    const { encryptItem, decryptItem } = itemEncryptor({ schema, keyring });
    const { item: stored, header: written } = await encryptItem(plain);
    const copy = structuredClone({ ...stored });
    const { header: read } = await decryptItem(stored);
    stored["aws_dbe_head"]?.B?.fill(0);
    const { header: expected } = await decryptItem(copy);
    expect(read).toEqual(expected);
    expect(written).toEqual(expected);
  });
});
