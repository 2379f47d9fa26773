const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/** ISO 8601 in UTC with six fractional digits, as rows store it; the last three are 0 where the clock has whole milliseconds. */
export function createTimeOf(milliseconds: number): string {
  const microseconds = Math.round(milliseconds * 1000);
  const rest = String(microseconds % 1000).padStart(3, "0");
  return new Date(Math.floor(microseconds / 1000)).toISOString().replace(/Z$/, `${rest}Z`);
}

/**
 * A text that sorts as the time does, whatever the number of fractional digits (older libraries wrote three);
 * `undefined` where the text is no time.
 */
export function comparableTime(text: string): string | undefined {
  const [, seconds, fraction = ""] = pattern.exec(text) ?? [];
  if (seconds === undefined || Number.isNaN(Date.parse(`${seconds}Z`))) return undefined;
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}
