import type { ErrorTable } from "./error-table.ts";

/** Codes of schema. */
export type SchemaErrorDetails = Record<never, never>;

export const schemaErrors: ErrorTable<SchemaErrorDetails> = {};
