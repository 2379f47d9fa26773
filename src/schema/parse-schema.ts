import { DynasealError } from "../errors/index.ts";
import { type CheckedDraft, compilePlan, freezeSchema } from "./compile.ts";
import { compileSearch } from "./compile-search.ts";
import { tableDefinition } from "./definition.ts";
import { Problems } from "./problems.ts";
import { readDefinition } from "./read-definition.ts";
import { rules, type TableDraft } from "./rules.ts";
import type { TablePlan } from "./table-plan.ts";
import type { TableInput, TableSchema } from "./table-schema.ts";

interface Checked {
  readonly schema: TableSchema;
  readonly plan: TablePlan;
}

/** What marks a schema as checked, and what keeps it from being checked and compiled twice. */
const checkedSchemas = new WeakMap<object, Checked>();

/**
 * Checks a parsed JSON object and gives it back as a frozen copy. A schema that was checked before is given back as it is.
 *
 * @param options.file what to call the schema's origin in errors
 * @throws ERR_SCHEMA_INVALID with all that is wrong in `details.problems`
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Structure", "DynamoDB Partition Key Name"
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "DynamoDB Sort Key Name", "Algorithm Suite"
 */
export function parseSchema(object: unknown, options?: { readonly file?: string }): TableSchema {
  return check(object, options?.file).schema;
}

/**
 * The typed form of `parseSchema`, for schemas in code.
 *
 * @throws ERR_SCHEMA_INVALID
 */
export function defineTable(table: TableInput): TableSchema {
  return parseSchema(table);
}

/**
 * What every other room works with, of a checked schema or of parsed JSON. Compiled once for each checked schema.
 *
 * @throws ERR_SCHEMA_INVALID
 * @throws ERR_PLAINTEXT_NOT_ACKNOWLEDGED where the schema has plaintext read and `acknowledgePlaintext` is not true
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Plaintext Policy"
 */
export function tablePlan(schema: unknown, options?: { readonly acknowledgePlaintext?: boolean | undefined }): TablePlan {
  const { plan } = check(schema, undefined);
  const { tableName: table, plaintextOverride } = plan;
  if (plaintextOverride !== "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ" && options?.acknowledgePlaintext !== true) {
    throw new DynasealError("ERR_PLAINTEXT_NOT_ACKNOWLEDGED", { details: { table, plaintextOverride } });
  }
  return plan;
}

function check(object: unknown, file: string | undefined): Checked {
  const known = typeof object === "object" && object !== null ? checkedSchemas.get(object) : undefined;
  if (known !== undefined) return known;
  const problems = new Problems();
  const draft = readDefinition(tableDefinition, object, [], problems) as TableDraft | undefined;
  // What concerns several places of search is looked at once each place is right by itself.
  const search = draft === undefined || problems.any ? undefined : compileSearch(draft, problems.report);
  if (draft !== undefined) for (const rule of rules) rule(draft, problems.report);
  problems.throwIfAny(file);
  const sound = draft as CheckedDraft;
  const checked = { schema: freezeSchema(sound), plan: compilePlan(sound, search) };
  checkedSchemas.set(checked.schema, checked);
  return checked;
}
