import { DynasealError } from "../errors/index.ts";

/** The error for what the service refuses with a ValidationException of this wording. The wording never holds a value. */
export function invalid(reason: string): DynasealError<"ERR_EXPRESSION_INVALID"> {
  return new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
}
