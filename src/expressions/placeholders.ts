import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./invalid.ts";

/** ExpressionAttributeNames and ExpressionAttributeValues of a request, as the SDK types them. */
export interface PlaceholderMaps {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** Looks placeholders up and remembers which were used: a request may not carry one that no expression names. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #used = new Set<string>();

  /** @throws ERR_EXPRESSION_INVALID where a map is empty or a key is not `#` or `:` followed by letters, digits, `_` */
  constructor(maps: PlaceholderMaps) {
    this.#names = checkedMap("ExpressionAttributeNames", /^#[A-Za-z0-9_]+$/, maps.ExpressionAttributeNames);
    this.#values = checkedMap("ExpressionAttributeValues", /^:[A-Za-z0-9_]+$/, maps.ExpressionAttributeValues);
    for (const [key, name] of this.#names) {
      if (name === "") throw invalid(`ExpressionAttributeNames contains invalid value: Empty attribute name for key ${key}`);
    }
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

function checkedMap<T>(parameter: string, key: RegExp, map: Readonly<Record<string, T>> | undefined): ReadonlyMap<string, T> {
  if (map === undefined) return new Map();
  const entries = Object.entries(map);
  if (entries.length === 0) throw invalid(`${parameter} must not be empty`);
  for (const [name] of entries) {
    if (!key.test(name)) throw invalid(`${parameter} contains invalid key: Syntax error; key: "${name}"`);
  }
  return new Map(entries);
}

function checkUsed(parameter: string, map: ReadonlyMap<string, unknown>, used: ReadonlySet<string>): void {
  const unused = [...map.keys()].filter((key) => !used.has(key));
  if (unused.length > 0) throw invalid(`Value provided in ${parameter} unused in expressions: keys: {${unused.join(", ")}}`);
}
