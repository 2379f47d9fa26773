import { DynasealError, invalidArgument } from "../errors/index.ts";
import type { StreamChange } from "./stream-change.ts";
import { type RecordOutcome, recordReader, type StreamDecryptorOptions } from "./stream-decryptor.ts";
import { streamEvent } from "./stream-event.ts";

export interface StreamHandlerOptions extends StreamDecryptorOptions {
  /**
   * `true` answers with the first record that failed, so that Lambda delivers again from there, and not the whole batch.
   *
   * Set it **only together with** `FunctionResponseTypes: ["ReportBatchItemFailures"]` of the event source mapping. Lambda
   * ignores the answer of a mapping without it, and takes the batch as handled: the rest of it is lost.
   */
  readonly reportBatchItemFailures?: boolean | undefined;
  /** Is told of the failure that `reportBatchItemFailures` answers with, which nobody would see otherwise. */
  readonly onFailure?: ((failure: StreamFailure) => void) | undefined;
  /** Aborts every call of the handler, for a process that ends. */
  readonly signal?: AbortSignal | undefined;
}

/** Why a batch ends at a record. */
export interface StreamFailure {
  readonly sequenceNumber: string | undefined;
  readonly error: unknown;
}

/** What Lambda and EventBridge Pipes take as the answer of a batch. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * A Lambda handler for the stream of one table: calls `handle` with each change, one after the other, in the order of the
 * records. The next ones are decrypted meanwhile.
 *
 * At the first failure, whether of decryption or of `handle`, nothing further is handled. By default the handler then throws, and
 * the whole batch comes again: changes that were handled are handled once more, so `handle` has to bear that.
 *
 * @example
 * ```ts
 * import type { Keyring, TableSchema } from "dynaseal";
 * import { streamHandler } from "dynaseal/streams";
 *
 * declare const schema: TableSchema;
 * declare const keyring: Keyring;
 * export const handler = streamHandler({ schema, keyring }, async ({ eventName, keys, newImage }) => {
 *   console.log(eventName, Object.keys(keys), Object.keys(newImage ?? {}));
 * });
 * ```
 *
 * @param handle gets the change and Lambda's context
 * @returns for the event source mapping, or as the target of a pipe; with `reportBatchItemFailures` its answer says where to go on
 * @throws ERR_INVALID_ARGUMENT, ERR_SCHEMA_INVALID, ERR_PLAINTEXT_NOT_ACKNOWLEDGED
 */
export function streamHandler<Context = unknown>(
  options: StreamHandlerOptions,
  handle: (change: StreamChange, context: Context) => unknown,
): (event: unknown, context: Context) => Promise<BatchResponse | undefined> {
  const { reportBatchItemFailures = false, onFailure, signal } = options;
  if (typeof handle !== "function") throw invalidArgument("the second argument", "a function that handles one change");
  if (typeof reportBatchItemFailures !== "boolean") throw invalidArgument("reportBatchItemFailures", "true or false");
  if (onFailure !== undefined && typeof onFailure !== "function") throw invalidArgument("onFailure", "a function");
  const reader = recordReader(options);

  async function handleOutcome(outcome: RecordOutcome, context: Context): Promise<void> {
    if (signal?.aborted) throw new DynasealError("ERR_ABORTED", { details: {}, cause: signal.reason });
    if (outcome.kind === "failed") await reader.passOver(outcome);
    if (outcome.kind === "change") await handle(outcome.change, context);
  }

  return async (event, context) => {
    const { envelopes, identifiersFrom } = streamEvent(event);
    let index = 0;
    for await (const outcome of reader.outcomes(envelopes, signal)) {
      try {
        await handleOutcome(outcome, context);
      } catch (error) {
        const identifiers = reportBatchItemFailures ? identifiersFrom(index) : undefined;
        if (identifiers === undefined) throw error;
        onFailure?.({ sequenceNumber: envelopes[index]?.sequenceNumber, error });
        return { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) };
      }
      index++;
    }
    return reportBatchItemFailures ? { batchItemFailures: [] } : undefined;
  };
}
