import { type Condition, PlaceholderWriter, type PrintedPlaceholders, referencedAttributes } from "../../expressions/index.ts";
import type { TablePlan } from "../../schema/index.ts";
import { divideCondition } from "./divide-condition.ts";
import { guardOf, printAll } from "./guard.ts";
import type { ReadItem } from "./read-item.ts";
import { requireFits } from "./whole-put.ts";

/** The members of a request that hold its guard. */
interface GuardParameters extends PrintedPlaceholders {
  readonly ConditionExpression: string;
}

/**
 * The condition of a write that leaves nothing of the item, or only looks at it: the item is what was read, and those
 * terms of the application's own hold that travel with the write.
 *
 * @throws ERR_EXPRESSION_TOO_LARGE, by what it returns
 */
export function conditionGuard(plan: TablePlan, condition: Condition | undefined): (read: ReadItem) => GuardParameters {
  const { native, pinned } = divideCondition(plan, condition);
  const named = condition === undefined ? new Set<string>() : referencedAttributes(condition);
  return (read) => {
    const writer = new PlaceholderWriter();
    const [guard, ...pins] = guardOf(plan, read, { pinned, named });
    const ConditionExpression = printAll([guard, ...pins, ...native], writer);
    const expressions = { ConditionExpression, ...writer.placeholders() };
    requireFits(plan, expressions);
    return expressions;
  };
}
