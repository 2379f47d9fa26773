import { DynasealError, isDynasealError } from "../errors/index.ts";
import { type AttributeMap, type AttributeValue, attributeMap } from "./attribute-value.ts";
import { maximumDepth } from "./serialize.ts";

/**
 * A deep copy of an item, of a key or of any other map of AttributeValues, taken in one go: what the caller does to its
 * objects and bytes afterwards does not reach the copy. Each member is read once, so that neither a getter nor a proxy
 * can show one value to a check and another one to what is stored.
 *
 * As in the AWS SDK, entries and members that are `null` or `undefined` are left out, and of a map only its own entries
 * count. Anything else that is not exactly an AttributeValue is refused, where the SDK would store something else.
 *
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_LIMIT_EXCEEDED (32 levels)
 */
export function copyAttributeMap(map: unknown): AttributeMap {
  const entries = plainObject(map, "a map of attribute values");
  const copy = attributeMap();
  for (const name of Object.keys(entries)) {
    const value = entries[name];
    if (value !== undefined && value !== null) copy[name] = namedValue(name, value);
  }
  return copy;
}

/**
 * The same for a single AttributeValue.
 *
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_LIMIT_EXCEEDED (32 levels)
 */
export function copyAttributeValue(value: unknown): AttributeValue {
  return copyValue(value, 1);
}

type Members = Readonly<Record<string, unknown>>;

/** Errors name the attribute, but not the map keys inside it: those are often data. */
function namedValue(attribute: string, value: unknown): AttributeValue {
  try {
    return copyValue(value, 1);
  } catch (error) {
    if (!isDynasealError(error, "ERR_ATTRIBUTE_NOT_SERIALIZABLE")) throw error;
    throw new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { attribute, reason: error.details.reason } });
  }
}

/** Made for speed: a list of 20,000 numbers passes here before it is encrypted. */
function copyValue(value: unknown, depth: number): AttributeValue {
  if (depth > maximumDepth) {
    throw new DynasealError("ERR_LIMIT_EXCEEDED", { details: { limit: "the depth of nested maps and lists", maximum: maximumDepth } });
  }
  if (typeof value !== "object" || value === null) throw refused("a value is not an object with one of the members S, N, B, …");
  let type: string | undefined;
  let content: unknown;
  for (const name in value) {
    const member = (value as Members)[name];
    if (member === undefined || member === null) continue;
    if (type !== undefined) throw refused("a value sets several members");
    type = name;
    content = member;
  }
  return type === undefined ? copyOfAccessors(value as Members, depth) : copyContent(type, content, depth);
}

function copyContent(type: string, content: unknown, depth: number): AttributeValue {
  switch (type) {
    case "S":
      return { S: text(content, "an S is not a string") };
    case "N":
      return { N: text(content, "an N is not a string") };
    case "B":
      return { B: copyOfBytes(content) };
    case "BOOL":
      if (typeof content !== "boolean") throw refused("a BOOL is neither true nor false");
      return { BOOL: content };
    case "NULL":
      if (content !== true) throw refused("a NULL is not true");
      return { NULL: true };
    case "M":
      return { M: copyEntries(plainObject(content, "an M"), depth + 1) };
    case "L":
      return { L: copyEach(content, "an L", (member) => copyValue(member, depth + 1)) };
    case "SS":
      return { SS: copyEach(content, "an SS", (member) => text(member, "an SS holds something that is not a string")) };
    case "NS":
      return { NS: copyEach(content, "an NS", (member) => text(member, "an NS holds something that is not a string")) };
    case "BS":
      return { BS: copyEach(content, "a BS", copyOfBytes) };
    default:
      throw refused("a value has an unknown member");
  }
}

const types = ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"] as const;

/** Members that a class defines are not enumerable; the SDK reads them by name. */
function copyOfAccessors(value: Members, depth: number): AttributeValue {
  const set = types.map((type) => [type, value[type]] as const).filter(([, content]) => content !== undefined && content !== null);
  const [first, second] = set;
  if (first === undefined || second !== undefined) throw refused("a value sets none of the members S, N, B, …, or several");
  return copyContent(...first, depth);
}

function copyEntries(map: Members, depth: number): Record<string, AttributeValue> {
  const copy = attributeMap();
  for (const name of Object.keys(map)) {
    const value = map[name];
    if (value !== undefined && value !== null) copy[name] = copyValue(value, depth);
  }
  return copy;
}

function copyEach<Member>(list: unknown, what: string, copyOf: (member: unknown) => Member): Member[] {
  if (!Array.isArray(list)) throw refused(`${what} is not an array`);
  const { length } = list;
  const copy: Member[] = [];
  for (let index = 0; index < length; index++) copy.push(copyOf(list[index]));
  return copy;
}

function text(value: unknown, reason: string): string {
  if (typeof value !== "string") throw refused(reason);
  return value;
}

/** A plain Uint8Array also of a Buffer, and of arrays that another realm made, as Jest's sandboxes do. */
function copyOfBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array) && !isForeignBytes(value)) throw refused("a B is not a Uint8Array");
  return new Uint8Array(value);
}

function isForeignBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** Map, Set, Date and their like have no entries of their own, and would be stored as empty maps. */
function plainObject(value: unknown, what: string): Members {
  if (typeof value !== "object" || value === null || Object.prototype.toString.call(value) !== "[object Object]") {
    throw refused(`${what} is not a plain object`);
  }
  return value as Members;
}

function refused(reason: string): DynasealError {
  return new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { reason } });
}
