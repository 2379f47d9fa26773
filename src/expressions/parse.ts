import { checkPaths } from "./check-paths.ts";
import { Cursor } from "./cursor.ts";
import { invalid } from "./invalid.ts";
import { parseCondition } from "./parse-condition.ts";
import { parsePath } from "./parse-path.ts";
import { parseUpdate } from "./parse-update.ts";
import { type PlaceholderMaps, Placeholders } from "./placeholders.ts";
import type { Condition, ExpressionKind, Projection, Update } from "./tree.ts";

/** The expression parameters of a request, as the SDK names them. */
export interface ExpressionParameters extends PlaceholderMaps {
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
}

/** The trees of those expressions that the request has. */
export interface ParsedExpressions {
  readonly update?: Update;
  readonly condition?: Condition;
  readonly keyCondition?: Condition;
  readonly filter?: Condition;
  readonly projection?: Projection;
}

/**
 * Parses and checks all expressions of one request: syntax, reserved words, placeholders that are undefined or unused,
 * types of operands, overlapping paths, limits.
 *
 * @throws ERR_EXPRESSION_INVALID with the service's wording
 */
export function parseExpressions(parameters: ExpressionParameters): ParsedExpressions {
  const placeholders = new Placeholders(parameters);
  const parse = <T>(kind: ExpressionKind, grammar: (cursor: Cursor) => T): T | undefined => {
    const text = parameters[kind];
    // The SDK leaves null out, too.
    if (text === undefined || text === null) return undefined;
    if (typeof text !== "string") throw invalid(`Invalid ${kind}: it is not a string`);
    const cursor = new Cursor(kind, text, placeholders);
    const tree = grammar(cursor);
    cursor.finish();
    return tree;
  };
  const parsed = {
    update: parse("UpdateExpression", parseUpdate),
    condition: parse("ConditionExpression", parseCondition),
    keyCondition: parse("KeyConditionExpression", parseCondition),
    filter: parse("FilterExpression", parseCondition),
    projection: parse("ProjectionExpression", parseProjection),
  };
  placeholders.checkAllUsed();
  return present(parsed);
}

function parseProjection(cursor: Cursor): Projection {
  const paths = cursor.list(() => parsePath(cursor));
  checkPaths(cursor, paths);
  return { kind: "projection", paths };
}

type Present<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

function present<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}
