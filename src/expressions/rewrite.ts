import { and, not, or } from "./build.ts";
import { isJunction } from "./references.ts";
import type { Condition, Leaf } from "./tree.ts";

/** A leaf with the negation that stands directly before it, if any. */
export interface SignedLeaf {
  readonly leaf: Leaf;
  readonly negated: boolean;
}

/**
 * Puts something weaker or equal in the place of each leaf, for a server that cannot decide all of them: negations are
 * pushed to the leaves first, so no negation can turn weaker into stronger.
 *
 * @param replace the condition for a leaf, or `undefined` for "always true"
 * @returns `undefined` where nothing is left to ask: a term that is always true drops out of an AND, and an OR with
 *   one is always true itself
 */
export function weaken(condition: Condition, replace: (leaf: SignedLeaf) => Condition | undefined): Condition | undefined {
  return rewrite(condition, false, replace);
}

/** The same condition with every negation directly before a leaf. `=` and `<>`, and the two existence tests, turn into one another. */
export function pushNegations(condition: Condition): Condition {
  return rewrite(condition, false, ({ leaf, negated }) => (negated ? negateLeaf(leaf) : leaf)) ?? condition;
}

/** Every leaf of a condition, in order, with what the negations around it come to. */
export function signedLeaves(condition: Condition): readonly SignedLeaf[] {
  const leaves: SignedLeaf[] = [];
  rewrite(condition, false, (leaf) => {
    leaves.push(leaf);
    return leaf.leaf;
  });
  return leaves;
}

function rewrite(condition: Condition, negated: boolean, replace: (leaf: SignedLeaf) => Condition | undefined): Condition | undefined {
  if (condition.kind === "not") return rewrite(condition.term, !negated, replace);
  if (!isJunction(condition)) return replace({ leaf: condition, negated });
  const terms = condition.terms.map((term) => rewrite(term, negated, replace));
  const [first, ...rest] = terms.filter((term) => term !== undefined);
  const conjunction = (condition.kind === "and") !== negated;
  if (first === undefined || (!conjunction && rest.length < terms.length - 1)) return undefined;
  return conjunction ? and(first, ...rest) : or(first, ...rest);
}

/** A missing attribute makes an order comparison and its opposite false, so those keep their NOT. */
function negateLeaf(leaf: Leaf): Condition {
  if (leaf.kind === "attribute_exists") return { ...leaf, kind: "attribute_not_exists" };
  if (leaf.kind === "attribute_not_exists") return { ...leaf, kind: "attribute_exists" };
  if (leaf.kind !== "comparison") return not(leaf);
  if (leaf.comparator === "=") return { ...leaf, comparator: "<>" };
  return leaf.comparator === "<>" ? { ...leaf, comparator: "=" } : not(leaf);
}
