import type { AttributeMap } from "../attributes/index.ts";
import { isDynasealError } from "../errors/index.ts";
import { keyAttributes } from "../item/index.ts";
import { actionOf, type TablePlan } from "../schema/index.ts";
import { isBeaconAttribute } from "../search/index.ts";
import {
  type IndexDescription,
  isKeyValue,
  keyMismatch,
  type OperationCall,
  type ProtectedTable,
  requireExactKey,
} from "../tables/index.ts";
import { refuseCursor } from "./fan-out-cursor.ts";
import type { PageInput } from "./page-request.ts";

/** A global secondary index has up to four attributes of either sort in its key. */
const maximumIndexKeys = 8;

/**
 * The ExclusiveStartKey of a Query or Scan: exactly the table's keys and, on an index, that index's. A whole item in its
 * place would reach the service in clear. Not for a request that is several queries, whose cursor only this library makes.
 *
 * @throws ERR_PRIMARY_KEY_MISMATCH, ERR_INVALID_ARGUMENT for the cursor of several queries
 */
export async function requireStartKey(table: ProtectedTable, input: PageInput, call: OperationCall): Promise<void> {
  const { ExclusiveStartKey: start, IndexName } = input;
  if (start === undefined || start === null) return;
  refuseCursor(start);
  if (IndexName === undefined) return requireKeys(table, undefined, start);
  const { kind, description, isNew } = await table.indexes.find(IndexName, table, call);
  // The service refuses an index that is not there, whatever the cursor; with it, nothing of the cursor is known.
  if (description === undefined) return requireReadableKeys(table.plan, start);
  try {
    requireKeys(table, description, start);
  } catch (error) {
    // The index may have been created again with another key.
    if (isNew || kind !== "described" || !isDynasealError(error, "ERR_PRIMARY_KEY_MISMATCH")) throw error;
    const again = await table.indexes.ask(IndexName, table, call);
    requireKeys(table, again.description ?? description, start);
  }
}

function requireKeys({ plan, indexes }: ProtectedTable, index: IndexDescription | undefined, start: AttributeMap): void {
  const expected = [...new Set([...keyAttributes(plan), ...(index?.keys.partition ?? []), ...(index?.keys.sort ?? [])])];
  requireExactKey({ plan, parameter: "ExclusiveStartKey", expected, typeOf: (name) => indexes.typeOf(name) }, start);
  refuseEncrypted(
    plan,
    expected.filter((name) => !mayBePlain(plan) && isHidden(plan, name)),
  );
}

/** For an index of which nothing is known but that its key is stored readable. */
function requireReadableKeys(plan: TablePlan, start: AttributeMap): void {
  const keys = keyAttributes(plan);
  const own = Object.fromEntries(Object.entries(start).filter(([name]) => keys.includes(name)));
  requireExactKey({ plan, parameter: "ExclusiveStartKey", expected: keys, typeOf: () => undefined }, own);
  const others = Object.entries(start).filter(([name, value]) => !keys.includes(name) && value !== undefined && value !== null);
  refuseEncrypted(
    plan,
    others.flatMap(([name, value]) => (isHidden(plan, name) || !isKeyValue(value, undefined) ? [name] : [])),
  );
  refuseEncrypted(
    plan,
    others.slice(maximumIndexKeys).map(([name]) => name),
  );
}

function refuseEncrypted(plan: TablePlan, unexpected: readonly string[]): void {
  if (unexpected.length > 0) throw keyMismatch({ plan, parameter: "ExclusiveStartKey", unexpected, missing: [] });
}

/** Whether a stored item may hold the attribute encrypted. */
function isHidden(plan: TablePlan, name: string): boolean {
  if (isBeaconAttribute(plan, name)) return false;
  const action = actionOf(plan, name);
  return action === undefined || action === "ENCRYPT_AND_SIGN";
}

/** While a table is being encrypted, an index may be on an attribute that is still plain in some items. */
function mayBePlain({ plaintextOverride }: TablePlan): boolean {
  return plaintextOverride !== "FORBID_PLAINTEXT_WRITE_FORBID_PLAINTEXT_READ";
}
