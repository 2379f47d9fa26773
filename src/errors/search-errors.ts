import type { ErrorTable } from "./error-table.ts";

/** Codes of search. */
export type SearchErrorDetails = Record<never, never>;

export const searchErrors: ErrorTable<SearchErrorDetails> = {};
