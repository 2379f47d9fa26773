import { type AttributeMap, type AttributeValue, attributeMap } from "../../attributes/index.ts";

/** An attribute value as the JSON protocol carries it: one member, binary in base64. */
export type WireValue = Readonly<Record<string, unknown>>;

/** An item or a key as the JSON protocol carries it. */
export type WireItem = Readonly<Record<string, WireValue>>;

/** The body of a request or an answer. */
export type WireBody = Readonly<Record<string, unknown>>;

/**
 * dynalite keeps items in ordinary objects, where an attribute called `__proto__` is lost. On its way in, each JSON
 * string that is exactly `__proto__` gets a character of the private use area behind it, on its way out it loses it.
 */
const protoString = /(?<!\\)"__proto__"/g;
const escapedProtoString = /(?<!\\)"__proto__\uE000"/g;

/** Parses a request's body; undefined where it is no JSON object. */
export function parseWire(text: string): WireBody | undefined {
  try {
    const parsed: unknown = JSON.parse(text.replace(protoString, '"__proto__\uE000"'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The inverse of `parseWire`. */
export function printWire(body: unknown): string {
  return JSON.stringify(body).replace(escapedProtoString, '"__proto__"');
}

/** A raw item as the SDK shows it, with binary as `Uint8Array`. */
export function attributesOfWire(item: WireItem): AttributeMap {
  return mapOfWire(JSON.parse(printWire(item)) as WireItem);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapOfWire(map: WireItem): Record<string, AttributeValue> {
  return attributeMap(Object.entries(map).map(([name, value]) => [name, valueOfWire(value)]));
}

function valueOfWire(value: WireValue): AttributeValue {
  if (typeof value.B === "string") return { B: binary(value.B) };
  if (Array.isArray(value.BS)) return { BS: value.BS.map(binary) };
  if (Array.isArray(value.L)) return { L: value.L.map(valueOfWire) };
  if (isRecord(value.M)) return { M: mapOfWire(value.M as WireItem) };
  return { ...value } as unknown as AttributeValue;
}

function binary(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
