import { DynasealError } from "../errors/index.ts";

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const maximumDigits = 38;
/** Position of the decimal point relative to the first digit: 9.99E+125 has 126 digits before it, 1E-130 has -129. */
const largestPoint = 126;
const smallestPoint = -129;

/**
 * The normal form of a DynamoDB number: no exponent, no leading or trailing zeros, no plus, no minus zero.
 *
 * @throws ERR_NUMBER_INVALID not a number, over 38 significant digits, or outside 1E-130 … 9.99E+125 in magnitude
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Number"
 */
export function normalizeNumber(text: string): string {
  const match = pattern.exec(text);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (match === null || whole.length + fraction.length === 0) throw invalid("it is not a decimal number");
  const written = whole + fraction;
  const start = firstNonZero(written);
  if (start === written.length) return "0";
  const digits = written.slice(start, lastNonZero(written) + 1);
  if (digits.length > maximumDigits) throw invalid("it has more than 38 significant digits");
  const point = whole.length - start + Number(exponent);
  if (point > largestPoint) throw invalid("its magnitude is over 9.99E+125");
  if (point < smallestPoint) throw invalid("its magnitude is under 1E-130");
  return (sign === "-" ? "-" : "") + placePoint(digits, point);
}

/**
 * How many digits there are from the first to the last one that is not zero, the exponent left out. Takes any text, in
 * one pass.
 */
export function significantDigits(text: string): number {
  let counted = 0;
  let significant = 0;
  for (const character of text) {
    if (character === "e" || character === "E") break;
    if (character < "0" || character > "9") continue;
    if (counted > 0 || character !== "0") counted++;
    if (character !== "0") significant = counted;
  }
  return significant;
}

function placePoint(digits: string, point: number): string {
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + "0".repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function firstNonZero(digits: string): number {
  let index = 0;
  while (digits[index] === "0") index++;
  return index;
}

function lastNonZero(digits: string): number {
  let index = digits.length - 1;
  while (digits[index] === "0") index--;
  return index;
}

function invalid(reason: string): DynasealError {
  return new DynasealError("ERR_NUMBER_INVALID", { details: { reason } });
}
