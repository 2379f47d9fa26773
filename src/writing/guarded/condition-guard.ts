import { type Condition, referencedAttributes } from "../../expressions/index.ts";
import type { TablePlan } from "../../schema/index.ts";
import { divideCondition } from "./divide-condition.ts";
import { type PrintedWrite, printFitting, tooLarge } from "./expression-size.ts";
import { conditionGuards, guardOf } from "./guard.ts";
import type { ReadItem } from "./read-item.ts";

/**
 * The condition of a write that leaves nothing of the item, or only looks at it: what the application's condition was
 * decided on is what was read, and those terms hold that travel with the write. The rest of a plain row may change: the
 * write takes the place of all of it.
 *
 * @throws ERR_EXPRESSION_TOO_LARGE, by what it returns
 */
export function conditionGuard(plan: TablePlan, condition: Condition | undefined): (read: ReadItem) => PrintedWrite {
  const divided = divideCondition(plan, condition);
  const named = condition === undefined ? new Set<string>() : referencedAttributes(condition);
  return (read) => {
    const guard = guardOf(plan, read, { pinned: divided.pinned, named }, "named");
    const printed = printFitting(conditionGuards(guard, read, divided));
    if (printed === undefined) throw tooLarge(plan);
    return printed;
  };
}
