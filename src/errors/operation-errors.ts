import type { ErrorTable } from "./error-table.ts";

/** Codes of operation. */
export type OperationErrorDetails = Record<never, never>;

export const operationErrors: ErrorTable<OperationErrorDetails> = {};
