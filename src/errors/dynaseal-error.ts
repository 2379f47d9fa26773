import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type ErrorCode, type ErrorDetails, errorTable } from "./codes.ts";
import { displayDetails } from "./display-name.ts";
import type { ErrorEntry } from "./error-table.ts";

const brand: unique symbol = Symbol.for("dynaseal.error") as never;

/**
 * The one error class.
 *
 * `details` carries table names, attribute *names*, Regions, key ARNs and sizes; never an attribute's value, never
 * key bytes; whatever came from outside is escaped and bounded there. `hint` says what to do next. `instanceof` also recognises errors of another copy of this package.
 */
export class DynasealError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly details: Readonly<ErrorDetails[Code]>;
  readonly hint: string;
  /** Where one item failed a request: the values of its key attributes. Not enumerable, hence in no log. */
  declare readonly revealKey?: () => Record<string, AttributeValue>;

  constructor(code: Code, options: { readonly details: ErrorDetails[Code]; readonly cause?: unknown }) {
    const entry: ErrorEntry<ErrorDetails[Code]> = errorTable[code];
    const details = displayDetails(options.details);
    super(text(entry.meaning, details), "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = Object.freeze<ErrorDetails[Code]>(details);
    this.hint = text(entry.hint, details);
    Object.defineProperty(this, "name", { value: "DynasealError", configurable: true });
    Object.defineProperty(this, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
  }
}

/**
 * Narrows to the code: `if (isDynasealError(e, "ERR_NOT_AUTHENTIC")) …`.
 *
 * @example
 * ```ts
 * import { isDynasealError } from "dynaseal";
 *
 * declare function read(): Promise<void>;
 * try {
 *   await read();
 * } catch (error) {
 *   if (!isDynasealError(error, "ERR_NO_KEY_MATCHES")) throw error;
 *   console.error(error.code, error.hint);
 * }
 * ```
 */
export function isDynasealError<Code extends ErrorCode>(value: unknown, code?: Code): value is DynasealError<Code> {
  return value instanceof DynasealError && (code === undefined || value.code === code);
}

function text<Details>(part: string | ((details: Details) => string), details: Details): string {
  return typeof part === "string" ? part : part(details);
}
