import { DynasealError, isDynasealError } from "./dynaseal-error.ts";

/**
 * The same failure as an error of its own, for one of several who wait for the same thing. Callers write on errors
 * (electrodb defines a property), and what two of them write on one object collides.
 *
 * @returns errors that are not ours as they are: they cannot be copied
 */
export function ownError(error: unknown): unknown {
  if (!isDynasealError(error)) return error;
  const { code, details } = error;
  return new DynasealError(code, "cause" in error ? { details, cause: error.cause } : { details });
}
