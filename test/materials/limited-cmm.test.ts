import { describe, expect, it } from "vitest";
import { encryptedClient } from "../../src/client/index.ts";
import { itemEncryptor } from "../../src/item/index.ts";
import { multiKeyring, rawAesKeyring } from "../../src/keyrings/index.ts";
import type { Keyring } from "../../src/materials/index.ts";
import { defineTable } from "../../src/schema/index.ts";

const schema = defineTable({
  tableName: "customers",
  partitionKey: "id",
  attributes: { email: "ENCRYPT_AND_SIGN" },
  algorithmSuite: "HMAC",
});
const key = (index: number): Keyring =>
  rawAesKeyring({ keyNamespace: "test", keyName: `key ${index}`, wrappingKey: new Uint8Array(32).fill(index) });
/** Counts how often it is asked. */
function keys(count: number): { readonly keyring: Keyring; readonly asked: () => number } {
  let asked = 0;
  const all = multiKeyring({ generator: key(0), children: Array.from({ length: count - 1 }, (_, index) => key(index + 1)) });
  const keyring: Keyring = {
    onEncrypt: (materials, call) => all.onEncrypt(materials, call),
    onDecrypt(materials, encryptedDataKeys, call) {
      asked++;
      return all.onDecrypt(materials, encryptedDataKeys, call);
    },
  };
  return { keyring, asked: () => asked };
}
const item = { id: { S: "1" }, email: { S: "a@example.com" } };
const details = { maximum: 32, actual: 33, option: "maxEncryptedDataKeys" };

describe("the number of encrypted data keys", () => {
  it("is at most 32, on writing and, before a keyring is asked, on reading", async () => {
    const { keyring, asked } = keys(33);
    await expect(itemEncryptor({ schema, keyring }).encryptItem(item)).rejects.toMatchObject({ code: "ERR_LIMIT_EXCEEDED", details });
    const unlimited = itemEncryptor({ schema, keyring, maxEncryptedDataKeys: Number.POSITIVE_INFINITY });
    const { item: stored } = await unlimited.encryptItem(item);
    await expect(itemEncryptor({ schema, keyring }).decryptItem(stored)).rejects.toMatchObject({ code: "ERR_LIMIT_EXCEEDED", details });
    expect(asked()).toBe(0);
    expect((await unlimited.decryptItem(stored)).item).toEqual(item);
    const exact = keys(32);
    const ordinary = itemEncryptor({ schema, keyring: exact.keyring });
    expect((await ordinary.decryptItem((await ordinary.encryptItem(item)).item)).item).toEqual(item);
  });

  it("is what the option says", async () => {
    const one = itemEncryptor({ schema, keyring: keys(2).keyring, maxEncryptedDataKeys: 1 });
    await expect(one.encryptItem(item)).rejects.toMatchObject({ details: { maximum: 1, actual: 2 } });
    for (const maxEncryptedDataKeys of [0, 1.5, -1, Number.NaN, "many" as unknown as number]) {
      const options = { keyring: key(0), maxEncryptedDataKeys };
      const refusal = expect.objectContaining({
        code: "ERR_INVALID_ARGUMENT",
        details: expect.objectContaining({ argument: "maxEncryptedDataKeys" }),
      });
      expect(() => itemEncryptor({ schema, ...options })).toThrow(refusal);
      const client = { config: {}, middlewareStack: {}, send: async () => undefined };
      expect(() => encryptedClient(client as never, { schemas: [schema], ...options })).toThrow();
    }
  });
});
