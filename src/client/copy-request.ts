import { copyAttributeMap, copyAttributeValue } from "../attributes/index.ts";
import { invalidArgument } from "../errors/index.ts";
import { type Members, requestShapes, type Shape } from "./request-shapes.ts";

type Given = Readonly<Record<string, unknown>>;

/**
 * A deep copy of a request as the service would get it: what the application does to its objects afterwards does not
 * reach the copy, and whatever is checked, signed, encrypted or sent is the same. Each member is read once. Members
 * that are `null` or `undefined` are left out, as the AWS SDK leaves them out.
 *
 * @param operation the service's name of it, such as `PutItem`
 * @throws ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_LIMIT_EXCEEDED (32 levels), ERR_INVALID_ARGUMENT for a member that is
 *   not what it has to be, or for a missing item
 */
export function copyRequest(operation: string, input: unknown): unknown {
  const members = requestShapes.get(operation);
  return members === undefined ? copyPlain(input, 0) : copyMembers(object(input ?? {}, operation), members);
}

/** Members of the model also where a class defines them, which makes them no entries; others, those of options, where they are. */
function copyMembers(given: Given, members: Members): object {
  const copy: Record<string, unknown> = {};
  for (const name in members) {
    const shape = members[name] ?? "scalar";
    const value = given[name];
    if (value !== undefined && value !== null) copy[name] = copyOf(value, shape, name);
    else if (shape === "item") throw invalidArgument(name, "a map of attribute values");
  }
  for (const name in given) {
    if (Object.hasOwn(members, name) || name === "__proto__") continue;
    const value = given[name];
    if (value !== undefined && value !== null) copy[name] = copyPlain(value, 0);
  }
  return copy;
}

function copyOf(value: unknown, shape: Shape, name: string): unknown {
  switch (shape) {
    case "attributes":
    case "item":
      return copyAttributeMap(value);
    case "value":
      return copyAttributeValue(value);
    case "text":
      if (typeof value !== "string") throw invalidArgument(name, "a string");
      return value;
    case "scalar":
      return copyPlain(value, 0);
    default:
      return copyNested(value, shape, name);
  }
}

function copyNested(value: unknown, shape: Exclude<Shape, string>, name: string): unknown {
  if ("members" in shape) return copyMembers(object(value, name), shape.members);
  if ("list" in shape) {
    if (!Array.isArray(value)) throw invalidArgument(name, "a list");
    const { length } = value;
    const list: unknown[] = [];
    for (let index = 0; index < length; index++) {
      const member: unknown = value[index];
      if (member !== undefined && member !== null) list.push(copyOf(member, shape.list, name));
    }
    return list;
  }
  const map = Object.create(null) as Record<string, unknown>;
  const entries = object(value, name);
  for (const key of Object.keys(entries)) {
    const entry = entries[key];
    if (entry !== undefined && entry !== null) map[key] = copyOf(entry, shape.map, name);
  }
  return map;
}

function object(value: unknown, name: string): Given {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidArgument(name, "an object");
  return value as Given;
}

/** Deeper than any request is; a circle would never end. */
const maximumDepth = 64;

/** Data of any other sort. Objects of classes that are not data, such as signals, are handed on. */
function copyPlain(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > maximumDepth) throw invalidArgument("the request", "nested less deeply");
  if (Array.isArray(value)) return value.map((member) => copyPlain(member, depth + 1));
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Date) return new Date(value);
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  // Of the same class: its accessors go on working on the copy.
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as object;
  for (const name of Object.keys(value)) {
    const member = (value as Given)[name];
    if (member === undefined || member === null) continue;
    Object.defineProperty(copy, name, { value: copyPlain(member, depth + 1), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}
