import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeNumber } from "../../src/attributes/index.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { cryptographyOf } from "../support/java-config.ts";
import { readVectors } from "../support/vectors.ts";

interface NumberCase {
  readonly in: string;
  readonly encrypted?: string;
  readonly signed?: string;
  readonly encryptedError?: unknown;
}

const { cases } = readVectors<{ cases: readonly NumberCase[] }>("java/numbers.json");

const cryptography = cryptographyOf({
  logicalTableName: "Numbers",
  partitionKeyName: "pk",
  algorithmSuiteId: "0x6700",
  attributeActionsOnEncrypt: { pk: "SIGN_ONLY", e: "ENCRYPT_AND_SIGN", s: "SIGN_ONLY" },
  keyring: { type: "raw-aes", keyNamespace: "n", keyName: "k", wrappingKey: Buffer.alloc(32, 7).toString("base64") },
});

describe("numbers, as Java normalizes them", () => {
  it.each(cases.map((vector) => [vector.in, vector] as const))("%j", async (text, vector) => {
    if (vector.encryptedError !== undefined) {
      expect(() => normalizeNumber(text)).toThrow(expect.objectContaining({ code: "ERR_NUMBER_INVALID" }));
      const refused = encryptItem(cryptography, { pk: { S: "p" }, e: { N: text } }, {});
      await expect(refused).rejects.toMatchObject({ code: "ERR_NUMBER_INVALID", details: { attribute: "e" } });
      return;
    }
    expect(normalizeNumber(text)).toBe(vector.encrypted);
    const { item } = await encryptItem(cryptography, { pk: { S: "p" }, e: { N: text }, s: { N: text } }, {});
    const { item: read } = await decryptItem(cryptography, item, {});
    expect(read).toMatchObject({ e: { N: vector.encrypted }, s: { N: vector.signed } });
    // The service stores its own spelling of a signed number; the signature covers the normal form.
    const respelled = await decryptItem(cryptography, { ...item, s: { N: normalizeNumber(text) } }, {});
    expect(respelled.item).toMatchObject({ s: { N: vector.encrypted } });
  });

  it("keeps the value of any decimal, and is its own normal form", () => {
    const decimal = fc.tuple(fc.boolean(), fc.bigInt(1n, 10n ** 38n - 1n), fc.integer({ min: -130, max: 80 }));
    fc.assert(
      fc.property(decimal, ([negative, digits, exponent]) => {
        fc.pre(digits.toString().length + exponent <= 126);
        const normal = normalizeNumber(`${negative ? "-" : ""}${digits}E${exponent}`);
        expect(normal).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
        expect(normalizeNumber(normal)).toBe(normal);
        const [, whole = "", fraction = ""] = /^-?(\d+)(?:\.(\d+))?$/.exec(normal) ?? [];
        const scaled = exponent < 0 ? digits : digits * 10n ** BigInt(exponent);
        const places = exponent < 0 ? -exponent : 0;
        expect(BigInt(whole + fraction.padEnd(places, "0"))).toBe(scaled);
      }),
    );
  });
});
