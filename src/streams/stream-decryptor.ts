import { type DynasealError, invalidArgument, isDynasealError, requireWhole } from "../errors/index.ts";
import { type ItemEncryptorOptions, inOrder, isItemFault, itemEncryptor } from "../item/index.ts";
import { type TablePlan, tablePlan } from "../schema/index.ts";
import { changedAttributes } from "./changed-attributes.ts";
import { openChange, type StreamChange } from "./stream-change.ts";
import { type Envelope, streamEvent } from "./stream-event.ts";
import { readStreamRecord } from "./stream-record.ts";

/** A record that could not be read, for the callback `onUndecryptable`. */
export interface UndecryptableRecord {
  readonly sequenceNumber: string | undefined;
  /** Why. `error.code` says what happened, `error.revealKey?.()` gives the key of the item. */
  readonly error: DynasealError;
  /** The record as it came, undecrypted: to be put aside. */
  readonly record: unknown;
}

export interface StreamDecryptorOptions extends ItemEncryptorOptions {
  /** How many records are decrypted at the same time, at most; 16 by default. */
  readonly concurrency?: number | undefined;
  /**
   * What happens with a record that cannot be read for a reason of its own: it was changed, planted, or is under a key that
   * is gone. `"stop"`, the default, fails like everything else. A callback is awaited in the record's turn, and then the record
   * is passed over, so that one item does not block its shard until it leaves the stream; if the callback throws, that stops.
   *
   * It is never called for what would fail other records as well: KMS, key store, permissions, an abort.
   */
  readonly onUndecryptable?: "stop" | ((record: UndecryptableRecord) => void | Promise<void>) | undefined;
  /**
   * Drops changes after which the item reads as before: a new key, a new suite, new beacons, plaintext that was encrypted.
   * The schema's `revision` does not count. It needs both images; without them nothing is dropped.
   */
  readonly skipUnchanged?: boolean | undefined;
}

/** What concerns one call of a {@link StreamDecryptor} only. */
export interface DecryptRecordsOptions {
  /** Aborts the call, also while it waits for KMS: `ERR_ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

export interface StreamDecryptor {
  /**
   * The changes of an event, in its order. A record that is delivered twice is there twice, with the same `eventId`.
   *
   * @param event as Lambda, EventBridge Pipes or GetRecords gives it
   * @throws ERR_INVALID_ARGUMENT, ERR_STREAM_RECORD_MALFORMED, ERR_STREAM_KEYS_MISMATCH, ERR_STREAM_IMAGE_MISMATCH, ERR_ABORTED,
   *   and what `decryptItem` throws; nothing is returned then
   */
  decryptRecords(event: unknown, options?: DecryptRecordsOptions): Promise<readonly StreamChange[]>;
}

/** A record in its turn: to be handled, passed over, or the end. */
export type RecordOutcome =
  | { readonly kind: "change"; readonly change: StreamChange }
  | { readonly kind: "skipped" }
  | { readonly kind: "failed"; readonly error: unknown; readonly envelope: Envelope };

/** Gives the records of an event one after the other, and does not throw for one of them before its turn. */
export interface RecordReader {
  outcomes(envelopes: readonly Envelope[], signal: AbortSignal | undefined): AsyncGenerator<RecordOutcome, void, undefined>;
  /** Passes over a failed record, or throws its error. */
  passOver(failed: RecordOutcome & { readonly kind: "failed" }): Promise<void>;
}

const codesOfRecords: ReadonlySet<string> = new Set(["ERR_STREAM_RECORD_MALFORMED", "ERR_STREAM_IMAGE_MISMATCH"]);

/**
 * Decrypts the records of one table's stream, whatever brings them: Lambda, EventBridge Pipes, Kinesis, GetRecords.
 *
 * The table is the logical one of the schema, never what the stream's ARN says.
 *
 * @example
 * ```ts
 * import type { Keyring, TableSchema } from "dynaseal";
 * import { streamDecryptor } from "dynaseal/streams";
 *
 * declare const schema: TableSchema;
 * declare const keyring: Keyring;
 * declare const event: object; // of Lambda, EventBridge Pipes or GetRecords
 * const changes = await streamDecryptor({ schema, keyring }).decryptRecords(event);
 * ```
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_SCHEMA_INVALID, ERR_PLAINTEXT_NOT_ACKNOWLEDGED
 */
export function streamDecryptor(options: StreamDecryptorOptions): StreamDecryptor {
  const reader = recordReader(options);
  return Object.freeze<StreamDecryptor>({
    async decryptRecords(event, { signal } = {}) {
      const changes: StreamChange[] = [];
      for await (const outcome of reader.outcomes(streamEvent(event).envelopes, signal)) {
        if (outcome.kind === "change") changes.push(outcome.change);
        if (outcome.kind === "failed") await reader.passOver(outcome);
      }
      return changes;
    },
  });
}

/** @throws as {@link streamDecryptor} */
export function recordReader(options: StreamDecryptorOptions): RecordReader {
  const { concurrency = 16, onUndecryptable = "stop", skipUnchanged = false, schema, acknowledgePlaintext = false } = options;
  requireWhole("concurrency", concurrency, 1);
  if (onUndecryptable !== "stop" && typeof onUndecryptable !== "function") throw invalidArgument("onUndecryptable", '"stop" or a function');
  if (typeof skipUnchanged !== "boolean") throw invalidArgument("skipUnchanged", "true or false");
  const plan = tablePlan(schema, { acknowledgePlaintext });
  const opener = { plan, encryptor: itemEncryptor(options) };
  return {
    outcomes: (envelopes, signal) =>
      inOrder(envelopes, {
        concurrency,
        signal,
        task: async (envelope, aborted): Promise<RecordOutcome> => {
          try {
            const change = await openChange(readStreamRecord(envelope), opener, aborted);
            return skipUnchanged && isUnchanged(change, plan) ? { kind: "skipped" } : { kind: "change", change };
          } catch (error) {
            return { kind: "failed", error, envelope };
          }
        },
      }),
    async passOver({ error, envelope }) {
      if (onUndecryptable === "stop" || !isRecordFault(error)) throw error;
      await onUndecryptable({ sequenceNumber: envelope.sequenceNumber, error, record: envelope.source });
    },
  };
}

function isRecordFault(error: unknown): error is DynasealError {
  return isItemFault(error) || (isDynasealError(error) && codesOfRecords.has(error.code));
}

function isUnchanged(change: StreamChange, plan: TablePlan): boolean {
  const { eventName, oldImage, newImage } = change;
  if (eventName !== "MODIFY" || oldImage === undefined || newImage === undefined) return false;
  return changedAttributes(change).every((name) => name === plan.revision);
}
