import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeMap } from "../../src/attributes/index.ts";
import { DynasealError } from "../../src/errors/index.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import type { CryptoAction } from "../../src/schema/index.ts";
import { parseHeader } from "../../src/structure/index.ts";
import { itemFromJson, itemToJson } from "../support/dynamodb-json.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";
import { anyAttributeValue, anyText } from "../support/random-values.ts";
import { readVectors } from "../support/vectors.ts";

const keyring = { type: "raw-aes", keyNamespace: "laws", keyName: "key", wrappingKey: Buffer.alloc(32, 9).toString("base64") };

interface Sample {
  readonly config: JavaConfig;
  readonly item: AttributeMap;
}

/** Any configuration of either format and suite, with an item for it. */
function anySample(): fc.Arbitrary<Sample> {
  return fc
    .record({
      suite: fc.constantFrom("0x6700", "0x6701"),
      inContext: fc.boolean(),
      attributes: fc.uniqueArray(fc.tuple(anyText(), anyAttributeValue(), fc.integer({ min: 0, max: 3 })), {
        maxLength: 6,
        selector: ([name]) => name,
      }),
      pk: anyText(),
    })
    .map(({ suite, inContext, attributes, pk }) => {
      const keyAction: CryptoAction = inContext ? "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT" : "SIGN_ONLY";
      const kinds: readonly CryptoAction[] = ["ENCRYPT_AND_SIGN", "SIGN_ONLY", "DO_NOTHING", inContext ? keyAction : "ENCRYPT_AND_SIGN"];
      const own = attributes.filter(([name]) => name !== "pk" && name !== "" && !name.startsWith("aws_dbe_"));
      const actions = Object.fromEntries([["pk", keyAction], ...own.map(([name, , kind]) => [name, kinds[kind] ?? keyAction])]);
      const item = Object.fromEntries([["pk", { S: pk }], ...own.map(([name, value]) => [name, value])]) as AttributeMap;
      const config: JavaConfig = {
        logicalTableName: "Laws",
        partitionKeyName: "pk",
        algorithmSuiteId: suite,
        attributeActionsOnEncrypt: actions,
        keyring,
      };
      return { config, item };
    });
}

// @see specification/dynamodb-encryption-client/ddb-item-conversion.md "Convert DDB Item to Structured Data"
// @see specification/structured-encryption/encrypt-path-structure.md "Input", "Behavior"
// @see specification/structured-encryption/encrypt-path-structure.md "Calculate Intermediate Encrypted Structured Data"
// @see specification/structured-encryption/encrypt-path-structure.md "Terminal Data Encryption", "Terminal Type Id"
// @see specification/structured-encryption/encrypt-path-structure.md "Encrypted Terminal Value", "Header Field", "Footer Field"
// @see specification/structured-encryption/encrypt-path-structure.md "Encrypted Structured Data"
// @see specification/structured-encryption/footer.md "Recipient Tags", "Signature"
// @see specification/structured-encryption/structures.md "SIGN", "DO_NOT_SIGN", "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT", "ENCRYPT"
// @see specification/structured-encryption/structures.md "DO_NOT_ENCRYPT"
// @see framework/algorithm-suites.md "GCM", "Encryption Algorithm Mode"
describe("laws of items", () => {
  it("decrypt inverts encrypt, the stored form shows nothing that is to be encrypted, and the caller's item stays as it was", async () => {
    await fc.assert(
      fc.asyncProperty(anySample(), async ({ config, item }) => {
        const cryptography = cryptographyOf(config);
        const before = itemToJson(item);
        const { item: stored } = await encryptItem(cryptography, item, {});
        expect(itemToJson(item)).toEqual(before);
        for (const [name, action] of Object.entries(config.attributeActionsOnEncrypt)) {
          if (action === "ENCRYPT_AND_SIGN") expect(Object.keys(stored[name] ?? {})).toEqual(["B"]);
          else expect(stored[name]).toEqual(item[name]);
        }
        const { item: read } = await decryptItem(cryptography, stored, {});
        expect(Object.keys(read).sort()).toEqual(Object.keys(item).sort());
        // What comes back is the normal form: encrypting it again and reading it changes nothing more.
        const again = await decryptItem(cryptography, (await encryptItem(cryptography, read, {})).item, {});
        expect(itemToJson(again.item)).toEqual(itemToJson(read));
      }),
      { numRuns: 150 },
    );
  });

  it("two encryptions of one item share no header, footer or ciphertext", async () => {
    const cryptography = cryptographyOf(twoAttributes("0x6700"));
    const item: AttributeMap = { pk: { S: "1" }, secret: { S: "same" } };
    const [a, b] = await Promise.all([encryptItem(cryptography, item, {}), encryptItem(cryptography, item, {})]);
    for (const name of ["aws_dbe_head", "aws_dbe_foot", "secret"]) expect(a.item[name]).not.toEqual(b.item[name]);
  });

  it.each(["0x6700", "0x6701"])(
    "any flipped bit of header, footer, an encrypted or a signed value is refused with a code (%s)",
    async (suite) => {
      const cryptography = cryptographyOf(twoAttributes(suite));
      const item: AttributeMap = { pk: { S: "1" }, secret: { S: "a secret" }, open: { B: Uint8Array.of(1, 2, 3, 4) } };
      const { item: stored } = await encryptItem(cryptography, item, {});
      for (const name of ["aws_dbe_head", "aws_dbe_foot", "secret", "open"]) {
        const bytes = stored[name]?.B ?? new Uint8Array();
        // Under ECDSA every attempt costs a verification at most; the header is walked byte by byte, the bit drawn.
        for (let position = 0; position < bytes.length; position++) {
          const flipped = Uint8Array.from(bytes);
          flipped[position] = (flipped[position] ?? 0) ^ (1 << (position % 8));
          const result = decryptItem(cryptography, { ...stored, [name]: { B: flipped } }, {});
          const error = await result.then(
            () => undefined,
            (reason: unknown) => reason,
          );
          expect(error, `${name}, byte ${position}`).toBeInstanceOf(DynasealError);
        }
      }
    },
  );

  it("no attribute may move to another name, and none may be added, dropped or replaced by its plaintext", async () => {
    const config = twoAttributes("0x6700");
    const cryptography = cryptographyOf(config);
    const { item: stored } = await encryptItem(cryptography, { pk: { S: "1" }, secret: { S: "x" }, open: { S: "y" } }, {});
    const changes: readonly AttributeMap[] = [
      { ...stored, secret: stored["open"] ?? { S: "" }, open: stored["secret"] ?? { S: "" } },
      { ...stored, secret: { S: "x" } },
      { ...stored, pk: { S: "2" } },
      { ...stored, more: { S: "z" } },
      Object.fromEntries(Object.entries(stored).filter(([name]) => name !== "open")),
    ];
    for (const changed of changes)
      await expect(decryptItem(cryptography, changed, {})).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_(NOT_AUTHENTIC|LEGEND_MISMATCH)$/),
      });
  });

  it("a remnant of encryption is never taken for plaintext, even where plaintext is read", async () => {
    const cryptography = cryptographyOf({ ...twoAttributes("0x6700"), plaintextOverride: "FORBID_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ" });
    const plain: AttributeMap = { pk: { S: "1" }, secret: { S: "forged" } };
    await expect(decryptItem(cryptography, plain, {})).resolves.toMatchObject({ header: undefined });
    for (const remnant of ["aws_dbe_head", "aws_dbe_foot", "aws_dbe_b_secret", "aws_dbe_v_1"]) {
      const result = decryptItem(cryptography, { ...plain, [remnant]: { B: Uint8Array.of(1) } }, {});
      await expect(result).rejects.toMatchObject({ code: "ERR_ITEM_REMNANT", details: { attribute: remnant } });
    }
  });
});

// @see specification/structured-encryption/header.md "Partial Header", "Full Header Value", "Format Version", "Format Flavor"
// @see specification/structured-encryption/header.md "Message ID", "Encrypted Data Keys", "Encrypted Data Key Count"
// @see specification/structured-encryption/header.md "Encrypted Data Key Entries", "Encrypt Legend", "Encrypt Legend Bytes"
// @see specification/structured-encryption/header.md "Encryption Context", "Key Value Pair Entries"
// @see framework/commitment-policy.md "DBE.REQUIRE_ENCRYPT_REQUIRE_DECRYPT"
// @see framework/structures.md "Serialization", "Key Value Pair Count", "Key Value Pair Entries", "Encryption Context"
describe("parseHeader", () => {
  it("refuses every prefix of a valid header and every longer one", () => {
    const { cases } = readVectors<{ cases: readonly { encrypted?: Record<string, { B: string }> }[] }>("java/items.json");
    for (const { encrypted } of cases.filter((vector) => vector.encrypted !== undefined).slice(0, 40)) {
      const header = itemFromJson({ head: encrypted?.["aws_dbe_head"] ?? { B: "" } })["head"]?.B ?? new Uint8Array();
      expect(parseHeader(header).encryptedDataKeys.length).toBeGreaterThan(0);
      for (let length = 0; length < header.length; length++) {
        expect(() => parseHeader(header.subarray(0, length))).toThrow(expect.objectContaining({ code: "ERR_HEADER_MALFORMED" }));
      }
      expect(() => parseHeader(Uint8Array.of(...header, 0))).toThrow(expect.objectContaining({ code: "ERR_HEADER_MALFORMED" }));
    }
  });

  it("takes no arbitrary bytes, and fails with a code only", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(1, 2), fc.constantFrom(0, 1), (bytes, version, flavor) => {
        const candidate = Uint8Array.of(version, flavor, ...bytes);
        expect(() => parseHeader(candidate)).toThrow(expect.objectContaining({ code: "ERR_HEADER_MALFORMED" }));
      }),
    );
  });
});

function twoAttributes(algorithmSuiteId: string): JavaConfig {
  return {
    logicalTableName: "Laws",
    partitionKeyName: "pk",
    algorithmSuiteId,
    attributeActionsOnEncrypt: { pk: "SIGN_ONLY", secret: "ENCRYPT_AND_SIGN", open: "SIGN_ONLY", more: "SIGN_ONLY" },
    keyring,
  };
}
