import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparableTime, createTimeOf } from "../../src/keystore/create-time.ts";

const end = Date.UTC(2100, 0);

describe("create-time", () => {
  it("has six fractional digits", () => {
    expect(createTimeOf(Date.UTC(2026, 10, 23, 21, 44, 30))).toBe("2026-11-23T21:44:30.000000Z");
    expect(createTimeOf(Date.UTC(2026, 10, 23, 21, 44, 30, 999) + 0.449)).toBe("2026-11-23T21:44:30.999449Z");
  });

  it("sorts as time does, whatever the number of digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end }), fc.integer({ min: 0, max: end }), (a, b) => {
        const [first = "", second = ""] = [comparableTime(createTimeOf(a)), comparableTime(new Date(b).toISOString())];
        expect(Math.sign(a - b)).toBe(first < second ? -1 : first > second ? 1 : 0);
      }),
    );
  });

  it("reads milliseconds behind a colon, as Java before 3.7.0 wrote them, and sorts both spellings together", () => {
    expect(comparableTime("2026-11-25T17:54:00:000218Z")).toBe(comparableTime("2026-11-25T17:54:00.218000Z"));
    expect(comparableTime("2026-11-25T17:54:00:000007Z")).toBe(comparableTime("2026-11-25T17:54:00.007Z"));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end }), fc.integer({ min: 0, max: end }), (a, b) => {
        const old = new Date(a).toISOString().replace(/\.(\d{3})Z$/, ":000$1Z");
        const [first = "", second = ""] = [comparableTime(old), comparableTime(createTimeOf(b))];
        expect(Math.sign(a - b)).toBe(first < second ? -1 : first > second ? 1 : 0);
      }),
    );
  });

  it.each([
    ...["2026-11-23T21:44:30:Z", "2026-11-23T21:44:30:218Z", "2026-11-23T21:44:30:0000218Z", "2026-11-23T21:44:30:000.218Z"],
    ...["", "2026-11-23", "2026-11-23T21:44:30", "2026-13-23T21:44:30Z", "2026-11-23T21:44:30.Z", "2026-11-23T21:44:30+01:00"],
  ])("does not take %j for a time", (text) => {
    expect(comparableTime(text)).toBeUndefined();
  });
});
