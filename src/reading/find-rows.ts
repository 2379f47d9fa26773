import type { AttributeMap } from "../attributes/index.ts";
import type { HmacKeys } from "../search/index.ts";
import type { ProtectedTable } from "../tables/index.ts";
import { requireAskedRows } from "./answered-rows.ts";
import { fanOut } from "./fan-out.ts";
import { cursorAttribute, readCursor, writeCursor } from "./fan-out-cursor.ts";
import { type IndexWay, sortOrder } from "./index-way.ts";
import type { PageInput, PageOperation, PageOutput, PageRequest } from "./page-request.ts";
import { keyTextOf, partitionQueries } from "./partition-queries.ts";
import { pageConditions, sentPage } from "./sent-page.ts";

/** A page that is about to be asked for. */
export interface RowSearch<Input extends PageInput> {
  readonly operation: PageOperation<Input>;
  readonly table: ProtectedTable;
  readonly request: PageRequest<Input>;
  readonly way: IndexWay;
  readonly keys: HmacKeys | undefined;
}

/** Whether the request is several queries, with a cursor of their own. */
export function isFannedOut({ search, partition }: PageRequest<PageInput>): boolean {
  return search.queries > 1 && partition === undefined;
}

/** Rows as they are stored, or as the index holds them. */
export interface FoundRows {
  readonly rows: readonly AttributeMap[];
  /** The service's answer without the rows. */
  readonly output: PageOutput;
}

/**
 * Asks the service, once for each partition where the request searches several of them.
 *
 * @throws ERR_ANSWER_MISMATCH, ERR_INVALID_ARGUMENT for an ExclusiveStartKey of another request, and what `rewrite` of the search throws
 */
export async function findRows<Input extends PageInput>(search: RowSearch<Input>): Promise<FoundRows> {
  const { operation, request, keys } = search;
  // Where a beacon is hashed there are keys, or rewriting refuses the request.
  if (isFannedOut(request) && keys !== undefined) return findInPartitions(search, request.search.queries, keys);
  const { way } = search;
  const conditions = pageConditions(request, way, { keys, partition: request.partition ?? 0 });
  const { Items: rows = [], ...output } = await operation.send(sentPage(request, way, conditions));
  requireAskedRows({ ...search, ...conditions }, rows);
  return { rows, output };
}

async function findInPartitions<Input extends PageInput>(search: RowSearch<Input>, partitions: number, keys: HmacKeys): Promise<FoundRows> {
  const { operation, table, request, way } = search;
  const { ExclusiveStartKey, IndexName = "", Limit, ScanIndexForward } = request.input;
  const forward = ScanIndexForward !== false;
  const byPartition = Array.from({ length: partitions }, (_, partition) => pageConditions(request, way, { keys, partition }));
  const queries = partitionQueries(byPartition).map((conditions) => {
    const input = sentPage(request, way, conditions);
    return { conditions, input, keyText: keyTextOf(input) };
  });
  // A page goes on with the same key condition, in the same direction; its filter may change, as the service has it.
  const shape = JSON.stringify([table.physicalName, IndexName, forward, ...queries.map(({ keyText }) => keyText)]);
  const scope = { key: keys.hmacKey(cursorAttribute), shape, queries: queries.length };
  const { rows, places, output } = await fanOut({
    places: readCursor(ExclusiveStartKey, scope),
    ask: async (query, start) => {
      const asked = queries[query];
      if (asked === undefined) throw new RangeError("no such query");
      const output = await operation.send({ ...asked.input, ExclusiveStartKey: start && { ...start } });
      requireAskedRows({ ...search, ...asked.conditions }, output.Items ?? []);
      return output;
    },
    order: sortOrder(table, request.input, way),
    forward,
    limit: Limit,
  });
  const LastEvaluatedKey = writeCursor(places, scope);
  return { rows, output: { ...output, ...(LastEvaluatedKey && { LastEvaluatedKey }) } };
}
