import { invalid } from "./invalid.ts";

/**
 * `coefficient × 10^exponent`, exact. The coefficient has no trailing zero and up to 38 digits; zero is `0 × 10^0`, so
 * equal numbers have equal members.
 */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const significantDigits = 38;
/** The power of ten of the first digit: 1E-130 is the smallest magnitude, 9.99…E+125 the largest. */
const magnitudes = { least: -130, greatest: 125 } as const;

const zero: Decimal = { coefficient: 0n, exponent: 0 };
const pattern = /^(?<sign>[+-]?)(?<whole>[0-9]*)(?:\.(?<fraction>[0-9]*))?(?:[eE](?<power>[+-]?[0-9]+))?$/;

/**
 * The number of an AttributeValue of type N.
 *
 * @throws ERR_EXPRESSION_INVALID where the text is no number or the number is not one that DynamoDB stores
 * @see Amazon DynamoDB Developer Guide "Supported data types: Number"
 */
export function parseDecimal(text: string): Decimal {
  const { sign, whole = "", fraction = "", power = "0" } = pattern.exec(text)?.groups ?? {};
  const digits = whole + fraction;
  if (digits === "") throw invalid("The parameter cannot be converted to a numeric value");
  const end = endOfDigits(digits);
  if (end === 0) return zero;
  const start = startOfDigits(digits);
  if (end - start > significantDigits) throw tooPrecise();
  const coefficient = BigInt(digits.slice(start, end));
  return withinMagnitudes({
    coefficient: sign === "-" ? -coefficient : coefficient,
    exponent: Number(power) - fraction.length + digits.length - end,
  });
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const [left, right] = [scaled(a, exponent), scaled(b, exponent)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The exact sum. @throws ERR_EXPRESSION_INVALID where it has over 38 significant digits or is too large or too small */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return normalised(scaled(a, exponent) + scaled(b, exponent), exponent);
}

/** The exact difference. @throws ERR_EXPRESSION_INVALID as {@link addDecimals} */
export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { coefficient: -b.coefficient, exponent: b.exponent });
}

/** The normal form: no exponent, no superfluous zero or sign; at most 167 characters. */
export function formatDecimal({ coefficient, exponent }: Decimal): string {
  const negative = coefficient < 0n;
  const digits = (negative ? -coefficient : coefficient).toString();
  const sign = negative ? "-" : "";
  if (exponent >= 0) return sign + digits + "0".repeat(exponent);
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/** Where the zeros in front end. A loop: a pattern for zeros at the end would try again from each zero of the text. */
function startOfDigits(digits: string): number {
  let start = 0;
  while (digits[start] === "0") start++;
  return start;
}

/** Where the zeros at the end begin; 0 if there is nothing but zeros. */
function endOfDigits(digits: string): number {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end--;
  return end;
}

function scaled({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to);
}

function normalised(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return zero;
  const digits = coefficient.toString();
  const significant = digits.slice(0, endOfDigits(digits));
  const length = significant.length - (coefficient < 0n ? 1 : 0);
  if (length > significantDigits) throw tooPrecise();
  return withinMagnitudes({ coefficient: BigInt(significant), exponent: exponent + digits.length - significant.length });
}

function withinMagnitudes(decimal: Decimal): Decimal {
  const length = decimal.coefficient.toString().length - (decimal.coefficient < 0n ? 1 : 0);
  const magnitude = decimal.exponent + length - 1;
  if (magnitude > magnitudes.greatest)
    throw invalid("Number overflow. Attempting to store a number with magnitude larger than supported range");
  if (magnitude < magnitudes.least)
    throw invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range");
  return decimal;
}

function tooPrecise(): Error {
  return invalid("Attempting to store more than 38 significant digits in a Number");
}
