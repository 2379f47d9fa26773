import { leafPaths, not, parseExpressions, pushNegations, weaken } from "../expressions/index.ts";
import type { IndexDescription } from "../tables/index.ts";
import { withConditions } from "./conditions.ts";
import type { PageInput } from "./page-request.ts";

/**
 * A request on an index that holds parts of items: the service refuses a filter on what is not there. What it can decide
 * stays, the rest is decided on the items themselves.
 *
 * @param description `undefined`: nobody knows what the index holds
 */
export function withIndexFilter<Input extends PageInput>(input: Input, description: IndexDescription | undefined): Input {
  if (input.FilterExpression === undefined) return input;
  const { keyCondition, filter } = parseExpressions(input);
  const kept =
    filter &&
    weaken(filter, ({ leaf, negated }) => {
      const isThere = leafPaths(leaf).every(({ elements: [attribute] }) => description?.attributes?.has(attribute) ?? false);
      if (!isThere) return undefined;
      return negated ? pushNegations(not(leaf)) : leaf;
    });
  return withConditions(input, { keyCondition, filter: kept });
}
