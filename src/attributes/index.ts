export { type AttributeMap, type AttributeValue, attributeMap } from "./attribute-value.ts";
