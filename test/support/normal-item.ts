import { type AttributeMap, type AttributeValue, attributeMap, normalizeNumber } from "../../src/attributes/index.ts";
import { compareBytes, compareUtf16 } from "../../src/bytes/index.ts";
import type { JavaConfig } from "./java-config.ts";

/** What decrypting gives for an item: encrypted numbers and sets in their normal form, the rest as it was. */
export function normalItem(config: JavaConfig, item: AttributeMap): AttributeMap {
  return attributeMap(
    Object.entries(item).map(([name, value]) => [
      name,
      config.attributeActionsOnEncrypt[name] === "ENCRYPT_AND_SIGN" ? normalValue(value) : value,
    ]),
  );
}

function normalValue(value: AttributeValue): AttributeValue {
  if (value.N !== undefined) return { N: normalizeNumber(value.N) };
  if (value.NS !== undefined) return { NS: value.NS.map(normalizeNumber).sort(compareUtf16) };
  if (value.SS !== undefined) return { SS: [...value.SS].sort(compareUtf16) };
  if (value.BS !== undefined) return { BS: [...value.BS].sort(compareBytes) };
  if (value.L !== undefined) return { L: value.L.map(normalValue) };
  if (value.M !== undefined) return { M: attributeMap(Object.entries(value.M).map(([name, member]) => [name, normalValue(member)])) };
  return value;
}
