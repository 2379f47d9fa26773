import { describe, expect, it } from "vitest";
import { type AttributeValue, deserializeAttributeValue, normalizeNumber, serializeAttributeValue } from "../../src/attributes/index.ts";
import {
  compareBytes,
  compareUtf8,
  concatBytes,
  decodeUtf8,
  encodeUtf8,
  fromBase64,
  toBase64,
  toHex,
  utf8,
  utf8Length,
} from "../../src/bytes/index.ts";
import { evaluateCondition, parseDecimal, parseExpressions } from "../../src/expressions/index.ts";
import { tokenize } from "../../src/expressions/lexer.ts";
import { decryptItem, encryptItem } from "../../src/item/index.ts";
import { requireItemSize } from "../../src/item/item-size.ts";
import { comparableTime } from "../../src/keystore/create-time.ts";
import { parseKmsArn, parseKmsIdentifier } from "../../src/kms/index.ts";
import { checkJsonText } from "../../src/node/json-text.ts";
import { parseLocation } from "../../src/schema/location.ts";
import { suggest } from "../../src/schema/suggest.ts";
import { compileTransform } from "../../src/schema/transforms.ts";
import { parseHeader } from "../../src/structure/index.ts";
import { expectLinear } from "../support/growth.ts";
import { cryptographyOf, type JavaConfig } from "../support/java-config.ts";

type Maker<Input> = Readonly<Record<string, (size: number) => Input>>;

/** What a planted item or a careless user may hold where a number belongs. */
const numbers: Maker<string> = {
  "zeros between two digits": (size) => `1${"0".repeat(size)}1`,
  "zeros around a digit": (size) => `${"0".repeat(size / 2)}1${"0".repeat(size / 2)}`,
  "zeros behind the point": (size) => `0.${"0".repeat(size)}1`,
  "zeros as exponent": (size) => `1e${"0".repeat(size)}`,
  "digits as exponent": (size) => `1e${"1".repeat(size)}`,
  "exponents and a line feed": (size) => `${"e".repeat(size)}\n`,
  "digits and no number": (size) => `${"1".repeat(size)}x`,
  "a fraction and no number": (size) => `1.${"1".repeat(size)}x`,
  points: (size) => ".".repeat(size),
};

const texts: Maker<string> = {
  "one letter": (size) => "a".repeat(size),
  "white space": (size) => " ".repeat(size),
  "pairs of surrogates": (size) => "\u{1f600}".repeat(size / 2),
  "half of a pair at the end": (size) => `${"\u{1f600}".repeat(size / 2)}\ud83d`,
  quotes: (size) => '"'.repeat(size),
  escapes: (size) => `"${"\\u0041".repeat(size / 6)}`,
  brackets: (size) => "[".repeat(size),
  steps: (size) => `a${".b[1]".repeat(size / 5)}[`,
  colons: (size) => `arn:aws:kms:${":".repeat(size)}`,
  names: (size) => "#a.:b,".repeat(size / 6),
  "base64 and no more": (size) => `${"AAAA".repeat(size / 4)}!`,
  digits: (size) => "1".repeat(size),
};

function forAll<Input>(makers: Maker<Input>, work: (input: Input) => unknown): void {
  it.each(Object.entries(makers))("%s", (name, make) => {
    expectLinear(name, (size) => {
      const input = make(size);
      return () => work(input);
    });
  });
}

describe("numbers are read in linear time", () => {
  describe("normal form", () => forAll(numbers, normalizeNumber));
  describe("decimal", () => forAll(numbers, parseDecimal));
  describe("size", () => forAll(numbers, (number) => requireItemSize("t", { number: { N: number } })));
});

describe("texts are read in linear time", () => {
  describe("tokens", () => forAll(texts, tokenize));
  describe("JSON", () => forAll(texts, (text) => checkJsonText(text, "file")));
  describe("locations", () => forAll(texts, parseLocation));
  describe("suggestions", () => forAll(texts, (text) => suggest(text, ["email", "address", "customerId"])));
  describe("base64", () => forAll(texts, fromBase64));
  describe("KMS identifiers", () => forAll(texts, (text) => [parseKmsArn(text), parseKmsIdentifier(text)]));
  describe("times", () => forAll(texts, comparableTime));
  describe("UTF-8", () => forAll(texts, (text) => [encodeUtf8(text), utf8Length(text), compareUtf8(text, `${text}b`)]));
  describe("transforms", () =>
    forAll(texts, (text) => [
      compileTransform("uppercase")?.(text),
      compileTransform("lowercase")?.(text),
      compileTransform({ segment: { split: "a", index: -1 } })?.(text),
      compileTransform({ segments: { split: "a", low: 1, high: 1_000_000 } })?.(text),
    ]));
  describe("bytes", () =>
    forAll(texts, (text) => {
      const bytes = utf8(text);
      return [decodeUtf8(bytes), toBase64(bytes), toHex(bytes), compareBytes(bytes, utf8(text))];
    }));
});

/** Values with as many members as their size allows. */
const values: Maker<AttributeValue> = {
  "a set of texts": (size) => ({ SS: Array.from({ length: size / 8 }, (_, i) => `m${i}`) }),
  "a set of numbers": (size) => ({ NS: Array.from({ length: size / 8 }, (_, i) => String(i)) }),
  "a set of binary": (size) => ({ BS: Array.from({ length: size / 8 }, (_, i) => utf8(`m${i}`)) }),
  "a list": (size) => ({ L: Array.from({ length: size / 8 }, () => ({ N: "1" })) }),
  "a map": (size) => ({ M: Object.fromEntries(Array.from({ length: size / 8 }, (_, i) => [`m${i}`, { NULL: true }])) }),
  levels: (size) => levels(30, { B: new Uint8Array(size) }),
};

function levels(depth: number, value: AttributeValue): AttributeValue {
  return depth === 0 ? value : { L: [levels(depth - 1, value)] };
}

describe("values are written and read in linear time", () => {
  describe("to bytes and back", () => forAll(values, (value) => deserializeAttributeValue(serializeAttributeValue(value))));
  describe("size", () => forAll(values, (value) => requireItemSize("t", { value })));
});

/** An item's value, and what is looked for in it; both may be large. */
const searches: Maker<readonly [AttributeValue, AttributeValue]> = {
  "bytes, the difference at the end": (size) => [{ B: new Uint8Array(size) }, { B: Uint8Array.of(...new Uint8Array(size / 8), 1) }],
  "a text, the difference in the middle": (size) => [
    { S: `${"ab".repeat(size / 2)}!` },
    { S: `${"ab".repeat(size / 8)}bb${"ab".repeat(size / 8)}` },
  ],
  "a long number in a list of numbers": (size) => [
    { L: Array.from({ length: size / 8 }, () => ({ N: "2" })) },
    { N: `${"0".repeat(size)}1` },
  ],
  "a large set in a list of small ones": (size) => [
    { L: Array.from({ length: size / 16 }, () => ({ SS: ["a"] })) },
    { SS: Array.from({ length: size / 8 }, (_, i) => `m${i}`) },
  ],
  "a large map in a list of empty ones": (size) => [
    { L: Array.from({ length: size / 16 }, () => ({ M: {} })) },
    { M: Object.fromEntries(Array.from({ length: size / 16 }, (_, i) => [`m${i}`, { NULL: true }])) },
  ],
};

describe("contains is decided in linear time", () => {
  it.each(Object.entries(searches))("%s", (name, make) => {
    expectLinear(name, (size) => {
      const [value, part] = make(size);
      const { condition } = parseExpressions({
        ConditionExpression: "contains(v, :part)",
        ExpressionAttributeValues: { ":part": part },
      });
      if (condition === undefined) throw new TypeError("there is a condition");
      return () => expect(evaluateCondition(condition, { v: value })).toBe(false);
    });
  });
});

/** Headers that are as long as an item may be, and lack a part at the end. */
const headers: Maker<Uint8Array> = {
  legend: (size) => header(uint16(Math.min(size, 0xffff)), new Uint8Array(Math.min(size, 0xffff)).fill(0x65)),
  context: (size) => header(uint16(0), contextPairs(Math.min(size / 8, 0xffff))),
  "data keys": (size) => header(Uint8Array.of(0, 0, 0, 0, 255), ...Array.from({ length: 254 }, () => dataKey(Math.floor(size / 254)))),
};

function header(...rest: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(1, 0), new Uint8Array(32), ...rest);
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function contextPairs(pairs: number): Uint8Array {
  const texts = Array.from({ length: pairs }, (_, i) => `\0\x04${i.toString(36).padStart(4, "0")}\0\0`);
  return concatBytes(uint16(pairs), utf8(texts.join("")));
}

function dataKey(length: number): Uint8Array {
  return concatBytes(new Uint8Array(4), uint16(length), new Uint8Array(length));
}

describe("headers are parsed in linear time", () => forAll(headers, parseHeader));

describe("an item costs in proportion to its size", () => {
  const config: JavaConfig = {
    logicalTableName: "Growth",
    partitionKeyName: "pk",
    algorithmSuiteId: "0x6700",
    attributeActionsOnEncrypt: { pk: "SIGN_ONLY", secret: "ENCRYPT_AND_SIGN", open: "SIGN_ONLY" },
    keyring: { type: "raw-aes", keyNamespace: "laws", keyName: "key", wrappingKey: Buffer.alloc(32, 9).toString("base64") },
  };

  it.each(Object.entries(numbers))("with a number: %s", async (_name, make) => {
    const cryptography = cryptographyOf(config);
    const item = { pk: { S: "1" }, secret: { S: "x" }, open: { N: "1" } };
    const { item: stored } = await encryptItem(cryptography, item, {});
    const planted = make(80 * 1024);
    const before = process.cpuUsage();
    await encryptItem(cryptography, { ...item, secret: { N: planted } }, {}).catch(() => undefined);
    await decryptItem(cryptography, { ...stored, open: { N: planted } }, {}).catch(() => undefined);
    // It took 4.6 seconds where a pattern tried again from every zero.
    expect(process.cpuUsage(before).user).toBeLessThan(500_000);
  });
});
