import { DynasealError } from "../errors/index.ts";
import type { ProtectedTables } from "./protected-tables.ts";

/** What a client is for; see the option `role` of `encryptedClient`. */
export type Role = "reader" | "writer";

const reads: ReadonlySet<string> = new Set(["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"]);
const writes: ReadonlySet<string> = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]);

/** The members of item requests that say which table, and whether items come back. */
interface ItemRequest {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, ItemRequest | undefined>>[];
  readonly ReturnValues?: string;
  readonly ReturnValuesOnConditionCheckFailure?: string;
}

/**
 * Refuses, before any call, what the role is not for. Plain tables are nobody's concern.
 *
 * @throws ERR_ROLE_FORBIDS, ERR_TABLE_NOT_CONFIGURED, ERR_INVALID_ARGUMENT
 */
export function requireRole(role: Role, operation: string, input: unknown, tables: ProtectedTables): void {
  const parts = partsOf((input ?? {}) as ItemRequest);
  const forbidden = role === "reader" ? writes.has(operation) : reads.has(operation) || (writes.has(operation) && parts.some(returnsItem));
  if (!forbidden || !parts.some(({ TableName }) => TableName !== undefined && tables.find(TableName) !== undefined)) return;
  throw new DynasealError("ERR_ROLE_FORBIDS", { details: { role, operation } });
}

/** The request as single requests of one table each. */
function partsOf(input: ItemRequest): readonly ItemRequest[] {
  const batch = Object.keys(input.RequestItems ?? {}).map((TableName) => ({ TableName }));
  const transaction = (input.TransactItems ?? []).flatMap((item) => Object.values(item).filter((part) => part !== undefined));
  return [input, ...batch, ...transaction];
}

/** UPDATED_OLD and UPDATED_NEW of a native update hold unsigned attributes only, which nobody has to decrypt. */
function returnsItem({ ReturnValues, ReturnValuesOnConditionCheckFailure }: ItemRequest): boolean {
  return ReturnValues === "ALL_OLD" || ReturnValues === "ALL_NEW" || ReturnValuesOnConditionCheckFailure === "ALL_OLD";
}

/**
 * For writes that have to read and decrypt first.
 *
 * @throws ERR_ROLE_FORBIDS
 */
export function requireMayDecrypt(role: Role | undefined, operation: string): void {
  if (role === "writer") throw new DynasealError("ERR_ROLE_FORBIDS", { details: { role, operation } });
}
