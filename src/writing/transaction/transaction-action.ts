import type { ConditionCheck, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { invalidArgument } from "../../errors/index.ts";
import { type OperationCall, type ProtectedTable, requireItem, requirePrimaryKey, revised, toStored } from "../../tables/index.ts";
import { checkedWrite } from "../checked-write.ts";
import { guardedDelete } from "../guarded/guarded-delete.ts";
import { guardedPut } from "../guarded/guarded-put.ts";
import { guardedUpdate } from "../guarded/guarded-update.ts";
import type { GuardedWrite, WriteAction } from "../guarded/guarded-write.ts";

/** One action of a transaction on its way. */
export interface TransactionAction {
  /** As the application gave it. */
  readonly given: TransactWriteItem;
  /** `undefined` where the table stays plain. */
  readonly table: ProtectedTable | undefined;
  /** Defined where the table is protected; used where `guarded` says so. */
  readonly write: GuardedWrite | undefined;
  /** Whether the action has to read its item first. */
  readonly guarded: boolean;
  /** An update that the service is asked to do alone; where there is no item, it has to be guarded after all. */
  readonly nativeUpdate: boolean;
  /** What an action sends that needs no reading. Encrypts once, however often the transaction is repeated. */
  native(call: OperationCall): Promise<TransactWriteItem>;
}

/**
 * Checks one action, before anything is encrypted or sent.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_TABLE_NOT_CONFIGURED, and what `checkedWrite` throws
 */
export function transactionAction(given: TransactWriteItem, call: OperationCall): TransactionAction {
  const { Put, Update, Delete, ConditionCheck } = given;
  const [request, ...others] = [Put, Update, Delete, ConditionCheck].filter((part) => part !== undefined);
  if (request === undefined || others.length > 0) {
    throw invalidArgument("each of TransactItems", "exactly one of Put, Update, Delete, ConditionCheck");
  }
  const table = call.state.tables.find(request.TableName);
  if (table === undefined) {
    return { given, table, write: undefined, guarded: false, nativeUpdate: false, native: async () => given };
  }
  if (Put === undefined) requirePrimaryKey(table, (Update ?? Delete ?? ConditionCheck)?.Key, "Key");
  if (Update !== undefined) return updateOf(Update, { given, table }, call);
  const { expressions, guarded } = checkedWrite(Put === undefined ? "Delete" : "Put", { table, input: request, call });
  const common = { given, table, guarded, nativeUpdate: false };
  if (Put !== undefined) {
    const Item = requireItem(table, Put.Item);
    let stored: Promise<TransactWriteItem> | undefined;
    const encrypted = async (): Promise<TransactWriteItem> => ({
      Put: { ...Put, Item: await toStored(table, revised(table, Item, undefined, call), call) },
    });
    return {
      ...common,
      write: guardedPut(table, { ...Put, Item }, expressions),
      native: () => {
        stored ??= encrypted();
        return stored;
      },
    };
  }
  const [kind, input] = Delete === undefined ? (["ConditionCheck", ConditionCheck] as const) : (["Delete", Delete] as const);
  const { TableName, Key } = input ?? { TableName: undefined, Key: undefined };
  return { ...common, write: guardedDelete(kind, table, { TableName, Key }, expressions), native: async () => given };
}

function updateOf(
  input: NonNullable<TransactWriteItem["Update"]>,
  common: { readonly given: TransactWriteItem; readonly table: ProtectedTable },
  call: OperationCall,
): TransactionAction {
  const { table, given } = common;
  const { expressions, native } = checkedWrite("Update", { table, input, call });
  const write = guardedUpdate(table, input, expressions);
  // Only the row tells whether the item was missing or the application's own condition failed.
  const sent = native && { ...native, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
  const item = sent === undefined ? given : { Update: sent };
  return { ...common, write, guarded: sent === undefined, nativeUpdate: sent !== undefined, native: async () => item };
}

/** A guarded action as TransactWriteItems takes it. */
export function actionItem(action: WriteAction): TransactWriteItem {
  switch (action.kind) {
    case "Put":
      return { Put: action.input };
    case "Update":
      return { Update: { ...action.input, UpdateExpression: action.input.UpdateExpression } };
    case "Delete":
      return { Delete: action.input };
    case "ConditionCheck":
      return { ConditionCheck: action.input };
  }
}

/**
 * In the place of an action whose condition was found false: the service reports it as its own, beside what it finds of
 * the others, in the order of the application's actions.
 */
export function neverHolds(action: TransactionAction): TransactWriteItem {
  const { Put, Update, Delete, ConditionCheck } = action.given;
  const { ReturnValuesOnConditionCheckFailure } = Put ?? Update ?? Delete ?? ConditionCheck ?? {};
  return { ConditionCheck: { ...existenceCheck(action, "AND"), ReturnValuesOnConditionCheckFailure } };
}

/** A check of an action's item that holds whatever is there. */
export function alwaysHolds(action: TransactionAction): TransactWriteItem {
  return { ConditionCheck: existenceCheck(action, "OR") };
}

function existenceCheck({ write }: TransactionAction, operator: "AND" | "OR"): ConditionCheck {
  return {
    TableName: write?.tableName,
    Key: { ...write?.key },
    ConditionExpression: `attribute_exists(#key) ${operator} attribute_not_exists(#key)`,
    ExpressionAttributeNames: { "#key": write?.table.plan.partitionKey ?? "" },
  };
}

/** In the place of an update that does not fit its item: one that fits none, so that the service reports it as such. */
export function neverFits({ write }: TransactionAction): TransactWriteItem {
  return {
    Update: {
      TableName: write?.tableName,
      Key: { ...write?.key },
      UpdateExpression: "SET #none = #none",
      ExpressionAttributeNames: { "#none": "aws_dbe_none" },
    },
  };
}
