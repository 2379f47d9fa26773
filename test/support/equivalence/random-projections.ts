import fc from "fast-check";
import { anyExpression, type ExpressionCase } from "../expression-arbitraries.ts";
import { paths, rootOf } from "./attribute-pool.ts";
import { expressionOf, withPrefix } from "./fragments.ts";

const anyPath = fc.constantFrom(...Object.values(paths).flat(), "c", "c.b[0]", "c.b[1]", "#d.Notes", "b[2]", "c.#p", "ctx", "pk");

/** Paths that mostly do not overlap; some 1 in 15 are wild ones. */
export function anyProjection(prefix: string): fc.Arbitrary<ExpressionCase> {
  const apart = fc.uniqueArray(anyPath, { minLength: 1, maxLength: 4, selector: rootOf });
  const inner = fc.uniqueArray(fc.constantFrom("b[0]", "b[2]", "c.a", "c.b[1]", "c.Notes", "#d.#a", "#d.#p", "pk"), {
    minLength: 1,
    maxLength: 5,
  });
  const typed = fc.oneof({ arbitrary: apart, weight: 3 }, { arbitrary: inner, weight: 2 });
  return fc.oneof(
    { arbitrary: typed.map((some) => expressionOf({ text: some.join(", "), values: [] }, prefix)), weight: 14 },
    { arbitrary: anyExpression("ProjectionExpression").map((wild) => withPrefix(wild, prefix)), weight: 1 },
  );
}
