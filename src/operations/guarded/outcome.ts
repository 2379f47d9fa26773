import type { AttributeMap } from "../../attributes/index.ts";
import type { PreparedWrite } from "./guarded-write.ts";
import { footerOf, type ReadItem, sameFooter } from "./read-item.ts";

/** What the SDK says of an error beside its name. */
interface SdkError {
  readonly name?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly attempts?: number; readonly httpStatusCode?: number };
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

/**
 * Whether a request that failed may still have been done: it, or an earlier attempt of the SDK, was sent and never
 * answered, or the service failed on the way.
 */
export function mayHaveLanded(error: unknown): boolean {
  const { $metadata, $fault } = asSdkError(error);
  if (isLostRace(error)) return ($metadata?.attempts ?? 1) > 1;
  return isWithoutAnswer(error) || $fault === "server" || ($metadata?.httpStatusCode ?? 0) >= 500 || ($metadata?.attempts ?? 1) > 1;
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
