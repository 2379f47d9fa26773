import { describe, expect, it } from "vitest";
import {
  applyUpdate,
  evaluateCondition,
  parseExpressions,
  readPaths,
  referencedAttributes,
  referencedPaths,
  writtenAttributes,
  writtenPaths,
} from "../../src/expressions/index.ts";

const { condition, update, projection } = parseExpressions({
  ConditionExpression: "NOT (size(a.b[1]) > :n OR #x IN (c, d.e)) AND attribute_exists(f) AND a BETWEEN g AND :n AND contains(h, i)",
  UpdateExpression: "SET j.k = if_not_exists(l.m, n) + o, p = list_append(if_not_exists(q, r), :l) REMOVE s[0] ADD t :n DELETE u.v :set",
  ProjectionExpression: "w, #x.y[3]",
  ExpressionAttributeNames: { "#x": "x.y" },
  ExpressionAttributeValues: { ":n": { N: "1" }, ":l": { L: [] }, ":set": { NS: ["1"] } },
});

describe("references", () => {
  if (condition === undefined || update === undefined || projection === undefined) throw new Error("not parsed");

  it("of a condition are the paths in all of its operands", () => {
    expect(referencedPaths(condition).map(({ spelling }) => spelling)).toEqual(["a.b[1]", "#x", "c", "d.e", "f", "a", "g", "h", "i"]);
    expect([...referencedAttributes(condition)]).toEqual(["a", "x.y", "c", "d", "f", "g", "h", "i"]);
  });

  it("of an update are what it writes and what its right-hand sides read", () => {
    expect(writtenPaths(update).map(({ spelling }) => spelling)).toEqual(["j.k", "p", "t", "u.v", "s[0]"]);
    expect([...writtenAttributes(update)]).toEqual(["j", "p", "t", "u", "s"]);
    expect(readPaths(update).map(({ spelling }) => spelling)).toEqual(["l.m", "n", "o", "q", "r"]);
    expect(referencedPaths(update)).toEqual([...writtenPaths(update), ...readPaths(update)]);
  });

  it("of a projection are its paths, resolved", () => {
    expect(referencedPaths(projection).map(({ elements }) => elements)).toEqual([["w"], ["x.y", "y", 3]]);
  });
});

describe("names that JavaScript gives a meaning", () => {
  it("are attributes like any other", () => {
    const trees = parseExpressions({
      ConditionExpression: "attribute_not_exists(hasOwnProperty) AND attribute_not_exists(a.toString)",
      UpdateExpression: "SET #p = :n, a.#p = :n",
      ExpressionAttributeNames: { "#p": "__proto__" },
      ExpressionAttributeValues: { ":n": { N: "1" } },
    });
    const item = { a: { M: {} } };
    if (trees.condition === undefined || trees.update === undefined) throw new Error("not parsed");
    expect(evaluateCondition(trees.condition, item)).toBe(true);
    const changed = applyUpdate(trees.update, item).item;
    expect(Object.keys(changed)).toEqual(["a", "__proto__"]);
    expect(Object.keys(changed.a?.M ?? {})).toEqual(["__proto__"]);
    expect(item).toEqual({ a: { M: {} } });
  });
});
