import type { TablePlan, TableSchema } from "../schema/index.ts";

/** Something that a schema, or what stands around it, would better not say. */
export interface LintFinding {
  readonly rule: LintRule;
  /** The logical table name. */
  readonly tableName: string;
  /** The attribute, beacon or property. */
  readonly subject: string;
  readonly problem: string;
  readonly remedy: string;
}

export type LintRule =
  | "personal-data-readable"
  | "beacon-too-short-domain"
  | "beacon-too-long"
  | "plaintext-overdue"
  | "one-table-two-names"
  | "no-environment"
  | "ecdsa-under-hierarchy"
  | "suites-not-restricted"
  | "stream-filter-cannot-match"
  | "iam-condition-cannot-hold";

/** What a rule looks at. */
export interface LintContext {
  readonly plan: TablePlan;
  readonly schema: TableSchema;
  readonly report: (rule: LintRule, subject: string, problem: string, remedy: string) => void;
}
