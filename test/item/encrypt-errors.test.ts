import { describe, expect, it } from "vitest";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { itemFromJson, itemToJson, type JsonItem } from "../support/dynamodb-json.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";
import { readVectors } from "../support/vectors.ts";

interface ErrorCase {
  readonly name: string;
  readonly config: JavaConfig;
  readonly item: JsonItem;
  readonly decrypted?: JsonItem;
}

const { cases } = readVectors<{ cases: readonly ErrorCase[] }>("java/encrypt-errors.json");

const codes: Readonly<Record<string, string>> = {
  "no partition key": "ERR_KEY_MISSING",
  "no sort key": "ERR_KEY_MISSING",
  "no attribute": "ERR_KEY_MISSING",
  "attribute not configured": "ERR_ATTRIBUTE_NOT_CONFIGURED",
  // Java drops it in silence.
  "reserved attribute": "ERR_RESERVED_NAME",
  "header given": "ERR_RESERVED_NAME",
  "footer given": "ERR_RESERVED_NAME",
  "duplicate in a string set": "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
  "duplicate in a number set, written differently": "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
  "32 maps deep": "ERR_LIMIT_EXCEEDED",
  "33 maps deep": "ERR_LIMIT_EXCEEDED",
  "33 lists deep, signed": "ERR_LIMIT_EXCEEDED",
  "lone surrogate": "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
  "lone surrogate, signed": "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
  "sort key a bad number": "ERR_NUMBER_INVALID",
};

// @see specification/dynamodb-encryption-client/ddb-support.md "Writable"
// @see specification/dynamodb-encryption-client/encrypt-item.md "Input", "DynamoDB Item", "Output", "Parsed Header", "Behavior"
describe("odd items, as Java takes them", () => {
  it.each(cases.map((vector) => [vector.name, vector] as const))("%s", async (name, vector) => {
    const cryptography = cryptographyOf(vector.config);
    const encrypted = encryptItem(cryptography, itemFromJson(vector.item), {});
    const code = codes[name];
    if (code !== undefined) {
      await expect(encrypted).rejects.toMatchObject({ code });
      return;
    }
    const { item } = await decryptItem(cryptography, (await encrypted).item, {});
    expect(itemToJson(item)).toEqual(itemToJson(itemFromJson(vector.decrypted ?? {})));
  });
});

it("an attribute of the encryption context has to be there, as in Java", async () => {
  const context = "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT";
  const cryptography = cryptographyOf({
    logicalTableName: "T",
    partitionKeyName: "pk",
    attributeActionsOnEncrypt: { pk: context, tenant: context },
    keyring: { type: "raw-aes", keyNamespace: "n", keyName: "k", wrappingKey: Buffer.alloc(32, 1).toString("base64") },
  });
  const refused = encryptItem(cryptography, { pk: { S: "1" } }, {});
  await expect(refused).rejects.toMatchObject({ code: "ERR_CONTEXT_ATTRIBUTE_MISSING", details: { attribute: "tenant" } });
});
