import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Condition, type ExpressionParameters, isReservedWord, limits, parseExpressions } from "../../src/expressions/index.ts";

const one = { ":n": { N: "1" } } satisfies Record<string, AttributeValue>;

function condition(text: string, values: Record<string, AttributeValue> = one): Condition | undefined {
  return parseExpressions({ ConditionExpression: text, ExpressionAttributeValues: values }).condition;
}

function refusal(parameters: ExpressionParameters): unknown {
  try {
    return parseExpressions(parameters);
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_EXPRESSION_INVALID" });
    return error instanceof Error ? error.message : error;
  }
}

describe("names", () => {
  const legalName = fc.oneof(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/),
    fc
      .tuple(
        fc.constantFrom("and", "OR", "not", "in", "between", "set", "remove", "add", "delete", "size", "contains"),
        fc.stringMatching(/^[a-z0-9_]{0,8}$/),
      )
      .map(([keyword, rest]) => keyword + rest),
    fc.constantFrom("ordering", "innermost", "android", "notes", "sized", "inform", "nothing", "orders", "settings", "additional"),
  );

  it("reads any legal name as that attribute, whatever keyword it begins with", () => {
    fc.assert(
      fc.property(
        legalName.filter((name) => !isReservedWord(name) && name.toUpperCase() !== "REMOVE"),
        (name) => {
          expect(condition(`${name} = :n`)).toMatchObject({ kind: "comparison", left: { kind: "path", elements: [name] } });
          expect(condition(`NOT ${name}=:n`)).toMatchObject({ kind: "not", term: { left: { elements: [name] } } });
          expect(condition(`attribute_exists(${name})AND ${name}.${name}[0]<:n`)).toMatchObject({
            kind: "and",
            terms: [{ path: { elements: [name] } }, { left: { elements: [name, name, 0] } }],
          });
          const { update } = parseExpressions({ UpdateExpression: `SET ${name}=:n REMOVE x_.${name}`, ExpressionAttributeValues: one });
          expect(update).toMatchObject({ set: [{ path: { elements: [name] } }], remove: [{ elements: ["x_", name] }] });
        },
      ),
    );
  });

  it("refuses every reserved word, in any case, unless a placeholder stands for it", () => {
    for (const word of ["order", "Name", "ABORT", "zone", "sTaTus", "inner"]) {
      expect(refusal({ ProjectionExpression: word })).toBe(
        `Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: ${word}`,
      );
      const { projection } = parseExpressions({ ProjectionExpression: "#w", ExpressionAttributeNames: { "#w": word } });
      expect(projection?.paths).toMatchObject([{ elements: [word], spelling: "#w" }]);
    }
  });

  it("refuses REMOVE, which is not in the list of reserved words but begins a section", () => {
    expect(isReservedWord("remove")).toBe(false);
    expect(refusal({ ProjectionExpression: "remove" })).toBe("Invalid ProjectionExpression: Syntax error; token: REMOVE at position 1");
  });

  it("takes a placeholder for a whole name, dots and all", () => {
    const names = { "#d": "a.b[0]", "#p": "__proto__" };
    const { projection } = parseExpressions({ ProjectionExpression: "#d.#p[3]", ExpressionAttributeNames: names });
    expect(projection?.paths).toEqual([{ kind: "path", elements: ["a.b[0]", "__proto__", 3], spelling: "#d.#p[3]" }]);
  });
});

describe("placeholders", () => {
  it("must all be used, by some expression of the request", () => {
    expect(refusal({ ProjectionExpression: "a", ExpressionAttributeNames: { "#x": "x", "#y": "y" } })).toBe(
      "Value provided in ExpressionAttributeNames unused in expressions: of its 2 keys number 1, 2",
    );
    expect(refusal({ ConditionExpression: "attribute_exists(a)", ExpressionAttributeValues: one })).toBe(
      "Value provided in ExpressionAttributeValues unused in expressions: of its 1 keys number 1",
    );
    const { filter, keyCondition } = parseExpressions({
      KeyConditionExpression: "#k = :n",
      FilterExpression: "#f < :m",
      ExpressionAttributeNames: { "#k": "k", "#f": "f" },
      ExpressionAttributeValues: { ":n": { N: "1" }, ":m": { N: "2" } },
    });
    expect([filter?.kind, keyCondition?.kind]).toEqual(["comparison", "comparison"]);
  });

  it("must be well formed", () => {
    expect(refusal({ ProjectionExpression: "a", ExpressionAttributeNames: {} })).toBe("ExpressionAttributeNames must not be empty");
    expect(refusal({ ProjectionExpression: "a", ExpressionAttributeNames: { "#a-b": "x" } })).toBe(
      "ExpressionAttributeNames contains invalid key: Syntax error; key number 1",
    );
    expect(refusal({ ConditionExpression: "a = :n", ExpressionAttributeValues: { n: { N: "1" } } })).toBe(
      "ExpressionAttributeValues contains invalid key: Syntax error; key number 1",
    );
    expect(refusal({ ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "" } })).toBe(
      "ExpressionAttributeNames contains invalid value: Empty attribute name for key number 1",
    );
  });

  it("and the names they stand for have their lengths", () => {
    const [longest, tooLong] = [`#${"a".repeat(254)}`, `#${"a".repeat(255)}`];
    expect(parseExpressions({ ProjectionExpression: longest, ExpressionAttributeNames: { [longest]: "x" } }).projection).toBeDefined();
    expect(refusal({ ProjectionExpression: tooLong, ExpressionAttributeNames: { [tooLong]: "x" } })).toContain("size of key: 256");
    expect(refusal({ ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "é".repeat(32_768) } })).toBe(
      "ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than 65536 bytes for key number 1",
    );
  });

  it("are not looked up on a prototype", () => {
    expect(refusal({ ConditionExpression: "a = :constructor", ExpressionAttributeValues: one })).toContain("is not defined");
  });
});

describe("precedence", () => {
  it("is NOT before AND before OR", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => ({ kind: "comparison", left: { elements: [name] } }));
    expect(condition("a = :n OR b = :n AND NOT c = :n")).toMatchObject({
      kind: "or",
      terms: [a, { kind: "and", terms: [b, { kind: "not", term: c }] }],
    });
    expect(condition("a = :n AND b = :n AND c = :n")).toMatchObject({ kind: "and", terms: [a, b, c] });
    expect(condition("(a = :n AND b = :n) AND c = :n")).toMatchObject({ kind: "and", terms: [{ kind: "and", terms: [a, b] }, c] });
  });
});

describe("limits", () => {
  const repeated = (count: number, text: string, separator: string): string => Array.from({ length: count }, () => text).join(separator);

  it.each([
    ["bytes", "a = :n".padEnd(limits.expressionBytes), "a = :n".padEnd(limits.expressionBytes + 1), "Expression size has exceeded"],
    ["operators", repeated(150, "a = :n", " OR "), repeated(151, "a = :n", " OR "), "too many operators; operator count: 301"],
    ["negations", `${"NOT ".repeat(299)}a=:n`, `${"NOT ".repeat(300)}a=:n`, "too many operators; operator count: 301"],
    ["functions", repeated(100, "size(a)=:n", " OR "), repeated(101, "size(a)=:n", " OR "), "too many operators; operator count: 301"],
    [
      "operands of IN",
      `a IN (${repeated(100, ":n", ",")})`,
      `a IN (${repeated(101, ":n", ",")})`,
      "too many operands; number of operands: 101",
    ],
    ["path elements", `a${".a".repeat(31)} = :n`, `a${".a".repeat(32)} = :n`, "too many nesting levels; nesting levels: 33"],
    ["list index", "a[2147483647] = :n", "a[2147483648] = :n", "List index is not within the allowable range"],
  ])("%s", (_, accepted, refused, reason) => {
    expect(condition(accepted)).toBeDefined();
    expect(refusal({ ConditionExpression: refused, ExpressionAttributeValues: one })).toContain(reason);
  });

  it("hold the recursion: thousands of parentheses do not exhaust the stack", () => {
    for (const text of ["(".repeat(4096), "size(".repeat(800), `${"(".repeat(2000)}a${")".repeat(2000)} = :n`]) {
      expect(refusal({ ConditionExpression: text, ExpressionAttributeValues: one })).toContain("Invalid ConditionExpression");
    }
    expect(condition(`${"(".repeat(149)}a=:n${" OR a=:n)".repeat(149)}`)).toBeDefined();
  });
});

describe("refusals", () => {
  it("never show a value that was written into the expression or given with it", () => {
    const secret = "4111111111111111";
    const values = { ":v": { S: secret }, ":w": { S: "0" }, ":x": { SS: [secret] } };
    for (const [text, used] of [
      [`card = '${secret}'`, []],
      [`card = "${secret}"`, []],
      [`card = ${secret}`, []],
      ["card BETWEEN :v AND :w", [":v", ":w"]],
      ["attribute_type(card, :v)", [":v"]],
      ["card < :x", [":x"]],
    ] as const) {
      const given = Object.fromEntries(used.map((key) => [key, values[key]]));
      expect(refusal({ ConditionExpression: text, ...(used.length > 0 ? { ExpressionAttributeValues: given } : {}) }), text).not.toContain(
        "4111",
      );
    }
  });
});

describe("values", () => {
  const nested = (depth: number): AttributeValue => Array.from({ length: depth }).reduce<AttributeValue>((L) => ({ L: [L] }), { S: "x" });

  it.each<readonly [reason: string, value: AttributeValue]>([
    ["Supplied AttributeValue is empty, must contain exactly one of the supported datatypes", {} as AttributeValue],
    [
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      { S: "a", N: "1" } as unknown as AttributeValue,
    ],
    ["Supplied AttributeValue does not have the form of its datatype", { S: 1 } as unknown as AttributeValue],
    ["Supplied AttributeValue does not have the form of its datatype", { L: [{ M: null }] } as unknown as AttributeValue],
    ["Supplied AttributeValue does not have the form of its datatype", null as unknown as AttributeValue],
    ["The parameter cannot be converted to a numeric value", { L: [{ N: "secret" }] }],
    ["Number overflow. Attempting to store a number with magnitude larger than supported range", { NS: ["1", "1e200"] }],
    ["One or more parameter values were invalid: An string set  may not be empty", { M: { a: { SS: [] } } }],
    ["One or more parameter values were invalid: An number set  may not be empty", { NS: [] }],
    ["One or more parameter values were invalid: Binary sets should not be empty", { BS: [] }],
    ["One or more parameter values were invalid: Input collection contains duplicates", { SS: ["secret", "secret"] }],
    ["Input collection contains duplicates", { NS: ["1", "1.0"] }],
    [
      "One or more parameter values were invalid: Input collection of type BS contains duplicates.",
      { BS: [Uint8Array.of(1), Uint8Array.of(1)] },
    ],
    [
      "One or more parameter values were invalid: Null attribute value types must have the value of true",
      { NULL: false } as unknown as AttributeValue,
    ],
    ["Empty attribute name", { M: { "": { S: "a" } } }],
    ["Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit", nested(33)],
  ])("are checked: %s", (reason, value) => {
    expect(refusal({ ConditionExpression: "a = :v", ExpressionAttributeValues: { ":v": value } })).toBe(
      `ExpressionAttributeValues contains invalid value: ${reason} for key number 1`,
    );
  });

  it("may be empty text, binary, list or map, and 32 deep", () => {
    for (const value of [{ S: "" }, { B: new Uint8Array(0) }, { L: [] }, { M: {} }, { SS: [""] }, nested(32)]) {
      expect(condition("a = :v", { ":v": value })).toBeDefined();
    }
  });
});
