import type { AttributeMap } from "../attributes/index.ts";
import { isDynasealError } from "../errors/index.ts";
import { type Condition, evaluateCondition, leafPaths, not, pushNegations, weaken } from "../expressions/index.ts";
import { keyAttributes } from "../item/index.ts";
import { answerMismatch, type ProtectedTable } from "../tables/index.ts";
import type { IndexWay } from "./index-way.ts";

/**
 * Refuses a row that does not fulfil the key condition under which the service was asked: a cache or a proxy may have
 * answered with valid items that belong to another request.
 *
 * @param asked its key condition with the hashes of beacons, which stand in the rows too
 * @throws ERR_ANSWER_MISMATCH
 */
export function requireAskedRows(
  asked: { readonly table: ProtectedTable; readonly way: IndexWay; readonly keyCondition: Condition | undefined },
  rows: readonly AttributeMap[],
): void {
  const { table, way, keyCondition } = asked;
  const condition = keyCondition && way.kind === "selected" ? ofTableKeys(table, keyCondition) : keyCondition;
  if (condition !== undefined && !rows.every((row) => holds(condition, row))) throw answerMismatch(table);
}

/** The service reads items of a local index from the table, where they may have changed since: but not in their key. */
function ofTableKeys({ plan }: ProtectedTable, condition: Condition): Condition | undefined {
  const keys = keyAttributes(plan);
  return weaken(condition, ({ leaf, negated }) => {
    if (!leafPaths(leaf).every(({ elements: [attribute] }) => keys.includes(attribute))) return undefined;
    return negated ? pushNegations(not(leaf)) : leaf;
  });
}

/** A number that no item can have fulfils nothing. */
function holds(condition: Condition, row: AttributeMap): boolean {
  try {
    return evaluateCondition(condition, row);
  } catch (error) {
    if (isDynasealError(error, "ERR_EXPRESSION_INVALID")) return false;
    throw error;
  }
}
