import type { AttributeValue } from "./attribute-value.ts";

/** The member of an AttributeValue that is set. */
export type AttributeType = "NULL" | "S" | "N" | "B" | "BOOL" | "SS" | "NS" | "BS" | "M" | "L";

/**
 * Terminal Type ID, two bytes, of each type.
 *
 * @see specification/dynamodb-encryption-client/ddb-attribute-serialization.md "Type ID"
 */
export const typeIds: Readonly<Record<AttributeType, number>> = Object.freeze({
  NULL: 0x0000,
  S: 0x0001,
  N: 0x0002,
  B: 0xffff,
  BOOL: 0x0004,
  SS: 0x0101,
  NS: 0x0102,
  BS: 0x01ff,
  M: 0x0200,
  L: 0x0300,
});

const typesById: ReadonlyMap<number, AttributeType> = new Map(
  (Object.entries(typeIds) as [AttributeType, number][]).map(([type, id]) => [id, type]),
);

export function typeById(id: number): AttributeType | undefined {
  return typesById.get(id);
}

/** Big endian. */
export function typeIdBytes(typeId: number): Uint8Array {
  return Uint8Array.of(typeId >>> 8, typeId & 0xff);
}

/** The inverse: the first two bytes, which the caller has made sure of. */
export function readTypeId([high = 0, low = 0]: Uint8Array): number {
  return (high << 8) | low;
}

/** The one member that an AttributeValue sets, or `undefined` where it is none or several. */
export function typeOf(value: AttributeValue): AttributeType | undefined {
  let found: AttributeType | undefined;
  for (const name in value) {
    if ((value as unknown as Readonly<Record<string, unknown>>)[name] === undefined) continue;
    if (found !== undefined || !Object.hasOwn(typeIds, name)) return undefined;
    found = name as AttributeType;
  }
  return found;
}
