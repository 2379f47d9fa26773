import type { ConditionCheck, Delete, Put, Update } from "@aws-sdk/client-dynamodb";
import type { AttributeMap, AttributeValue } from "../../attributes/index.ts";
import { type Condition, evaluateCondition } from "../../expressions/index.ts";
import type { OperationCall, ProtectedTable } from "../../tables/index.ts";
import type { Disclosure } from "./disclosure.ts";
import type { ReadItem } from "./read-item.ts";

/** One action as TransactWriteItems takes it; single operations take the same members. */
export type WriteAction =
  | { readonly kind: "Put"; readonly input: Put }
  | { readonly kind: "Update"; readonly input: Omit<Update, "UpdateExpression"> & { UpdateExpression: string | undefined } }
  | { readonly kind: "Delete"; readonly input: Delete }
  | { readonly kind: "ConditionCheck"; readonly input: ConditionCheck };

/** A write that was decided on what was read, ready to be sent. */
export interface PreparedWrite {
  /** Guarded: it fails where the item is no longer what was read. */
  readonly action: WriteAction;
  /** The item as it is written, in plain; `undefined` after a Delete. */
  readonly item: AttributeMap | undefined;
  /** The footer of the item as it is written. */
  readonly footer: Uint8Array | undefined;
  /** Of an update that encrypts a plain row; what has to be looked at once it was done. */
  readonly takeover?: Takeover | undefined;
  /** What it stores readable of encrypted attributes, as the request allows. */
  readonly disclosures?: readonly Disclosure[] | undefined;
}

/** Signed attributes that others wrote (`undefined`: took away) past the guard of an update. */
export type Changes = ReadonlyMap<string, AttributeValue | undefined>;

/**
 * An update that makes an encrypted item of a plain row. Until then others may have written signed attributes that the
 * guard could not name; they stand in plain beside header and footer, or were overwritten, until they are taken in.
 */
export interface Takeover {
  /** The signed part of the row as it was taken to be when this is written. */
  readonly before: AttributeMap;
  /** The signed part of the row as this writes it. */
  readonly after: AttributeMap;
  /** Whether the guard holds all that was read, so that nothing of others can have been overwritten. */
  readonly holdsRow: boolean;
  /** The whole row as it is stored by this, given the row that it was done on. */
  rowAfter(row: AttributeMap): AttributeMap;
  /**
   * The same item with what others changed, guarded on the footer of this write.
   *
   * @param row as it is stored after this write
   */
  again(changes: Changes, row: AttributeMap, call: OperationCall): Promise<PreparedWrite>;
}

/** Whether a write goes alone, so that the service can return the row, or in a transaction. */
export type SentIn = "request" | "transaction";

/** A write that reads its item first: its condition, or what it writes, takes values that only this side can read. */
export interface GuardedWrite {
  readonly table: ProtectedTable;
  /** As the request gave it. */
  readonly tableName: string | undefined;
  readonly key: AttributeMap;
  /** The application's own. */
  readonly condition: Condition | undefined;
  /**
   * Applies the write to what was read, encrypts and guards it; the condition is the caller's business.
   *
   * @throws ERR_EXPRESSION_INVALID, ERR_WOULD_EXPOSE, ERR_EXPRESSION_TOO_LARGE, and what `encryptItem` throws
   */
  prepare(read: ReadItem, call: OperationCall, sentIn: SentIn): Promise<PreparedWrite>;
}

/** Whether the application's condition holds on what was read. */
export function conditionHolds({ condition }: GuardedWrite, { item }: ReadItem): boolean {
  return condition === undefined || evaluateCondition(condition, item ?? {});
}
