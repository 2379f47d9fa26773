import type { AttributeMap, AttributeValue } from "../../src/attributes/index.ts";
import { attributeMap } from "../../src/attributes/index.ts";

/** An AttributeValue with its binaries in base64, as vectors and the Java peer write them. */
export type JsonValue = Readonly<Record<string, unknown>>;
export type JsonItem = Readonly<Record<string, JsonValue>>;

export function valueFromJson(json: JsonValue): AttributeValue {
  const [[type, content] = ["", undefined]] = Object.entries(json);
  switch (type) {
    case "B":
      return { B: binary(content) };
    case "BS":
      return { BS: (content as unknown[]).map(binary) };
    case "L":
      return { L: (content as JsonValue[]).map(valueFromJson) };
    case "M":
      return { M: itemFromJson(content as JsonItem) as Record<string, AttributeValue> };
    default:
      return { [type]: content } as unknown as AttributeValue;
  }
}

export function itemFromJson(json: JsonItem): AttributeMap {
  return attributeMap(Object.entries(json).map(([name, value]) => [name, valueFromJson(value)]));
}

export function valueToJson(value: AttributeValue): JsonValue {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(valueToJson) };
  if (value.M !== undefined) return { M: itemToJson(value.M) };
  return { ...value };
}

/** Attributes in order of their names, so that two items compare by their text. */
export function itemToJson(item: AttributeMap): JsonItem {
  const names = Object.keys(item).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, valueToJson(item[name] as AttributeValue)]));
}

function binary(text: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(text as string, "base64"));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
