import type { KeySchemaElement, TableDescription, TimeToLiveDescription } from "@aws-sdk/client-dynamodb";
import { DynasealError } from "../errors/index.ts";
import { keyAttributes, reservedPrefix } from "../item/index.ts";
import { actionOf, type TablePlan } from "../schema/index.ts";
import type { JobSettings } from "./job-page.ts";

interface Contradiction {
  readonly attribute: string;
  readonly reason: string;
  readonly instead: string;
}

/** @throws ERR_TABLE_CONTRADICTS_SCHEMA if the table's key is not the schema's */
export function requireKeys(job: JobSettings, { KeySchema = [] }: TableDescription): void {
  const expected = keyAttributes(job.table.plan);
  const names = keyNames(KeySchema);
  const wrong = [...names, ...expected].find((name) => names.indexOf(name) !== expected.indexOf(name));
  if (wrong === undefined) return;
  throw contradiction(job, {
    attribute: wrong,
    reason: `the key of table "${job.table.physicalName}" is ${names.join(", ")}, and the schema's is ${expected.join(", ")}`,
    instead: "Name the table's own partitionKey and sortKey in the schema, or the right table",
  });
}

/**
 * Ciphertext is binary, and different in each item: in an index on text the service refuses it, and no query would find it.
 * DynamoDB Local takes it, so that the service's refusal is never waited for.
 *
 * @throws ERR_TABLE_CONTRADICTS_SCHEMA for the key of an index that the schema encrypts, or a beacon in an index that is not on text
 */
export function requireReadableIndexes(job: JobSettings, table: TableDescription): void {
  const { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [], AttributeDefinitions = [] } = table;
  const types = new Map(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  const indexes = [
    ...GlobalSecondaryIndexes.map((index) => ({ ...index, isLocal: false })),
    ...LocalSecondaryIndexes.map((index) => ({ ...index, isLocal: true })),
  ];
  for (const { IndexName = "", KeySchema = [], isLocal } of indexes) {
    for (const attribute of keyNames(KeySchema)) {
      if (isEncrypted(job.table.plan, attribute)) throw encryptedIndexKey(job, { attribute, IndexName, isLocal });
      const type = types.get(attribute);
      if (!attribute.startsWith(reservedPrefix) || type === undefined || type === "S") continue;
      throw contradiction(job, {
        attribute,
        reason: `beacons are text (S), and the index "${IndexName}" has it as ${type}`,
        instead: "Make the index anew with this attribute as S, then start the job",
      });
    }
  }
}

function encryptedIndexKey(
  job: JobSettings,
  { attribute, IndexName, isLocal }: { readonly attribute: string; readonly IndexName: string; readonly isLocal: boolean },
): DynasealError {
  return contradiction(job, {
    attribute,
    reason: `it is a key of the ${isLocal ? "local index" : "index"} "${IndexName}", and the schema encrypts it`,
    instead: isLocal
      ? "A local index cannot be deleted: leave the attribute readable (SIGN_ONLY), or move the items to a new table"
      : "Give it a beacon and an index on that first, then move the queries there, then delete the old index, then start the job",
  });
}

/** @throws ERR_TABLE_CONTRADICTS_SCHEMA if the service expires items by an attribute that the schema encrypts */
export function requireReadableTimeToLive(job: JobSettings, { AttributeName, TimeToLiveStatus = "DISABLED" }: TimeToLiveDescription): void {
  const isOff = TimeToLiveStatus === "DISABLED" || TimeToLiveStatus === "DISABLING";
  if (AttributeName === undefined || isOff || !isEncrypted(job.table.plan, AttributeName)) return;
  throw contradiction(job, {
    attribute: AttributeName,
    reason: "the service expires items by it, and the schema encrypts it, so that no item would ever expire",
    instead: "Give it SIGN_ONLY in the schema, and name it as timeToLive",
  });
}

function keyNames(schema: readonly KeySchemaElement[]): readonly string[] {
  const of = (type: string): string[] => schema.flatMap(({ KeyType, AttributeName = "" }) => (KeyType === type ? [AttributeName] : []));
  return [...of("HASH"), ...of("RANGE")];
}

function isEncrypted(plan: TablePlan, attribute: string): boolean {
  return !attribute.startsWith(reservedPrefix) && actionOf(plan, attribute) === "ENCRYPT_AND_SIGN";
}

function contradiction({ job, table }: JobSettings, details: Contradiction): DynasealError {
  const tableName = table.plan.tableName;
  return new DynasealError("ERR_TABLE_CONTRADICTS_SCHEMA", { details: { tableName, operation: `The job ${job}`, ...details } });
}
