import { DescribeEndpointsCommand } from "@aws-sdk/client-dynamodb";
import { PreparedOperation, type SendOptions } from "./outer-request-handler.ts";
import { deserializer, serializer } from "./sdk-anchors.ts";

/** A command on its way through the stack: at first the command itself. */
interface Arguments {
  readonly input: unknown;
  readonly request?: unknown;
}
type Handler = (args: Arguments) => Promise<{ readonly response: unknown; readonly output?: unknown }>;
/** What the SDK tells each step about the command: its name, its instance, … */
export type SendContext = Readonly<Record<string, unknown>>;
type Middleware = (next: Handler, context: SendContext) => Handler;

/** The part of the SDK's middleware stack that is used here. */
interface Stack {
  add(middleware: Middleware, options: { name: string; step: string; priority?: "high"; override?: boolean }): void;
  clone(): Stack;
  concat(from: Stack): Stack;
  resolve(handler: Handler, context: SendContext): Handler;
}

/** Runs one operation: its context, the AttributeValues of its input, and the options of `send`. */
export type RunOperation = (context: SendContext, input: unknown, options: SendOptions) => Promise<unknown>;

/**
 * The middleware stack of an encrypted client: empty but for the two steps that the document client's marshalling hangs
 * on. The serializer prepares the operation instead of an HTTP request, the deserializer hands out what it answered.
 */
export function outerStack(run: RunOperation): object {
  // A new command's stack is an empty one of the SDK's own make, which no package of ours has to bring.
  const stack = new DescribeEndpointsCommand({}).middlewareStack as unknown as Stack;
  stack.add((next) => (args) => next(originalOf(args)), { name: "dynasealUnseal", step: "initialize", priority: "high" });
  const prepare: Middleware = (next, context) => (args) =>
    next({ ...args, request: new PreparedOperation((options) => run(context, args.input, options)) });
  stack.add(prepare, { name: serializer, step: "serialize", override: true });
  const answer: Middleware = (next) => async (args) => {
    const { response } = await next(args);
    return { response, output: response };
  };
  stack.add(answer, { name: deserializer, step: "deserialize", override: true });
  return sealing(stack);
}

const original: unique symbol = Symbol("command");

/** The tables of a command may be seen by anybody; its items, keys and values are nobody's business. */
const openParameters = ["TableName", "IndexName"] as const;

/**
 * A stack that shows its command without input to whatever wraps the resolved handler: tracing libraries patch `resolve`
 * and write the command's input into spans. The first step of the stack puts the command itself back.
 */
function sealing(stack: Stack): Stack {
  return {
    ...stack,
    clone: () => sealing(stack.clone()),
    concat: (from) => sealing(stack.concat(from)),
    resolve: (handler, context) => {
      const resolved = stack.resolve(handler, context);
      return (command) => resolved(sealed(command));
    },
  };
}

function sealed(command: Arguments): Arguments {
  const input: Record<string, unknown> = {};
  for (const name of openParameters) {
    const value = (command.input as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (value !== undefined) input[name] = value;
  }
  return Object.create(command, { input: { value: input }, [original]: { value: command } }) as Arguments;
}

function originalOf(args: Arguments): Arguments {
  return (args as { [original]?: Arguments })[original] ?? args;
}
