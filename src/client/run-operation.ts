import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { refusePlainHttp, watchEndpoint } from "../kms/index.ts";
import { eventListener, RequestLeases } from "../materials/index.ts";
import { operationTable } from "../operations/index.ts";
import { concurrencyLimit, ItemWork, type OperationCall, requireRole, takeRequestOptions } from "../tables/index.ts";
import type { ClientSettings } from "./client-options.ts";
import { attachForwarded } from "./forwarded-headers.ts";
import type { SendContext } from "./middleware.ts";
import type { SendOptions } from "./outer-request-handler.ts";
import type { OperationRequest, RunOperation } from "./outer-stack.ts";
import { unsupported } from "./sdk-anchors.ts";
import { refuseAborted, unlessAborted } from "./sdk-errors.ts";

/** Where the SDK keeps what belongs to its own layer of a send. */
const smithyContext = "__smithy_context";

/** Enough for every core, few enough to die young; more only where as many calls of KMS may be under way. */
const itemsAtOnce = 16;

type Command = Parameters<DynamoDBClient["send"]>[0];

type Settings = Omit<ClientSettings, "onEvent"> & { readonly onEvent: OperationCall["keyring"]["onEvent"] };

/** Runs operations for an encrypted client over the client that it wraps. */
export function operationRunner(client: DynamoDBClient, settings: ClientSettings): RunOperation {
  const told: Settings = { ...settings, onEvent: eventListener(settings.onEvent) };
  return async (request) => {
    try {
      refuseAborted(request.options);
      return await runOperation(client, told, request);
    } catch (error) {
      throw unlessAborted(error, request.options);
    }
  };
}

async function runOperation(client: DynamoDBClient, settings: Settings, request: OperationRequest): Promise<unknown> {
  const { state, kmsConcurrency, onEvent, role, allowPlainHttp } = settings;
  const { context, operation, options, forwarded } = request;
  const rule = operationTable.get(operation);
  if (rule === undefined) {
    const reason = "this version does not know the operation, so that it cannot tell whether it carries items";
    const instead = "Update dynaseal, or use a plain client for operations that carry no items of protected tables.";
    throw new DynasealError("ERR_OPERATION_NOT_SUPPORTED", { details: { operation, reason, instead } });
  }
  // The SDK's types know abortable and callback forms of send; all that is used is command in, promise out.
  const send = ((command: Command) => {
    attachForwarded(command, forwarded);
    watchEndpoint(command, (sent) => refusePlainHttp(sent, { service: "DynamoDB", allowPlainHttp }));
    return client.send(command, options as Parameters<DynamoDBClient["send"]>[1]);
  }) as DynamoDBClient["send"];
  const { input, options: requestOptions } = takeRequestOptions(request.input, options, settings.options);
  const asked = { operation, access: rule.access, carriesItems: rule.kind === "transformed" };
  if (role !== undefined && rule.kind !== "checked") requireRole(role, asked, input, state.tables);
  if (rule.kind === "passed") return send(commandOf(context, input));
  const leases = new RequestLeases();
  const limit = concurrencyLimit(kmsConcurrency);
  const work = new ItemWork({ concurrency: Math.max(itemsAtOnce, kmsConcurrency) });
  const call: OperationCall = {
    state,
    role,
    options: requestOptions,
    keyring: { region: await client.config.region(), signal: abortSignalOf(options), limit, onEvent, whenDone: leases.add },
    work,
    send,
  };
  if (rule.kind === "transformed") {
    try {
      return await rule.run(input, call);
    } finally {
      work.end();
      leases.end();
    }
  }
  if (rule.kind === "defining") return rule.answer(await send(commandOf(context, rule.request(input, call))), call);
  rule.check(input, call);
  return send(commandOf(context, input));
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
