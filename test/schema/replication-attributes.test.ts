import { describe, expect, it } from "vitest";
import { itemEncryptor } from "../../src/item/index.ts";
import { rawAesKeyring } from "../../src/keyrings/index.ts";
import { defineTable, isReplication } from "../../src/schema/index.ts";

const bookkeeping = {
  "aws:rep:deleting": { BOOL: false },
  "aws:rep:updatetime": { N: "1700000000.000001" },
  "aws:rep:updateregion": { S: "us-east-1" },
};
const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "key", wrappingKey: new Uint8Array(32).fill(7) });
const schema = defineTable({ tableName: "customers", partitionKey: "id", attributes: {}, otherAttributes: "ENCRYPT_AND_SIGN" });
const items = itemEncryptor({ schema, keyring });
const strict = itemEncryptor({ schema: defineTable({ tableName: "customers", partitionKey: "id", attributes: {} }), keyring });

describe("the bookkeeping of Global Tables of version 2017", () => {
  it("is three attributes, each of its own type", () => {
    for (const [name, value] of Object.entries(bookkeeping)) {
      expect(isReplication(name)).toBe(true);
      expect(isReplication(name, value)).toBe(true);
      expect(isReplication(name, { M: {} })).toBe(false);
    }
    for (const name of ["aws:rep:", "aws:rep:note", "aws:rep:deleting2", "aws:rep", "deleting"]) expect(isReplication(name)).toBe(false);
  });

  it("passes through encryption and decryption unsigned", async () => {
    const { item } = await items.encryptItem({ id: { S: "1" }, ...bookkeeping });
    expect(item).toMatchObject(bookkeeping);
    const later = { ...item, "aws:rep:updatetime": { N: "1800000000.000001" } };
    expect((await items.decryptItem(later)).item).toMatchObject({ ...bookkeeping, "aws:rep:updatetime": { N: "1800000000.000001" } });
  });

  it.each([
    ["a name that DynamoDB does not write", { "aws:rep:note": { S: "Alice Liddell" } }],
    ["one of its names, with another type", { "aws:rep:updateregion": { L: [{ S: "Alice Liddell" }] } }],
  ])("%s is an attribute like all others: encrypted or refused on writing", async (_, attribute) => {
    const { item } = await items.encryptItem({ id: { S: "1" }, ...attribute });
    expect(JSON.stringify(item)).not.toContain("Alice");
    expect((await items.decryptItem(item)).item).toEqual({ id: { S: "1" }, ...attribute });
    await expect(strict.encryptItem({ id: { S: "1" }, ...attribute })).rejects.toMatchObject({ code: "ERR_ATTRIBUTE_NOT_CONFIGURED" });
  });

  it.each([
    ["a name that DynamoDB does not write", { "aws:rep:note": { S: "planted" } }],
    ["one of its names, with another type", { "aws:rep:deleting": { S: "planted" } }],
  ])("%s, planted in a stored item, fails the item", async (_, attribute) => {
    const { item } = await items.encryptItem({ id: { S: "1" } });
    await expect(items.decryptItem({ ...item, ...attribute })).rejects.toMatchObject({ code: "ERR_LEGEND_MISMATCH" });
  });

  it("may be named by a schema where it is not DynamoDB's", () => {
    expect(() => defineTable({ ...schema, attributes: { "aws:rep:note": "SIGN_ONLY" } })).not.toThrow();
    expect(() => defineTable({ ...schema, attributes: { "aws:rep:deleting": "SIGN_ONLY" } })).toThrow(/written by DynamoDB itself/);
  });
});
