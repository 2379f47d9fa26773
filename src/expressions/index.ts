export { applyProjection } from "./apply-projection.ts";
export { applyUpdate, evaluateSetValue, type UpdatedItem } from "./apply-update.ts";
export { and, attributeExists, attributeNotExists, compare, not, or, path, value } from "./build.ts";
export { checkValue } from "./check-value.ts";
export { compareValues, valuesEqual } from "./compare.ts";
export { addDecimals, compareDecimals, type Decimal, formatDecimal, parseDecimal, subtractDecimals } from "./decimal.ts";
export { type Item, valueAt } from "./document.ts";
export { evaluateCondition } from "./evaluate.ts";
export { type KeyCondition, type KeySchema, type KeyTerm, readKeyCondition } from "./key-condition.ts";
export { type LegacyCondition, legacyCondition } from "./legacy-condition.ts";
export { type LegacyUpdate, legacyUpdate } from "./legacy-update.ts";
export { limits } from "./limits.ts";
export { operatorCount } from "./operator-count.ts";
export { type ExpressionParameters, type ParsedExpressions, parseExpressions } from "./parse.ts";
export type { PlaceholderMaps } from "./placeholders.ts";
export { PlaceholderWriter, type PrintedPlaceholders, printCondition, printProjection, printUpdate } from "./print.ts";
export { isWithinLimits, type PrintedRead, printRead, type ReadConditions } from "./print-read.ts";
export {
  isJunction,
  leafOperands,
  leafPaths,
  readPaths,
  referencedAttributes,
  referencedPaths,
  topLevel,
  writtenAttributes,
  writtenPaths,
} from "./references.ts";
export { isReservedWord } from "./reserved-words.ts";
export { pushNegations, type SignedLeaf, signedLeaves, weaken } from "./rewrite.ts";
export type * from "./tree.ts";
