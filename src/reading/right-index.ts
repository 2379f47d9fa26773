import { DynasealError, type ErrorCode, isDynasealError } from "../errors/index.ts";
import { type Condition, type KeySchema, readKeyCondition, referencedAttributes } from "../expressions/index.ts";
import { applicationName, beaconPrefix } from "../search/index.ts";
import type { OperationCall, ProtectedTable } from "../tables/index.ts";

/** Refusals of a condition that would have another reason if the index is the wrong one. */
const conditionCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ERR_ATTRIBUTE_NOT_CONFIGURED",
  "ERR_BEACON_CANNOT_ANSWER",
  "ERR_BEACON_KEY_AMBIGUOUS",
  "ERR_BEACON_KEY_UNKNOWN",
  "ERR_BEACON_QUERY_VALUE_INVALID",
  "ERR_CONDITION_ON_ENCRYPTED_ATTRIBUTE",
  "ERR_PLAINTEXT_ITEMS_MISSED",
]);

/**
 * Refuses, as the service does on a plain table, a request that was refused for a condition and names an index that is
 * not there, or forgot to name one: advice about beacons would lead astray.
 *
 * @throws ERR_EXPRESSION_INVALID
 */
export async function requireRightIndex(
  refused: {
    readonly table: ProtectedTable;
    readonly indexName: string | undefined;
    readonly keyCondition: Condition | undefined;
    readonly error: unknown;
  },
  call: OperationCall,
): Promise<void> {
  const { table, indexName, keyCondition, error } = refused;
  if (!isDynasealError(error) || !conditionCodes.has(error.code)) return;
  const keys = indexName === undefined ? tableKeys(table) : await indexKeys(table, indexName, call);
  if (keys === undefined || keyCondition === undefined) return;
  const used = referencedAttributes(keyCondition);
  // A condition may call a beacon by its name, or by the attribute that it is on.
  const nameOf = (stored: string): string =>
    [stored, stored.slice(stored.startsWith(beaconPrefix) ? beaconPrefix.length : 0)].find((name) => used.has(name)) ??
    applicationName(table.plan, stored);
  readKeyCondition(keyCondition, { partition: keys.partition.map(nameOf), sort: keys.sort.map(nameOf) });
}

function tableKeys({ plan: { partitionKey, sortKey } }: ProtectedTable): KeySchema {
  return { partition: [partitionKey], sort: sortKey === undefined ? [] : [sortKey] };
}

/** `undefined` where nobody may say. */
async function indexKeys(table: ProtectedTable, indexName: string, call: OperationCall): Promise<KeySchema | undefined> {
  const { kind, description } = await table.indexes.find(indexName, table, call);
  if (kind !== "absent") return description?.keys;
  const reason = `The table does not have the specified index: ${indexName}`;
  throw new DynasealError("ERR_EXPRESSION_INVALID", { details: { reason } });
}
