export { type ExpressionParameters, type ParsedExpressions, parseExpressions } from "./parse.ts";
export { readPaths, referencedAttributes, referencedPaths, writtenAttributes, writtenPaths } from "./references.ts";
export type * from "./tree.ts";
