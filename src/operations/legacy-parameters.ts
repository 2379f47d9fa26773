import type { BatchGetItemCommandInput, BatchGetItemCommandOutput, DynamoDBClient, KeysAndAttributes } from "@aws-sdk/client-dynamodb";
import { type Operation, type OperationCall, type ProtectedTable, translateLegacy } from "../tables/index.ts";

/** A command of ours on its way. */
type Sent = Parameters<DynamoDBClient["send"]>[0];

/**
 * An operation on one table, which takes the parameters from before expressions as well. A request that encryption does
 * not change goes out as it came.
 */
export function withLegacyParameters<Input extends { readonly TableName?: string | undefined }, Output>(
  run: Operation<Input, Output>,
): Operation<Input, Output> {
  return (input, call) => {
    const translated = isProtected(input.TableName, call) ? translateLegacy(input) : undefined;
    if (translated === undefined) return run(input, call);
    return run(
      translated.input,
      sendingAs(call, (sent) => translated.asItCame(sent)),
    );
  };
}

/** A batch, each of whose tables has parameters of its own; what is left unprocessed comes back in the application's form. */
export function withLegacyBatch(
  run: Operation<BatchGetItemCommandInput, BatchGetItemCommandOutput>,
): Operation<BatchGetItemCommandInput, BatchGetItemCommandOutput> {
  return async (input, call) => {
    const asked = Object.entries(input.RequestItems ?? {});
    const legacy = new Map<ProtectedTable, readonly string[]>();
    const requests = asked.map(([tableName, request]): [string, KeysAndAttributes] => {
      const table = isProtected(tableName, call) ? call.state.tables.find(tableName) : undefined;
      const translated = table && translateLegacy(request);
      if (table === undefined || translated === undefined) return [tableName, request];
      legacy.set(table, request.AttributesToGet ?? []);
      return [tableName, translated.input];
    });
    if (legacy.size === 0) return run(input, call);
    const output = await run({ ...input, RequestItems: Object.fromEntries(requests) }, call);
    const { UnprocessedKeys } = output;
    if (UnprocessedKeys === undefined) return output;
    const left = Object.entries(UnprocessedKeys).map(([tableName, keys]): [string, KeysAndAttributes] => {
      const table = call.state.tables.find(tableName);
      const AttributesToGet = table && legacy.get(table);
      if (AttributesToGet === undefined) return [tableName, keys];
      const { ProjectionExpression: _p, ExpressionAttributeNames: _n, ...rest } = keys;
      return [tableName, { ...rest, AttributesToGet: [...AttributesToGet] }];
    });
    return { ...output, UnprocessedKeys: Object.fromEntries(left) };
  };
}

/** What names no table is refused by the operation itself. */
function isProtected(tableName: string | undefined, { state }: OperationCall): boolean {
  return typeof tableName === "string" && state.tables.find(tableName) !== undefined;
}

function sendingAs(call: OperationCall, form: (sent: object) => object): OperationCall {
  const send = ((command: Sent) => call.send(Object.assign(command, { input: form(command.input) }))) as OperationCall["send"];
  return { ...call, send };
}
