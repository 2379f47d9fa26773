import type { AttributeMap } from "../attributes/index.ts";
import { attributeMap } from "../attributes/index.ts";
import { applicationName } from "../search/index.ts";
import { answeredKey, keyOf, type ProtectedTable } from "../tables/index.ts";
import type { IndexWay } from "./index-way.ts";
import type { PageInput } from "./page-request.ts";

/** Cuts a decrypted item to what its index holds. */
export type CutToIndex = (item: AttributeMap) => AttributeMap;

/**
 * What a request on an index that holds parts of items returns of them: no more than the index holds, as on a plain
 * table, unless the request asks for more. Applications rely on a projection to keep attributes out of an answer.
 *
 * @param rows as the index returned them; they show what it holds where nobody could say
 */
export function cutToIndex(
  { table, way, input }: { readonly table: ProtectedTable; readonly way: IndexWay; readonly input: PageInput },
  rows: readonly AttributeMap[],
): CutToIndex {
  const isPart = way.kind === "fetched" || way.kind === "selected";
  if (!isPart || input.ProjectionExpression !== undefined || input.Select === "ALL_ATTRIBUTES") return (item) => item;
  const { plan } = table;
  const named = (stored: Iterable<string>): ReadonlySet<string> => new Set([...stored].map((name) => applicationName(plan, name)));
  const textOf = (item: AttributeMap): string | undefined => answeredKey(table, keyOf(plan, item));
  const described = way.description?.attributes;
  if (described !== undefined) {
    const held = named(described);
    return (item) => onlyNamed(item, held);
  }
  const shown = new Map(rows.map((row) => [textOf(row), named(Object.keys(row))]));
  return (item) => onlyNamed(item, shown.get(textOf(item)) ?? new Set());
}

function onlyNamed(item: AttributeMap, names: ReadonlySet<string>): AttributeMap {
  return attributeMap(Object.entries(item).filter(([name]) => names.has(name)));
}
