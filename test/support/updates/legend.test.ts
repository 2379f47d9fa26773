import { expect, test } from "vitest";
import type { AttributeMap } from "../../../src/attributes/index.ts";
import { itemEncryptor } from "../../../src/item/index.ts";
import { rawAesKeyring } from "../../../src/keyrings/index.ts";
import type { CryptoAction } from "../../../src/schema/index.ts";
import { storedActions, weakenedAttributes } from "./legend.ts";

const keyring = rawAesKeyring({ keyNamespace: "test", keyName: "legend", wrappingKey: new Uint8Array(32).fill(3) });
const unsigned = new Set(["visits"]);
const item = { id: { S: "1" }, tier: { S: "gold" }, zip: { S: "8001" }, email: { S: "a@example.com" }, visits: { N: "1" } };

async function stored(actions: Readonly<Record<string, CryptoAction>>): Promise<AttributeMap> {
  const schema = {
    tableName: "legend",
    partitionKey: "id",
    attributes: { email: "ENCRYPT_AND_SIGN", zip: "SIGN_ONLY", visits: "DO_NOTHING", ...actions },
    algorithmSuite: "HMAC",
  };
  return (await itemEncryptor({ schema, keyring }).encryptItem(item)).item;
}

test("the legend is read in the order of canonical paths", async () => {
  expect([...storedActions(await stored({ tier: "ENCRYPT_AND_SIGN" }), unsigned)]).toEqual([
    ["id", "SIGN_ONLY"],
    ["zip", "SIGN_ONLY"],
    ["tier", "ENCRYPT_AND_SIGN"],
    ["email", "ENCRYPT_AND_SIGN"],
  ]);
});

test("a row whose attributes are not those of its legend is refused", async () => {
  const { email: _, ...rest } = await stored({ tier: "SIGN_ONLY" });
  expect(() => storedActions(rest, unsigned)).toThrow("4 actions for 3 attributes");
});

test("encrypted, then only signed, is weaker; the reverse is not", async () => {
  const [weak, strong] = [await stored({ tier: "SIGN_ONLY" }), await stored({ tier: "ENCRYPT_AND_SIGN" })];
  expect(weakenedAttributes(strong, weak, unsigned)).toEqual(["tier: ENCRYPT_AND_SIGN → SIGN_ONLY"]);
  expect(weakenedAttributes(weak, strong, unsigned)).toEqual([]);
  expect(weakenedAttributes(strong, strong, unsigned)).toEqual([]);
});

test("signed in the context, then only signed, is as strong", async () => {
  const [signed, context] = [await stored({ tier: "SIGN_ONLY" }), await stored({ tier: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" })];
  expect(weakenedAttributes(context, signed, unsigned)).toEqual([]);
});

test("an attribute that went is not weaker", async () => {
  const schema = { tableName: "legend", partitionKey: "id", attributes: { visits: "DO_NOTHING" }, algorithmSuite: "HMAC" };
  const { item: less } = await itemEncryptor({ schema, keyring }).encryptItem({ id: { S: "1" } });
  expect(weakenedAttributes(await stored({ tier: "ENCRYPT_AND_SIGN" }), less, unsigned)).toEqual([]);
});
