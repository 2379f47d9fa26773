import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { referencedAttributes } from "../expressions/index.ts";
import { keyAttributes } from "../item/index.ts";
import type { HmacKeys, PreparedSearch } from "../search/index.ts";
import { consistencyOf, type OperationCall, type ProtectedTable, sumCapacity } from "../tables/index.ts";
import { fetchItems } from "./fetch-items.ts";
import { requireBudget } from "./filter-budget.ts";
import { type FoundRows, findRows, isFannedOut, type RowSearch } from "./find-rows.ts";
import { cutToIndex } from "./held-attributes.ts";
import { type IndexWay, indexWay, newIndexWay, requireWholeRows } from "./index-way.ts";
import {
  isServiceCount,
  matches,
  type PageInput,
  type PageOperation,
  type PageOutput,
  type PageRequest,
  pageRequest,
  parsedPage,
} from "./page-request.ts";
import { requireRightIndex } from "./right-index.ts";
import { requireStartKey } from "./start-key.ts";
import { openRows, undecryptableMember } from "./undecryptable.ts";

/**
 * One page of a protected table or of one of its indexes, decrypted, in the service's order: what fulfils the
 * conditions, cut to what was asked for. `Count` is what is returned, `ScannedCount` what the service went through.
 * `Select: "COUNT"` without a condition that has to be rewritten counts rows as the service finds them; nothing of them
 * is verified.
 */
export async function readPage<Input extends PageInput>(
  operation: PageOperation<Input>,
  table: ProtectedTable,
  given: Input,
  call: OperationCall,
): Promise<PageOutput> {
  const request = await checkedRequest(operation.name, table, given, call);
  const { project, input } = request;
  if (!isFannedOut(request)) await requireStartKey(table, input, call);
  if (isServiceCount(request)) return serviceCount(operation, request);
  const { way, found } = await rowsOnTheWay({ operation, table, request }, call);
  if (filtersHere(request, way)) requireBudget(table, found.rows.length, call);
  const { rows, capacities } = await wholeRows(found.rows, { table, request, way }, call);
  const { opened, undecryptable } = await openRows(rows, { table, consistency: consistencyOf(input) }, call);
  const items = decidesHere(request, way) ? opened.filter((one) => matches(request, one)) : opened;
  const cut = cutToIndex({ table, way, input }, found.rows);
  const ConsumedCapacity = sumCapacity([found.output.ConsumedCapacity, ...capacities]);
  return {
    ...found.output,
    ...(input.Select === "COUNT" ? {} : { Items: items.map(({ item }) => project(cut(item))) }),
    Count: items.length,
    ...(ConsumedCapacity && { ConsumedCapacity }),
    ...undecryptableMember(undecryptable, call),
  };
}

/** As `parsedPage` and `pageRequest`; a condition that cannot be answered may be meant for another index. */
async function checkedRequest<Input extends PageInput>(
  operation: "Query" | "Scan",
  table: ProtectedTable,
  given: Input,
  call: OperationCall,
): Promise<PageRequest<Input>> {
  const page = parsedPage(operation, table, given);
  try {
    return pageRequest(table, page, call);
  } catch (error) {
    const { input, parsed } = page;
    // A Scan may not have one: the service says so.
    const keyCondition = operation === "Query" ? parsed.keyCondition : undefined;
    await requireRightIndex({ table, indexName: input.IndexName, keyCondition, error }, call);
    throw error;
  }
}

/** Nothing has to be rewritten; a partition that the request picked is checked all the same. */
function serviceCount<Input extends PageInput>(
  { send }: PageOperation<Input>,
  { search, partition, input }: PageRequest<Input>,
): Promise<PageOutput> {
  if (partition !== undefined) search.rewrite(undefined, partition);
  return send(input);
}

/** Asks once, and once more where the rows contradict what was known of the index. */
async function rowsOnTheWay<Input extends PageInput>(
  asked: Omit<RowSearch<Input>, "way" | "keys">,
  call: OperationCall,
): Promise<{ readonly way: IndexWay; readonly found: FoundRows }> {
  const { operation, table, request } = asked;
  const ask = async (way: IndexWay): Promise<FoundRows> => {
    if (operation.name === "Query") requireNoKeys(keysOf(table, request, way), request);
    return findRows({ ...asked, way, keys: await beaconKeys(table, request.search, call) });
  };
  const way = await indexWay(table, request, call);
  const found = await ask(way);
  const next = await newIndexWay(table, { request, way, rows: found.rows }, call);
  return next === undefined ? { way, found } : { way: next, found: await ask(next) };
}

/** The key attributes that the request searches by, as far as they are known. */
function keysOf({ plan }: ProtectedTable, { input }: PageRequest<PageInput>, { description }: IndexWay): readonly string[] {
  if (input.IndexName === undefined) return keyAttributes(plan);
  return [...(description?.keys.partition ?? []), ...(description?.keys.sort ?? [])];
}

/** As the service refuses it, which does not see all of a filter. */
function requireNoKeys(keys: readonly string[], { parsed }: PageRequest<PageInput>): void {
  const used = parsed.filter === undefined ? new Set<string>() : referencedAttributes(parsed.filter);
  const key = keys.find((name) => used.has(name));
  if (key === undefined) return;
  const reason = `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${key}`;
  throw new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
}

/** Whether the service may have returned more than the conditions say, or what an index tells of an older item. */
function decidesHere({ search }: PageRequest<PageInput>, { kind }: IndexWay): boolean {
  return search.rewrites || kind === "fetched" || kind === "selected";
}

function filtersHere({ search, parsed }: PageRequest<PageInput>, { kind }: IndexWay): boolean {
  return search.rewrites || (parsed.filter !== undefined && (kind === "fetched" || kind === "selected"));
}

async function beaconKeys(table: ProtectedTable, search: PreparedSearch, call: OperationCall): Promise<HmacKeys | undefined> {
  return search.needsBeaconKey ? table.search?.source?.keys(search.branchKeyId, call.keyring) : undefined;
}

/** The rows that can be verified; where the index holds parts, without those that vanished meanwhile. */
async function wholeRows(
  rows: readonly AttributeMap[],
  { table, request, way }: { readonly table: ProtectedTable; readonly request: PageRequest<PageInput>; readonly way: IndexWay },
  call: OperationCall,
): Promise<{ readonly rows: readonly AttributeMap[]; readonly capacities: Awaited<ReturnType<typeof fetchItems>>["capacities"] }> {
  const { input } = request;
  if (way.kind === "perhaps") requireWholeRows(table, input.IndexName, rows);
  if (way.kind !== "fetched") return { rows, capacities: [] };
  const { items, capacities } = await fetchItems(rows, { table, input }, call);
  const { partition = [], sort = [] } = way.description?.keys ?? {};
  const isInIndex = (item: AttributeMap): boolean => [...partition, ...sort].every((name) => Object.hasOwn(item, name));
  return { rows: items.filter((item) => item !== undefined).filter(isInIndex), capacities };
}
