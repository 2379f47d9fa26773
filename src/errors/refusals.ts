import { DynasealError } from "./dynaseal-error.ts";

/** The refusal of an argument, by its name and by what it has to be; to be thrown. */
export function invalidArgument(argument: string, expected: string): DynasealError<"ERR_INVALID_ARGUMENT"> {
  return new DynasealError("ERR_INVALID_ARGUMENT", { details: { argument, expected } });
}

/** @throws ERR_LIMIT_EXCEEDED where `actual` is over `maximum` */
export function requireWithin(limit: string, actual: number, maximum: number): void {
  if (actual > maximum) throw new DynasealError("ERR_LIMIT_EXCEEDED", { details: { limit, maximum, actual } });
}

/** @throws ERR_INVALID_ARGUMENT unless it is a whole number within these bounds */
export function requireWhole(argument: string, value: unknown, minimum: number, maximum: number = Number.POSITIVE_INFINITY): void {
  if (Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum) return;
  const bounds = maximum === Number.POSITIVE_INFINITY ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw invalidArgument(argument, `a whole number ${bounds}`);
}
