export { type ErrorCode, type ErrorDetails, errorTable } from "./codes.ts";
export { displayName } from "./display-name.ts";
export { DynasealError, isDynasealError } from "./dynaseal-error.ts";
export { ownError } from "./own-error.ts";
export { invalidArgument, requireWithin } from "./refusals.ts";
