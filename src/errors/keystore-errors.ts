import type { ErrorTable } from "./error-table.ts";

/** Codes of keystore. */
export type KeystoreErrorDetails = Record<never, never>;

export const keystoreErrors: ErrorTable<KeystoreErrorDetails> = {};
