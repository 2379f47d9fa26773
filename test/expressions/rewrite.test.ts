import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDynasealError } from "../../src/errors/index.ts";
import {
  and,
  type Condition,
  compare,
  evaluateCondition,
  isJunction,
  not,
  or,
  parseExpressions,
  path,
  pushNegations,
  referencedAttributes,
  signedLeaves,
  value,
  weaken,
} from "../../src/expressions/index.ts";
import { anyExpression, parametersOf, pooledItem } from "../support/expression-arbitraries.ts";

const [a, b, c] = ["a", "b", "c"].map((name) => compare(path(name), "<", value({ N: "1" }))) as [Condition, Condition, Condition];

/** Random conditions that the parser accepts. */
const condition = anyExpression("ConditionExpression")
  .map((expression) => {
    try {
      return parseExpressions(parametersOf("ConditionExpression", expression)).condition;
    } catch (error) {
      if (isDynasealError(error)) return undefined;
      throw error;
    }
  })
  .filter((tree) => tree !== undefined);

function hasInnerNegation(tree: Condition): boolean {
  if (isJunction(tree)) return tree.terms.some(hasInnerNegation);
  return tree.kind === "not" && (isJunction(tree.term) || tree.term.kind === "not");
}

describe("pushNegations", () => {
  it("keeps the meaning for every item and leaves NOT only before leaves", () => {
    fc.assert(
      fc.property(condition, pooledItem(), (tree, item) => {
        const pushed = pushNegations(tree);
        expect(evaluateCondition(pushed, item)).toBe(evaluateCondition(tree, item));
        expect(hasInnerNegation(pushed)).toBe(false);
        expect(referencedAttributes(pushed)).toEqual(referencedAttributes(tree));
      }),
      { numRuns: 500 },
    );
  });
});

describe("weaken", () => {
  it("never excludes an item that the condition lets through, whichever leaves become true", () => {
    fc.assert(
      fc.property(condition, pooledItem(), fc.infiniteStream(fc.boolean()), (tree, item, coins) => {
        const weaker = weaken(tree, ({ leaf, negated }) => (coins.next().value === true ? undefined : negated ? not(leaf) : leaf));
        if (evaluateCondition(tree, item) && weaker !== undefined) expect(evaluateCondition(weaker, item)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("drops a term from AND, and a whole OR with one", () => {
    const except = (dropped: Condition) => (tree: Condition) =>
      weaken(tree, ({ leaf, negated }) => (leaf === dropped ? undefined : negated ? not(leaf) : leaf));
    expect(except(b)(and(a, b, c))).toEqual(and(a, c));
    expect(except(b)(and(a, b))).toEqual(a);
    expect(except(b)(or(a, b))).toBeUndefined();
    expect(except(b)(and(a, or(b, c)))).toEqual(a);
    expect(except(b)(not(or(a, b)))).toEqual(not(a));
    expect(except(b)(not(and(a, b)))).toBeUndefined();
    expect(except(b)(b)).toBeUndefined();
  });
});

describe("signedLeaves", () => {
  it("tells what the negations around a leaf come to", () => {
    expect(signedLeaves(and(a, not(or(b, not(c))))).map(({ negated }) => negated)).toEqual([false, true, false]);
    expect(signedLeaves(or(a, b)).map(({ leaf }) => leaf)).toEqual([a, b]);
  });
});

describe("constructors", () => {
  it("merge nested junctions of one kind and leave a single term alone", () => {
    expect(and(a)).toBe(a);
    expect(and(and(a, b), c)).toEqual({ kind: "and", terms: [a, b, c] });
    expect(or(and(a, b), c)).toEqual({ kind: "or", terms: [{ kind: "and", terms: [a, b] }, c] });
    expect(path("a", 0, "b").spelling).toBe("a[0].b");
  });
});
