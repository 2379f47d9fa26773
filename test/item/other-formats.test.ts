import { describe, expect, it } from "vitest";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { describeItem, itemEncryptor } from "../../src/item/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";

const keyring = rawAesKeyring({ keyNamespace: "n", keyName: "k", wrappingKey: new Uint8Array(32).fill(4) });
const schema = { tableName: "customers", partitionKey: "id", attributes: { email: "ENCRYPT_AND_SIGN" }, otherAttributes: "SIGN_ONLY" };
const readsPlain = "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
const writesPlain = "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";

function encryptor(plaintextOverride?: string) {
  const override = plaintextOverride === undefined ? {} : { plaintextOverride };
  return itemEncryptor({ schema: { ...schema, ...override }, keyring, acknowledgePlaintext: true });
}

// @see specification/dynamodb-encryption-client/decrypt-item.md "Determining Legacy Items"
describe("items of the older DynamoDB Encryption Client", () => {
  const legacy: AttributeMap = {
    id: { S: "1" },
    email: { B: Uint8Array.of(1, 2, 3) },
    "*amzn-ddb-map-desc*": { B: new Uint8Array(40) },
    "*amzn-ddb-map-sig*": { B: new Uint8Array(32) },
  };
  const refused = { code: "ERR_ITEM_DDBEC", details: { tableName: "customers", attribute: "*amzn-ddb-map-desc*" } };

  it.each([undefined, readsPlain, writesPlain])("are neither read nor encrypted again (%s)", async (override) => {
    await expect(encryptor(override).decryptItem(legacy)).rejects.toMatchObject(refused);
    await expect(encryptor(override).encryptItem(legacy)).rejects.toMatchObject(refused);
  });

  it("are known by either attribute, and described as what they are", async () => {
    const { "*amzn-ddb-map-desc*": _description, ...signatureOnly } = legacy;
    await expect(encryptor(readsPlain).decryptItem(signatureOnly)).rejects.toMatchObject({
      code: "ERR_ITEM_DDBEC",
      details: { attribute: "*amzn-ddb-map-sig*" },
    });
    expect(() => describeItem(legacy)).toThrow(expect.objectContaining({ code: "ERR_ITEM_DDBEC" }));
  });
});

describe("what is no map of AttributeValues", () => {
  const toJson = (value: unknown): string =>
    JSON.stringify(value, (_, member: unknown) => (member instanceof Uint8Array ? Buffer.from(member).toString("base64") : member));

  it("DynamoDB JSON is told from a damaged item", async () => {
    const { item: stored } = await encryptor().encryptItem({ id: { S: "1" }, email: { S: "a" } });
    const json = JSON.parse(toJson(stored)) as AttributeMap;
    const isJson = { code: "ERR_ITEM_IS_JSON", details: { attribute: "aws_dbe_head" } };
    await expect(encryptor().decryptItem(json)).rejects.toMatchObject(isJson);
    expect(() => describeItem(json)).toThrow(expect.objectContaining(isJson));
    const { aws_dbe_foot: _footer, ...withoutFooter } = stored;
    const footerAsText = { ...withoutFooter, aws_dbe_foot: json["aws_dbe_foot"] } as AttributeMap;
    await expect(encryptor().decryptItem(footerAsText)).rejects.toMatchObject({
      code: "ERR_ITEM_IS_JSON",
      details: { attribute: "aws_dbe_foot" },
    });
    const buffers = Object.fromEntries(
      Object.entries(stored).map(([name, value]) => [name, value.B ? { B: Buffer.from(value.B) } : value]),
    );
    await expect(encryptor().decryptItem(JSON.parse(JSON.stringify(buffers)))).rejects.toMatchObject(isJson);
    await expect(encryptor().decryptItem(toJson(stored) as unknown as AttributeMap)).rejects.toMatchObject({ code: "ERR_ITEM_IS_JSON" });
    const document = Object.fromEntries(Object.entries(json).map(([name, value]) => [name, value.B ?? value.S]));
    await expect(encryptor().decryptDocument(document)).rejects.toMatchObject(isJson);
  });

  it("a plain item in DynamoDB JSON is not read as one with texts for bytes", async () => {
    const json = { id: { S: "1" }, photo: { B: "AAEC" } } as unknown as AttributeMap;
    await expect(encryptor(readsPlain).decryptItem(json)).rejects.toMatchObject({
      code: "ERR_ITEM_IS_JSON",
      details: { attribute: "photo" },
    });
    await expect(encryptor(readsPlain).decryptItem({ id: { S: "1" } })).resolves.toMatchObject({ header: undefined });
  });

  it.each([undefined, null, 5, [], new Uint8Array(3)])("an absent image and the like are refused by name (%s)", async (absent) => {
    const refused = { code: "ERR_INVALID_ARGUMENT" };
    const item = absent as unknown as AttributeMap;
    await expect(encryptor().decryptItem(item)).rejects.toMatchObject(refused);
    await expect(encryptor().encryptItem(item)).rejects.toMatchObject(refused);
    await expect(encryptor().encryptDocument(item as never)).rejects.toMatchObject(refused);
    await expect(encryptor().decryptDocument(item as never)).rejects.toMatchObject(refused);
    if (!(absent instanceof Uint8Array)) expect(() => describeItem(item)).toThrow(expect.objectContaining(refused));
  });
});

// @see specification/dynamodb-encryption-client/ddb-item-conversion.md "Convert Structured Data to DDB Item"
describe("names of attributes", () => {
  const plainName = { unsignedAttributePrefix: "u" };

  it.each([
    ["empty", "", "ERR_ATTRIBUTE_NOT_SERIALIZABLE"],
    ["over 65,535 bytes", "n".repeat(65_536), "ERR_LIMIT_EXCEEDED"],
    ["over 65,535 bytes of UTF-8", "é".repeat(32_768), "ERR_LIMIT_EXCEEDED"],
    ["over 65,535 bytes, unsigned", "u".repeat(65_536), "ERR_LIMIT_EXCEEDED"],
  ])("%s: refused on writing and reading", async (_, name, code) => {
    const { encryptItem, decryptItem } = itemEncryptor({ schema: { ...schema, ...plainName }, keyring });
    await expect(encryptItem({ id: { S: "1" }, [name]: { S: "x" } })).rejects.toMatchObject({ code });
    if (name.startsWith("u")) return;
    const { item: stored } = await encryptItem({ id: { S: "1" } });
    await expect(decryptItem({ ...stored, [name]: { S: "x" } })).rejects.toMatchObject({ code: expect.stringMatching(`${code}|LEGEND`) });
  });

  it("of 65,535 bytes, and empty ones of map members, are taken", async () => {
    const { encryptItem, decryptItem } = itemEncryptor({ schema, keyring });
    const item = { id: { S: "1" }, [`${"é".repeat(32_767)}x`]: { M: { "": { S: "x" } } } };
    expect({ ...(await decryptItem((await encryptItem(item)).item)).item }).toEqual(item);
  });
});
