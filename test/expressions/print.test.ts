import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import {
  type ExpressionKind,
  type ExpressionParameters,
  type ParsedExpressions,
  PlaceholderWriter,
  parseExpressions,
  printCondition,
  printProjection,
  printUpdate,
} from "../../src/expressions/index.ts";
import { anyExpression, type ExpressionCase, parametersOf } from "../support/expression-arbitraries.ts";

const kinds: readonly ExpressionKind[] = ["ConditionExpression", "KeyConditionExpression", "ProjectionExpression", "UpdateExpression"];

function parsed(kind: ExpressionKind, expression: ExpressionCase): ParsedExpressions | undefined {
  try {
    return parseExpressions(parametersOf(kind, expression));
  } catch (error) {
    if (isDynasealError(error, "ERR_EXPRESSION_INVALID")) return undefined;
    throw error;
  }
}

function print(trees: ParsedExpressions): ExpressionParameters {
  const writer = new PlaceholderWriter();
  return {
    ...(trees.condition === undefined ? {} : { ConditionExpression: printCondition(trees.condition, writer) }),
    ...(trees.keyCondition === undefined ? {} : { KeyConditionExpression: printCondition(trees.keyCondition, writer) }),
    ...(trees.projection === undefined ? {} : { ProjectionExpression: printProjection(trees.projection, writer) }),
    ...(trees.update === undefined ? {} : { UpdateExpression: printUpdate(trees.update, writer) }),
    ...writer.placeholders(),
  };
}

/** The tree without the members that only repeat how it was written. */
function meaning(trees: unknown): unknown {
  if (Array.isArray(trees)) return trees.map(meaning);
  if (typeof trees !== "object" || trees === null || trees instanceof Uint8Array) return trees;
  return Object.fromEntries(
    Object.entries(trees)
      .filter(([key]) => key !== "spelling" && key !== "placeholder")
      .map(([key, member]) => [key, meaning(member)]),
  );
}

describe("printing", () => {
  it.each(kinds)("inverts parsing: %s", (kind) => {
    let printed = 0;
    fc.assert(
      fc.property(anyExpression(kind), (expression) => {
        const trees = parsed(kind, expression);
        if (trees === undefined) return;
        printed++;
        expect(meaning(parseExpressions(print(trees)))).toEqual(meaning(trees));
      }),
      { numRuns: 300 },
    );
    expect(printed).toBeGreaterThan(50);
  });

  it("gives one placeholder to a name and one to what a placeholder stood for", () => {
    const { condition } = parseExpressions({
      ConditionExpression: "(#o.a[0] = :v OR NOT a BETWEEN :v AND :w) AND attribute_exists(#o)",
      ExpressionAttributeNames: { "#o": "order" },
      ExpressionAttributeValues: { ":v": { S: "x" }, ":w": { S: "x" } },
    });
    if (condition === undefined) throw new Error("no condition");
    expect(print({ condition })).toEqual({
      ConditionExpression: "(#0.#1[0] = :0 OR NOT #1 BETWEEN :0 AND :1) AND attribute_exists(#0)",
      ExpressionAttributeNames: { "#0": "order", "#1": "a" },
      ExpressionAttributeValues: { ":0": { S: "x" }, ":1": { S: "x" } },
    });
  });

  it("leaves out a map that would be empty", () => {
    expect(new PlaceholderWriter().placeholders()).toEqual({});
  });
});
