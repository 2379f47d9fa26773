import { DynasealError, invalidArgument, requireWhole } from "../errors/index.ts";
import { suggest } from "../schema/index.ts";

/**
 * What a client says for all its requests, and what a request may say for itself: by `requestOptions`, or by plain
 * members, of a command's input or of the options of `send`.
 */
export interface RequestOptions {
  /** How often a guarded write is tried before it ends with ERR_UPDATE_CONTENDED; default 8. */
  readonly maxUpdateAttempts?: number | undefined;
  /**
   * Whether conditions of writes on signed attributes are decided here, on verified values, instead of by the service;
   * default false. It costs a read before the write. A request may turn it on; where the client has it on, it stays on.
   */
  readonly verifyConditions?: boolean | undefined;
  /** Whether filters that the service cannot decide are decided after decryption; default false: they are refused. */
  readonly filterAfterDecrypt?: boolean | undefined;
  /** How many items one request may decrypt to filter them; default 10,000. */
  readonly maxItemsEvaluated?: number | undefined;
  /**
   * Whether a Query or Scan on beacons has to find plain items, which have none, where the schema's `plaintextOverride`
   * lets them be read. `"require"`, the default: filters also take what has no header and are decided after reading, and a
   * key condition on a beacon is refused. `"ignore"`: encrypted items are enough.
   */
  readonly plaintextItems?: "require" | "ignore" | undefined;
  /**
   * What one item that cannot be decrypted does to a Query, Scan or BatchGetItem: `"throw"`, the default, fails the
   * request; `"collect"` names it in `UndecryptableItems` and returns the others.
   */
  readonly onUndecryptable?: "throw" | "collect" | undefined;
  /**
   * Attributes that an update may store readable although their values are computed from encrypted ones, as in
   * `SET note = email`; default none: such an update is refused. For one request only. Each raises `attribute-disclosed`.
   */
  readonly disclose?: readonly string[] | undefined;
}

/** Options of one request, complete. */
export type OperationOptions = { readonly [Name in keyof RequestOptions]-?: Exclude<RequestOptions[Name], undefined> };

export const defaultOptions: OperationOptions = Object.freeze({
  maxUpdateAttempts: 8,
  verifyConditions: false,
  filterAfterDecrypt: false,
  maxItemsEvaluated: 10_000,
  plaintextItems: "require",
  onUndecryptable: "throw",
  disclose: Object.freeze([]),
});

/** Options that no client may have: each use of them is decided on by itself. */
export const requestOnlyOptions: readonly string[] = ["disclose"] satisfies readonly (keyof RequestOptions)[];

const names = Object.keys(defaultOptions) as readonly (keyof OperationOptions)[];

/**
 * The options that are set in `given`, checked, over the defaults.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function operationOptions(given: object, defaults: OperationOptions = defaultOptions): OperationOptions {
  const set = Object.fromEntries(names.filter((name) => valueOf(given, name) !== undefined).map((name) => [name, valueOf(given, name)]));
  const options: OperationOptions = { ...defaults, ...set };
  requireBoolean("verifyConditions", options.verifyConditions);
  requireWhole("maxUpdateAttempts", options.maxUpdateAttempts, 1);
  requireWhole("maxItemsEvaluated", options.maxItemsEvaluated, 1);
  requireBoolean("filterAfterDecrypt", options.filterAfterDecrypt);
  if (options.plaintextItems !== "require" && options.plaintextItems !== "ignore") {
    throw invalidArgument("plaintextItems", '"require" or "ignore"');
  }
  if (options.onUndecryptable !== "throw" && options.onUndecryptable !== "collect") {
    throw invalidArgument("onUndecryptable", '"throw" or "collect"');
  }
  if (!Array.isArray(options.disclose) || options.disclose.some((name) => typeof name !== "string")) {
    throw invalidArgument("disclose", "a list of attribute names");
  }
  // A request may ask for more verification than its client, never for less.
  return { ...options, verifyConditions: options.verifyConditions || defaults.verifyConditions };
}

/** Under what `requestOptions` carries them; also for another copy of this package. */
const carrier: unique symbol = Symbol.for("dynaseal.requestOptions") as never;

/** What `requestOptions` put into an input, or into the options of `send`. */
export function requestOptionsIn(given: unknown): object | undefined {
  const carried = typeof given === "object" && given !== null ? (given as { [carrier]?: unknown })[carrier] : undefined;
  return typeof carried === "object" && carried !== null ? carried : undefined;
}

/** The input of a request with options that were found before, by a step that still saw them. */
export function withRequestOptions(input: unknown, options: unknown): unknown {
  return options === undefined || typeof input !== "object" || input === null ? input : Object.assign(input, { [carrier]: options });
}

/** Takes a request's options out of its input: the service must not see them. */
export function takeRequestOptions<Input>(
  input: Input,
  sendOptions: object,
  defaults: OperationOptions,
): { readonly input: Input; readonly options: OperationOptions } {
  const given = (input ?? {}) as object;
  // The narrower one wins: the input over the options of `send`, and in each what `requestOptions` carries.
  let options = defaults;
  for (const layer of [sendOptions, requestOptionsIn(sendOptions), given, requestOptionsIn(given)]) {
    if (layer !== undefined) options = operationOptions(layer, options);
  }
  const carries = requestOptionsIn(given) !== undefined || Object.keys(given).some(isOption);
  if (!carries) return { input, options };
  return { input: Object.fromEntries(Object.entries(given).filter(([name]) => !isOption(name))) as Input, options };
}

/**
 * Options for one request, to be spread into a command's input or into the options of `send`:
 * `new QueryCommand({ TableName, …, ...requestOptions({ filterAfterDecrypt: true }) })`. They are carried under one
 * symbol, so that they meet no name of the service's.
 *
 * @example
 * ```ts
 * import { QueryCommand } from "@aws-sdk/lib-dynamodb";
 * import { requestOptions } from "dynaseal";
 *
 * new QueryCommand({
 *   TableName: "customers-prod-7",
 *   KeyConditionExpression: "customerId = :id",
 *   FilterExpression: "email = :email",
 *   ExpressionAttributeValues: { ":id": "c1", ":email": "ann@example.com" },
 *   ...requestOptions({ filterAfterDecrypt: true }),
 * });
 * ```
 *
 * @throws ERR_OPTION_UNKNOWN, ERR_INVALID_ARGUMENT
 */
export function requestOptions(options: RequestOptions): Record<never, never> {
  for (const option of Object.keys(options)) {
    if (isOption(option)) continue;
    throw new DynasealError("ERR_OPTION_UNKNOWN", { details: { option, known: names, suggestion: suggest(option, names) } });
  }
  operationOptions(options);
  return { [carrier]: Object.freeze({ ...options }) };
}

function isOption(name: string): boolean {
  return (names as readonly string[]).includes(name);
}

function valueOf(given: object, name: keyof OperationOptions): unknown {
  return Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
}

function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw invalidArgument(name, "true or false");
}
