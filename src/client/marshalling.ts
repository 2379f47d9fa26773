import { DynasealError } from "../errors/index.ts";
import type { Middleware } from "./middleware.ts";

/** The document client's two steps. */
export const marshall = "DocumentMarshall";
export const unmarshall = "DocumentUnmarshall";

/**
 * The document client's conversions quote the value that they cannot convert, in message and stack. What they throw is
 * replaced by an error of ours that names the option that helps; what other steps throw passes.
 */
export function withoutValues(middleware: Middleware, name: typeof marshall | typeof unmarshall): Middleware {
  return (next, context) => async (args) => {
    let converting = name === marshall;
    const handler = middleware(async (marshalled) => {
      converting = false;
      const result = await next(marshalled);
      converting = name === unmarshall;
      return result;
    }, context);
    try {
      return await handler(args);
    } catch (error) {
      throw converting ? notConvertible(error) : error;
    }
  };
}

/** By the option that the converter names, or by what it says: options of the document client, and what they are for. */
const remedies: readonly (readonly [RegExp, { readonly reason: string; readonly option?: string }])[] = [
  [
    /removeUndefinedValues/,
    { reason: "a map, a list or a set holds undefined", option: "marshallOptions: { removeUndefinedValues: true }" },
  ],
  [
    /convertClassInstanceToMap/,
    { reason: "it holds an object of a class", option: "marshallOptions: { convertClassInstanceToMap: true }" },
  ],
  [/convertEmptyValues/, { reason: "a set is empty", option: "marshallOptions: { convertEmptyValues: true }" }],
  [
    /SAFE_INTEGER\. |allowImpreciseNumbers|Use NumberValue/,
    {
      reason: "a number is beyond what a JavaScript number holds exactly: give it as a BigInt or a NumberValue",
      option: "marshallOptions: { allowImpreciseNumbers: true }",
    },
  ],
  [
    /wrapNumbers/,
    { reason: "a number is beyond what a JavaScript number holds exactly", option: "unmarshallOptions: { wrapNumbers: true }" },
  ],
  [/Special numeric value/, { reason: "NaN and Infinity are not numbers of DynamoDB" }],
  [/Number Set \(NS\)/, { reason: "the members of a set are neither all strings, nor all numbers, nor all binary" }],
];

function notConvertible(error: unknown): DynasealError {
  const message = error instanceof Error ? error.message : "";
  const [, remedy] = remedies.find(([pattern]) => pattern.test(message)) ?? [undefined, { reason: "it has no form in DynamoDB" }];
  return new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { ...remedy } });
}
