import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AttributeValue, serializeAttributeValue } from "../../src/attributes/index.ts";
import { concatBytes, toBase64 } from "../../src/bytes/index.ts";
import { decryptItem, encryptItem, itemEncryptor } from "../../src/item/index.ts";
import { contextAttributes } from "../../src/keyrings/context-attributes.ts";
import { awsKmsHierarchicalKeyring } from "../../src/keyrings/index.ts";
import type { BranchKeyIdInput, BranchKeyIdSupplier, KeyringCall } from "../../src/materials/index.ts";
import { branchKeyIdSupplierOf, defineTable } from "../../src/schema/index.ts";
import { staticBranchKeyStore } from "../../src/testing/index.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";

const uuid = "3c386224-9004-42e2-bb94-0b3ea566019e";
const keyStore = staticBranchKeyStore(
  ["tenant-a", "tenant-b"].map((branchKeyId, index) => ({
    branchKeyId,
    activeVersion: uuid,
    versions: { [uuid]: new Uint8Array(32).fill(index) },
  })),
  { logicalKeyStoreName: "static" },
);
const format1: JavaConfig = {
  logicalTableName: "T",
  partitionKeyName: "pk",
  sortKeyName: "sk",
  algorithmSuiteId: "0x6700",
  attributeActionsOnEncrypt: { pk: "SIGN_ONLY", sk: "SIGN_ONLY", secret: "ENCRYPT_AND_SIGN" },
  keyring: { type: "given" },
};
const include = "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT";
const format2: JavaConfig = {
  ...format1,
  attributeActionsOnEncrypt: {
    pk: include,
    sk: include,
    tenant: include,
    m: include,
    n: include,
    t: include,
    secret: "ENCRYPT_AND_SIGN",
  },
};

/** What a supplier sees when an item is written and when it is read. */
async function seen(config: JavaConfig, item: Record<string, AttributeValue>): Promise<BranchKeyIdInput["attributes"][]> {
  const attributes: BranchKeyIdInput["attributes"][] = [];
  const branchKeyIdSupplier: BranchKeyIdSupplier = async (input) => {
    attributes.push(input.attributes);
    return "tenant-a";
  };
  const cryptography = cryptographyOf(config, awsKmsHierarchicalKeyring({ keyStore, branchKeyIdSupplier }));
  const { item: stored } = await encryptItem(cryptography, item, {});
  await decryptItem(cryptography, stored, {});
  return attributes;
}

// @see specification/dynamodb-encryption-client/ddb-encryption-branch-key-id-supplier.md "Behavior", "DynamoDbKeyBranchKeyIdSupplier"
describe("what a branchKeyIdSupplier sees", () => {
  it("format 1: the keys, the same on write and read", async () => {
    const keys = { pk: { S: "é" }, sk: { N: "07.10" } };
    const attributes = await seen(format1, { ...keys, secret: { S: "x" } });
    expect(attributes.map((one) => ({ ...one }))).toEqual(Array(2).fill({ pk: { S: "é" }, sk: { N: "7.1" } }));
    expect(Object.getPrototypeOf(attributes[0])).toBeNull();
  });

  it("format 1: a binary key", async () => {
    const { sortKeyName: _, ...config } = format1;
    const [written] = await seen(config, { pk: { B: Uint8Array.of(0, 255) }, secret: { S: "x" } });
    expect({ ...written }).toEqual({ pk: { B: Uint8Array.of(0, 255) } });
  });

  it("format 2: every attribute of the context, by its letter of the legend", async () => {
    const included = {
      pk: { S: "p" },
      sk: { B: Uint8Array.of(1) },
      tenant: { S: "true" },
      t: { BOOL: true },
      n: { NULL: true as const },
      m: { M: { a: { N: "1" } } },
    };
    for (const attributes of await seen(format2, { ...included, secret: { S: "x" } })) {
      expect({ ...attributes, m: undefined }).toEqual({ ...included, m: undefined });
      expect({ ...attributes["m"]?.M }).toEqual({ a: { N: "1" } });
    }
  });

  it("gives back any key that can be written (law)", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }).map((S): AttributeValue => ({ S: S.toWellFormed() })),
      fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map((N): AttributeValue => ({ N: String(N) })),
      fc.uint8Array().map((B): AttributeValue => ({ B })),
    );
    fc.assert(
      fc.property(value, (pk) => {
        const { typeId, value: terminal } = serializeAttributeValue(pk);
        const text = toBase64(concatBytes(Uint8Array.of(typeId >>> 8, typeId & 0xff), terminal));
        expect(contextAttributes({ "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": text })["pk"]).toEqual(pk);
      }),
    );
  });

  it.each<[string, Record<string, string>]>([
    ["no partition name", {}],
    ["no partition value", { "aws-crypto-partition-name": "pk" }],
    ["no sort value", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "AAE=", "aws-crypto-sort-name": "sk" }],
    ["no base64", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "?" }],
    ["no type", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "AA==" }],
    ["a short legend", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "x", "aws-crypto-legend": "" }],
    ["a long legend", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "x", "aws-crypto-legend": "SS" }],
    ["an unknown letter", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "x", "aws-crypto-legend": "X" }],
    ["an unknown literal", { "aws-crypto-partition-name": "pk", "aws-crypto-attr.pk": "x", "aws-crypto-legend": "L" }],
  ])("refuses a context with %s", (_, context) => {
    expect(() => contextAttributes(context)).toThrow(expect.objectContaining({ code: "ERR_BRANCH_KEY_ID_INVALID" }));
  });
});

describe("branchKeyIdSupplierOf: a schema's branchKey", () => {
  const map = new Map([
    ["a", "tenant-a"],
    ["b", "tenant-b"],
  ]);
  const supply = (from: string, withMap: boolean, attributes: Record<string, AttributeValue>): unknown =>
    branchKeyIdSupplierOf({ from, map: withMap ? map : undefined })({ attributes, encryptionContext: {} });

  it("takes the text of a string or number, through the map or as it is", () => {
    expect(supply("tenant", true, { tenant: { S: "b" } })).toBe("tenant-b");
    expect(supply("tenant", false, { tenant: { S: "tenant-a" } })).toBe("tenant-a");
    expect(supply("tenant", false, { tenant: { N: "7" } })).toBe("7");
  });

  it.each<[string, boolean, Record<string, AttributeValue>]>([
    ["an unmapped text", true, { tenant: { S: "c" } }],
    ["a name of the map's prototype", true, { tenant: { S: "constructor" } }],
    ["no such attribute", false, {}],
    ["another type", false, { tenant: { BOOL: true } }],
  ])("refuses %s, naming the attribute but not its value", (_, withMap, attributes) => {
    const failing = (): unknown => supply("tenant", withMap, attributes);
    expect(failing).toThrow(expect.objectContaining({ code: "ERR_BRANCH_KEY_ID_INVALID", message: expect.stringContaining('"tenant"') }));
    expect(failing).not.toThrow('"c"');
  });

  it("reaches a keyring without an answer of its own through the call", async () => {
    const call: KeyringCall = { branchKeyIdSupplier: branchKeyIdSupplierOf({ from: "pk", map }) };
    const cryptography = cryptographyOf(format1, awsKmsHierarchicalKeyring({ keyStore }));
    const { item, header } = await encryptItem(cryptography, { pk: { S: "b" }, sk: { N: "1" }, secret: { S: "x" } }, call);
    expect(header?.encryptedDataKeys[0]).toMatchObject({ branchKeyId: "tenant-b", branchKeyVersion: uuid });
    expect((await decryptItem(cryptography, item, call)).item["secret"]).toEqual({ S: "x" });
    const wrong: KeyringCall = { branchKeyIdSupplier: () => "tenant-a" };
    await expect(decryptItem(cryptography, item, wrong)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
  });

  it("reaches it from the schema alone, for each tenant its own key", async () => {
    const schema = defineTable({
      tableName: "T",
      partitionKey: "pk",
      attributes: { tenant: "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", secret: "ENCRYPT_AND_SIGN" },
      branchKey: { from: "tenant", map: { a: "tenant-a", b: "tenant-b" } },
    });
    const encryptor = itemEncryptor({ schema, keyring: awsKmsHierarchicalKeyring({ keyStore }) });
    for (const tenant of ["a", "b"]) {
      const item = { pk: { S: "1" }, tenant: { S: tenant }, secret: { S: "x" } };
      const written = await encryptor.encryptItem(item);
      expect(written.header?.encryptedDataKeys[0]).toMatchObject({ branchKeyId: `tenant-${tenant}` });
      expect({ ...(await encryptor.decryptItem(written.item)).item }).toEqual(item);
      // Moved to the other tenant, it is not that tenant's.
      const moved = { ...written.item, tenant: { S: tenant === "a" ? "b" : "a" } };
      await expect(encryptor.decryptItem(moved)).rejects.toMatchObject({ code: "ERR_NO_KEY_MATCHES" });
    }
    const stranger = encryptor.encryptItem({ pk: { S: "1" }, tenant: { S: "c" }, secret: { S: "x" } });
    await expect(stranger).rejects.toMatchObject({ code: "ERR_BRANCH_KEY_ID_INVALID" });
  });
});
