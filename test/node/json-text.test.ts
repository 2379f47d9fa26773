import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DynasealError, isDynasealError } from "../../src/errors/index.ts";
import { checkJsonText } from "../../src/node/json-text.ts";

type Details = Omit<DynasealError<"ERR_SCHEMA_SYNTAX">["details"], "file">;

function findJsonProblem(text: string): Details | undefined {
  try {
    checkJsonText(text, "t.json");
    return undefined;
  } catch (error) {
    if (!isDynasealError(error, "ERR_SCHEMA_SYNTAX")) throw error;
    const { file, ...place } = error.details;
    expect(file).toBe("t.json");
    return place;
  }
}

describe("checkJsonText", () => {
  it.each<[string, string, number, number, string]>([
    ["nothing", "", 1, 1, "a value is expected, the text ends"],
    ["a missing comma", '{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or } is expected, found "\\""'],
    ["a comma too many", '{\r\n  "a": 1,\r\n}', 2, 9, "a comma stands after the last entry"],
    ["a comma too many in an array", "[1, 2,]", 1, 6, "a comma stands after the last entry"],
    ["a comment", '{ // note\n"a": 1 }', 1, 3, 'a name in double quotes is expected, found "/"'],
    ["single quotes", "{'a': 1}", 1, 2, 'a name in double quotes is expected, found "\'"'],
    ["a missing colon", '{"a" 1}', 1, 6, 'a colon is expected, found "1"'],
    ["a missing value", '{"a": }', 1, 7, 'a value is expected, found "}"'],
    ["a word", '{"a": SIGN_ONLY}', 1, 7, 'a value is expected, found "S"'],
    ["a word that begins well", '{"a": nullable}', 1, 7, 'a value is expected, found "n"'],
    ["a number with a leading zero", "[007]", 1, 2, 'a value is expected, found "0"'],
    ["an open text", '{"a": "x\n"}', 1, 7, "a text is not closed on its line, or holds an escape that JSON does not have"],
    ["an unknown escape", '["\\x41"]', 1, 2, "a text is not closed on its line, or holds an escape that JSON does not have"],
    ["an open object", '{"a": 1', 1, 8, "a comma or } is expected, the text ends"],
    ["something behind the end", "{} {}", 1, 4, "the text goes on after the end of its value"],
    ["a character outside the basic plane", "[\u{1f600}]", 1, 2, 'a value is expected, found "\u{1f600}"'],
    ["a name that stands twice", '{"a": 1,\n "a": 2}', 2, 2, 'the name "a" stands here a second time'],
    ["a name that stands twice, once escaped", '{"a": 1, "\\u0061": 2}', 1, 10, 'the name "a" stands here a second time'],
    ["__proto__ twice", '{"__proto__": 1, "__proto__": 2}', 1, 18, 'the name "__proto__" stands here a second time'],
    ["nesting without end", "[".repeat(100_000), 1, 66, "more than 64 levels are nested"],
  ])("finds %s", (_, text, line, column, problem) => {
    expect(findJsonProblem(text)).toEqual({ line, column, problem });
  });

  it("takes one name in several objects", () => {
    expect(findJsonProblem('{"a": {"a": [{"a": 1}, {"a": 2}]}, "b": {"a": true}}')).toBeUndefined();
  });

  it("takes a text as long as a file may be", () => {
    expect(findJsonProblem(JSON.stringify("x".repeat(4 * 1024 * 1024)))).toBeUndefined();
  });

  it("takes whatever JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        expect(findJsonProblem(JSON.stringify(value, undefined, indent))).toBeUndefined();
      }),
    );
  });

  it("takes of any text what JSON.parse takes, but for names that stand twice", () => {
    let [sound, broken] = [0, 0];
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"b"',
      '"',
      "\\",
      "1",
      "-0.5e+7",
      "01",
      ".5",
      "true",
      "nul",
      " ",
      "\n",
      "\u0001",
      "é",
    );
    const change = fc.record({
      at: fc.nat(),
      drop: fc.nat({ max: 2 }),
      add: fc.oneof(fc.constant(""), pieces, fc.string({ unit: "binary", maxLength: 2 })),
    });
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), change, (value, { at, drop, add }) => {
        const text = JSON.stringify(value);
        const offset = at % (text.length + 1);
        const changed = text.slice(0, offset) + add + text.slice(offset + drop);
        const found = findJsonProblem(changed);
        if (found?.problem.endsWith("a second time")) return;
        expect(found === undefined).toBe(parses(changed));
        if (found === undefined) sound++;
        else broken++;
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(sound, broken)).toBeGreaterThan(200);
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
