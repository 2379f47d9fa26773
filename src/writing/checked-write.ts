import { DynasealError } from "../errors/index.ts";
import {
  type ExpressionParameters,
  type ParsedExpressions,
  referencedAttributes,
  type Update,
  writtenAttributes,
} from "../expressions/index.ts";
import { keyAttributes } from "../item/index.ts";
import { actionOf, isSigned, type TablePlan } from "../schema/index.ts";
import { type OperationCall, type ProtectedTable, protectedExpressions, requireReadable } from "../tables/index.ts";
import { requireDisclosable } from "./guarded/disclosure.ts";
import { isDecidable } from "./guarded/divide-condition.ts";
import { nativeUpdate, writesPlaintext } from "./native-update.ts";

/** The expressions of a write, and whether it has to read its item before. */
export interface CheckedWrite<Input> {
  readonly expressions: ParsedExpressions;
  readonly guarded: boolean;
  /** An update as the service is asked to do it alone; where there is no item, it has to be guarded after all. */
  readonly native: Input | undefined;
}

/**
 * Parses the expressions of a Put, Update, Delete or ConditionCheck, and decides who does the write: the service alone,
 * as always, or this side, which reads first and guards what it writes.
 *
 * @throws ERR_EXPRESSION_INVALID, ERR_RESERVED_NAME, ERR_ATTRIBUTE_NOT_CONFIGURED, ERR_WOULD_EXPOSE
 */
export function checkedWrite<Input extends ExpressionParameters>(
  kind: "Put" | "Update" | "Delete" | "ConditionCheck",
  { table, input, call }: { readonly table: ProtectedTable; readonly input: Input; readonly call: OperationCall },
): CheckedWrite<Input> {
  const { plan } = table;
  const { disclose, verifyConditions } = call.options;
  const expressions = protectedExpressions(plan, input);
  const { condition, update } = expressions;
  if (update !== undefined) {
    requireWritable(plan, update);
    if (!writesPlaintext(plan)) requireDisclosable({ plan, update: ofKnownTargets(plan, update), disclose });
  }
  const decidable = condition === undefined || isDecidable(plan, condition, { verify: verifyConditions });
  if (!decidable || (update !== undefined && !isNative(table, update))) return { expressions, guarded: true, native: undefined };
  if (kind !== "Update") return { expressions, guarded: false, native: undefined };
  const native = nativeUpdate(plan, input, expressions);
  return { expressions, guarded: native === undefined, native };
}

/** Without what an item's legend may keep encrypted although the schema does not name it: that is held against the item. */
function ofKnownTargets(plan: TablePlan, update: Update): Update {
  const isKnown = (attribute: string): boolean => plan.actions.has(attribute) || !isSigned(plan, attribute);
  return { ...update, set: update.set.filter(({ path: { elements } }) => isKnown(elements[0])) };
}

/**
 * Whether the service can do an update alone: it names unsigned attributes only, so that no header, footer or beacon has
 * to change. Where the schema writes plaintext, that is any update.
 */
function isNative({ plan, search }: ProtectedTable, update: Update): boolean {
  if (writesPlaintext(plan)) return true;
  // What a partition selector reads is its own business: any attribute may move the item to another partition.
  if (search?.selector !== undefined) return false;
  return [...referencedAttributes(update)].every((attribute) => !isSigned(plan, attribute));
}

/** @throws ERR_EXPRESSION_INVALID, ERR_ATTRIBUTE_NOT_CONFIGURED, ERR_INVALID_ARGUMENT */
function requireWritable(plan: TablePlan, update: Update): void {
  const { tableName } = plan;
  const keys = keyAttributes(plan);
  for (const attribute of writtenAttributes(update)) {
    requireReadable(attribute);
    if (keys.includes(attribute)) {
      const reason = `One or more parameter values were invalid: Cannot update attribute ${attribute}. This attribute is part of the key`;
      throw new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
    }
    if (actionOf(plan, attribute) === undefined)
      throw new DynasealError("ERR_ATTRIBUTE_NOT_CONFIGURED", { details: { tableName, attribute } });
  }
}
