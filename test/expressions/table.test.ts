import { describe, expect, it } from "vitest";
import {
  applyProjection,
  applyUpdate,
  type ExpressionKind,
  evaluateCondition,
  type ParsedExpressions,
  parseExpressions,
} from "../../src/expressions/index.ts";
import { parametersOf } from "../support/expression-arbitraries.ts";
import { refusals } from "../support/expression-refusals.ts";
import { conditions, projections, tableCase, tableItem, updates } from "../support/expression-table.ts";

function parse(kind: ExpressionKind, text: string): ParsedExpressions {
  return parseExpressions(parametersOf(kind, tableCase(text)));
}

describe("conditions of the table", () => {
  it.each(conditions)("%s → %s", (text, holds) => {
    const { condition } = parse("ConditionExpression", text);
    expect(condition && evaluateCondition(condition, tableItem)).toBe(holds);
    const { filter } = parse("FilterExpression", text);
    expect(filter).toEqual(condition);
  });
});

describe("projections of the table", () => {
  it.each(projections)("%s", (text, projected) => {
    const { projection } = parse("ProjectionExpression", text);
    expect({ ...applyProjection(projection?.paths ?? [], tableItem) }).toEqual(projected);
  });
});

describe("updates of the table", () => {
  it.each(updates)("%s", (text, changed, removed) => {
    const { update } = parse("UpdateExpression", text);
    if (update === undefined) throw new Error("no update");
    const before = structuredClone(tableItem);
    const expected = Object.entries({ ...tableItem, ...changed }).filter(([name]) => !removed.includes(name));
    expect({ ...applyUpdate(update, tableItem).item }).toEqual(Object.fromEntries(expected));
    expect(tableItem).toEqual(before);
  });
});

describe("refusals of the table", () => {
  const rows = Object.entries(refusals).flatMap(([kind, of]) =>
    of.map(([text, reason]) => [kind as ExpressionKind, text, reason] as const),
  );
  it.each(rows)("%s: %s → %s", (kind, text, reason) => {
    const take = (): unknown => {
      const { update } = parse(kind, text);
      return update && applyUpdate(update, tableItem);
    };
    expect(take).toThrow(expect.objectContaining({ code: "ERR_EXPRESSION_INVALID" }));
    expect(refusalOf(take)).toBe(reason);
  });
});

function refusalOf(take: () => unknown): string {
  try {
    take();
  } catch (error) {
    if (error instanceof Error) return error.message.replace(/^Invalid (Condition|Projection|Update)Expression: /, "");
  }
  return "not refused";
}
