import { DynasealError } from "../../errors/index.ts";
import {
  limits,
  operatorCount,
  PlaceholderWriter,
  type PrintedPlaceholders,
  printCondition,
  printUpdate,
  type Update,
} from "../../expressions/index.ts";
import type { TablePlan } from "../../schema/index.ts";
import { allOf, type Guard } from "./guard.ts";

/** The members of a request that hold its guard, and what it updates. */
export interface PrintedWrite extends PrintedPlaceholders {
  readonly UpdateExpression?: string;
  readonly ConditionExpression: string;
}

/**
 * The first of the guards that the service takes beside the update, with it: each of the two may have 4,096 bytes and
 * 300 operators. Printed text is ASCII, since names and values stand behind placeholders.
 *
 * @param guards from the one that says most
 * @returns `undefined` where the service takes none of them, or not the update
 */
export function printFitting(guards: readonly Guard[], update?: Update): PrintedWrite | undefined {
  if (update !== undefined && operatorCount(update) > limits.operators) return undefined;
  for (const guard of guards) {
    const condition = allOf(guard);
    if (operatorCount(condition) > limits.operators) continue;
    const writer = new PlaceholderWriter();
    const UpdateExpression = update === undefined ? "" : printUpdate(update, writer);
    if (UpdateExpression.length > limits.expressionBytes) return undefined;
    const ConditionExpression = printCondition(condition, writer);
    if (ConditionExpression.length > limits.expressionBytes) continue;
    // The service refuses an empty expression.
    return { ...(UpdateExpression !== "" && { UpdateExpression }), ConditionExpression, ...writer.placeholders() };
  }
  return undefined;
}

/** To be thrown. */
export function tooLarge({ tableName }: TablePlan): DynasealError {
  return new DynasealError("ERR_EXPRESSION_TOO_LARGE", { details: { tableName, maximum: limits.expressionBytes } });
}
