import type { LintContext } from "./lint-finding.ts";

type Json = Readonly<Record<string, unknown>>;

/** What the client asks of the service differs from what the application asked: these keys see the former. */
const neverHold: Readonly<Record<string, string>> = {
  "dynamodb:attributes": "the client reads whole items, with header and footer, whatever the application asks for",
  "dynamodb:select": "the client asks for whole items, whatever the application selects",
  "dynamodb:returnvalues": "a guarded write asks for the whole old or new item",
};

/**
 * Conditions of an IAM policy on this table that an encrypted client cannot fulfil.
 *
 * @param policy a parsed policy document
 */
export function lintIamPolicy({ plan, report }: LintContext, policy: unknown): void {
  if (!isObject(policy)) return;
  const statements = Array.isArray(policy["Statement"]) ? policy["Statement"] : [policy["Statement"]];
  const found = new Set<string>();
  for (const statement of statements) {
    if (!isObject(statement) || !isObject(statement["Condition"])) continue;
    for (const keys of Object.values(statement["Condition"])) {
      for (const key of Object.keys(isObject(keys) ? keys : {})) found.add(key.toLowerCase());
    }
  }
  for (const [key, why] of Object.entries(neverHold)) {
    if (!found.has(key)) continue;
    const remedy = "Grant the whole item; what a role can decrypt is decided by its KMS grants.";
    report("iam-condition-cannot-hold", key, `of table ${plan.tableName} cannot be held to: ${why}`, remedy);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
