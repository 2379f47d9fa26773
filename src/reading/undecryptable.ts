import type { AttributeMap } from "../attributes/index.ts";
import type { ErrorCode } from "../errors/index.ts";
import { isCollectable, type RewritableItem } from "../item/index.ts";
import { type Consistency, keyOf, type OperationCall, type ProtectedTable, readStored, type SdkItem } from "../tables/index.ts";

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

/** Items that could be read, and those that could not. */
export interface OpenedRows {
  readonly opened: readonly RewritableItem[];
  /** Empty unless the request collects them. */
  readonly undecryptable: readonly UndecryptableItem[];
}

/**
 * Verifies and decrypts rows, in their order. One that fails fails them all, unless the request collects them and the
 * failure is of that one item, which may be known only when the others have been read.
 *
 * @throws what `readStored` throws
 */
export async function openRows(
  rows: readonly AttributeMap[],
  { table, consistency }: { readonly table: ProtectedTable; readonly consistency: Consistency },
  call: OperationCall,
): Promise<OpenedRows> {
  const collects = call.options.onUndecryptable === "collect";
  const { served } = table.cryptography;
  const { region } = call.keyring;
  const servedHere = (branchKeyId?: string): boolean => served.has(region, branchKeyId);
  const settled = await Promise.all(
    rows.map(async (row): Promise<RewritableItem | { readonly row: AttributeMap; readonly error: unknown }> => {
      try {
        return await readStored(table, row, call, consistency);
      } catch (error) {
        // What no other item can excuse fails the request at once.
        if (!collects || !isCollectable(error, () => true)) throw error;
        return { row, error };
      }
    }),
  );
  const outcomes = settled.map((outcome): RewritableItem | UndecryptableItem => {
    if ("item" in outcome) return outcome;
    if (!isCollectable(outcome.error, servedHere)) throw outcome.error;
    return { Key: { ...keyOf(table.plan, outcome.row) }, code: outcome.error.code };
  });
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
 * @example
 * ```ts
 * import { DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
 * import { requestOptions, undecryptableItems } from "dynaseal";
 *
 * declare const documents: DynamoDBDocumentClient; // of `encryptedClient`
 * const page = await documents.send(new ScanCommand({ TableName: "customers-prod-7", ...requestOptions({ onUndecryptable: "collect" }) }));
 * for (const { Key, code } of undecryptableItems(page)) console.log(code, Object.keys(Key));
 * ```
 *
 * @param answer of a Query, Scan or BatchGetItem
 */
export function undecryptableItems(answer: object): readonly UndecryptableItem[] {
  return (answer as { readonly UndecryptableItems?: readonly UndecryptableItem[] }).UndecryptableItems ?? [];
}
