import type { ErrorTable } from "./error-table.ts";

/** Codes of client. */
export type ClientErrorDetails = Record<never, never>;

export const clientErrors: ErrorTable<ClientErrorDetails> = {};
