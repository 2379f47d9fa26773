import {
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type UpdateItemCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { applyProjection, applyUpdate, evaluateCondition, type ParsedExpressions, type Update } from "../expressions/index.ts";
import { footerName, headerName } from "../structure/index.ts";
import { type ConditionFailure, hasItem, isConditionFailure } from "./condition-failures.ts";
import { checkedExpressions } from "./expression-rules.ts";
import { guardedUpdate, requireNative, writesPlaintext } from "./native-update.ts";
import type { OperationCall } from "./operation.ts";
import type { ProtectedTable } from "./protected-tables.ts";
import { refuseLegacyParameters } from "./refusals.ts";
import { fromStored, toStored } from "./stored-items.ts";

/** How often an update starts anew when others create and delete its item meanwhile. */
const maximumAttempts = 8;

/** An update of a protected table on its way. */
interface NativeUpdate {
  readonly table: ProtectedTable;
  readonly input: UpdateItemCommandInput;
  readonly expressions: ParsedExpressions;
  readonly call: OperationCall;
}

/**
 * Updates of unsigned attributes go to the service as they are, guarded, and are atomic as always. Where the item does
 * not exist it is created encrypted.
 *
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate before UpdateItem"
 */
export async function updateItem(input: UpdateItemCommandInput, call: OperationCall): Promise<UpdateItemCommandOutput> {
  const table = call.tables.find(input.TableName);
  if (table === undefined) return call.send(new UpdateItemCommand(input));
  refuseLegacyParameters("UpdateItem", input);
  const expressions = checkedExpressions(table.plan, input);
  requireNative(table.plan, expressions);
  const update = { table, input, expressions, call };
  for (let attempt = 0; attempt < maximumAttempts; attempt++) {
    const output = (await updateStored(update)) ?? (await create(update));
    if (output !== undefined) return output;
  }
  throw new DynasealError("ERR_UPDATE_CONTENDED", { details: { tableName: table.plan.tableName, attempts: maximumAttempts } });
}

/** `undefined` where there was no item and the application's condition holds without one. */
async function updateStored(update: NativeUpdate): Promise<UpdateItemCommandOutput | undefined> {
  const { table, input, call, expressions } = update;
  const guarded: UpdateItemCommandInput = { ...guardedUpdate(table.plan, input), ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
  try {
    const output = await call.send(new UpdateItemCommand(guarded));
    if (writesPlaintext(table.plan)) call.keyring.onEvent?.({ type: "plaintext-write", tableName: table.plan.tableName });
    return await readable(update, output);
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const row = hasItem(error) ? error.Item : await storedRow(update);
    if (row === undefined) {
      if (expressions.condition !== undefined && !evaluateCondition(expressions.condition, {})) throw error;
      return undefined;
    }
    if (writesPlaintext(table.plan) === isEncrypted(row)) throw wrongKindOfRow(table);
    // Without a condition of the application only the guard can have failed: the item came after that.
    if (expressions.condition === undefined) return undefined;
    throw await applicationFailure(update, error, row);
  }
}

/** The guard held, so that it was the application's own condition that failed. */
async function applicationFailure({ table, input, call }: NativeUpdate, error: ConditionFailure, row: AttributeMap): Promise<Error> {
  if (input.ReturnValuesOnConditionCheckFailure === "ALL_OLD") error.Item = await fromStored(table, row, call);
  else delete error.Item;
  return error;
}

/** A plaintext row where items are encrypted, or the reverse. */
function wrongKindOfRow({ plan }: ProtectedTable): DynasealError {
  const { tableName } = plan;
  if (!writesPlaintext(plan)) return new DynasealError("ERR_ITEM_NOT_ENCRYPTED", { details: { tableName } });
  const details = {
    operation: "UpdateItem",
    tableName,
    reason: "the item is encrypted, while the schema writes plaintext",
    instead: "Read the item, change it and write it whole with PutItem.",
  };
  return new DynasealError("ERR_OPERATION_NOT_SUPPORTED", { details });
}

/** `undefined` where somebody else created the item meanwhile. */
async function create(update: NativeUpdate): Promise<UpdateItemCommandOutput | undefined> {
  const { table, input, call, expressions } = update;
  const { plan } = table;
  const { item, paths } = applyUpdate(expressions.update ?? emptyUpdate, input.Key ?? {});
  const Item = await toStored(table, item, call);
  const { TableName, ReturnConsumedCapacity, ReturnItemCollectionMetrics, ReturnValues } = input;
  const ConditionExpression = "attribute_not_exists(#key)";
  const put = { TableName, Item, ReturnConsumedCapacity, ReturnItemCollectionMetrics, ConditionExpression };
  try {
    const output = await call.send(new PutItemCommand({ ...put, ExpressionAttributeNames: { "#key": plan.partitionKey } }));
    if (ReturnValues === "ALL_NEW") return { ...output, Attributes: { ...item } };
    return ReturnValues === "UPDATED_NEW" ? { ...output, Attributes: { ...applyProjection(paths, item) } } : output;
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

const emptyUpdate: Update = { kind: "update", set: [], remove: [], add: [], delete: [] };

/** UPDATED_OLD and UPDATED_NEW hold attributes that the update names, hence unsigned ones: nothing to decrypt. */
async function readable({ table, input, call }: NativeUpdate, output: UpdateItemCommandOutput): Promise<UpdateItemCommandOutput> {
  const whole = input.ReturnValues === "ALL_OLD" || input.ReturnValues === "ALL_NEW";
  if (!whole || output.Attributes === undefined) return output;
  return { ...output, Attributes: await fromStored(table, output.Attributes, call) };
}

/** For services that do not hand out the item with a failed condition. */
async function storedRow({ input, call }: NativeUpdate): Promise<AttributeMap | undefined> {
  const { TableName, Key } = input;
  return (await call.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
}

function isEncrypted(row: AttributeMap): boolean {
  return Object.hasOwn(row, headerName) || Object.hasOwn(row, footerName);
}
