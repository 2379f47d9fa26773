import { DynasealError, type ErrorCode, isDynasealError } from "../errors/index.ts";
import type { SendOptions } from "./outer-request-handler.ts";

/** Names by which applications tell errors of the SDK, as it documents them: the service would give the same. */
const sdkNames: Partial<Record<ErrorCode, string>> = {
  ERR_ABORTED: "AbortError",
  ERR_EXPRESSION_INVALID: "ValidationException",
  ERR_KEY_MISSING: "ValidationException",
  ERR_PRIMARY_KEY_MISMATCH: "ValidationException",
  ERR_NUMBER_INVALID: "ValidationException",
  ERR_ATTRIBUTE_NOT_SERIALIZABLE: "ValidationException",
  ERR_ITEM_TOO_LARGE: "ValidationException",
};

export function named(error: DynasealError, name: string): DynasealError {
  return Object.defineProperty(error, "name", { value: name, configurable: true });
}

/**
 * What leaves `send` keeps the contract of the SDK's own errors: a name that applications know, `$fault`, and
 * `$metadata`, which tells that nothing was answered.
 */
export async function withSdkContract<Value>(sent: Promise<Value>): Promise<Value> {
  try {
    return await sent;
  } catch (error) {
    throw isDynasealError(error) ? likeTheSdk(error) : error;
  }
}

function likeTheSdk(error: DynasealError): DynasealError {
  // What is wrong with a stored item is not wrong with the request.
  const name = Object.hasOwn(error, "revealKey") || error.name !== "DynasealError" ? undefined : sdkNames[error.code];
  if (name !== undefined) named(error, name);
  const { $fault, $metadata } = (error.cause ?? {}) as { readonly $fault?: unknown; readonly $metadata?: unknown };
  const members = { $fault: $fault ?? "client", $metadata: $metadata ?? { attempts: 0, totalRetryDelay: 0 } };
  for (const [member, value] of Object.entries(members)) {
    if (!Object.hasOwn(error, member))
      Object.defineProperty(error, member, { value, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

/**
 * What a failure is once the caller's signal has aborted: an abort, whichever call noticed it. What the service
 * answered stays: it was decided before.
 */
export function unlessAborted(error: unknown, { abortSignal }: SendOptions): unknown {
  if (abortSignal?.aborted !== true || isAnswer(error)) return error;
  if (isDynasealError(error, "ERR_ABORTED") && error.cause instanceof Error) return error;
  return aborted(abortSignal);
}

/** @throws ERR_ABORTED if the signal has aborted already */
export function refuseAborted({ abortSignal }: SendOptions): void {
  if (abortSignal?.aborted === true) throw aborted(abortSignal);
}

function aborted({ reason }: AbortSignal): DynasealError {
  return new DynasealError("ERR_ABORTED", reason instanceof Error ? { details: {}, cause: reason } : { details: {} });
}

function isAnswer(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode !== undefined;
}
