import { DynasealError } from "../errors/index.ts";
import type { ProtectedTables } from "./protected-tables.ts";

/** What a client is for; see the option `role` of `encryptedClient`. */
export type Role = "reader" | "writer";

/** What an operation does to a table: the operation table says it. */
export interface OperationAccess {
  readonly operation: string;
  readonly access: "read" | "write";
  /** Whether its requests and answers carry items. */
  readonly carriesItems: boolean;
}

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
export function requireRole(
  role: Role,
  { operation, access, carriesItems }: OperationAccess,
  input: unknown,
  tables: ProtectedTables,
): void {
  const forbidden = (): DynasealError => new DynasealError("ERR_ROLE_FORBIDS", { details: { role, operation } });
  if (!carriesItems) {
    if (role === "reader" && access === "write" && !concernsPlainTables(input, tables)) throw forbidden();
    return;
  }
  const parts = partsOf((input ?? {}) as ItemRequest);
  const isForbidden = role === "reader" ? access === "write" : access === "read" || parts.some(returnsItem);
  if (isForbidden && parts.some(({ TableName }) => TableName !== undefined && tables.find(TableName) !== undefined)) throw forbidden();
}

/** Members by which requests without items name a table, by name or ARN: of the table, or of what belongs to it. */
const tableMembers = [
  ...["TableName", "TableArn", "SourceTableName", "SourceTableArn", "TargetTableName", "GlobalTableName"],
  ...["ResourceArn", "BackupArn"],
];

/** A request that names no table may be about any. */
function concernsPlainTables(input: unknown, tables: ProtectedTables): boolean {
  if (tables.allPlain) return true;
  const given = Object.entries(input ?? {}).filter(([name, value]) => tableMembers.includes(name) && value !== undefined);
  return given.length > 0 && given.every(([, value]) => typeof value === "string" && tables.isPlain(value));
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
