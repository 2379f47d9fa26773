import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { type Keyring, requiredEncryptionContextCmm } from "../../src/materials/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(4) });
const schema = { tableName: "customers", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" } };

// @see specification/dynamodb-encryption-client/ddb-get-encrypted-data-key-description.md "Input", "Output", "Behavior"
// @see specification/dynamodb-encryption-client/ddb-item-encryptor.md "Initialization", "EncryptItem", "DecryptItem"
describe("itemEncryptor", () => {
  it("encrypts AttributeValue maps and shows the header", async () => {
    const encryptor = itemEncryptor({ schema, keyring });
    const { item: stored, header } = await encryptor.encryptItem({ id: { S: "1" }, email: { S: "a@example.com" }, tier: { S: "gold" } });
    expect(stored["email"]?.B).toBeInstanceOf(Uint8Array);
    expect(header).toMatchObject({ formatVersion: 1, algorithmSuiteId: "0x6701", encryptedDataKeys: [{ keyProviderId: "n" }] });
    const { item } = await encryptor.decryptItem(stored);
    expect({ ...item }).toEqual({ id: { S: "1" }, email: { S: "a@example.com" }, tier: { S: "gold" } });
  });

  it("encrypts native objects, binary as Uint8Array in and out", async () => {
    const encryptor = itemEncryptor({ schema: { ...schema, otherAttributes: "ENCRYPT_AND_SIGN" }, keyring });
    const document = {
      id: "1",
      email: "a@example.com",
      photo: Uint8Array.of(1, 2),
      tags: new Set(["b", "a"]),
      visits: 7,
      nothing: null,
      nested: { list: [1, "two", true] },
      absent: undefined,
    };
    const { item: stored } = await encryptor.encryptDocument(document);
    expect(stored["aws_dbe_head"]).toBeInstanceOf(Uint8Array);
    const { item } = await encryptor.decryptDocument(stored);
    const { absent: _absent, ...present } = document;
    expect({ ...item }).toEqual({ ...present, tags: new Set(["a", "b"]) });
  });

  it("keeps an attribute called __proto__", async () => {
    const encryptor = itemEncryptor({ schema: { ...schema, otherAttributes: "ENCRYPT_AND_SIGN" }, keyring });
    const document = JSON.parse('{"id":"1","__proto__":"x"}') as Record<string, unknown>;
    const { item } = await encryptor.decryptDocument((await encryptor.encryptDocument(document)).item);
    expect(Object.entries(item).sort()).toEqual([
      ["__proto__", "x"],
      ["id", "1"],
    ]);
  });

  it("names the attribute, never the value, where a value has no native form", async () => {
    const encryptor = itemEncryptor({ schema, keyring });
    const { item: stored } = await encryptor.encryptItem({ id: { S: "1" }, email: { N: "12345678901234567890.5" } });
    const error = await encryptor
      .decryptDocument({
        id: "1",
        email: stored["email"]?.B,
        aws_dbe_head: stored["aws_dbe_head"]?.B,
        aws_dbe_foot: stored["aws_dbe_foot"]?.B,
      })
      .catch((reason: unknown) => reason);
    expect(isDynasealError(error, "ERR_ATTRIBUTE_NOT_SERIALIZABLE") && error.details.attribute).toBe("email");
    expect(inspect(error, { depth: 9 })).not.toContain("12345678901234567890");
  });

  it("reads plaintext only where schema and code agree, and says so", async () => {
    const plaintext = { ...schema, plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" };
    expect(() => itemEncryptor({ schema: plaintext, keyring })).toThrow(
      expect.objectContaining({ code: "ERR_PLAINTEXT_NOT_ACKNOWLEDGED" }),
    );
    const events: unknown[] = [];
    const encryptor = itemEncryptor({ schema: plaintext, keyring, acknowledgePlaintext: true, onEvent: (event) => events.push(event) });
    const { item, header } = await encryptor.decryptItem({ id: { S: "1" }, email: { S: "old@example.com" } });
    expect({ ...item }).toEqual({ id: { S: "1" }, email: { S: "old@example.com" } });
    expect(header).toBeUndefined();
    expect(events).toEqual([{ type: "plaintext-read", tableName: "customers" }]);
    await expect(itemEncryptor({ schema, keyring }).decryptItem({ id: { S: "1" } })).rejects.toMatchObject({
      code: "ERR_ITEM_NOT_ENCRYPTED",
    });
  });

  it("refuses an item over 400 KB after encryption", async () => {
    const encryptor = itemEncryptor({ schema, keyring });
    const fits = { id: { S: "1" }, email: { S: "x".repeat(400 * 1024 - 1000) } };
    await expect(encryptor.encryptItem(fits)).resolves.toHaveProperty("item");
    const tooLarge = { id: { S: "1" }, email: { S: "x".repeat(400 * 1024 - 100) } };
    await expect(encryptor.encryptItem(tooLarge)).rejects.toMatchObject({ code: "ERR_ITEM_TOO_LARGE", details: { maximum: 409_600 } });
  });

  it("takes a CMM: every key of an item's context can be required, and no other", async () => {
    const included = { ...schema, sortKey: "at", attributes: { ...schema.attributes, tier: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" } };
    const requiring = (keys: readonly string[]) =>
      itemEncryptor({
        schema: included,
        keyring: requiredEncryptionContextCmm({ requiredEncryptionContextKeys: keys, underlying: keyring }),
      });
    const plain = { id: { S: "1" }, at: { N: "7" }, email: { S: "a@example.com" }, tier: { S: "gold" } };
    const attributes = ["id", "at", "tier"].map((name) => `aws-crypto-attr.${name}`);
    const names = ["table-name", "partition-name", "sort-name", "legend"].map((name) => `aws-crypto-${name}`);
    const encryptor = requiring([...attributes, ...names]);
    const { item: stored, header } = await encryptor.encryptItem(plain);
    expect(header?.encryptionContext).toMatchObject({ "aws-crypto-attr.tier": "gold", "aws-crypto-table-name": "customers" });
    expect({ ...(await encryptor.decryptItem(stored)).item }).toEqual(plain);
    const other = requiring(["aws-crypto-attr.email"]);
    const refused = { code: "ERR_REQUIRED_CONTEXT_KEY_MISSING", details: { key: "aws-crypto-attr.email" } };
    await expect(other.encryptItem(plain)).rejects.toMatchObject(refused);
    await expect(other.decryptItem(stored)).rejects.toMatchObject(refused);
  });

  it("refuses what is neither keyring nor CMM", () => {
    expect(() => itemEncryptor({ schema, keyring: {} as Keyring })).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARGUMENT" }));
  });
});
