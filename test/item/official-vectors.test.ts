import { describe, expect, it } from "vitest";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import type { CryptoAction } from "../../src/schema/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { cryptographyOf } from "../support/java-config.ts";
import { readVectors } from "../support/vectors.ts";

interface PermTest {
  readonly RoundTripTest: {
    readonly Records: readonly JsonItem[];
    readonly Configs: Readonly<Record<string, { readonly attributeActionsOnEncrypt: Readonly<Record<string, CryptoAction>> }>>;
  };
}

const { Records, Configs } = readVectors<PermTest>("official/PermTest.json").RoundTripTest;
const setsSorted = (item: JsonItem): JsonItem =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      Object.fromEntries(Object.entries(value).map(([type, content]) => [type, Array.isArray(content) ? [...content].sort() : content])),
    ]),
  );

describe("PermTest: sets in any order", () => {
  it.each(Object.entries(Configs))("%s", async (_name, { attributeActionsOnEncrypt }) => {
    const cryptography = cryptographyOf({
      logicalTableName: "GazelleVectorTable",
      partitionKeyName: "RecNum",
      attributeActionsOnEncrypt,
      keyring: { type: "raw-aes", keyNamespace: "perm", keyName: "key", wrappingKey: Buffer.alloc(32, 3).toString("base64") },
    });
    expect(Records.length).toBeGreaterThan(30);
    for (const record of Records) {
      const { item: stored } = await encryptItem(cryptography, itemFromJson(record), {});
      const { item } = await decryptItem(cryptography, stored, {});
      expect(setsSorted(itemToJson(item))).toEqual(setsSorted(record));
      // The service may give a signed set back in another order.
      const reversed = Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, reverseSets(value)]));
      const { item: again } = await decryptItem(cryptography, reversed, {});
      expect(setsSorted(itemToJson(again))).toEqual(setsSorted(record));
    }
  });
});

function reverseSets<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).map(([type, content]) => [type, Array.isArray(content) ? content.toReversed() : content]),
  ) as Value;
}
