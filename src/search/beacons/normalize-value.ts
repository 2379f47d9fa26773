import type { AttributeValue } from "../../attributes/index.ts";
import type { NormalizedAttribute } from "../../schema/index.ts";
import { transformText } from "./transforms.ts";

/** A string with its ASCII letters in one case; other values as they are. */
export function normalizeValue(value: AttributeValue, normalize: NormalizedAttribute["normalize"] | undefined): AttributeValue {
  return normalize === undefined || value.S === undefined ? value : { S: transformText(value.S, { kind: normalize }) };
}
