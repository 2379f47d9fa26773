import type { ErrorTable } from "./error-table.ts";

/** Codes of kms. */
export type KmsErrorDetails = Record<never, never>;

export const kmsErrors: ErrorTable<KmsErrorDetails> = {};
