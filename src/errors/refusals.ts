import { DynasealError } from "./dynaseal-error.ts";

/** The refusal of an argument, by its name and by what it has to be; to be thrown. */
export function invalidArgument(argument: string, expected: string): DynasealError<"ERR_INVALID_ARGUMENT"> {
  return new DynasealError("ERR_INVALID_ARGUMENT", { details: { argument, expected } });
}

/** @throws ERR_LIMIT_EXCEEDED where `actual` is over `maximum` */
export function requireWithin(limit: string, actual: number, maximum: number): void {
  if (actual > maximum) throw new DynasealError("ERR_LIMIT_EXCEEDED", { details: { limit, maximum, actual } });
}
