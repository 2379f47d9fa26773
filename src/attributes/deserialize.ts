import { ByteReader, bytesEqual, compareBytes, decodeUtf8 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { type AttributeValue, attributeMap } from "./attribute-value.ts";
import { maximumDepth, maximumNameLength, type Terminal } from "./serialize.ts";
import { type AttributeType, typeById, typeIds } from "./type-id.ts";

/** The smallest entry of a set is its 4-byte length, of a list type and length; so no count can ask for more than is there. */
const smallestSetEntry = 4;
const smallestListEntry = 6;
const smallestMapEntry = 12;

/**
 * The inverse of `serializeAttributeValue`. NULL comes back as `{ NULL: true }`.
 *
 * @throws ERR_ATTRIBUTE_MALFORMED
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md
 * @see specification/dynamodb-encryption-client/ddb-item-conversion.md "Convert Structured Data to DDB Item", "Duplicates"
 */
export function deserializeAttributeValue(terminal: Terminal): AttributeValue {
  return readValue(terminal.typeId, terminal.value, 1);
}

function readValue(typeId: number, bytes: Uint8Array, depth: number): AttributeValue {
  if (depth > maximumDepth) throw malformed("it is nested deeper than 32 levels");
  const type = typeById(typeId);
  if (type === undefined) throw malformed("its type is unknown");
  return readers[type](bytes, depth);
}

const readers: Readonly<Record<AttributeType, (bytes: Uint8Array, depth: number) => AttributeValue>> = {
  NULL(bytes) {
    if (bytes.length !== 0) throw malformed("a NULL has bytes");
    return { NULL: true };
  },
  S: (bytes) => ({ S: text(bytes) }),
  N: (bytes) => ({ N: text(bytes) }),
  B: (bytes) => ({ B: Uint8Array.from(bytes) }),
  BOOL(bytes) {
    const [value] = bytes;
    if (bytes.length !== 1 || (value !== 0 && value !== 1)) throw malformed("a BOOL is not one byte 0 or 1");
    return { BOOL: value === 1 };
  },
  SS: (bytes) => ({ SS: distinct(readSet(bytes).map(text)) }),
  NS: (bytes) => ({ NS: distinct(readSet(bytes).map(text)) }),
  BS(bytes) {
    const members = readSet(bytes).map((member) => Uint8Array.from(member));
    const sorted = members.toSorted(compareBytes);
    if (sorted.some((member, index) => index > 0 && bytesEqual(member, sorted[index - 1] ?? member))) {
      throw malformed("a set holds a duplicate");
    }
    return { BS: members };
  },
  M: (bytes, depth) => ({ M: readMap(bytes, depth) }),
  L(bytes, depth) {
    const reader = new ByteReader(bytes, malformed);
    const count = boundedCount(reader, smallestListEntry);
    const list = Array.from({ length: count }, () => readTyped(reader, depth + 1));
    reader.end("list");
    return { L: list };
  },
};

function readSet(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes, malformed);
  const count = boundedCount(reader, smallestSetEntry);
  const members = Array.from({ length: count }, () => reader.take(reader.uint32("set entry length"), "set entry"));
  reader.end("set");
  return members;
}

function readMap(bytes: Uint8Array, depth: number): Record<string, AttributeValue> {
  const reader = new ByteReader(bytes, malformed);
  const count = boundedCount(reader, smallestMapEntry);
  const map = attributeMap();
  for (let i = 0; i < count; i++) {
    if (reader.uint16("map key type") !== typeIds.S) throw malformed("a map key is not a string");
    const key = reader.take(reader.uint32("map key length"), "map key");
    if (key.length > maximumNameLength) throw malformed("a map key is too long");
    const name = text(key);
    if (Object.hasOwn(map, name)) throw malformed("a map holds a key twice");
    map[name] = readTyped(reader, depth + 1);
  }
  reader.end("map");
  return map;
}

function readTyped(reader: ByteReader, depth: number): AttributeValue {
  const typeId = reader.uint16("type");
  return readValue(typeId, reader.take(reader.uint32("length"), "value"), depth);
}

function boundedCount(reader: ByteReader, smallestEntry: number): number {
  const count = reader.uint32("count");
  if (count * smallestEntry > reader.remaining) throw malformed("its count is more than its bytes can hold");
  return count;
}

function distinct(members: string[]): string[] {
  if (new Set(members).size !== members.length) throw malformed("a set holds a duplicate");
  return members;
}

function text(bytes: Uint8Array): string {
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) throw malformed("a text is not UTF-8");
  return decoded;
}

function malformed(reason: string): DynasealError {
  return new DynasealError("ERR_ATTRIBUTE_MALFORMED", { details: { reason } });
}
