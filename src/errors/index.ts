export { type ErrorCode, type ErrorDetails, errorTable } from "./codes.ts";
export { displayName } from "./display-name.ts";
export { DynasealError, isDynasealError } from "./dynaseal-error.ts";
export { isNotInstalled } from "./missing-package.ts";
export { ownError } from "./own-error.ts";
export { invalidArgument, requireWhole, requireWithin } from "./refusals.ts";
