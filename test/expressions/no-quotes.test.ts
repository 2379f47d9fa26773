import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import { type ExpressionParameters, parseExpressions } from "../../src/expressions/index.ts";

/** What an application might write into an expression, or make a placeholder of, where a value belongs. */
const secrets = ["Liddell", "4111111111111111", "alice_liddell_1852", "Grünwald", "a@example.com"] as const;

const templates: readonly ((secret: string) => ExpressionParameters)[] = [
  (secret) => ({ FilterExpression: `fullName = ${secret}` }),
  (secret) => ({ FilterExpression: `fullName = "Alice ${secret}"` }),
  (secret) => ({ FilterExpression: `${secret} ${secret} ${secret}` }),
  (secret) => ({ FilterExpression: `a = :${secret}` }),
  (secret) => ({ FilterExpression: `#${secret} = a` }),
  (secret) => ({ FilterExpression: `${secret}(a, b)` }),
  (secret) => ({ FilterExpression: `contains(a, ${secret}(b))` }),
  (secret) => ({ FilterExpression: `a[${secret}] = b` }),
  (secret) => ({ ConditionExpression: `a IN (${secret}` }),
  (secret) => ({ UpdateExpression: `SET a = ${secret}(b)` }),
  (secret) => ({ UpdateExpression: `SET a = b, ${secret}` }),
  (secret) => ({ UpdateExpression: `${secret} a` }),
  (secret) => ({ UpdateExpression: `ADD a ${secret}` }),
  (secret) => ({ ProjectionExpression: `a ${secret}` }),
  (secret) => ({ ProjectionExpression: "a", ExpressionAttributeNames: { [`#${secret}`]: "a" } }),
  (secret) => ({ ProjectionExpression: "a", ExpressionAttributeNames: { [secret]: "a" } }),
  (secret) => ({ ProjectionExpression: `#${secret}`, ExpressionAttributeNames: { [`#${secret}`]: "" } }),
  (secret) => ({ FilterExpression: "a = b", ExpressionAttributeValues: { [`:${secret}`]: { S: secret } } }),
  (secret) => ({ FilterExpression: `a = :${secret}`, ExpressionAttributeValues: { [`:${secret}`]: { NS: [] } } }),
  (secret) => bounds(`:${secret}`, { S: `${secret}z` }, { S: secret }),
  (secret) => bounds(`:${secret}`, { S: secret }, { N: "1" }),
  (secret) => ({ FilterExpression: `attribute_type(a, :${secret})`, ExpressionAttributeValues: { [`:${secret}`]: { S: secret } } }),
];

function bounds(placeholder: string, lower: AttributeValue, upper: AttributeValue): ExpressionParameters {
  const ExpressionAttributeValues = { [`${placeholder}_l`]: lower, [`${placeholder}_u`]: upper };
  return { FilterExpression: `a BETWEEN ${placeholder}_l AND ${placeholder}_u`, ExpressionAttributeValues };
}

function refusal(parameters: ExpressionParameters): string | undefined {
  try {
    parseExpressions(parameters);
    return undefined;
  } catch (error) {
    if (!isDynasealError(error, "ERR_EXPRESSION_INVALID")) throw error;
    return `${error.message} ${JSON.stringify(error.details)} ${error.hint} ${error.stack}`;
  }
}

describe("an error quotes nothing of an expression that might be a value", () => {
  it.each(templates.map((template) => [JSON.stringify(template("…")), template] as const))("%s", (_name, template) => {
    const refused = secrets.map((secret) => [secret, refusal(template(secret))] as const);
    expect(refused.some(([, text]) => text !== undefined)).toBe(true);
    for (const [secret, text] of refused) expect(text ?? "").not.toContain(secret);
  });

  it("whatever stands in it", () => {
    const word = fc.constantFrom(
      "Zyzzyva",
      "77777777777",
      ":Zyzzyva",
      "#Zyzzyva",
      "a",
      "(",
      ")",
      "=",
      "AND",
      "SET",
      "BETWEEN",
      "IN",
      ",",
      "[",
      "]",
      "+",
    );
    const kinds = [
      "FilterExpression",
      "ConditionExpression",
      "UpdateExpression",
      "ProjectionExpression",
      "KeyConditionExpression",
    ] as const;
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), fc.constantFrom(...kinds), (words, kind) => {
        // Paths that overlap are named: attributes have names.
        const text = refusal({ [kind]: words.join(" ") }) ?? "";
        expect(text.replace(/(?:path one|path two|first operand): \[.*?\](?=,|$| )/g, "")).not.toMatch(/Zyzzyva|7777777/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("says where, and what stands there", () => {
    expect(refusal({ FilterExpression: "fullName = Alice Liddell" })).toContain("token: a name at position 18");
    expect(refusal({ FilterExpression: "a = :x", ExpressionAttributeValues: { ":y": { S: "a" } } })).toContain(
      "a placeholder of a value at position 5",
    );
  });
});
