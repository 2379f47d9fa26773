import {
  type Expression,
  isWithinLimits,
  type PrintedRead,
  printRead,
  type ReadConditions,
  referencedPaths,
} from "../expressions/index.ts";
import type { HmacKeys } from "../search/index.ts";
import { indexFilter } from "./index-filter.ts";
import type { IndexWay } from "./index-way.ts";
import type { PageInput, PageRequest } from "./page-request.ts";

/** What one query asks the service for, while its conditions are trees. */
export interface PageConditions extends ReadConditions {
  /** Whether the application's own texts say it. */
  readonly asWritten: boolean;
}

/**
 * The conditions for one of the queries of a request: those that the service can decide.
 *
 * @param query the beacon keys, where the search needs them, and which of the search's queries
 * @throws ERR_BEACON_KEYS_NOT_CONFIGURED, ERR_BEACON_PARTITION_INVALID
 */
export function pageConditions(
  { search, parsed, partition: picked }: PageRequest<PageInput>,
  way: IndexWay,
  { keys, partition }: { readonly keys: HmacKeys | undefined; readonly partition: number },
): PageConditions {
  // A partition that the request picked is checked, even where nothing depends on it.
  const rewritten = search.rewrites || picked !== undefined ? search.rewrite(keys, partition) : undefined;
  const { keyCondition, filter } = search.rewrites && rewritten !== undefined ? rewritten : parsed;
  const isPart = way.kind === "fetched" || way.kind === "selected";
  const kept = isPart && filter !== undefined ? indexFilter(filter, way.description) : filter;
  return { keyCondition, filter: kept, asWritten: !search.rewrites && kept === parsed.filter };
}

/** The request for those conditions, for whole items: what the application wrote, or printed anew. */
export function sentPage<Input extends PageInput>(
  request: PageRequest<Input>,
  { kind }: IndexWay,
  { asWritten, ...conditions }: PageConditions,
): Input {
  const { input } = request;
  const { ProjectionExpression, Select } = input;
  const projects = ProjectionExpression !== undefined;
  const asked = projects || Select === "COUNT" || kind === "fetched" ? undefined : Select;
  const whole = { ...input, ProjectionExpression: undefined, Select: kind === "selected" ? "ALL_ATTRIBUTES" : asked };
  if (!asWritten) return { ...whole, ...printFitting(conditions) };
  return projects ? { ...whole, ExpressionAttributeNames: remainingNames(request) } : whole;
}

/** What is too long for the service, or has too many operators, is decided after decryption, like all of a filter that was changed. */
function printFitting(conditions: ReadConditions): PrintedRead {
  const printed = printRead(conditions);
  const { filter } = conditions;
  const fits = filter === undefined || isWithinLimits(filter, printed.FilterExpression ?? "");
  return fits ? printed : printRead({ ...conditions, filter: undefined });
}

/** Without the placeholders of the projection, since the service refuses those that no expression uses. */
function remainingNames({ input, parsed }: PageRequest<PageInput>): Record<string, string> | undefined {
  const { keyCondition, filter } = parsed;
  const trees = [keyCondition, filter].filter((tree): tree is NonNullable<typeof tree> => tree !== undefined);
  const used = new Set(trees.flatMap((tree: Expression) => referencedPaths(tree).flatMap(({ spelling }) => spelling.match(/#\w+/g) ?? [])));
  const names = Object.entries(input.ExpressionAttributeNames ?? {}).filter(([placeholder]) => used.has(placeholder));
  return names.length === 0 ? undefined : Object.fromEntries(names);
}
