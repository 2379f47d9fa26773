import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError } from "../errors/index.ts";
import { keyAttributes } from "../item/index.ts";
import { beaconPrefix } from "../search/index.ts";
import { footerName, headerName } from "../structure/index.ts";
import type { IndexDescription, OperationCall, ProtectedTable } from "../tables/index.ts";
import type { SortOrder } from "./fan-out.ts";
import type { PageInput, PageRequest } from "./page-request.ts";

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
export async function indexWay(table: ProtectedTable, { input, fetches }: PageRequest<PageInput>, call: OperationCall): Promise<IndexWay> {
  const { IndexName, Select } = input;
  if (IndexName === undefined) return { kind: "whole", description: undefined };
  const description = await table.indexes.find(IndexName, table, call);
  if (description === undefined) return { kind: fetches ? "fetched" : "perhaps", description };
  if (description.whole) return { kind: "whole", description };
  if (description.scope === "local" && (fetches || Select === "ALL_ATTRIBUTES")) return { kind: "selected", description };
  if (fetches) return { kind: "fetched", description };
  throw indexNotWhole(table, IndexName);
}

/**
 * For an index that could not be looked up. Even where the schema reads plaintext items, a row without header and
 * footer is refused then: it may as well be a part of an item.
 *
 * @throws ERR_INDEX_NOT_WHOLE
 */
export function requireWholeRows(table: ProtectedTable, IndexName: string | undefined, rows: readonly AttributeMap[]): void {
  for (const row of rows) {
    if (!Object.hasOwn(row, headerName) || !Object.hasOwn(row, footerName)) throw indexNotWhole(table, IndexName);
  }
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
