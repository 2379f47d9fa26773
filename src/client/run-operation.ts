import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynasealError, type ErrorCode, isDynasealError } from "../errors/index.ts";
import { eventListener } from "../materials/index.ts";
import { operationTable } from "../operations/index.ts";
import { concurrencyLimit, type OperationCall, requireRole, takeRequestOptions } from "../tables/index.ts";
import type { ClientSettings } from "./client-options.ts";
import type { SendOptions } from "./outer-request-handler.ts";
import type { RunOperation, SendContext } from "./outer-stack.ts";
import { unsupported } from "./sdk-anchors.ts";

/** Where the SDK keeps what belongs to its own layer of a send. */
const smithyContext = "__smithy_context";

type Command = Parameters<DynamoDBClient["send"]>[0];

/** Runs operations for an encrypted client over the client that it wraps. */
export function operationRunner(client: DynamoDBClient, settings: ClientSettings): RunOperation {
  const { state, kmsConcurrency, role } = settings;
  const onEvent = eventListener(settings.onEvent);
  return async (context, given, options) => {
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
    if (rule.kind === "passed") return send(commandOf(context, given));
    const { input, options: requestOptions } = takeRequestOptions(given, options, settings.options);
    const call: OperationCall = {
      state,
      role,
      options: requestOptions,
      keyring: { region: await client.config.region(), signal: abortSignalOf(options), limit: concurrencyLimit(kmsConcurrency), onEvent },
      send,
    };
    try {
      options.abortSignal?.throwIfAborted?.();
      if (role !== undefined) requireRole(role, operation, input, state.tables);
      if (rule.kind === "transformed") return await rule.run(input, call);
    } catch (error) {
      throw isDynasealError(error) ? namedLikeTheSdk(error) : error;
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

/** Names by which applications tell errors of the SDK, as it documents them: the service would give the same. */
const sdkNames: Partial<Record<ErrorCode, string>> = {
  ERR_ABORTED: "AbortError",
  ERR_EXPRESSION_INVALID: "ValidationException",
  ERR_KEY_MISSING: "ValidationException",
  ERR_NUMBER_INVALID: "ValidationException",
  ERR_ATTRIBUTE_NOT_SERIALIZABLE: "ValidationException",
  ERR_ITEM_TOO_LARGE: "ValidationException",
};

function namedLikeTheSdk(error: DynasealError): DynasealError {
  // What is wrong with a stored item is not wrong with the request.
  const name = Object.hasOwn(error, "revealKey") ? undefined : sdkNames[error.code];
  return name === undefined ? error : Object.defineProperty(error, "name", { value: name });
}
