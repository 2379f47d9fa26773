import { fromBase64, isWellFormed } from "../../bytes/index.ts";
import { type EncryptionContext, encryptionContextOf } from "../../materials/index.ts";
import { refuse } from "./kms-exception.ts";

/** A JSON object as it came over the wire. */
export type JsonObject = Readonly<Record<string, unknown>>;

const maximumContextLength = 8192;

/**
 * The members of one request, read with KMS's checks: a wrong JSON type is a SerializationException, a missing member
 * or one out of bounds a ValidationException.
 */
export class RequestFields {
  readonly #body: JsonObject;

  constructor(body: JsonObject) {
    this.#body = body;
  }

  string(name: string): string | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") wrongType(name, "a string");
    return value;
  }

  requiredString(name: string): string {
    return this.string(name) ?? missing(name);
  }

  /** A KeyId-like member: 1 to 2048 characters. */
  keyId(name: string): string | undefined {
    const value = this.string(name);
    if (value !== undefined && (value.length === 0 || value.length > 2048)) invalid(name, "have a length between 1 and 2048");
    return value;
  }

  requiredKeyId(name: string): string {
    return this.keyId(name) ?? missing(name);
  }

  boolean(name: string): boolean {
    const value = this.#member(name);
    if (value !== undefined && typeof value !== "boolean") wrongType(name, "a boolean");
    return value ?? false;
  }

  integer(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.#member(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isInteger(value)) wrongType(name, "an integer");
    if (value < minimum || value > maximum) invalid(name, `be between ${minimum} and ${maximum}`);
    return value;
  }

  oneOf(name: string, values: readonly string[]): string | undefined {
    const value = this.string(name);
    if (value !== undefined && !values.includes(value)) invalid(name, `satisfy enum value set: [${values.join(", ")}]`);
    return value;
  }

  /** Base64 with 1 to `maximum` bytes inside. */
  requiredBytes(name: string, maximum: number): Uint8Array {
    const bytes = fromBase64(this.requiredString(name));
    if (bytes === undefined) wrongType(name, "base64");
    if (bytes.length === 0 || bytes.length > maximum) invalid(name, `have a length between 1 and ${maximum}`);
    return bytes;
  }

  /** Accepted and recorded; the local KMS grants by `faults.deny` alone. */
  checkGrantTokens(): void {
    const value = this.#member("GrantTokens");
    if (value === undefined) return;
    if (!Array.isArray(value) || !value.every((token) => typeof token === "string")) wrongType("GrantTokens", "a list of strings");
    if (value.length > 10) invalid("GrantTokens", "have a length between 0 and 10");
  }

  encryptionContext(name: string): EncryptionContext {
    const value = this.#member(name);
    if (value === undefined) return encryptionContextOf();
    if (typeof value !== "object" || Array.isArray(value)) wrongType(name, "a map of strings");
    const pairs = Object.entries(value as JsonObject);
    let length = 0;
    for (const [key, text] of pairs) {
      if (typeof text !== "string") wrongType(name, "a map of strings");
      if (!isWellFormed(key) || !isWellFormed(text)) wrongType(name, "well-formed Unicode");
      length += Buffer.byteLength(key) + Buffer.byteLength(text);
    }
    if (length > maximumContextLength) invalid(name, `have at most ${maximumContextLength} bytes`);
    return encryptionContextOf(value as EncryptionContext);
  }

  has(name: string): boolean {
    return this.#member(name) !== undefined;
  }

  /** JSON null is an absent member. */
  #member(name: string): unknown {
    return Object.hasOwn(this.#body, name) ? (this.#body[name] ?? undefined) : undefined;
  }
}

function missing(name: string): never {
  return refuse(
    "ValidationException",
    `1 validation error detected: Value null at '${lowerFirst(name)}' failed to satisfy constraint: Member must not be null`,
  );
}

/** The value is not part of the message: it may be plaintext. */
function invalid(name: string, constraint: string): never {
  return refuse(
    "ValidationException",
    `1 validation error detected: Value at '${lowerFirst(name)}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

function wrongType(name: string, expected: string): never {
  return refuse("SerializationException", `${name} is not ${expected}`);
}

/** `EncryptionContext` → `encryptionContext`, as validation messages and CloudTrail spell members. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
