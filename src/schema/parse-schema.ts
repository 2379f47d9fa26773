import { DynasealError } from "../errors/index.ts";
import { type CheckedDraft, compilePlan, freezeSchema } from "./compile.ts";
import { compileSearch } from "./compile-search.ts";
import { attributesFileDefinition, tableDefinition } from "./definition.ts";
import { withEntities } from "./entities.ts";
import { Problems } from "./problems.ts";
import { readDefinition } from "./read-definition.ts";
import { signingRules } from "./signing-rules.ts";
import type { TableDraft } from "./table-draft.ts";
import type { TablePlan } from "./table-plan.ts";
import { tableRules } from "./table-rules.ts";
import type { TableInput, TableSchema } from "./table-schema.ts";
import type { DefinedTable, WithoutOthers } from "./typed-items.ts";
import { requireVersion } from "./version.ts";

const rules = [...signingRules, ...tableRules];

interface Checked {
  readonly schema: TableSchema;
  readonly plan: TablePlan;
}

/** What marks a schema as checked, and what keeps it from being checked and compiled twice. */
const checkedSchemas = new WeakMap<object, Checked>();

/**
 * Checks a parsed JSON object and gives it back as a frozen copy. A schema that was checked before is given back as it is.
 * For imported JSON files, whose literals TypeScript widens; in code, `defineTable` keeps them.
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { parseSchema } from "dynaseal";
 *
 * const file = "customers.table.json";
 * const customers = parseSchema(JSON.parse(readFileSync(file, "utf8")), { file });
 * console.log(customers.tableName);
 * ```
 *
 * @param options.file what to call the schema's origin in errors
 * @throws ERR_SCHEMA_INVALID with all that is wrong in `details.problems`
 * @throws ERR_SCHEMA_VERSION where the schema was made for a newer version of this package
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "Structure", "DynamoDB Partition Key Name"
 * @see specification/dynamodb-encryption-client/ddb-table-encryption-config.md "DynamoDB Sort Key Name", "Algorithm Suite"
 */
export function parseSchema(object: unknown, options?: { readonly file?: string }): TableSchema {
  return check(object, options?.file).schema;
}

/**
 * The typed form of `parseSchema`, for schemas in code. It keeps what was written as literal types: a misspelt action is
 * an error of the compiler, and `ItemOf`, `KeyOf` and `equalityFilter` know the attributes. The literals of an imported
 * JSON file are widened to `string`, so that those go through `parseSchema`, or `dynaseal schema types`.
 *
 * @example
 * ```ts
 * import { defineTable } from "dynaseal";
 *
 * const customers = defineTable({
 *   tableName: "customers",
 *   partitionKey: "customerId",
 *   attributes: { email: "ENCRYPT_AND_SIGN", tier: "SIGN_ONLY" },
 *   algorithmSuite: "HMAC",
 * });
 * console.log(customers.attributes.email);
 * ```
 *
 * @throws ERR_SCHEMA_INVALID, ERR_SCHEMA_VERSION
 */
export function defineTable<const Input extends TableInput>(table: Input & WithoutOthers<Input>): DefinedTable<Input> {
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

/**
 * Checks the parsed content of a file `*.attributes.json`.
 *
 * @returns name → what happens to the attribute; a map without a prototype, as it was written
 * @throws ERR_SCHEMA_INVALID
 */
export function parseAttributes(object: unknown, file: string): Readonly<Record<string, unknown>> {
  const problems = new Problems("a file of attributes");
  const read = readDefinition(attributesFileDefinition, object, [], problems) as { attributes: ReadonlyMap<string, unknown> } | undefined;
  problems.throwIfAny(file);
  const attributes = Object.create(null) as Record<string, unknown>;
  for (const [name, input] of read?.attributes ?? []) attributes[name] = input;
  return attributes;
}

function check(object: unknown, file: string | undefined): Checked {
  const known = typeof object === "object" && object !== null ? checkedSchemas.get(object) : undefined;
  if (known !== undefined) return known;
  requireVersion(object, file);
  const problems = new Problems();
  const written = readDefinition(tableDefinition, object, [], problems) as TableDraft | undefined;
  const { draft, report } = withEntities(written ?? {}, problems.report);
  // What concerns several places of search is looked at once each place is right by itself.
  const search = problems.any ? undefined : compileSearch(draft, report);
  if (written !== undefined) for (const rule of rules) rule(draft, report);
  problems.throwIfAny(file);
  const checked = { schema: freezeSchema(written as CheckedDraft), plan: compilePlan(draft as CheckedDraft, search) };
  checkedSchemas.set(checked.schema, checked);
  return checked;
}
