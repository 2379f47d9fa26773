import type { AttributeValue } from "../../attributes/index.ts";
import { type NormalizedAttribute, transformWords } from "../../schema/index.ts";

/** A string with its ASCII letters in one case; other values as they are. */
export function normalizeValue(value: AttributeValue, normalize: NormalizedAttribute["normalize"] | undefined): AttributeValue {
  return normalize === undefined || value.S === undefined ? value : { S: transformWords[normalize](value.S) };
}
