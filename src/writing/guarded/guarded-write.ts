import type { ConditionCheck, Delete, Put, Update } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import { type Condition, evaluateCondition } from "../../expressions/index.ts";
import type { OperationCall, ProtectedTable } from "../../tables/index.ts";
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
}

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
  prepare(read: ReadItem, call: OperationCall): Promise<PreparedWrite>;
}

/** Whether the application's condition holds on what was read. */
export function conditionHolds({ condition }: GuardedWrite, { item }: ReadItem): boolean {
  return condition === undefined || evaluateCondition(condition, item ?? {});
}
