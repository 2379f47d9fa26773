import { type TableSchema, tablePlan } from "../schema/index.ts";
import type { LintContext, LintFinding } from "./lint-finding.ts";
import { lintIamPolicy } from "./lint-iam-policy.ts";
import { schemaLintRules } from "./lint-rules.ts";
import { lintStreamFilter } from "./lint-stream-filter.ts";

/** What is linted. */
export interface LintInput {
  readonly schemas: readonly TableSchema[];
  /** Logical → physical table name. */
  readonly tableNames?: Readonly<Record<string, string>> | undefined;
  /** The logical names of tables under a hierarchical keyring, or `"all"`. */
  readonly hierarchicalTables?: readonly string[] | "all" | undefined;
  /** Filter patterns of event source mappings: parsed JSON, by logical table name. */
  readonly streamFilters?: Readonly<Record<string, readonly unknown[]>> | undefined;
  /** Parsed IAM policies. */
  readonly policies?: readonly unknown[] | undefined;
  /** The day, as `2027-01-31`. */
  readonly today: string;
}

/**
 * What schemas, and what stands around them, would better not say. Nothing of it is refused elsewhere: each finding is
 * something that works, but hides less or does less than its author might think.
 *
 * @throws ERR_SCHEMA_INVALID, ERR_SCHEMA_VERSION
 */
export function lintSchemas(input: LintInput): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const contexts = input.schemas.map((schema): LintContext => {
    const plan = tablePlan(schema, { acknowledgePlaintext: true });
    const report: LintContext["report"] = (rule, subject, problem, remedy) => {
      findings.push({ rule, tableName: plan.tableName, subject, problem, remedy });
    };
    return { plan, schema, report };
  });
  for (const context of contexts) {
    for (const rule of schemaLintRules) rule(context);
    aroundTheSchema(context, input);
    for (const filter of input.streamFilters?.[context.plan.tableName] ?? []) lintStreamFilter(context, filter);
    for (const policy of input.policies ?? []) lintIamPolicy(context, policy);
  }
  onePhysicalTable(contexts, input);
  return findings;
}

function aroundTheSchema({ plan, schema, report }: LintContext, { hierarchicalTables = [], today }: LintInput): void {
  const { plaintextUntil } = schema;
  if (plaintextUntil !== undefined && plaintextUntil < today && plan.plaintextOverride !== "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ") {
    report(
      "plaintext-overdue",
      "plaintextOverride",
      `is ${plan.plaintextOverride}, which was to end on ${plaintextUntil}`,
      "Encrypt the items that are left, then remove it.",
    );
  }
  const hierarchical = hierarchicalTables === "all" || hierarchicalTables.includes(plan.tableName);
  if (hierarchical && plan.algorithmSuite.name === "ECDSA") {
    const problem =
      "is ECDSA under a hierarchical keyring: whoever may read could make the branch key sign as well, and each write costs ten times";
    report(
      "ecdsa-under-hierarchy",
      "algorithmSuite",
      problem,
      'Write "algorithmSuite": "HMAC", or a KMS keyring whose readers have no kms:GenerateDataKey.',
    );
  }
}

function onePhysicalTable(contexts: readonly LintContext[], { tableNames = {} }: LintInput): void {
  const byTable = new Map<string, LintContext[]>();
  for (const context of contexts) {
    const { tableName } = context.plan;
    const physical = Object.hasOwn(tableNames, tableName) ? (tableNames[tableName] ?? tableName) : tableName;
    byTable.set(physical, [...(byTable.get(physical) ?? []), context]);
  }
  for (const [physical, sharing] of byTable) {
    if (sharing.length < 2) continue;
    for (const { plan, report } of sharing) {
      const others = sharing.map((other) => other.plan.tableName).filter((name) => name !== plan.tableName);
      report(
        "one-table-two-names",
        "tableName",
        `is one of two names of the table ${physical}, beside ${others.join(", ")}`,
        "Keep one schema for one table: items of one name are not read under the other.",
      );
    }
  }
}
