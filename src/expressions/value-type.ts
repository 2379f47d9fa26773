import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./invalid.ts";
import type { AttributeType } from "./tree.ts";

export const attributeTypes: readonly AttributeType[] = ["NS", "SS", "L", "BS", "N", "M", "B", "BOOL", "NULL", "S"];

/** @throws ERR_EXPRESSION_INVALID where the value has none or several of the type descriptors */
export function typeOf(value: AttributeValue): AttributeType {
  const found = attributeTypes.filter((type) => value[type] !== undefined);
  const [type] = found;
  if (type === undefined) {
    throw invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  }
  if (found.length > 1) {
    throw invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
  }
  return type;
}

/** Whether values of this type have an order: strings, numbers, binary. */
export function isOrdered(type: AttributeType): type is "S" | "N" | "B" {
  return type === "S" || type === "N" || type === "B";
}
