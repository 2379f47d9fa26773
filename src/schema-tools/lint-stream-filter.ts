import { actionOf } from "../schema/index.ts";
import type { LintContext } from "./lint-finding.ts";

type Json = Readonly<Record<string, unknown>>;

/** Operators that ask whether an attribute is there, which encryption does not change. */
function asksForExistence(pattern: unknown): boolean {
  const tests = Array.isArray(pattern) ? pattern : [pattern];
  return tests.length > 0 && tests.every((test) => isObject(test) && Object.keys(test).length === 1 && typeof test["exists"] === "boolean");
}

/**
 * A filter pattern of an event source mapping sees items as they are stored: it cannot match the value of an encrypted
 * attribute, and Lambda would drop every record in silence.
 *
 * @param filter a pattern such as `{ "dynamodb": { "NewImage": { "status": { "S": ["paid"] } } } }`
 */
export function lintStreamFilter({ plan, report }: LintContext, filter: unknown): void {
  if (!isObject(filter) || !isObject(filter["dynamodb"])) return;
  for (const image of ["NewImage", "OldImage", "Keys"]) {
    const attributes = filter["dynamodb"][image];
    if (!isObject(attributes)) continue;
    for (const [attribute, byType] of Object.entries(attributes)) {
      if (actionOf(plan, attribute) !== "ENCRYPT_AND_SIGN" || !isObject(byType)) continue;
      if (Object.entries(byType).every(([type, pattern]) => type === "B" && asksForExistence(pattern))) continue;
      const problem = `is encrypted, and a stream filter asks for its value in ${image}: it matches no record`;
      report("stream-filter-cannot-match", attribute, problem, "Filter in the handler after decryption, or on a signed attribute.");
    }
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
