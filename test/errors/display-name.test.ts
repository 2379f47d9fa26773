import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DynasealError, displayName } from "../../src/errors/index.ts";

const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

describe("displayName", () => {
  it.each([
    ["customerId", "customerId"],
    ["tenant é", "tenant é"],
    ["a\nb\u001b[2J", "a\\u000ab\\u001b[2J"],
    ["\u202egnp.exe", "\\u202egnp.exe"],
    ["half \ud83d", "half \\ud83d"],
    ["4111111111111111", "(16 characters, mostly digits)"],
    ["v1", "v1"],
    ["94d4ad1c-1111-4222-8333-123456789012", "94d4ad1c-1111-4222-8333-123456789012"],
    ["branch:version:94d4ad1c-1111-4222-8333-123456789012", "branch:version:94d4ad1c-1111-4222-8333-123456789012"],
    ["mrk-12345678901234567890123456789012", "mrk-12345678901234567890123456789012"],
    [
      "arn:aws:kms:us-east-1:111122223333:key/mrk-12345678901234567890123456789012",
      "arn:aws:kms:us-east-1:111122223333:key/mrk-12345678901234567890123456789012",
    ],
    ["x".repeat(64), "x".repeat(64)],
    ["x".repeat(300_000), `${"x".repeat(63)}…`],
    [`${"x".repeat(62)}\n`, `${"x".repeat(62)}…`],
    ["\u{1f511}".repeat(40), `${"\u{1f511}".repeat(31)}…`],
  ])("shows %j as %j", (name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  it("has at most 64 characters that no terminal acts on, and showing it again changes nothing", () => {
    const anything = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.string({ unit: "grapheme", maxLength: 200 }));
    fc.assert(
      fc.property(anything, (name) => {
        const shown = displayName(name);
        expect(shown.length).toBeLessThanOrEqual(64);
        expect(shown).not.toMatch(unprintable);
        expect([shown, `(${shown.length} characters, mostly digits)`]).toContain(displayName(shown));
      }),
    );
  });
});

describe("an error of any code", () => {
  const planted = `x\r\n2026-11-25 FATAL \u001b[31m all keys lost\u2028${"y".repeat(300_000)}`;
  it("escapes and bounds what it was given, in message and details", () => {
    const error = new DynasealError("ERR_KEY_MISSING", { details: { tableName: planted, attribute: planted } });
    const keyIds = new Array<string>(65_535).fill(planted);
    const many = new DynasealError("ERR_MULTI_REGION_KEY_TWICE", { details: { keyIds } });
    expect(many.details.keyIds).toHaveLength(32);
    expect(many.details.keyIds.at(-1)).toBe("(65504 more)");
    for (const text of [error.message, ...Object.values(error.details), many.message, ...many.details.keyIds]) {
      expect(text).not.toMatch(unprintable);
      expect(text.length).toBeLessThan(10_000);
    }
    expect(error.details.attribute.length).toBeLessThanOrEqual(64);
  });

  it("keeps details of other types, and what is nested", () => {
    const error = new DynasealError("ERR_SCHEMA_INVALID", {
      details: { path: "", problem: "p", remedy: "r", file: undefined, problems: [{ path: "a\nb", problem: "p", remedy: "r" }] },
    });
    expect(error.details).toEqual({
      path: "",
      problem: "p",
      remedy: "r",
      file: undefined,
      problems: [{ path: "a\\u000ab", problem: "p", remedy: "r" }],
    });
  });
});
