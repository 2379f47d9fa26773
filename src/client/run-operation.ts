import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynasealError, isDynasealError } from "../errors/index.ts";
import { concurrencyLimit, type OperationCall, operationTable, requireRole } from "../operations/index.ts";
import type { ClientSettings } from "./client-options.ts";
import type { SendOptions } from "./outer-request-handler.ts";
import type { RunOperation, SendContext } from "./outer-stack.ts";
import { unsupported } from "./sdk-anchors.ts";

/** Where the SDK keeps what belongs to its own layer of a send. */
const smithyContext = "__smithy_context";

type Command = Parameters<DynamoDBClient["send"]>[0];

/** Runs operations for an encrypted client over the client that it wraps. */
export function operationRunner(client: DynamoDBClient, { tables, kmsConcurrency, onEvent, role }: ClientSettings): RunOperation {
  return async (context, input, options) => {
    const operation = String(context["commandName"]).replace(/Command$/, "");
    const rule = operationTable.get(operation);
    if (rule === undefined) {
      const reason = "this version does not know the operation, so that it cannot tell whether it carries items";
      throw new DynasealError("ERR_OPERATION_NOT_SUPPORTED", {
        details: {
          operation,
          reason,
          instead: "Update dynaseal, or use a plain client for operations that carry no items of protected tables.",
        },
      });
    }
    // The SDK's types know abortable and callback forms of send; all that is used is command in, promise out.
    const send = ((command: Command) => client.send(command, options as Parameters<DynamoDBClient["send"]>[1])) as DynamoDBClient["send"];
    if (rule.kind === "passed") return send(commandOf(context, input));
    const call: OperationCall = {
      tables,
      keyring: { region: await client.config.region(), signal: abortSignalOf(options), limit: concurrencyLimit(kmsConcurrency), onEvent },
      send,
    };
    try {
      options.abortSignal?.throwIfAborted?.();
      if (role !== undefined) requireRole(role, operation, input, tables);
      if (rule.kind === "transformed") return await rule.run(input, call);
    } catch (error) {
      throw isDynasealError(error, "ERR_ABORTED") ? namedLikeAbort(error) : error;
    }
    rule.check(input, call);
    return send(commandOf(context, input));
  };
}

/** A command of the application's own copy of the SDK, which knows operations that ours may not. */
function commandOf(context: SendContext, input: unknown): Command {
  const { commandInstance } = (context[smithyContext] ?? {}) as { commandInstance?: { constructor: new (input: unknown) => Command } };
  if (commandInstance === undefined) throw unsupported("its sends do not tell which command they are");
  return new commandInstance.constructor(input);
}

/** Keyrings listen to standard signals only; the SDK's own old ones stop its own calls. */
function abortSignalOf({ abortSignal }: SendOptions): AbortSignal | undefined {
  return abortSignal instanceof AbortSignal ? abortSignal : undefined;
}

/** Applications tell an abort by this name, as the SDK documents it. */
function namedLikeAbort(error: DynasealError): DynasealError {
  return Object.defineProperty(error, "name", { value: "AbortError" });
}
