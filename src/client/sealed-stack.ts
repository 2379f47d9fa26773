import { marshall, unmarshall, withoutValues } from "./marshalling.ts";
import type { Arguments, Handler, Middleware, RelativeOptions, SendContext, Stack } from "./middleware.ts";
import { serializer } from "./sdk-anchors.ts";

/** The last step of `initialize`, where the request is copied. */
export const door = "dynasealDoor";

const original: unique symbol = Symbol("command");

/** The tables of a command may be seen by anybody; its items, keys and values are nobody's business. */
const openParameters = ["TableName", "IndexName"] as const;

/** Wraps the resolved handler of one send. */
export type Resolve = (resolve: (handler: Handler) => Handler, handler: Handler, context: SendContext) => Handler;

/**
 * A stack that shows its command without input to whatever wraps the resolved handler: tracing libraries patch `resolve`
 * and write the command's input into spans. Its first step has to put the command itself back (`originalOf`).
 *
 * What hangs on the front of the SDK's serializer, the document client's marshalling above all, hangs on the front of
 * the door instead, which stands a step earlier: before anything that awaits.
 */
export function sealedStack(stack: Stack, resolve: Resolve): Stack {
  const sealed: Stack = {
    ...stack,
    addRelativeTo: (middleware, options) => {
      const step = guarded(middleware, options);
      // Where a stack is copied into another, its options name the middleware once more.
      stack.addRelativeTo(step, { ...beforeTheDoor(options), middleware: step });
    },
    use: (plugin) => {
      plugin.applyToStack(sealed);
    },
    clone: () => sealedStack(stack.clone(), resolve),
    concat: (from) => {
      const joined = sealedStack(stack.clone(), resolve);
      const printed = stack.identifyOnResolve?.() === true;
      joined.use(from);
      if (printed) joined.identifyOnResolve?.(true);
      return joined;
    },
    resolve: (handler, context) => {
      const resolved = resolve((innermost) => stack.resolve(innermost, context), handler, context);
      return (command) => resolved(withoutInput(command));
    },
  };
  return sealed;
}

function guarded(middleware: Middleware, { name }: RelativeOptions): Middleware {
  return name === marshall || name === unmarshall ? withoutValues(middleware, name) : middleware;
}

/** The SDK's endpoint step awaits, and needs no input that the copy does not have. */
const endpoint = "endpointV2Middleware";

function beforeTheDoor(options: RelativeOptions): RelativeOptions {
  const moved = options.relation === "before" && options.toMiddleware === serializer && options.name !== endpoint;
  return moved ? { ...options, toMiddleware: door } : options;
}

function withoutInput(command: Arguments): Arguments {
  const input = Object.create(null) as object;
  for (const name of openParameters) {
    const get = (): unknown => (command.input as Readonly<Record<string, unknown>> | undefined)?.[name];
    Object.defineProperty(input, name, { get, enumerable: true });
  }
  return Object.create(command, { input: { value: input }, [original]: { value: command } }) as Arguments;
}

/** The command itself, where `args` is the one that shows no input. */
export function originalOf(args: Arguments): Arguments {
  return (args as { [original]?: Arguments })[original] ?? args;
}
