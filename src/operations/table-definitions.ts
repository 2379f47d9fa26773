import type {
  CreateTableCommandInput,
  KeySchemaElement,
  Projection,
  RestoreTableFromBackupCommandInput,
  RestoreTableToPointInTimeCommandInput,
  UpdateTableCommandInput,
  UpdateTimeToLiveCommandInput,
} from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { reservedPrefix } from "../item/index.ts";
import { actionOf } from "../schema/index.ts";
import { storedIndexKey } from "../search/index.ts";
import { footerName, headerName } from "../structure/index.ts";
import type { OperationCall, ProtectedTable } from "../tables/index.ts";
import { storedDefinition } from "./beacon-indexes.ts";

type RestoreInput = RestoreTableFromBackupCommandInput | RestoreTableToPointInTimeCommandInput;

/** What a request says of a secondary index that it creates. */
interface NewIndex {
  readonly IndexName?: string | undefined;
  readonly KeySchema?: readonly KeySchemaElement[] | undefined;
  readonly Projection?: Projection | undefined;
}

/** The request that is held against the schema. */
interface Defining {
  readonly table: ProtectedTable;
  readonly operation: string;
  readonly call: OperationCall;
}

/**
 * Nothing would ever expire: the service sees bytes in the place of the time. Turning it off always passes.
 *
 * @throws ERR_TABLE_CONTRADICTS_SCHEMA
 */
export function defineTimeToLive(input: UpdateTimeToLiveCommandInput, call: OperationCall): UpdateTimeToLiveCommandInput {
  const { TableName, TimeToLiveSpecification } = input;
  const table = call.state.tables.findConfigured(TableName);
  const attribute = TimeToLiveSpecification?.AttributeName;
  if (table === undefined || attribute === undefined || TimeToLiveSpecification?.Enabled !== true) return input;
  if (attribute.startsWith(reservedPrefix) || actionOf(table.plan, attribute) !== "ENCRYPT_AND_SIGN") return input;
  throw contradiction("UpdateTimeToLive", table, attribute, {
    reason: "the schema stores it encrypted, so that no item would ever expire",
    instead: `Give "${attribute}" the action SIGN_ONLY or DO_NOTHING in the schema, or name another attribute`,
  });
}

/**
 * Keys and indexes of a new table.
 *
 * @returns what is sent: with the attributes of beacons where they are keys of an index
 * @throws ERR_TABLE_CONTRADICTS_SCHEMA
 */
export function defineCreateTable(input: CreateTableCommandInput, call: OperationCall): CreateTableCommandInput {
  const table = call.state.tables.findConfigured(input.TableName);
  if (table === undefined) return input;
  const defining: Defining = { table, operation: "CreateTable", call };
  requireSchemaKeys(defining, input.KeySchema ?? []);
  requireReadableIndexes(defining, [...(input.GlobalSecondaryIndexes ?? []), ...(input.LocalSecondaryIndexes ?? [])]);
  return storedDefinition(table.plan, input);
}

/** Indexes that are added. As {@link defineCreateTable}. @throws ERR_TABLE_CONTRADICTS_SCHEMA */
export function defineUpdateTable(input: UpdateTableCommandInput, call: OperationCall): UpdateTableCommandInput {
  const table = call.state.tables.findConfigured(input.TableName);
  if (table === undefined) return input;
  const added = (input.GlobalSecondaryIndexUpdates ?? []).flatMap(({ Create }) => (Create === undefined ? [] : [Create]));
  requireReadableIndexes({ table, operation: "UpdateTable", call }, added);
  return storedDefinition(table.plan, input);
}

/**
 * A backup brings its own keys; indexes may be given anew.
 *
 * @param operation which of the two restores
 */
export function defineRestore(
  operation: "RestoreTableFromBackup" | "RestoreTableToPointInTime",
): (input: RestoreInput, call: OperationCall) => RestoreInput {
  return (input, call) => {
    const table = call.state.tables.findConfigured(input.TargetTableName);
    if (table === undefined) return input;
    const indexes = [...(input.GlobalSecondaryIndexOverride ?? []), ...(input.LocalSecondaryIndexOverride ?? [])];
    requireReadableIndexes({ table, operation, call }, indexes);
    return storedDefinition(table.plan, input);
  };
}

function requireSchemaKeys({ table, operation }: Defining, keySchema: readonly KeySchemaElement[]): void {
  const { partitionKey, sortKey } = table.plan;
  const wanted = new Map([["HASH", partitionKey], ...(sortKey === undefined ? [] : [["RANGE", sortKey] as const])]);
  const keys = `the partition key "${partitionKey}" and ${sortKey === undefined ? "no sort key" : `the sort key "${sortKey}"`}`;
  const instead = `Create the table with ${keys}, or mend the schema's partitionKey and sortKey`;
  for (const { AttributeName = "", KeyType = "" } of keySchema) {
    if (wanted.get(KeyType) === AttributeName) continue;
    throw contradiction(operation, table, AttributeName, { reason: `the schema says ${keys}`, instead });
  }
  for (const [type, name] of wanted) {
    if (keySchema.some(({ KeyType }) => KeyType === type)) continue;
    throw contradiction(operation, table, name, { reason: `the schema says ${keys}, and the request does not name it`, instead });
  }
}

function requireReadableIndexes(defining: Defining, indexes: readonly NewIndex[]): void {
  for (const index of indexes) {
    for (const { AttributeName } of index.KeySchema ?? []) {
      if (AttributeName !== undefined) refuseEncryptedKey(defining, index, AttributeName);
    }
    requireWholeItems(defining, index);
  }
}

/** Items that are encrypted have bytes there, under which the service finds nothing, or refuses to store them. */
function refuseEncryptedKey({ table, operation }: Defining, { IndexName = "" }: NewIndex, attribute: string): void {
  const { plan } = table;
  if (attribute.startsWith(reservedPrefix)) return;
  const beacon = storedIndexKey(plan, attribute);
  if (beacon?.attribute !== undefined) return;
  if (beacon !== undefined) {
    throw contradiction(operation, table, attribute, {
      reason: `it is a key of index "${IndexName}", and its beacon is stored as a set, or only within compound beacons`,
      instead: `Leave the style of the beacon of "${attribute}" away, or let the index be on a compound beacon that holds it`,
    });
  }
  if (actionOf(plan, attribute) !== "ENCRYPT_AND_SIGN") return;
  throw contradiction(operation, table, attribute, {
    reason: `it is a key of index "${IndexName}", and the schema stores it encrypted without a beacon`,
    instead: `Give "${attribute}" a beacon in the schema, or the action SIGN_ONLY if its values are no secret`,
  });
}

/** An item without header and footer cannot be verified. */
function requireWholeItems({ table, operation, call }: Defining, { IndexName = "", Projection }: NewIndex): void {
  if (Projection === undefined || Projection.ProjectionType === "ALL") return;
  if (table.plan.indexes.get(IndexName)?.read === "fetch" || call.state.tables.fetchIndexes.has(IndexName)) return;
  const missing = [headerName, footerName].find((name) => !(Projection.NonKeyAttributes ?? []).includes(name));
  if (missing === undefined) return;
  throw contradiction(operation, table, missing, {
    reason: `the projection of index "${IndexName}" leaves it out, so that no item read there could be verified`,
    instead: `Project ALL, or let the items be read from the table: indexes: { "${IndexName}": "fetch" } of encryptedClient, or "read": "fetch" in the schema`,
  });
}

function contradiction(
  operation: string,
  { plan }: ProtectedTable,
  attribute: string,
  { reason, instead }: { readonly reason: string; readonly instead: string },
): DynasealError {
  const details = { tableName: plan.tableName, operation, attribute, reason, instead };
  return new DynasealError("ERR_TABLE_CONTRADICTS_SCHEMA", { details });
}
