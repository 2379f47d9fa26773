import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { encodeUtf8 } from "../bytes/index.ts";
import { type DynasealError, isDynasealError } from "../errors/index.ts";
import { checkValue } from "./check-value.ts";
import { invalid } from "./invalid.ts";
import { limits } from "./limits.ts";
import { isWellTyped } from "./well-typed.ts";

/** ExpressionAttributeNames and ExpressionAttributeValues of a request, as the SDK types them. */
export interface PlaceholderMaps {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

/**
 * Looks placeholders up and remembers which were used: a request may not carry one that no expression names. Errors give
 * the number of a key in its map and not the key: applications make placeholders of what they compare with.
 */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #used = new Set<string>();

  /** @throws ERR_EXPRESSION_INVALID where a map is empty, a key is not `#` or `:` and letters, digits, `_`, or a name or value cannot be stored */
  constructor(maps: PlaceholderMaps) {
    this.#names = checkedMap("ExpressionAttributeNames", /^#[A-Za-z0-9_]+$/, maps.ExpressionAttributeNames);
    this.#values = checkedMap("ExpressionAttributeValues", /^:[A-Za-z0-9_]+$/, maps.ExpressionAttributeValues);
    for (const [index, name] of [...this.#names.values()].entries()) {
      if (typeof name !== "string") throw invalidValue("ExpressionAttributeNames", "Attribute name is not a string", index);
      if (name === "") throw invalidValue("ExpressionAttributeNames", "Empty attribute name", index);
      if ((encodeUtf8(name)?.length ?? 0) > limits.nameBytes) {
        throw invalidValue("ExpressionAttributeNames", "Attribute name is too large, must be less than 65536 bytes", index);
      }
    }
    for (const [index, value] of [...this.#values.values()].entries()) checkGivenValue(index, value);
  }

  name(placeholder: string): string | undefined {
    this.#used.add(placeholder);
    return this.#names.get(placeholder);
  }

  value(placeholder: string): AttributeValue | undefined {
    this.#used.add(placeholder);
    return this.#values.get(placeholder);
  }

  /** @throws ERR_EXPRESSION_INVALID where a name or value was never looked up */
  checkAllUsed(): void {
    checkUsed("ExpressionAttributeNames", this.#names, this.#used);
    checkUsed("ExpressionAttributeValues", this.#values, this.#used);
  }
}

function checkGivenValue(index: number, value: AttributeValue): void {
  if (!isWellTyped(value)) {
    const reason = "Supplied AttributeValue does not have the form of its datatype";
    throw invalidValue("ExpressionAttributeValues", reason, index);
  }
  try {
    checkValue(value);
  } catch (error) {
    throw isDynasealError(error, "ERR_EXPRESSION_INVALID") ? invalidValue("ExpressionAttributeValues", error.details.reason, index) : error;
  }
}

function invalidValue(parameter: string, reason: string, index: number): DynasealError {
  return invalid(`${parameter} contains invalid value: ${reason} for key number ${index + 1}`);
}

function checkedMap<T>(parameter: string, key: RegExp, map: Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> {
  // The SDK leaves null out, too.
  if (map === undefined || map === null) return new Map();
  if (typeof map !== "object") throw invalid(`${parameter} is not a map`);
  const entries = Object.entries(map);
  if (entries.length === 0) throw invalid(`${parameter} must not be empty`);
  for (const [index, [name]] of entries.entries()) {
    if (name.length > limits.placeholderLength) {
      throw invalid(
        `${parameter} contains invalid key: The expression attribute map contains a key that is too long; size of key: ${name.length}`,
      );
    }
    if (!key.test(name)) throw invalid(`${parameter} contains invalid key: Syntax error; key number ${index + 1}`);
  }
  return new Map(entries);
}

function checkUsed(parameter: string, map: ReadonlyMap<string, unknown>, used: ReadonlySet<string>): void {
  const unused = [...map.keys()].flatMap((key, index) => (used.has(key) ? [] : [index + 1]));
  if (unused.length === 0) return;
  throw invalid(`Value provided in ${parameter} unused in expressions: of its ${map.size} keys number ${unused.slice(0, 32).join(", ")}`);
}
