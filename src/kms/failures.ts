import { DynasealError, type ErrorDetails } from "../errors/index.ts";

/** Which call is being made; becomes the details of its errors. */
export type KmsCallSite = ErrorDetails["ERR_KMS_ACCESS_DENIED"];

/** The call took longer than it may. */
export class DeadlineExceeded extends Error {
  override readonly name: string = "DeadlineExceeded";
}

type PlainCode = "ERR_KMS_ACCESS_DENIED" | "ERR_KMS_KEY_DISABLED" | "ERR_KMS_KEY_NOT_FOUND" | "ERR_KMS_THROTTLED";

const codeByName: ReadonlyMap<string, PlainCode> = new Map<string, PlainCode>([
  ["AccessDeniedException", "ERR_KMS_ACCESS_DENIED"],
  ["DisabledException", "ERR_KMS_KEY_DISABLED"],
  ["NotFoundException", "ERR_KMS_KEY_NOT_FOUND"],
  ["InvalidArnException", "ERR_KMS_KEY_NOT_FOUND"],
  ["ThrottlingException", "ERR_KMS_THROTTLED"],
  ["Throttling", "ERR_KMS_THROTTLED"],
  ["RequestLimitExceeded", "ERR_KMS_THROTTLED"],
  ["TooManyRequestsException", "ERR_KMS_THROTTLED"],
]);

/** What KMS answers where the ciphertext, its key or its encryption context is another than the request says. */
const notAuthentic: ReadonlySet<string> = new Set(["InvalidCiphertextException", "IncorrectKeyException"]);

const connectionCodes: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"],
  ...["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "EPROTO"],
]);

/** The parts of an SDK error that are looked at. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: { readonly statusCode?: number };
}

/**
 * The error of a failed KMS call. An error of this library (a refused endpoint, an abort) passes as it is.
 *
 * The cause keeps name, HTTP status, request id, and the message where KMS is known to quote nothing of the request;
 * a ValidationException for one quotes the encryption context.
 */
export function kmsFailure(error: unknown, site: KmsCallSite): DynasealError {
  if (error instanceof DynasealError) return error;
  const failure = typeof error === "object" && error !== null ? (error as SdkError) : {};
  const name = failure.name ?? "Error";
  const status = failure.$metadata?.httpStatusCode ?? failure.$response?.statusCode;
  const reason = unreachableReason(error, failure, status);
  const code = codeByName.get(name) ?? (status === 429 ? "ERR_KMS_THROTTLED" : undefined);
  if (code !== undefined) return new DynasealError(code, { details: site, cause: summary(failure, status, true) });
  if (notAuthentic.has(name)) return new DynasealError("ERR_NOT_AUTHENTIC", { details: {}, cause: summary(failure, status, true) });
  if (name === "KMSInvalidStateException" && /pending\s?(replica\s?)?deletion/i.test(failure.message ?? "")) {
    return new DynasealError("ERR_KMS_KEY_PENDING_DELETION", { details: site, cause: summary(failure, status, true) });
  }
  if (reason !== undefined) {
    return new DynasealError("ERR_KMS_UNREACHABLE", {
      details: { ...site, reason },
      cause: summary(failure, status, status === undefined),
    });
  }
  return new DynasealError("ERR_KMS_REFUSED", { details: { ...site, name }, cause: summary(failure, status, false) });
}

function unreachableReason(error: unknown, failure: SdkError, status: number | undefined): string | undefined {
  if (error instanceof DeadlineExceeded) return error.message;
  if (status !== undefined) return status >= 500 ? `HTTP ${status} ${failure.name ?? ""}`.trimEnd() : undefined;
  if (failure.code !== undefined && connectionCodes.has(failure.code)) return failure.code;
  return failure.name === "TimeoutError" ? "the connection timed out" : undefined;
}

/** A new error with what operators need: the SDK's own carries the response and may quote the request. */
function summary(failure: SdkError, status: number | undefined, withMessage: boolean): Error {
  const error = new Error(withMessage ? failure.message : "The message is left out, since it may quote the request.");
  Object.defineProperty(error, "name", { value: failure.name ?? "Error", configurable: true });
  const { requestId } = failure.$metadata ?? {};
  return Object.assign(error, {
    ...(failure.code === undefined ? {} : { code: failure.code }),
    ...(status === undefined ? {} : { httpStatusCode: status }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}
