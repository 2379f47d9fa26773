import { type Condition, leafPaths, not, pushNegations, weaken } from "../expressions/index.ts";
import type { IndexDescription } from "../tables/index.ts";

/**
 * A filter on an index that holds parts of items: the service refuses one on what is not there. What it can decide
 * stays, the rest is decided on the items themselves.
 *
 * @param description `undefined`: nobody knows what the index holds
 * @returns the very filter where all of it stays
 */
export function indexFilter(filter: Condition, description: IndexDescription | undefined): Condition | undefined {
  let changed = false;
  const kept = weaken(filter, ({ leaf, negated }) => {
    const isThere = leafPaths(leaf).every(({ elements: [attribute] }) => description?.attributes?.has(attribute) ?? false);
    if (isThere) return negated ? pushNegations(not(leaf)) : leaf;
    changed = true;
    return undefined;
  });
  return changed ? kept : filter;
}
