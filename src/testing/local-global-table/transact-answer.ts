import { dynamodbException, ServiceException } from "./service-exception.ts";
import { isRecord, type WireBody, type WireItem } from "./wire.ts";

/** Why a transaction was cancelled, one for each of its actions and in their order. */
export interface CancellationReason {
  readonly Code: "None" | "ConditionalCheckFailed" | "ValidationError";
  readonly Message?: string;
  readonly Item?: WireItem;
}

export const noReason: CancellationReason = { Code: "None" };

/** The reason that an action's failure is; a failure that cancels nothing (no such table, for instance) is thrown on. */
export function reasonOf(exception: unknown, item: WireItem | undefined): CancellationReason {
  if (!(exception instanceof ServiceException)) throw exception;
  if (exception.type === "ConditionalCheckFailedException") {
    return { Code: "ConditionalCheckFailed", Message: exception.message, ...(item && { Item: item }) };
  }
  if (exception.type === "ValidationException") return { Code: "ValidationError", Message: exception.message };
  throw exception;
}

export function throwIfCancelled(reasons: readonly CancellationReason[]): void {
  if (reasons.every((reason) => reason.Code === "None")) return;
  const codes = reasons.map((reason) => reason.Code).join(", ");
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  throw dynamodbException("TransactionCanceledException", message, { Message: message, CancellationReasons: reasons });
}

/** ConsumedCapacity by table, at the double price of transactions; nothing unless the request asks for it. */
export function transactCapacity(
  request: WireBody,
  kind: "ReadCapacityUnits" | "WriteCapacityUnits",
  answers: readonly WireBody[],
): WireBody {
  const detail = request.ReturnConsumedCapacity;
  if (detail !== "TOTAL" && detail !== "INDEXES") return {};
  const unitsByTable = new Map<string, number>();
  for (const { ConsumedCapacity: consumed } of answers) {
    if (!isRecord(consumed)) continue;
    const tableName = String(consumed.TableName);
    unitsByTable.set(tableName, (unitsByTable.get(tableName) ?? 0) + 2 * Number(consumed.CapacityUnits));
  }
  return {
    ConsumedCapacity: Array.from(unitsByTable, ([TableName, units]) => ({
      TableName,
      CapacityUnits: units,
      [kind]: units,
      ...(detail === "INDEXES" && { Table: { CapacityUnits: units, [kind]: units } }),
    })),
  };
}
