export { type AttributeMap, type AttributeValue, attributeMap } from "./attribute-value.ts";
export { copyAttributeMap, copyAttributeValue } from "./copy.ts";
export { deserializeAttributeValue } from "./deserialize.ts";
export { normalizeNumber, significantDigits } from "./number.ts";
export { maximumDepth, maximumNameLength, requireAttributeName, serializeAttributeValue, type Terminal } from "./serialize.ts";
export { type AttributeType, readTypeId, typeById, typeIdBytes, typeIds, typeOf } from "./type-id.ts";
