import type { AttributeMap } from "../attributes/index.ts";
import { compareValues } from "../expressions/index.ts";
import { concurrencyLimit, sumCapacity } from "../tables/index.ts";
import type { Place } from "./fan-out-cursor.ts";
import type { PageOutput } from "./page-request.ts";

/** What decides the order of an index's rows, and which attributes say where a row stands. */
export interface SortOrder {
  readonly by: readonly string[];
  readonly position: readonly string[];
}

/** Several queries whose rows are apart, as one. */
export interface FanOut {
  /** Where each query goes on. */
  readonly places: readonly Place[];
  /** Asks for a page of one query, by its number. */
  readonly ask: (query: number, start: AttributeMap | undefined) => Promise<PageOutput>;
  /** `undefined`: no order is known. */
  readonly order: SortOrder | undefined;
  readonly forward: boolean;
  readonly limit: number | undefined;
}

/** The rows of all queries in order, at most `limit`. */
export interface FannedOut {
  readonly rows: readonly AttributeMap[];
  /** Where each query goes on after these rows. */
  readonly places: readonly Place[];
  /** The answers as one, without rows and without a place. */
  readonly output: PageOutput;
}

/** So many queries of one request are under way at a time. */
const concurrentQueries = 16;

/** What one query answered, and how many of its rows are handed out. */
interface QueryPage {
  readonly query: number;
  readonly rows: readonly AttributeMap[];
  /** Where its query goes on after the last row; `undefined` at the end. */
  readonly last: AttributeMap | undefined;
  taken: number;
}

/**
 * Asks all queries that are not finished, each with the whole limit, and hands out what is certain to come first.
 * Rows that are not handed out are fetched again with the next page: their queries go on after the last row that was.
 *
 * Each request gets on: of the queries that have more, the one whose page ends first is handed out whole, or the
 * limit is reached.
 */
export async function fanOut(request: FanOut): Promise<FannedOut> {
  const { places, ask, order, limit = Number.POSITIVE_INFINITY } = request;
  const asked = places.flatMap((place, query) => (place === "finished" ? [] : [{ place, query }]));
  const answers = await allOrNone(
    asked.map(
      ({ place, query }) =>
        () =>
          ask(query, place === "start" ? undefined : place),
    ),
  );
  const pages = answers.map(({ Items = [], LastEvaluatedKey }, index): QueryPage => {
    return { query: asked[index]?.query ?? 0, rows: Items, last: LastEvaluatedKey, taken: 0 };
  });
  const rows = order === undefined ? wholePages(pages, limit) : inOrder(pages, { ...request, order, limit });
  const nextPlaces = places.map((place, query) => {
    const page = pages.find((one) => one.query === query);
    return page === undefined ? place : placeAfter(page, place, order);
  });
  return { rows, places: nextPlaces, output: asOne(answers) };
}

/** Some at a time; once one has failed, those that wait are not sent any more. */
async function allOrNone(requests: readonly (() => Promise<PageOutput>)[]): Promise<readonly PageOutput[]> {
  const bounded = concurrencyLimit(concurrentQueries);
  const failures: unknown[] = [];
  const send = async (request: () => Promise<PageOutput>): Promise<PageOutput> => {
    if (failures.length > 0) throw failures[0];
    try {
      return await request();
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  return Promise.all(requests.map((request) => bounded(() => send(request))));
}

/** Without an order: the queries one after the other, each page as a whole or, where it is over the limit, later. */
function wholePages(pages: readonly QueryPage[], limit: number): readonly AttributeMap[] {
  const rows: AttributeMap[] = [];
  for (const page of pages) {
    if (rows.length + page.rows.length > limit) continue;
    rows.push(...page.rows);
    page.taken = page.rows.length;
  }
  return rows;
}

function inOrder(
  pages: readonly QueryPage[],
  { order, forward, limit }: { readonly order: SortOrder; readonly forward: boolean; readonly limit: number },
): readonly AttributeMap[] {
  const rows: AttributeMap[] = [];
  while (rows.length < limit) {
    let first: { readonly page: QueryPage; readonly row: AttributeMap } | undefined;
    for (const page of pages) {
      const row = page.rows[page.taken];
      if (row !== undefined && (first === undefined || compareRows(row, first.row, order.by, forward) < 0)) first = { page, row };
    }
    if (first === undefined) break;
    const { page, row } = first;
    // What a query has not come to yet may belong before this row.
    if (pages.some((one) => isBefore(one, row, order.by, forward))) break;
    rows.push(row);
    page.taken++;
  }
  return rows;
}

/** Whether a page is handed out, and rows after it may come before the given one. */
function isBefore({ rows, taken, last }: QueryPage, row: AttributeMap, by: readonly string[], forward: boolean): boolean {
  return taken === rows.length && last !== undefined && compareRows(last, row, by, forward) < 0;
}

function compareRows(a: AttributeMap, b: AttributeMap, by: readonly string[], forward: boolean): number {
  for (const name of by) {
    const [left, right] = [a[name], b[name]];
    const order = left === undefined || right === undefined ? undefined : compareValues(left, right);
    if (order !== undefined && order !== 0) return forward ? order : -order;
  }
  return 0;
}

function placeAfter({ rows, taken, last }: QueryPage, before: Place, order: SortOrder | undefined): Place {
  if (taken === rows.length) return last ?? "finished";
  const row = rows[taken - 1];
  if (row === undefined || order === undefined) return before;
  return Object.fromEntries(order.position.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])));
}

/** The first answer's metadata, and the sums of what all of them count. */
function asOne(answers: readonly PageOutput[]): PageOutput {
  const ConsumedCapacity = sumCapacity(answers.map((answer) => answer.ConsumedCapacity));
  return {
    $metadata: answers[0]?.$metadata ?? {},
    ScannedCount: answers.reduce((sum, answer) => sum + (answer.ScannedCount ?? 0), 0),
    ...(ConsumedCapacity && { ConsumedCapacity }),
  };
}
