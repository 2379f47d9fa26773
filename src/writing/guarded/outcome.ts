import type { AttributeMap } from "../../attributes/index.ts";
import { footerOf, sameFooter } from "../../tables/index.ts";
import type { PreparedWrite } from "./guarded-write.ts";
import type { ReadItem } from "./read-item.ts";

/** What the SDK says of an error beside its name. */
interface SdkError {
  readonly name?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly attempts?: number; readonly httpStatusCode?: number };
}

/** What is known of the SDK's attempts at one request. */
export interface WatchedAttempts {
  /** Attempts that went out; 0 also where the application's client does not run a command's own middleware, as a mock. */
  readonly made: number;
  /** Whether any of them was done, or may have been. */
  readonly mayHaveLanded: boolean;
}

/** The item was changed since it was read; in another Region too, where the table is strongly consistent. */
const lostRaces: ReadonlySet<unknown> = new Set(["ConditionalCheckFailedException", "ReplicatedWriteConflictException"]);

export function isLostRace(error: unknown): boolean {
  return lostRaces.has(nameOf(error));
}

/** No answer of the service, or half of one: the connection failed, or it took too long. What the service says has a fault. */
export function isWithoutAnswer(error: unknown): boolean {
  return asSdkError(error).$fault === undefined;
}

/** The service failed on the way, and may have done it before. */
export function isServerFault(error: unknown): boolean {
  const { $metadata, $fault } = asSdkError(error);
  return $fault === "server" || ($metadata?.httpStatusCode ?? 0) >= 500;
}

/**
 * Whether a request that failed may still have been done: it, or an earlier attempt of the SDK, was sent and never
 * answered, or the service failed on the way. Where nobody watched the attempts, any but the last may have been such.
 */
export function mayHaveLanded(error: unknown, attempts: WatchedAttempts): boolean {
  if (attempts.made > 0) return attempts.mayHaveLanded;
  if ((asSdkError(error).$metadata?.attempts ?? 1) > 1) return true;
  return !isLostRace(error) && (isWithoutAnswer(error) || isServerFault(error));
}

/** What the row, as it is now, says about writes that may have been done. */
export type Outcome =
  /** The item is as one of them made it. */
  | { readonly kind: "done"; readonly write: PreparedWrite }
  /** The item is as it was read: none of them was done. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "unknown" };

export function outcomeOf(row: AttributeMap | undefined, read: ReadItem, sent: readonly PreparedWrite[]): Outcome {
  const footer = footerOf(row);
  const write = sent.find((one) => sameFooter(one.footer, footer));
  if (write !== undefined) return { kind: "done", write };
  if (sameFooter(footerOf(read.row), footer)) return { kind: "unchanged" };
  // What is absent, and was, may have been made and deleted, unless nothing was made.
  const stillAbsent = row === undefined && read.row === undefined && sent.every((one) => one.item === undefined);
  return { kind: stillAbsent ? "unchanged" : "unknown" };
}

function asSdkError(error: unknown): SdkError {
  return typeof error === "object" && error !== null ? error : {};
}

function nameOf(error: unknown): unknown {
  return asSdkError(error).name;
}
