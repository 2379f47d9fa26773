import { type AttributeMap, normalizeNumber } from "../attributes/index.ts";
import { toBase64 } from "../bytes/index.ts";
import type { ProtectedTable } from "./protected-tables.ts";

/** The same for every way in which an item's key can be written. */
export function itemKey({ table, key }: { readonly table: ProtectedTable; readonly key: AttributeMap }): string {
  const values = Object.entries(key).map(([name, value]) => [name, oneSpelling(value)] as const);
  return JSON.stringify([table.physicalName, values.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function oneSpelling(value: AttributeMap[string] | undefined): unknown {
  if (value?.N !== undefined) return { N: normalizeNumber(value.N) };
  return value?.B instanceof Uint8Array ? { B: toBase64(value.B) } : value;
}
