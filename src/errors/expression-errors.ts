import type { ErrorTable } from "./error-table.ts";

/** Codes of expressions. */
export interface ExpressionErrorDetails {
  /**
   * What the service answers with a ValidationException. `reason` is the service's wording, with names and placeholders
   * but without values, so that an operation can raise the service's own error from it.
   */
  ERR_EXPRESSION_INVALID: { reason: string };
}

export const expressionErrors: ErrorTable<ExpressionErrorDetails> = {
  ERR_EXPRESSION_INVALID: {
    meaning: ({ reason }) => reason,
    hint: "DynamoDB refuses this request as well. Correct the expression, its names and values, or the item that it is applied to; an attribute whose name is reserved or holds other characters than A-Z, a-z, 0-9 and _ needs a placeholder in ExpressionAttributeNames.",
  },
};
