import { DescribeEndpointsCommand } from "@aws-sdk/client-dynamodb";
import { isDynasealError } from "../errors/index.ts";
import { requestOptionsIn, withRequestOptions } from "../tables/index.ts";
import { copyRequest } from "./copy-request.ts";
import { type Forwarded, forwardedOf } from "./forwarded-headers.ts";
import type { Middleware, SendContext, Stack } from "./middleware.ts";
import { PreparedOperation, type SendOptions } from "./outer-request-handler.ts";
import { deserializer, serializer } from "./sdk-anchors.ts";
import { named, withSdkContract } from "./sdk-errors.ts";
import { sdkSteps } from "./sdk-steps.ts";
import { door, originalOf, type Resolve, sealedStack } from "./sealed-stack.ts";
import { standInRequest, standInResponse } from "./stand-in.ts";

/** What one operation runs on. */
export interface OperationRequest {
  readonly context: SendContext;
  /** The service's name of it, such as `PutItem`. */
  readonly operation: string;
  /** AttributeValues; a copy that nobody else holds. */
  readonly input: unknown;
  /** The options of `send`. */
  readonly options: SendOptions;
  readonly forwarded: Forwarded;
}

export type RunOperation = (request: OperationRequest) => Promise<unknown>;

/** What the steps of one send hand to each other. */
interface Send {
  /** `requestOptions` of the command as it was given: marshalling does not carry them on. */
  options?: unknown;
  input?: unknown;
  run?: ((options: SendOptions, forwarded: Forwarded) => Promise<unknown>) | undefined;
  output?: unknown;
}

/**
 * The middleware stack of an encrypted client. Its own steps copy the request (`initialize`, at the end), prepare the
 * operation instead of an HTTP request (`serialize`), and hand out what it answered (`deserialize`). The SDK's other
 * steps are there by name, so that middleware may stand beside them, and do nothing.
 *
 * The operation travels with the context of the send, not with the request: middleware may replace that by a copy.
 */
export function outerStack(run: RunOperation): object {
  // A new command's stack is an empty one of the SDK's own make, which no package of ours has to bring.
  const stack = new DescribeEndpointsCommand({}).middlewareStack as unknown as Stack;
  const sends = new WeakMap<SendContext, Send>();
  const sendOf = (context: SendContext): Send => {
    const send = sends.get(context) ?? {};
    sends.set(context, send);
    return send;
  };

  const unseal: Middleware = (next, context) => (args) => {
    const command = originalOf(args);
    sendOf(context).options = requestOptionsIn(command.input);
    return next(command);
  };
  const copied = (context: SendContext, input: unknown): unknown => {
    const send = sendOf(context);
    // What a step put in the place of the copy is the request from there on.
    if (send.input === undefined || send.input !== input) send.input = requestOf(context, input, send.options);
    return send.input;
  };
  // Asynchronous, so that a refusal is a rejection; but it has copied before it gives the promise.
  const copy: Middleware = (next, context) => async (args) => next({ ...args, input: copied(context, args.input) });
  const prepare: Middleware = (next, context) => async (args) => {
    const input = copied(context, args.input);
    const operation = operationOf(context);
    sendOf(context).run = (options, forwarded) => run({ context, operation, input, options, forwarded });
    return next({ ...args, request: standInRequest(context) });
  };
  const answer: Middleware = (next, context) => async (args) => {
    const { response, output = sendOf(context).output } = await next(args);
    return { response, output };
  };

  for (const step of sdkSteps) stack.add((next) => next, step);
  stack.add(unseal, { name: "dynasealUnseal", step: "initialize", priority: "high" });
  stack.add(copy, { name: door, step: "initialize", priority: "low" });
  stack.add(prepare, { name: serializer, step: "serialize", override: true });
  stack.add(answer, { name: deserializer, step: "deserialize", override: true });

  const resolve: Resolve = (resolveStack, handler, context) => {
    const resolved = resolveStack(async (args) => {
      const send = sendOf(context);
      const request = send.run !== undefined && hasNoBody(args.request) ? preparedOf(send.run, args.request, context) : args.request;
      const { response } = await handler({ ...args, request });
      send.output = response;
      return { response: standInResponse(response) };
    });
    return (command) => withSdkContract(resolved(command));
  };
  return sealedStack(stack, resolve);
}

function preparedOf(run: NonNullable<Send["run"]>, request: unknown, context: SendContext): PreparedOperation {
  const forwarded = forwardedOf(request, context);
  return new PreparedOperation((options) => run(options, forwarded));
}

/** A body could only come from a serializer past encryption. */
function hasNoBody(request: unknown): boolean {
  const { body } = (request ?? {}) as { readonly body?: unknown };
  return typeof request === "object" && request !== null && (body === undefined || body === null);
}

function operationOf(context: SendContext): string {
  return String(context["commandName"]).replace(/Command$/, "");
}

function requestOf(context: SendContext, input: unknown, options: unknown): unknown {
  try {
    return withRequestOptions(copyRequest(operationOf(context), input), requestOptionsIn(input) ?? options);
  } catch (error) {
    // The service would say the same of a plain request.
    throw isDynasealError(error) ? named(error, "ValidationException") : error;
  }
}
