import type { AttributeMap } from "../attributes/index.ts";
import { type ErrorCode, isDynasealError } from "../errors/index.ts";
import { keyAttributes, type RewritableItem } from "../item/index.ts";
import { type Consistency, type OperationCall, type ProtectedTable, readStored, type SdkItem } from "../tables/index.ts";

/**
 * An item that could not be decrypted, where a request said `onUndecryptable: "collect"`. Under a document client, too,
 * `Key` is a map of AttributeValues.
 */
export interface UndecryptableItem {
  /** As the request named it; for BatchGetItem only. */
  readonly TableName?: string;
  /** The item's key, which nobody has verified. */
  readonly Key: SdkItem;
  /** Why; the same code that fails the request without `"collect"`. */
  readonly code: ErrorCode;
}

/**
 * What is wrong with one item alone. Everything else says something about keys, key store, KMS, configuration, or the
 * caller: the next item would fail as well, and an empty answer would hide an outage.
 */
const itemCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  // Changed, moved, written under another table, key or context.
  "ERR_NOT_AUTHENTIC",
  "ERR_ENCRYPTION_CONTEXT_MISMATCH",
  "ERR_CONTEXT_ATTRIBUTE_MISSING",
  "ERR_REQUIRED_CONTEXT_KEY_MISSING",
  "ERR_LEGEND_MISMATCH",
  "ERR_SUITE_NOT_ACCEPTED",
  // Not encrypted, or half of it is gone.
  "ERR_ITEM_NOT_ENCRYPTED",
  "ERR_ITEM_DDBEC",
  "ERR_ITEM_REMNANT",
  "ERR_HEADER_MALFORMED",
  "ERR_FOOTER_MALFORMED",
  "ERR_ATTRIBUTE_MALFORMED",
  "ERR_ATTRIBUTE_NOT_SERIALIZABLE",
  "ERR_NUMBER_INVALID",
  "ERR_LIMIT_EXCEEDED",
  // Written under a key that this reader does not have, or that is gone for good.
  "ERR_NO_KEY_MATCHES",
  "ERR_BRANCH_KEY_NOT_FOUND",
  "ERR_BRANCH_KEY_ID_INVALID",
  "ERR_SUITE_NOT_SUPPORTED",
  // Older than the application knows it to be.
  "ERR_ITEM_ROLLED_BACK",
]);

/** Items that could be read, and those that could not. */
export interface OpenedRows {
  readonly opened: readonly RewritableItem[];
  /** Empty unless the request collects them. */
  readonly undecryptable: readonly UndecryptableItem[];
}

/**
 * Verifies and decrypts rows, in their order. One that fails fails them all, unless the request collects them and the
 * failure is of that one item.
 *
 * @throws what `readStored` throws
 */
export async function openRows(
  rows: readonly AttributeMap[],
  { table, consistency }: { readonly table: ProtectedTable; readonly consistency: Consistency },
  call: OperationCall,
): Promise<OpenedRows> {
  const collects = call.options.onUndecryptable === "collect";
  const outcomes = await Promise.all(
    rows.map(async (row): Promise<RewritableItem | UndecryptableItem> => {
      try {
        return await readStored(table, row, call, consistency);
      } catch (error) {
        if (!collects || !isDynasealError(error) || !itemCodes.has(error.code)) throw error;
        return { Key: keyOf(table, row), code: error.code };
      }
    }),
  );
  return {
    opened: outcomes.filter((outcome) => "item" in outcome),
    undecryptable: outcomes.filter((outcome) => "code" in outcome),
  };
}

/** The member of an answer for those, where the request collects them. */
export function undecryptableMember(
  undecryptable: readonly UndecryptableItem[],
  { options }: OperationCall,
): { readonly UndecryptableItems?: readonly UndecryptableItem[] } {
  return options.onUndecryptable === "collect" ? { UndecryptableItems: undecryptable } : {};
}

/**
 * The items of an answer that could not be decrypted: `undecryptableItems(await client.send(new QueryCommand(…)))`.
 * Empty where the request did not say `onUndecryptable: "collect"`.
 *
 * @param answer of a Query, Scan or BatchGetItem
 */
export function undecryptableItems(answer: object): readonly UndecryptableItem[] {
  return (answer as { readonly UndecryptableItems?: readonly UndecryptableItem[] }).UndecryptableItems ?? [];
}

function keyOf({ plan }: ProtectedTable, row: AttributeMap): SdkItem {
  return Object.fromEntries(keyAttributes(plan).flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]] as const])));
}
