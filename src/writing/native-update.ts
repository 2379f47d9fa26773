import type { AttributeMap } from "../attributes/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { footerName, headerName } from "../structure/index.ts";

/**
 * Guards a native update. Without the guard it would make an item without header and footer where there is none, which
 * nobody could read.
 *
 * @param row what the item has to be: encrypted, or plain where the schema writes plaintext
 */
export function nativeUpdate<Input extends { ConditionExpression?: string | undefined }>(
  plan: TablePlan,
  input: Input,
  row: "encrypted" | "plain" = writesPlaintext(plan) ? "plain" : "encrypted",
): Input {
  const guard =
    row === "encrypted" ? `attribute_exists(${footerName})` : `attribute_not_exists(${headerName}) AND attribute_not_exists(${footerName})`;
  const { ConditionExpression } = input;
  return {
    ...input,
    ConditionExpression: ConditionExpression === undefined ? guard : `${inParentheses(ConditionExpression)} AND ${guard}`,
  };
}

/** Whether that guard holds on a row: where it does, a native update that failed did so by the application's own condition. */
export function nativeGuardHolds(plan: TablePlan, row: AttributeMap): boolean {
  const hasFooter = Object.hasOwn(row, footerName);
  return writesPlaintext(plan) ? !hasFooter && !Object.hasOwn(row, headerName) : hasFooter;
}

/** In parentheses of its own, once: the service refuses redundant ones. Expressions hold no literals, so counting is exact. */
function inParentheses(expression: string): string {
  const text = expression.trim();
  let depth = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth === 0 && index < text.length - 1) return `(${text})`;
  }
  return text;
}

export function writesPlaintext({ plaintextOverride }: TablePlan): boolean {
  return plaintextOverride === "FORCE_PLAINTEXT_WRITE_ALLOW_PLAINTEXT_READ";
}
