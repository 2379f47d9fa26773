import type { ErrorTable } from "./error-table.ts";

/** Codes of testing. */
export type TestingErrorDetails = Record<never, never>;

export const testingErrors: ErrorTable<TestingErrorDetails> = {};
