export { type AttributeMap, type AttributeValue, attributeMap } from "./attribute-value.ts";
export { copyAttributeMap, copyAttributeValue } from "./copy.ts";
export { deserializeAttributeValue } from "./deserialize.ts";
export {
  attributesFromJson,
  base64Binary,
  type DynamoDbJsonItem,
  type DynamoDbJsonValue,
  itemFromDynamoDbJson,
  itemToDynamoDbJson,
  type ReadBinary,
} from "./dynamodb-json.ts";
export { normalizeNumber, significantDigits } from "./number.ts";
export { requireAttributeName, serializeAttributeValue, type Terminal } from "./serialize.ts";
export { type AttributeType, readTypeId, typeById, typeIdBytes, typeIds, typeOf } from "./type-id.ts";
