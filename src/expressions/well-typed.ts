import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { limits } from "./limits.ts";

type Check = (content: unknown, depth: number) => boolean;

const isText: Check = (content) => typeof content === "string";
const isBinary: Check = (content) => content instanceof Uint8Array;
const isBoolean: Check = (content) => typeof content === "boolean";
const listOf =
  (member: Check): Check =>
  (content, depth) =>
    Array.isArray(content) && content.every((one) => member(one, depth));

const checks: Readonly<Record<string, Check>> = {
  S: isText,
  N: isText,
  B: isBinary,
  BOOL: isBoolean,
  NULL: isBoolean,
  SS: listOf(isText),
  NS: listOf(isText),
  BS: listOf(isBinary),
  L: listOf((element, depth) => isWellTyped(element, depth + 1)),
  M: (content, depth) =>
    typeof content === "object" && content !== null && Object.values(content).every((member) => isWellTyped(member, depth + 1)),
};

/**
 * Whether a value has the form that its type says: JavaScript callers can pass anything. No type, several types, and values
 * that are nested deeper than the service takes are left to {@link checkValue}.
 */
export function isWellTyped(value: unknown, depth = 0): value is AttributeValue {
  if (typeof value !== "object" || value === null) return false;
  const [[type, content] = ["", undefined], ...more] = Object.entries(value).filter(([, member]) => member !== undefined);
  if (more.length > 0 || !Object.hasOwn(checks, type) || depth > limits.valueDepth) return true;
  return checks[type]?.(content, depth) === true;
}
