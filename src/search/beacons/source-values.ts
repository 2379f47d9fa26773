import { type AttributeMap, type AttributeValue, normalizeNumber, typeOf } from "../../attributes/index.ts";
import { isWellFormed } from "../../bytes/index.ts";
import { valueAt } from "../../expressions/index.ts";
import type { ValueSource, VirtualFieldPlan } from "../../schema/index.ts";

/** A value that an item has, or why it has none that could be hashed. */
export type Found<Value> = { readonly value: Value | undefined } | { readonly unsupported: string };

const absent: { readonly value: undefined } = Object.freeze({ value: undefined });

/** The value that a standard beacon hashes. @see specification/searchable-encryption/virtual.md "Virtual Field Initialization" */
export function sourceValue(source: ValueSource, item: AttributeMap): Found<AttributeValue> {
  if ("location" in source) return { value: valueAt(item, { elements: source.location }) };
  const text = virtualFieldText(source.virtualField, item);
  return "unsupported" in text || text.value === undefined ? (text as Found<never>) : { value: { S: text.value } };
}

/** The text that a part of a compound beacon is made of. */
export function sourceText(source: ValueSource, item: AttributeMap): Found<string> {
  if ("virtualField" in source) return virtualFieldText(source.virtualField, item);
  const value = valueAt(item, { elements: source.location });
  return value === undefined ? absent : valueText(value);
}

/**
 * The text of a virtual field; none where the item lacks one of its values.
 *
 * @see specification/searchable-encryption/virtual.md "Virtual Part Initialization"
 */
export function virtualFieldText({ parts }: VirtualFieldPlan, item: AttributeMap): Found<string> {
  let whole = "";
  for (const { location, transforms } of parts) {
    const value = valueAt(item, { elements: location });
    if (value === undefined) return absent;
    const text = valueText(value);
    if ("unsupported" in text || text.value === undefined) return text;
    whole += transforms.reduce((changed, transform) => transform(changed), text.value);
  }
  return isWellFormed(whole) ? { value: whole } : { unsupported: "a transform left half of a surrogate pair" };
}

/**
 * A single value as text. Numbers are taken in their normal form: the Java library takes them as they were written
 * (vector "compound, constructors"), which neither DynamoDB nor decryption preserves.
 */
export function valueText(value: AttributeValue): Found<string> {
  if (value.S !== undefined) return { value: value.S };
  if (value.N !== undefined) return { value: normalizeNumber(value.N) };
  if (value.BOOL !== undefined) return { value: value.BOOL ? "true" : "false" };
  if (value.NULL !== undefined) return { value: "null" };
  return { unsupported: `a value of type ${typeOf(value) ?? "unknown"} has no text` };
}
