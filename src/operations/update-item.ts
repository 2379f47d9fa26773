import { UpdateItemCommand, type UpdateItemCommandInput, type UpdateItemCommandOutput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError, isDynasealError } from "../errors/index.ts";
import { applyProjection, evaluateCondition, type ParsedExpressions, type Path, writtenPaths } from "../expressions/index.ts";
import {
  type ConditionFailure,
  fromStored,
  hasItem,
  isConditionFailure,
  type OperationCall,
  type ProtectedTable,
  requireAnswered,
  requirePrimaryKey,
  withPlainWrites,
} from "../tables/index.ts";
import { checkedWrite, type GuardedRequest, guardedUpdate, nativeGuardHolds, runGuarded, writesPlaintext } from "../writing/index.ts";

/** An update of a protected table on its way. */
interface ItemUpdate {
  readonly table: ProtectedTable;
  readonly key: AttributeMap;
  readonly input: UpdateItemCommandInput;
  /** As the service is asked to do it alone. */
  readonly sent: UpdateItemCommandInput;
  readonly expressions: ParsedExpressions;
  readonly call: OperationCall;
}

/**
 * An update of unsigned attributes goes to the service as it is, guarded, and is atomic as always. Any other reads its
 * item, applies the update, and writes the item under the guard that it is still what was read.
 *
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Validate Before UpdateItem"
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Decrypt after UpdateItem", "Validate Before UpdateItem"
 */
export async function updateItem(input: UpdateItemCommandInput, call: OperationCall): Promise<UpdateItemCommandOutput> {
  const table = call.state.tables.find(input.TableName);
  if (table === undefined) return withPlainWrites([input.TableName], call, () => call.send(new UpdateItemCommand(input)));
  const key = requirePrimaryKey(table, input.Key, "Key");
  const { expressions, native: sent } = checkedWrite("Update", { table, input, call });
  const paths = expressions.update === undefined ? [] : writtenPaths(expressions.update);
  const runHere = (known?: GuardedRequest["known"]): Promise<UpdateItemCommandOutput> => {
    const write = guardedUpdate(table, input, expressions);
    return runGuarded({ operation: "UpdateItem", write, input, paths, ...(known && { known }) }, call);
  };
  if (sent === undefined) return runHere();
  const update = { table, key, input, sent, expressions, call };
  const { maxUpdateAttempts } = call.options;
  for (let attempt = 1; attempt <= maxUpdateAttempts; attempt++) {
    const native = await nativeAttempt(update);
    if ("output" in native) return readable(update, native.output, paths);
    try {
      return await runHere(native);
    } catch (error) {
      // Somebody else was first to create the item. A writer may not read it, but now the service can do the update alone.
      if (native.row !== undefined || !isDynasealError(error, "ERR_ROLE_FORBIDS")) throw error;
    }
  }
  throw new DynasealError("ERR_UPDATE_CONTENDED", { details: { tableName: table.plan.tableName, attempts: maxUpdateAttempts } });
}

/** The service's answer, or the row where only a guarded update can do it: there is no item, or one in plaintext. */
async function nativeAttempt(
  update: ItemUpdate,
): Promise<{ readonly output: UpdateItemCommandOutput } | { readonly row: AttributeMap | undefined }> {
  const { table, sent, call, expressions } = update;
  try {
    const output = await call.send(new UpdateItemCommand({ ...sent, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
    if (writesPlaintext(table.plan)) call.keyring.onEvent?.({ type: "plaintext-write", tableName: table.plan.tableName, reason: "schema" });
    return { output };
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    // The old item was asked for: where it does not come, there was none.
    const row = hasItem(error) ? error.Item : undefined;
    if (row === undefined) {
      if (expressions.condition === undefined || evaluateCondition(expressions.condition, {})) return { row };
      delete error.Item;
      throw error;
    }
    requireAnswered(update, row);
    if (!nativeGuardHolds(table.plan, row)) return { row };
    // Without a condition of the application only the guard can have failed.
    if (expressions.condition === undefined) return { row };
    throw await applicationFailure(update, error, row);
  }
}

/** The guard held, so that it was the application's own condition that failed. */
async function applicationFailure(update: ItemUpdate, error: ConditionFailure, row: AttributeMap): Promise<Error> {
  const { input, call } = update;
  if (input.ReturnValuesOnConditionCheckFailure === "ALL_OLD") error.Item = await fromStored(update, row, call);
  else delete error.Item;
  return error;
}

/** UPDATED_OLD and UPDATED_NEW hold attributes that the update names, hence unsigned ones: nothing to decrypt. */
async function readable(update: ItemUpdate, output: UpdateItemCommandOutput, paths: readonly Path[]): Promise<UpdateItemCommandOutput> {
  const { Attributes } = output;
  if (Attributes === undefined) return output;
  const { input, call } = update;
  const whole = input.ReturnValues === "ALL_OLD" || input.ReturnValues === "ALL_NEW";
  return { ...output, Attributes: whole ? await fromStored(update, Attributes, call) : { ...applyProjection(paths, Attributes) } };
}
