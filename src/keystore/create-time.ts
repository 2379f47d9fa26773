/**
 * The separator before the fraction is a colon in rows of the published Java library before 3.7.0 (material providers up
 * to 1.5.1), a dot everywhere else.
 */
const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})|:(\d{6}))?Z$/;

/** ISO 8601 in UTC with six fractional digits, as rows store it; the last three are 0 where the clock has whole milliseconds. */
export function createTimeOf(milliseconds: number): string {
  const microseconds = Math.round(milliseconds * 1000);
  const rest = String(microseconds % 1000).padStart(3, "0");
  return new Date(Math.floor(microseconds / 1000)).toISOString().replace(/Z$/, `${rest}Z`);
}

/**
 * A text that sorts as the time does, whatever the number of fractional digits (older libraries wrote three) and
 * whichever the spelling; `undefined` if the text is not a time. The stored text itself is part of the row's encryption
 * context and stays as it is.
 */
export function comparableTime(text: string): string | undefined {
  const [, seconds, fraction, afterColon] = pattern.exec(text) ?? [];
  if (seconds === undefined || Number.isNaN(Date.parse(`${seconds}Z`))) return undefined;
  return `${seconds}.${(fraction ?? colonFraction(afterColon)).padEnd(9, "0")}`;
}

/** Behind a colon stand milliseconds, padded with zeros to six digits: `000218` is 0.218 s. More than 999 could only be a fraction. */
function colonFraction(digits: string = ""): string {
  return digits.startsWith("000") ? digits.slice(3) : digits;
}
