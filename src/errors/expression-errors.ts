import type { ErrorTable } from "./error-table.ts";

/** Codes of expression. */
export type ExpressionErrorDetails = Record<never, never>;

export const expressionErrors: ErrorTable<ExpressionErrorDetails> = {};
