import { DynasealError } from "../errors/index.ts";
import {
  type Condition,
  type ExpressionParameters,
  leafPaths,
  type ParsedExpressions,
  type Path,
  parseExpressions,
  referencedPaths,
  signedLeaves,
} from "../expressions/index.ts";
import { reservedPrefix } from "../item/index.ts";
import { actionOf, type TablePlan } from "../schema/index.ts";

/** Parameters of conditions, with the member of the parse result that holds their tree. */
const conditions = { ConditionExpression: "condition", FilterExpression: "filter", KeyConditionExpression: "keyCondition" } as const;

/**
 * Parses the expressions of a request on a protected table. Header, footer and beacons are nobody's attributes.
 *
 * @throws ERR_EXPRESSION_INVALID, ERR_RESERVED_NAME
 */
export function protectedExpressions(plan: TablePlan, parameters: ExpressionParameters): ParsedExpressions {
  const parsed = parseExpressions(parameters);
  for (const tree of Object.values(parsed)) {
    for (const { elements } of referencedPaths(tree)) {
      const [attribute] = elements;
      if (!attribute.startsWith(reservedPrefix)) continue;
      throw new DynasealError("ERR_RESERVED_NAME", { details: { tableName: plan.tableName, attribute } });
    }
  }
  return parsed;
}

/**
 * As {@link protectedExpressions}, and refuses what the service would answer wrongly on stored items: an encrypted
 * attribute can be tested for existence, but not compared. Attributes that are only signed are compared by the service,
 * hence on values that nobody has verified.
 *
 * @throws ERR_EXPRESSION_INVALID, ERR_RESERVED_NAME, ERR_ATTRIBUTE_NOT_CONFIGURED, ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE
 */
export function checkedExpressions(plan: TablePlan, parameters: ExpressionParameters): ParsedExpressions {
  const parsed = protectedExpressions(plan, parameters);
  for (const [parameter, member] of Object.entries(conditions)) {
    const condition = parsed[member];
    if (condition !== undefined) requireDecidable(plan, condition, parameter);
  }
  return parsed;
}

function requireDecidable(plan: TablePlan, condition: Condition, parameter: string): void {
  for (const { elements } of comparedPaths(condition)) {
    const [attribute] = elements;
    const { tableName } = plan;
    const action = actionOf(plan, attribute);
    // Another version of the schema may have encrypted it, and then its value must not travel in a condition.
    if (action === undefined) throw new DynasealError("ERR_ATTRIBUTE_NOT_CONFIGURED", { details: { tableName, attribute } });
    if (action === "ENCRYPT_AND_SIGN") {
      throw new DynasealError("ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE", { details: { tableName, attribute, parameter } });
    }
  }
}

/** Every path whose value decides, or that leads into a value; not a whole attribute that is tested for existence. */
function comparedPaths(condition: Condition): readonly Path[] {
  return signedLeaves(condition).flatMap(({ leaf }) => {
    const existence = leaf.kind === "attribute_exists" || leaf.kind === "attribute_not_exists";
    return existence && leaf.path.elements.length === 1 ? [] : leafPaths(leaf);
  });
}
