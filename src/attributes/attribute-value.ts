import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type { AttributeValue };

/** An item on the wire: attribute name → AttributeValue. Maps that this library makes have no prototype. */
export type AttributeMap = Readonly<Record<string, AttributeValue>>;

/** A new map without prototype, so that an attribute may be called `__proto__`. */
export function attributeMap(entries: Iterable<readonly [string, AttributeValue]> = []): Record<string, AttributeValue> {
  const map = Object.create(null) as Record<string, AttributeValue>;
  for (const [name, value] of entries) map[name] = value;
  return map;
}
