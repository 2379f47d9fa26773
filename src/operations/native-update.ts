import { DynasealError } from "../errors/index.ts";
import { type ParsedExpressions, referencedAttributes } from "../expressions/index.ts";
import { actionOf, type TablePlan } from "../schema/index.ts";
import { footerName, headerName } from "../structure/index.ts";

/**
 * An update that the service can do alone: it names unsigned attributes only, and no header or footer has to change. On
 * a plaintext item, which is all that a schema that writes plaintext lets an update touch, that is any update.
 *
 * @throws ERR_UPDATE_ON_PROTECTED_ATTRIBUTE, ERR_ATTRIBUTE_NOT_CONFIGURED
 */
export function requireNative(plan: TablePlan, { update }: ParsedExpressions): void {
  if (update === undefined || writesPlaintext(plan)) return;
  const { tableName } = plan;
  for (const attribute of referencedAttributes(update)) {
    const action = actionOf(plan, attribute);
    if (action === undefined) throw new DynasealError("ERR_ATTRIBUTE_NOT_CONFIGURED", { details: { tableName, attribute } });
    if (action !== "DO_NOTHING") throw new DynasealError("ERR_UPDATE_ON_PROTECTED_ATTRIBUTE", { details: { tableName, attribute } });
  }
}

/**
 * Guards a native update. Without the guard it would make an item without header and footer where there is none, which
 * nobody could read.
 *
 * @param row what the item has to be: encrypted, or plain where the schema writes plaintext
 */
export function guardedUpdate<Input extends { ConditionExpression?: string | undefined }>(
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
