import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { keyAttributes } from "../item/index.ts";
import { beaconPrefix } from "../search/index.ts";
import { footerName, headerName } from "../structure/index.ts";
import type { IndexDescription, IndexLookup, OperationCall, ProtectedTable } from "../tables/index.ts";
import type { SortOrder } from "./fan-out.ts";
import type { PageInput, PageRequest } from "./page-request.ts";

/** An index is not looked up again more often because of rows that are plain. */
const plainRowsMilliseconds = 60_000;

/** How a Query or Scan comes to whole items, without which nothing can be verified. */
export type IndexWay =
  /** The rows are whole. */
  | { readonly kind: "whole"; readonly description: IndexDescription | undefined }
  /** Nobody could say: each row has to show it. */
  | { readonly kind: "perhaps"; readonly description: undefined }
  /** The service reads the items of a local index from the table, where it is asked for all attributes. */
  | { readonly kind: "selected"; readonly description: IndexDescription }
  /** The items are read from the table, by the keys in the index. */
  | { readonly kind: "fetched"; readonly description: IndexDescription | undefined };

/**
 * The way for a request. The option `indexes` has the last word where an index holds parts of items.
 *
 * @throws ERR_INDEX_NOT_WHOLE
 */
export async function indexWay(table: ProtectedTable, request: PageRequest<PageInput>, call: OperationCall): Promise<IndexWay> {
  const { IndexName } = request.input;
  if (IndexName === undefined) return { kind: "whole", description: undefined };
  const lookup = await table.indexes.find(IndexName, table, call);
  const way = wayOf(lookup, request);
  // An index that does not hold whole items may have been created again since.
  const last = way === undefined && !lookup.isNew ? wayOf(await table.indexes.ask(IndexName, table, call), request) : way;
  if (last === undefined) throw indexNotWhole(table, IndexName);
  return last;
}

/**
 * The way for a request whose rows contradict what was known of the index; `undefined` where they do not, or where
 * nothing new is known.
 *
 * @throws ERR_INDEX_NOT_WHOLE
 */
export async function newIndexWay(
  table: ProtectedTable,
  { request, way, rows }: { readonly request: PageRequest<PageInput>; readonly way: IndexWay; readonly rows: readonly AttributeMap[] },
  call: OperationCall,
): Promise<IndexWay | undefined> {
  const { IndexName } = request.input;
  if (IndexName === undefined || !contradicts(table, way, rows, call)) return undefined;
  const lookup = await table.indexes.ask(IndexName, table, call);
  if (lookup.kind === "unknown") return undefined;
  const next = wayOf(lookup, request);
  if (next === undefined) throw indexNotWhole(table, IndexName);
  return next.kind === "whole" && way.kind === "whole" ? undefined : next;
}

/** Whether rows say otherwise than what is known of their index. */
function contradicts({ plan, indexes }: ProtectedTable, way: IndexWay, rows: readonly AttributeMap[], call: OperationCall): boolean {
  const { kind, description } = way;
  if (kind === "whole" || kind === "perhaps") {
    const isPart = rows.some((row) => !isWholeRow(row));
    // Where plain items are read, a row without header and footer is nothing special.
    const isUsual = kind === "whole" && plan.plaintextOverride !== "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ";
    return isPart && (!isUsual || indexes.age(call) >= plainRowsMilliseconds);
  }
  const attributes = kind === "fetched" ? description?.attributes : undefined;
  return attributes !== undefined && rows.some((row) => Object.keys(row).some((name) => !attributes.has(name)));
}

/** `undefined` where the index does not hold whole items, and nobody allows to fetch them. */
function wayOf({ description }: IndexLookup, { input, fetches }: PageRequest<PageInput>): IndexWay | undefined {
  const { Select } = input;
  if (description === undefined) return { kind: fetches ? "fetched" : "perhaps", description };
  if (description.whole) return { kind: "whole", description };
  if (description.scope === "local" && (fetches || Select === "ALL_ATTRIBUTES")) return { kind: "selected", description };
  return fetches ? { kind: "fetched", description } : undefined;
}

/**
 * For an index that could not be looked up. Even where the schema reads plaintext items, a row without header and
 * footer is refused then: it may as well be a part of an item.
 *
 * @throws ERR_INDEX_NOT_WHOLE
 */
export function requireWholeRows(table: ProtectedTable, IndexName: string | undefined, rows: readonly AttributeMap[]): void {
  if (!rows.every(isWholeRow)) throw indexNotWhole(table, IndexName);
}

function isWholeRow(row: AttributeMap): boolean {
  return Object.hasOwn(row, headerName) && Object.hasOwn(row, footerName);
}

/** How several queries' rows are put in order; `undefined` where the sort key is unknown, absent or a beacon. */
export function sortOrder(table: ProtectedTable, { IndexName }: PageInput, { description }: IndexWay): SortOrder | undefined {
  const tableKeys = keyAttributes(table.plan);
  const keys = IndexName === undefined ? { partition: [], sort: tableKeys.slice(1) } : description?.keys;
  if (keys === undefined || keys.sort.length === 0 || keys.sort.some((name) => name.startsWith(beaconPrefix))) return undefined;
  return { by: keys.sort, position: [...new Set([...tableKeys, ...keys.partition, ...keys.sort])] };
}

function indexNotWhole({ plan }: ProtectedTable, indexName: string | undefined): DynasealError {
  return new DynasealError("ERR_INDEX_NOT_WHOLE", { details: { tableName: plan.tableName, indexName: indexName ?? "" } });
}
