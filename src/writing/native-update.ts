import type { AttributeMap } from "../attributes/index.ts";
import { attributeExists, attributeNotExists, type Existence, type ParsedExpressions, path } from "../expressions/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { footerName, headerName } from "../structure/index.ts";
import { printFitting } from "./guarded/expression-size.ts";

/** The members of a request that hold its expressions. */
interface ExpressionMembers {
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: unknown;
  readonly ExpressionAttributeValues?: unknown;
}

/**
 * Guards a native update. Without the guard it would make an item without header and footer where there is none, which
 * nobody could read.
 *
 * @returns `undefined` where the service would not take the condition with the guard: it is too large
 */
export function nativeUpdate<Input extends ExpressionMembers>(
  plan: TablePlan,
  input: Input,
  { condition, update }: ParsedExpressions,
): Input | undefined {
  const guard: readonly [Existence, ...Existence[]] = writesPlaintext(plan)
    ? [attributeNotExists(path(headerName)), attributeNotExists(path(footerName))]
    : [attributeExists(path(footerName))];
  // Header and footer need no placeholders, so that the update can stay as the application wrote it.
  if (condition === undefined) return { ...input, ConditionExpression: guard.map(bareExistence).join(" AND ") };
  const printed = printFitting([[condition, ...guard]], update);
  if (printed === undefined) return undefined;
  const { UpdateExpression: _u, ConditionExpression: _c, ExpressionAttributeNames: _n, ExpressionAttributeValues: _v, ...rest } = input;
  return { ...rest, ...printed } as unknown as Input;
}

function bareExistence({ kind, path: { spelling } }: Existence): string {
  return `${kind}(${spelling})`;
}

/** Whether that guard holds on a row: where it does, a native update that failed did so by the application's own condition. */
export function nativeGuardHolds(plan: TablePlan, row: AttributeMap): boolean {
  const hasFooter = Object.hasOwn(row, footerName);
  return writesPlaintext(plan) ? !hasFooter && !Object.hasOwn(row, headerName) : hasFooter;
}

export function writesPlaintext({ plaintextOverride }: TablePlan): boolean {
  return plaintextOverride === "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
}
