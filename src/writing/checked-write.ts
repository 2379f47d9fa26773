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
import { isDecidable } from "./guarded/divide-condition.ts";
import { writesPlaintext } from "./native-update.ts";

/** The expressions of a write, and whether it has to read its item before. */
export interface CheckedWrite {
  readonly expressions: ParsedExpressions;
  readonly guarded: boolean;
}

/**
 * Parses the expressions of a Put, Update, Delete or ConditionCheck, and decides who does the write: the service alone,
 * as always, or this side, which reads first and guards what it writes.
 *
 * @throws ERR_EXPRESSION_INVALID, ERR_RESERVED_NAME, ERR_ATTRIBUTE_NOT_CONFIGURED
 */
export function checkedWrite(table: ProtectedTable, input: ExpressionParameters, { options }: OperationCall): CheckedWrite {
  const { plan } = table;
  const expressions = protectedExpressions(plan, input);
  const { condition, update } = expressions;
  if (update !== undefined) requireWritable(plan, update);
  const decidable = condition === undefined || isDecidable(plan, condition, { verify: options.verifyConditions });
  return { expressions, guarded: !decidable || (update !== undefined && !isNative(table, update)) };
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
