import type { ErrorTable } from "./error-table.ts";

/** Codes of keyring. */
export type KeyringErrorDetails = Record<never, never>;

export const keyringErrors: ErrorTable<KeyringErrorDetails> = {};
