import type { QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import type { AttributeMap } from "../../attributes/index.ts";
import type { HmacKeys, PreparedSearch } from "../../search/index.ts";
import type { OperationCall } from "../operation.ts";
import type { ProtectedTable } from "../protected-tables.ts";
import { rewritable } from "../stored-items.ts";
import { requireBudget } from "./filter-budget.ts";
import { isServiceCount, type PageInput, pageRequest, serviceInput } from "./page-request.ts";

/** Query or Scan, as the service is asked. */
export interface PageOperation<Input extends PageInput> {
  readonly name: "Query" | "Scan";
  readonly send: (input: Input) => Promise<PageOutput>;
}

export type PageOutput = QueryCommandOutput;

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
  const request = pageRequest(operation.name, table, given, call);
  const { search, project, input } = request;
  const { IndexName } = input;
  const counted = isServiceCount(request);
  if (IndexName !== undefined && !counted) await table.indexes.requireWhole(IndexName, table, call.send);
  const keys = await beaconKeys(table, search, call);
  const output = await operation.send(serviceInput(request, keys, request.partition ?? 0));
  if (counted || output.Items === undefined) return output;
  if (IndexName !== undefined) table.indexes.requireWholeRows(IndexName, table, output.Items);
  if (search.rewrites) requireBudget(table, output.Items.length, call);
  const found = await matching(table, output.Items, search, call);
  const { Items: _rows, ...rest } = output;
  if (input.Select === "COUNT") return { ...rest, Count: found.length };
  return { ...rest, Items: found.map(project), Count: found.length };
}

async function beaconKeys(table: ProtectedTable, search: PreparedSearch, call: OperationCall): Promise<HmacKeys | undefined> {
  return search.needsBeaconKey ? table.search?.source?.keys(search.branchKeyId, call.keyring) : undefined;
}

/** The items that fulfil the conditions; one that cannot be decrypted fails them all. */
async function matching(
  table: ProtectedTable,
  rows: readonly AttributeMap[],
  search: PreparedSearch,
  call: OperationCall,
): Promise<readonly AttributeMap[]> {
  const opened = await Promise.all(rows.map((row) => rewritable(table, row, call)));
  return opened.filter(({ item, header }) => search.matches(item, header?.encryptedDataKeys[0]?.branchKeyId)).map(({ item }) => item);
}
