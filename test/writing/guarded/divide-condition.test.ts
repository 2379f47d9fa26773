import { describe, expect, test } from "vitest";
import { parseExpressions } from "../../../src/expressions/index.ts";
import { defineTable, type TablePlan, tablePlan } from "../../../src/schema/index.ts";
import { divideCondition, isDecidable } from "../../../src/writing/guarded/divide-condition.ts";
import { customers } from "../../support/client-tables.ts";

const planOf = (changes: Partial<typeof customers> = {}): TablePlan => tablePlan(defineTable({ ...customers, ...changes }));
const conditionOf = (ConditionExpression: string) => {
  const { condition } = parseExpressions({ ConditionExpression, ...(ConditionExpression.includes(":v") ? values : {}) });
  if (condition === undefined) throw new Error("no condition");
  return condition;
};
const values = { ExpressionAttributeValues: { ":v": { S: "S" } } };

describe("what the service decides on stored items", () => {
  const decidable = (text: string, changes: Partial<typeof customers> = {}): boolean =>
    isDecidable(planOf(changes), conditionOf(text), { verify: false });

  test.each([
    ["tier = :v", true],
    ["visits = :v AND NOT tier = :v", true],
    ["attribute_exists(email) AND attribute_not_exists(nickname)", true],
    ["customerId = :v", true],
    ["aws_dbe_visits = :v", false],
    ["email = :v", false],
    ["attribute_exists(email.host)", false],
    ["size(email) = tier", false],
    ["contains(tier, email)", false],
    ["tier IN (:v, email)", false],
    ["tier BETWEEN :v AND email", false],
    ["attribute_type(email, :v)", false],
    ["visits = :v OR email = :v", false],
    ["nickname = :v", false],
  ])("%s: %s", (text, expected) => {
    expect(decidable(text)).toBe(expected);
  });

  test("not the value of an attribute that the schema does not name: another version of it may have encrypted it", () => {
    for (const otherAttributes of ["SIGN_ONLY", "ENCRYPT_AND_SIGN", undefined] as const) {
      const { otherAttributes: _theirs, ...closed } = customers;
      const plan = tablePlan(defineTable(otherAttributes === undefined ? closed : { ...closed, otherAttributes }));
      expect(isDecidable(plan, conditionOf("nickname = :v"), { verify: false })).toBe(false);
      expect(isDecidable(plan, conditionOf("attribute_exists(nickname)"), { verify: false })).toBe(true);
    }
  });

  test("what no signature holds in place, also where it has no name in the schema", () => {
    expect(decidable("xtra = :v", { unsignedAttributePrefix: "x" })).toBe(true);
  });

  test("with verifyConditions nothing that is signed, but the key that it found the item by", () => {
    const verified = (text: string): boolean => isDecidable(planOf(), conditionOf(text), { verify: true });
    expect(verified("tier = :v")).toBe(false);
    expect(verified("attribute_exists(email)")).toBe(false);
    expect(verified("visits = :v AND customerId = :v")).toBe(true);
  });
});

describe("the division of a condition", () => {
  test("leaves terms of unsigned attributes to the service, and pins those that other terms read", () => {
    const { native, pinned } = divideCondition(planOf(), conditionOf("visits = :v AND (email = :v OR seen = :v) AND tier = :v"));
    expect(native.length).toBe(1);
    expect([...pinned]).toEqual(["seen"]);
  });
});
