import { ByteWriter, compareBytes, compareUtf16, encodeUtf8, utf8Length } from "../bytes/index.ts";
import { DynasealError, requireWithin } from "../errors/index.ts";
import type { AttributeValue } from "./attribute-value.ts";
import { normalizeNumber } from "./number.ts";
import { typeIds, typeOf } from "./type-id.ts";

/**
 * A value as the format sees it: a type and bytes.
 *
 * @see specification/structured-encryption/structures.md "Terminal Type ID", "Terminal Value"
 */
export interface Terminal {
  /** Two bytes, big endian. */
  readonly typeId: number;
  readonly value: Uint8Array;
}

/**
 * Refuses a name that no stored attribute has. Keys of maps may be empty, names of attributes may not.
 *
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_LIMIT_EXCEEDED (65,535 bytes of UTF-8)
 */
export function requireAttributeName(name: string): void {
  if (name === "") throw notSerializable("an attribute's name is empty");
  // No UTF-16 code unit takes more than three bytes.
  if (name.length * 3 > maximumNameLength) requireWithin("an attribute's name, in bytes,", utf8Length(name), maximumNameLength);
}

/** Levels of nesting that are taken, the value itself included. */
export const maximumDepth = 32;
/** Bytes of UTF-8 in an attribute name or map key. */
export const maximumNameLength = 65_535;

const noBytes: Uint8Array = new Uint8Array(0);
const falseByte: Uint8Array = Uint8Array.of(0);
const trueByte: Uint8Array = Uint8Array.of(1);

/**
 * An AttributeValue as terminal bytes.
 *
 * - NULL: nothing. BOOL: one byte 0 or 1. S: UTF-8. N: UTF-8 of the normal form. B: the bytes.
 * - SS, NS, BS: `count (4) ‖ count × [ length (4) ‖ value ]`, ascending (UTF-16 code units for text, bytes for binary).
 * - M: `count (4) ‖ count × [ 0x0001 ‖ key length (4) ‖ key ‖ type (2) ‖ length (4) ‖ value ]`, ascending by UTF-16 code units.
 * - L: `count (4) ‖ count × [ type (2) ‖ length (4) ‖ value ]`.
 *
 * An empty map key is taken, as Java does (vector "type: map, keys unsorted"), although the specification says non-zero.
 *
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_NUMBER_INVALID, ERR_LIMIT_EXCEEDED (32 levels, 65,535 bytes of map key)
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Null", "String", "Binary", "Boolean", "Set"
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Set Count", "Set Entries", "Set Entry Length"
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Map Attribute", "Key Value Pair Count"
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Key Value Pair Entries", "Key Type", "Map Key"
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Value Type", "Value Length", "Map Value", "List"
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "List Count", "List Entries", "List Entry Type"
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "List Entry Length", "List Entry Value"
 */
export function serializeAttributeValue(value: AttributeValue): Terminal {
  // The flat types, which most attributes are, need no writer.
  switch (typeOf(value)) {
    case "S":
      return { typeId: typeIds.S, value: text(value.S) };
    case "N":
      return { typeId: typeIds.N, value: text(normalNumber(value.N)) };
    case "B":
      return { typeId: typeIds.B, value: binary(value.B) };
    case "BOOL":
      return { typeId: typeIds.BOOL, value: value.BOOL === true ? trueByte : falseByte };
    case "NULL":
      return { typeId: typeIds.NULL, value: noBytes };
    default: {
      const writer = new ByteWriter();
      const typeId = writeValue(writer, value, 1);
      return { typeId, value: writer.finish() };
    }
  }
}

/** Appends the bytes of a value and returns its type. */
function writeValue(writer: ByteWriter, value: AttributeValue, depth: number): number {
  if (depth > maximumDepth) {
    throw new DynasealError("ERR_LIMIT_EXCEEDED", { details: { limit: "the depth of nested maps and lists", maximum: maximumDepth } });
  }
  const type = typeOf(value);
  switch (type) {
    case "S":
      writer.bytes(text(value.S));
      break;
    case "N":
      writer.bytes(text(normalNumber(value.N)));
      break;
    case "B":
      writer.bytes(binary(value.B));
      break;
    case "BOOL":
      writer.uint8(value.BOOL === true ? 1 : 0);
      break;
    case "NULL":
      break;
    case "SS":
      writeSet(writer, distinctTexts(array(value.SS, "SS")).map(text));
      break;
    case "NS":
      writeSet(writer, distinctTexts(array(value.NS, "NS").map(normalNumber)).map(text));
      break;
    case "BS":
      writeSet(writer, distinctBinaries(array(value.BS, "BS").map(binary)));
      break;
    case "M":
      writeMap(writer, value.M, depth);
      break;
    case "L": {
      const list = array(value.L, "L");
      writer.uint32(list.length);
      for (const entry of list) writeTyped(writer, entry, depth + 1);
      break;
    }
    case undefined:
      throw notSerializable("it sets none, several or unknown members");
  }
  return typeIds[type];
}

/** `type (2) ‖ length (4) ‖ value`. */
function writeTyped(writer: ByteWriter, value: AttributeValue, depth: number): void {
  const header = writer.length;
  writer.uint16(0).uint32(0);
  const typeId = writeValue(writer, object(value), depth);
  writer.patchUint16(header, typeId).patchUint32(header + 2, writer.length - header - 6);
}

function writeMap(writer: ByteWriter, map: Readonly<Record<string, AttributeValue>> | undefined, depth: number): void {
  const entries = Object.entries(object(map)).filter(([, value]) => value !== undefined);
  entries.sort(([a], [b]) => compareUtf16(a, b));
  writer.uint32(entries.length);
  for (const [name, value] of entries) {
    const key = text(name);
    requireWithin("a map key, in bytes,", key.length, maximumNameLength);
    writer.uint16(typeIds.S).uint32(key.length).bytes(key);
    writeTyped(writer, value, depth + 1);
  }
}

function writeSet(writer: ByteWriter, members: readonly Uint8Array[]): void {
  writer.uint32(members.length);
  for (const member of members) writer.uint32(member.length).bytes(member);
}

function distinctTexts(texts: readonly string[]): readonly string[] {
  const sorted = texts.toSorted(compareUtf16);
  if (sorted.some((member, index) => index > 0 && member === sorted[index - 1])) throw notSerializable("a set holds a duplicate");
  return sorted;
}

function distinctBinaries(binaries: readonly Uint8Array[]): readonly Uint8Array[] {
  const sorted = binaries.toSorted(compareBytes);
  for (let i = 1; i < sorted.length; i++) {
    if (compareBytes(sorted[i - 1] ?? noBytes, sorted[i] ?? noBytes) === 0) throw notSerializable("a set holds a duplicate");
  }
  return sorted;
}

function text(value: unknown): Uint8Array {
  if (typeof value !== "string") throw notSerializable("a text is not a string");
  const bytes = encodeUtf8(value);
  if (bytes === undefined) throw notSerializable("a text holds half of a surrogate pair");
  return bytes;
}

function normalNumber(value: unknown): string {
  if (typeof value !== "string") throw notSerializable("an N is not a string");
  return normalizeNumber(value);
}

function binary(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw notSerializable("a B is not a Uint8Array");
  return value;
}

function array<Member>(value: readonly Member[] | undefined, type: string): readonly Member[] {
  if (!Array.isArray(value)) throw notSerializable(`${type} is not an array`);
  return value;
}

function object<Value extends object>(value: Value | undefined): Value {
  if (typeof value !== "object" || value === null) throw notSerializable("a value is not an object");
  return value;
}

function notSerializable(reason: string): DynasealError {
  return new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { reason } });
}
