import { fromBase64, toBase64 } from "../bytes/index.ts";
import { DynasealError, invalidArgument } from "../errors/index.ts";
import { type AttributeMap, type AttributeValue, attributeMap } from "./attribute-value.ts";
import { normalizeNumber } from "./number.ts";
import { maximumDepth } from "./serialize.ts";
import { type AttributeType, typeOf } from "./type-id.ts";

/** An AttributeValue as JSON carries it: one member, such as `{ "S": "text" }`, with binary as base64 text. */
export type DynamoDbJsonValue = Readonly<Record<string, unknown>>;

/** An item as JSON carries it: in streams, in exports, in the output of the AWS CLI. */
export type DynamoDbJsonItem = Readonly<Record<string, DynamoDbJsonValue>>;

/** The bytes of a binary member's content; `undefined` for anything that is not one. */
export type ReadBinary = (content: unknown) => Uint8Array | undefined;

/**
 * An item as AttributeValues, from DynamoDB JSON: what `JSON.parse` makes of an item in a stream, in an export, or in
 * the output of `aws dynamodb get-item`. Binary is base64 there, which `decryptItem` does not take.
 *
 * ```ts
 * const item = itemFromDynamoDbJson(JSON.parse(line).Item);
 * ```
 *
 * Each attribute has to set exactly one member, with content of its type; base64 has to be canonical (padded, no white
 * space, no stray bits). The result has no prototype.
 *
 * @throws ERR_INVALID_ARGUMENT where it is not an object; ERR_ATTRIBUTE_NOT_SERIALIZABLE and ERR_NUMBER_INVALID, which
 *   name the attribute and never quote a value; ERR_LIMIT_EXCEEDED (32 levels)
 */
export function itemFromDynamoDbJson(json: unknown): AttributeMap {
  return attributesFromJson(json, base64Binary);
}

/** As {@link itemFromDynamoDbJson}, for sources whose binary is not base64 text alone. @throws what it throws */
export function attributesFromJson(json: unknown, readBinary: ReadBinary): AttributeMap {
  if (!isObject(json)) throw invalidArgument("the item", 'an object in DynamoDB JSON, such as { "id": { "S": "1" } }');
  const item = attributeMap();
  for (const [attribute, value] of Object.entries(json)) item[attribute] = valueOf(value, { attribute, readBinary }, 1);
  return item;
}

/**
 * The inverse of {@link itemFromDynamoDbJson}: for `JSON.stringify`. Members and attributes that are `undefined` are left out.
 *
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_LIMIT_EXCEEDED (32 levels)
 */
export function itemToDynamoDbJson(item: AttributeMap): DynamoDbJsonItem {
  return jsonMap(item, 0);
}

/** Strict base64. */
export const base64Binary: ReadBinary = (content) => (typeof content === "string" ? fromBase64(content) : undefined);

interface Reading {
  readonly attribute: string;
  readonly readBinary: ReadBinary;
}

function valueOf(json: unknown, reading: Reading, depth: number): AttributeValue {
  if (depth > maximumDepth) throw tooDeep();
  const type = isObject(json) && !Array.isArray(json) ? typeOf(json as unknown as AttributeValue) : undefined;
  if (type === undefined) throw notAValue(reading.attribute, "it is not an object with exactly one member such as S or N");
  return readers[type]((json as Readonly<Record<string, unknown>>)[type], reading, depth);
}

const readers: Readonly<Record<AttributeType, (content: unknown, reading: Reading, depth: number) => AttributeValue>> = {
  NULL(content, { attribute }) {
    if (content !== true) throw notAValue(attribute, "a NULL is not true");
    return { NULL: true };
  },
  BOOL(content, { attribute }) {
    if (typeof content !== "boolean") throw notAValue(attribute, "a BOOL is not true or false");
    return { BOOL: content };
  },
  S: (content, { attribute }) => ({ S: textOf(content, attribute) }),
  N: (content, { attribute }) => ({ N: numberOf(content, attribute) }),
  B: (content, reading) => ({ B: binaryOf(content, reading) }),
  SS: (content, { attribute }) => ({ SS: listOf(content, attribute).map((member) => textOf(member, attribute)) }),
  NS: (content, { attribute }) => ({ NS: listOf(content, attribute).map((member) => numberOf(member, attribute)) }),
  BS: (content, reading) => ({ BS: listOf(content, reading.attribute).map((member) => binaryOf(member, reading)) }),
  L: (content, reading, depth) => ({ L: listOf(content, reading.attribute).map((member) => valueOf(member, reading, depth + 1)) }),
  M(content, reading, depth) {
    if (!isObject(content) || Array.isArray(content)) throw notAValue(reading.attribute, "an M is not an object");
    const map = attributeMap();
    for (const [name, member] of Object.entries(content)) map[name] = valueOf(member, reading, depth + 1);
    return { M: map };
  },
};

function textOf(content: unknown, attribute: string): string {
  if (typeof content !== "string") throw notAValue(attribute, "a text is not a string");
  return content;
}

function numberOf(content: unknown, attribute: string): string {
  if (typeof content !== "string") throw notAValue(attribute, "a number is not given as a string, which alone keeps its 38 digits");
  try {
    normalizeNumber(content);
  } catch (error) {
    if (!(error instanceof DynasealError) || error.code !== "ERR_NUMBER_INVALID") throw error;
    throw new DynasealError("ERR_NUMBER_INVALID", { details: { attribute, reason: "it is not a number that DynamoDB stores" } });
  }
  return content;
}

function binaryOf(content: unknown, { attribute, readBinary }: Reading): Uint8Array {
  const bytes = readBinary(content);
  if (bytes === undefined) throw notAValue(attribute, "a binary is not canonical base64");
  return bytes;
}

function listOf(content: unknown, attribute: string): readonly unknown[] {
  if (!Array.isArray(content)) throw notAValue(attribute, "a list or set is not an array");
  return content;
}

function jsonValue(value: AttributeValue, attribute: string, depth: number): DynamoDbJsonValue {
  if (depth > maximumDepth) throw tooDeep();
  const type = isObject(value) ? typeOf(value) : undefined;
  switch (type) {
    case undefined:
      throw notAValue(attribute, "it sets none, several or unknown members");
    case "B":
      return { B: base64Of(value.B, attribute) };
    case "BS":
      return { BS: listOf(value.BS, attribute).map((member) => base64Of(member, attribute)) };
    case "L":
      return { L: listOf(value.L, attribute).map((member) => jsonValue(member as AttributeValue, attribute, depth + 1)) };
    case "M":
      if (!isObject(value.M)) throw notAValue(attribute, "an M is not an object");
      return { M: jsonMap(value.M as AttributeMap, depth, attribute) };
    default:
      return { [type]: value[type] };
  }
}

function jsonMap(map: AttributeMap, depth: number, attribute?: string): Record<string, DynamoDbJsonValue> {
  const json = Object.create(null) as Record<string, DynamoDbJsonValue>;
  for (const [name, value] of Object.entries(map)) {
    if (value !== undefined) json[name] = jsonValue(value, attribute ?? name, depth + 1);
  }
  return json;
}

function base64Of(bytes: unknown, attribute: string): string {
  if (!(bytes instanceof Uint8Array)) throw notAValue(attribute, "a B is not a Uint8Array");
  return toBase64(bytes);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function notAValue(attribute: string, reason: string): DynasealError {
  return new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { attribute, reason } });
}

function tooDeep(): DynasealError {
  return new DynasealError("ERR_LIMIT_EXCEEDED", { details: { limit: "the depth of nested maps and lists", maximum: maximumDepth } });
}
