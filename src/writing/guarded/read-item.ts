import { type ConsumedCapacity, GetItemCommand, type GetItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import type { SignedAction } from "../../structure/index.ts";
import { type AskedItem, type OperationCall, readStored, requireAnswered } from "../../tables/index.ts";

/** What a guarded write read: nothing, a plaintext row, or an item that was verified and decrypted. */
export interface ReadItem {
  /** As it is stored; `undefined` where there is no item. */
  readonly row: AttributeMap | undefined;
  /** As the application knows it. */
  readonly item: AttributeMap | undefined;
  /** What the item's legend says of its signed attributes; `undefined` without an encrypted item. */
  readonly actions: ReadonlyMap<string, SignedAction> | undefined;
}

/** Verifies and decrypts a row. @throws ERR_ANSWER_MISMATCH, and what `readStored` throws */
export async function readItem(asked: AskedItem, row: AttributeMap | undefined, call: OperationCall): Promise<ReadItem> {
  if (row === undefined) return { row, item: undefined, actions: undefined };
  requireAnswered(asked, row);
  const { item, actions } = await readStored(asked.table, row, call, "consistent");
  return { row, item, actions };
}

/** The row as it is now, read consistently. @throws ERR_ANSWER_MISMATCH */
export async function fetchRow(
  asked: AskedItem,
  input: Pick<GetItemCommandInput, "TableName" | "Key" | "ReturnConsumedCapacity">,
  call: OperationCall,
): Promise<{ readonly row: AttributeMap | undefined; readonly capacity: ConsumedCapacity | undefined }> {
  const { TableName, Key, ReturnConsumedCapacity } = input;
  const output = await call.send(new GetItemCommand({ TableName, Key, ReturnConsumedCapacity, ConsistentRead: true }));
  if (output.Item !== undefined) requireAnswered(asked, output.Item);
  return { row: output.Item, capacity: output.ConsumedCapacity };
}
