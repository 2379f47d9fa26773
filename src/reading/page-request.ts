import type { QueryCommandInput, QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { evaluateCondition, type ParsedExpressions } from "../expressions/index.ts";
import type { RewritableItem } from "../item/index.ts";
import type { TablePlan } from "../schema/index.ts";
import { type PreparedSearch, prepareSearch, takePartition } from "../search/index.ts";
import { type OperationCall, type ProtectedTable, protectedExpressions } from "../tables/index.ts";
import { type Project, projecting } from "./projection.ts";

/** What Query and Scan have in common; a Query has a key condition and a direction besides. */
export type PageInput = QueryCommandInput;
export type PageOutput = QueryCommandOutput;

/** Query or Scan, as the service is asked. */
export interface PageOperation<Input extends PageInput> {
  readonly name: "Query" | "Scan";
  readonly send: (input: Input) => Promise<PageOutput>;
}

/** A Query or Scan on a protected table, checked. */
export interface PageRequest<Input extends PageInput> {
  /** As the application gave it, without `:aws_dbe_partition`. */
  readonly input: Input;
  readonly parsed: ParsedExpressions;
  readonly search: PreparedSearch;
  /** The partition that the application picked, if any. */
  readonly partition: number | undefined;
  readonly project: Project;
  /** Whether the application lets items of this index be read from the table. */
  readonly fetches: boolean;
}

/** A Query or Scan whose expressions are trees. */
export type ParsedPage<Input extends PageInput> = Pick<PageRequest<Input>, "input" | "parsed" | "partition">;

/**
 * Parses a Query or Scan; what follows works on the trees.
 *
 * @throws ERR_EXPRESSION_INVALID, ERR_RESERVED_NAME, ERR_BEACON_PARTITION_INVALID
 */
export function parsedPage<Input extends PageInput>(
  operation: "Query" | "Scan",
  { plan }: ProtectedTable,
  given: Input,
): ParsedPage<Input> {
  const { input, partition } = takePartition(plan, operation, given);
  const parsed = protectedExpressions(plan, input);
  requireSelectFits(input);
  return { input, parsed, partition };
}

/**
 * Prepares what becomes of the conditions of a Query or Scan.
 *
 * @throws what `prepareSearch` throws
 */
export function pageRequest<Input extends PageInput>(
  table: ProtectedTable,
  { input, parsed, partition }: ParsedPage<Input>,
  call: OperationCall,
): PageRequest<Input> {
  const { plan } = table;
  const { filterAfterDecrypt } = call.options;
  const findsPlain = readsPlaintext(plan) && call.options.plaintextItems === "require";
  const beaconKeyAttribute = table.search?.source?.fromAttribute;
  const search = prepareSearch({ plan, parsed, filterAfterDecrypt, beaconKeyAttribute, findsPlain });
  const { IndexName } = input;
  const fetches =
    IndexName !== undefined && (call.state.tables.fetchIndexes.has(IndexName) || plan.indexes.get(IndexName)?.read === "fetch");
  return { input, parsed, search, partition, project: projecting(parsed.projection), fetches };
}

function readsPlaintext({ plaintextOverride }: TablePlan): boolean {
  return plaintextOverride !== "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ";
}

/** The projection is not sent, so that the service would not refuse it. */
function requireSelectFits({ Select, ProjectionExpression }: PageInput): void {
  if (ProjectionExpression === undefined && Select === "SPECIFIC_ATTRIBUTES") {
    const reason = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES";
    throw new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
  }
  if (ProjectionExpression === undefined || Select === undefined || Select === "SPECIFIC_ATTRIBUTES") return;
  const chosen = Select === "COUNT" ? "only the Count" : Select;
  throw new DynasealError("ERR_EXPRESSION_INVALID", {
    details: { reason: `Cannot specify the ProjectionExpression when choosing to get ${chosen}` },
  });
}

/** Whether the service counts, and hands out no items that would have to be decrypted. */
export function isServiceCount({ input, parsed, search, fetches }: PageRequest<PageInput>): boolean {
  return input.Select === "COUNT" && !search.rewrites && !(fetches && parsed.filter !== undefined);
}

/** Whether a decrypted item fulfils the conditions, of which the service may have decided a part only. */
export function matches({ search, parsed }: PageRequest<PageInput>, { item, header }: RewritableItem): boolean {
  if (search.rewrites) return search.matches(item, header?.encryptedDataKeys[0]?.branchKeyId);
  const { keyCondition, filter } = parsed;
  return [keyCondition, filter].every((condition) => condition === undefined || evaluateCondition(condition, item));
}
