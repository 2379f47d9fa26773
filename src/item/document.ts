import { convertToAttr, convertToNative } from "@aws-sdk/util-dynamodb";
import { type AttributeMap, type AttributeValue, attributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { refuseJsonDocument, requireItem } from "./other-formats.ts";

/** An item as native values. */
export type Document = Readonly<Record<string, unknown>>;

/**
 * Native values to AttributeValues; `undefined` members are left out.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_ITEM_IS_JSON, ERR_ATTRIBUTE_NOT_SERIALIZABLE, without the converter's own message, which may quote the value
 */
export function itemOf(document: Document): AttributeMap {
  requireItem(document);
  refuseJsonDocument(document);
  const present = Object.entries(document).filter(([, value]) => value !== undefined);
  return attributeMap(present.map(([name, value]) => [name, converted(name, () => convertToAttr(value, { removeUndefinedValues: true }))]));
}

/** AttributeValues to native values; the result has no prototype, so an attribute may be called `__proto__`. */
export function documentOf(item: AttributeMap): Document {
  const document = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(item)) document[name] = native(name, value);
  return document;
}

function native(name: string, value: AttributeValue): unknown {
  return converted(name, () => convertToNative(value));
}

function converted<Value>(attribute: string, convert: () => Value): Value {
  try {
    return convert();
  } catch {
    const reason = "it has no native form; numbers beyond 2^53 that are no integers need encryptItem and decryptItem";
    throw new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { attribute, reason } });
  }
}
