import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDecimals, compareDecimals, formatDecimal, parseDecimal, subtractDecimals } from "../../src/expressions/index.ts";

const normal = (text: string): string => formatDecimal(parseDecimal(text));
const nines = "9".repeat(38);

/** Whole numbers scaled by one power of ten: sums stay within 38 digits. */
const number = fc.tuple(fc.bigInt(-(10n ** 36n), 10n ** 36n), fc.integer({ min: -60, max: 60 }));

describe("the normal form", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["0e999999999999", "0"],
    ["000.000", "0"],
    ["+1", "1"],
    ["00012", "12"],
    ["1.", "1"],
    [".5", "0.5"],
    ["-1.500", "-1.5"],
    ["1E+3", "1000"],
    ["120e-1", "12"],
    ["1234567890123456789012345678901234567800", "1234567890123456789012345678901234567800"],
    ["1e-130", `0.${"0".repeat(129)}1`],
    ["9.9999999999999999999999999999999999999e125", `${nines}${"0".repeat(88)}`],
    [`0.${"0".repeat(140)}1e20`, `0.${"0".repeat(120)}1`],
  ])("of %s is %s", (text, expected) => {
    expect(normal(text)).toBe(expected);
  });

  it.each<readonly [text: string, reason: string]>([
    ...["", " 1", "1 ", "0x1", "1_0", "NaN", "Infinity", "1e", "--1", "e1", ".", "1d", "1\n", "１"].map(
      (text) => [text, "The parameter cannot be converted to a numeric value"] as const,
    ),
    ["1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"],
    [`1e${"9".repeat(500)}`, "Number overflow. Attempting to store a number with magnitude larger than supported range"],
    ["1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"],
    [`1e-${"9".repeat(500)}`, "Number underflow. Attempting to store a number with magnitude smaller than supported range"],
    [`${nines}1`, "Attempting to store more than 38 significant digits in a Number"],
    ["9".repeat(100_000), "Attempting to store more than 38 significant digits in a Number"],
  ])("of %j is refused", (text, reason) => {
    expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ code: "ERR_EXPRESSION_INVALID", details: { reason } }));
  });

  it("is its own normal form and an equal number", () => {
    fc.assert(
      fc.property(number, ([coefficient, exponent]) => {
        const text = normal(`${coefficient}e${exponent}`);
        expect(normal(text)).toBe(text);
        expect(compareDecimals(parseDecimal(text), parseDecimal(`${coefficient}e${exponent}`))).toBe(0);
        expect(text).toMatch(/^(0|-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?)$/);
      }),
    );
  });
});

describe("arithmetic", () => {
  it("is that of whole numbers, whatever the spelling", () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 37n), 10n ** 37n),
        fc.bigInt(-(10n ** 37n), 10n ** 37n),
        fc.integer({ min: -80, max: 80 }),
        (a, b, exponent) => {
          const [left, right] = [parseDecimal(`${a}e${exponent}`), parseDecimal(`${b}.0e${exponent}`)];
          expect(addDecimals(left, right)).toEqual(parseDecimal(`${a + b}e${exponent}`));
          expect(subtractDecimals(left, right)).toEqual(parseDecimal(`${a - b}e${exponent}`));
          expect(Math.sign(compareDecimals(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0);
        },
      ),
    );
  });

  it("is exact or refused, never rounded", () => {
    const sum = (a: string, b: string): string => formatDecimal(addDecimals(parseDecimal(a), parseDecimal(b)));
    expect(sum("0.1", "0.2")).toBe("0.3");
    expect(sum("1e37", "1")).toBe("10000000000000000000000000000000000001");
    expect(sum(nines, "1")).toBe(`1${"0".repeat(38)}`);
    expect(sum("9e125", "-9e125")).toBe("0");
    expect(() => sum("1e38", "1")).toThrow("more than 38 significant digits");
    expect(() => sum("9e125", "9e125")).toThrow("Number overflow");
    expect(() => sum("2e-130", "-1.5e-130")).toThrow("Number underflow");
  });
});
