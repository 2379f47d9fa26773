import { invalidArgument } from "../errors/index.ts";

/**
 * What a client says for all its requests, and what a request may say for itself: as further members of a command's
 * input, or of the options of `send`.
 */
export interface RequestOptions {
  /** How often a guarded write is tried before it ends with ERR_UPDATE_CONTENDED; default 8. */
  readonly maxUpdateAttempts?: number | undefined;
  /**
   * Whether conditions of writes on signed attributes are decided here, on verified values, instead of by the service;
   * default false. It costs a read before the write.
   */
  readonly verifyConditions?: boolean | undefined;
  /** Whether filters that the service cannot decide are decided after decryption; default false: they are refused. */
  readonly filterAfterDecrypt?: boolean | undefined;
  /** How many items one request may decrypt to filter them; default 10,000. */
  readonly maxItemsEvaluated?: number | undefined;
  /**
   * What one item that cannot be decrypted does to a Query, Scan or BatchGetItem: `"throw"`, the default, fails the
   * request; `"collect"` names it in `UndecryptableItems` and returns the others.
   */
  readonly onUndecryptable?: "throw" | "collect" | undefined;
}

/** Options of one request, complete. */
export type OperationOptions = { readonly [Name in keyof RequestOptions]-?: Exclude<RequestOptions[Name], undefined> };

export const defaultOptions: OperationOptions = Object.freeze({
  maxUpdateAttempts: 8,
  verifyConditions: false,
  filterAfterDecrypt: false,
  maxItemsEvaluated: 10_000,
  onUndecryptable: "throw",
});

const names = Object.keys(defaultOptions) as readonly (keyof OperationOptions)[];

/**
 * The options that are set in `given`, checked, over the defaults.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function operationOptions(given: object, defaults: OperationOptions = defaultOptions): OperationOptions {
  const set = Object.fromEntries(names.filter((name) => valueOf(given, name) !== undefined).map((name) => [name, valueOf(given, name)]));
  const options: OperationOptions = { ...defaults, ...set };
  requireCount("maxUpdateAttempts", options.maxUpdateAttempts);
  requireCount("maxItemsEvaluated", options.maxItemsEvaluated);
  requireBoolean("verifyConditions", options.verifyConditions);
  requireBoolean("filterAfterDecrypt", options.filterAfterDecrypt);
  if (options.onUndecryptable !== "throw" && options.onUndecryptable !== "collect") {
    throw invalidArgument("onUndecryptable", '"throw" or "collect"');
  }
  return options;
}

/** Takes a request's options out of its input: the service must not see them. */
export function takeRequestOptions<Input>(
  input: Input,
  sendOptions: object,
  defaults: OperationOptions,
): { readonly input: Input; readonly options: OperationOptions } {
  const members = Object.entries((input ?? {}) as object);
  const own = members.filter(([name]) => isOption(name));
  const options = operationOptions(Object.fromEntries(own), operationOptions(sendOptions, defaults));
  if (own.length === 0) return { input, options };
  return { input: Object.fromEntries(members.filter(([name]) => !isOption(name))) as Input, options };
}

/**
 * Spread into a command's input, so that TypeScript lets a request carry options of its own:
 * `new QueryCommand({ TableName, …, ...requestOptions({ filterAfterDecrypt: true }) })`.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function requestOptions(options: RequestOptions): Record<never, never> {
  operationOptions(options);
  return { ...options };
}

function isOption(name: string): boolean {
  return (names as readonly string[]).includes(name);
}

function valueOf(given: object, name: keyof OperationOptions): unknown {
  return Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
}

function requireCount(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw invalidArgument(name, "a whole number of at least 1");
}

function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw invalidArgument(name, "true or false");
}
