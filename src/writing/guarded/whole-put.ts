import type { AttributeMap } from "../../attributes/index.ts";
import { utf8Length } from "../../bytes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import { type ExpressionParameters, isTaken, limits, PlaceholderWriter } from "../../expressions/index.ts";
import { reservedPrefix } from "../../item/index.ts";
import { isReplication, isSigned, type TablePlan } from "../../schema/index.ts";
import { type Decided, guardOf, printAll } from "./guard.ts";
import type { WriteAction } from "./guarded-write.ts";
import type { ReadItem } from "./read-item.ts";

/** Expressions shorter than this hold fewer operators than allowed: each takes some ten characters. */
const surelyFew = 1500;

/** Whether the service takes expressions of this size. */
export function fits(expressions: ExpressionParameters): boolean {
  const lengths = [expressions.UpdateExpression, expressions.ConditionExpression].map((text) => utf8Length(text ?? ""));
  if (lengths.some((length) => length > limits.expressionBytes)) return false;
  return lengths.every((length) => length < surelyFew) || isTaken(expressions);
}

/**
 * In the place of an update whose expression would be too large: the whole item, where the guard can hold everything
 * that a Put overwrites. It pins every unsigned attribute, and the absence of those that the schema names.
 *
 * @throws ERR_EXPRESSION_TOO_LARGE
 */
export function wholePut(parts: {
  readonly plan: TablePlan;
  readonly TableName: string | undefined;
  readonly read: ReadItem;
  readonly stored: AttributeMap;
  readonly decided: Decided;
}): WriteAction {
  const { plan, TableName, read, stored, decided } = parts;
  const rowNames = Object.keys(read.row ?? {});
  const unsigned = rowNames.filter((name) => !isSigned(plan, name) && !name.startsWith(reservedPrefix));
  // Attributes under a prefix cannot be pinned as absent, and the service's bookkeeping not at all. No item has neither.
  const overwrites = read.row !== undefined && (plan.unsignedAttributePrefix !== undefined || rowNames.some((name) => isReplication(name)));
  if (overwrites) throw tooLarge(plan);
  const pinned = new Set([...decided.pinned, ...unsigned, ...plan.unsignedAttributes]);
  const writer = new PlaceholderWriter();
  const ConditionExpression = printAll([...guardOf(plan, read, { ...decided, pinned })], writer);
  const expressions = { ConditionExpression, ...writer.placeholders() };
  requireFits(plan, expressions);
  return { kind: "Put", input: { TableName, Item: { ...stored }, ...expressions } };
}

/**
 * For writes that have no other way.
 *
 * @throws ERR_EXPRESSION_TOO_LARGE
 */
export function requireFits(plan: TablePlan, expressions: ExpressionParameters): void {
  if (!fits(expressions)) throw tooLarge(plan);
}

function tooLarge({ tableName }: TablePlan): DynasealError {
  return new DynasealError("ERR_EXPRESSION_TOO_LARGE", { details: { tableName, maximum: limits.expressionBytes } });
}
