import { QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { type AttributeMap, attributeMap } from "../attributes/index.ts";
import { compareUtf16 } from "../bytes/index.ts";
import { DynasealError } from "../errors/index.ts";
import type { KeyringCall } from "../materials/index.ts";
import { comparableTime } from "./create-time.ts";
import { parse } from "./get-keys.ts";
import { checkBranchKeyId, type KeyStoreContext, rowSite } from "./key-store-context.ts";
import { activeType, type BranchKeyRecord, beaconType, customContextOf } from "./record.ts";
import { type Tombstone, tombstoneOf } from "./tombstone.ts";

/** One version of a branch key, as its key store item says it. */
export interface BranchKeyVersionDescription {
  readonly branchKeyVersion: string;
  /** As stored, ISO 8601 in UTC. */
  readonly createTime: string;
  /** Whether new items are written under this version. */
  readonly active: boolean;
}

/** What a key store says of a branch key without asking KMS: nothing of it is verified. */
export interface BranchKeyDescription {
  readonly branchKeyId: string;
  /** Whether the key can be used, or was taken out of use, or its wrapped keys were deleted. */
  readonly state: "active" | "disabled" | "erased";
  /** ISO 8601 in UTC: when it was disabled, or erased; `undefined` while it is active. */
  readonly stateSince: string | undefined;
  /** `undefined`: there is no ACTIVE key store item, so nothing can be written. */
  readonly activeVersion: string | undefined;
  /** Oldest first. */
  readonly versions: readonly BranchKeyVersionDescription[];
  /** Whether there is a beacon key. */
  readonly beaconKey: boolean;
  /** The ARNs that the key store items name, each once. */
  readonly kmsArns: readonly string[];
  /** The key's own context, without the prefix `aws-crypto-ec:`. */
  readonly encryptionContext: Readonly<Record<string, string>>;
}

/**
 * The ids of all branch keys that have an ACTIVE key store item, one page of the table at a time, in no order.
 *
 * @throws ERR_KEY_STORE_TABLE_NOT_FOUND, ERR_KEY_STORE_ACCESS_DENIED, ERR_KEY_STORE_UNAVAILABLE, ERR_ABORTED
 */
export async function* listKeys({ storage }: KeyStoreContext, call: KeyringCall): AsyncGenerator<string, void, undefined> {
  let start: AttributeMap | undefined;
  do {
    const command = new ScanCommand({
      TableName: storage.tableName,
      ConsistentRead: true,
      FilterExpression: "#type = :active",
      ProjectionExpression: "#id",
      ExpressionAttributeNames: { "#id": "branch-key-id", "#type": "type" },
      ExpressionAttributeValues: { ":active": { S: activeType } },
      ...(start !== undefined && { ExclusiveStartKey: { ...start } }),
    });
    const page = await storage.run("Scan", call, (client, options) => client.send(storage.prepared(command), options));
    for (const row of page.Items ?? []) {
      const branchKeyId = row["branch-key-id"]?.S;
      if (branchKeyId !== undefined) yield branchKeyId;
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/**
 * All key store items of one branch key, read consistently.
 *
 * @throws ERR_BRANCH_KEY_NOT_FOUND, ERR_BRANCH_KEY_ROW_MALFORMED, ERR_BRANCH_KEY_HIERARCHY_UNSUPPORTED, ERR_INVALID_ARGUMENT, the codes of the table
 */
export async function describeKey(
  store: KeyStoreContext,
  { branchKeyId }: { readonly branchKeyId: string },
  call: KeyringCall,
): Promise<BranchKeyDescription> {
  checkBranchKeyId(branchKeyId);
  const site = await rowSite(store, branchKeyId, activeType, call);
  const rows = await rowsOf(store, branchKeyId, call);
  if (rows.length === 0) throw new DynasealError("ERR_BRANCH_KEY_NOT_FOUND", { details: { ...site } });
  const records: BranchKeyRecord[] = [];
  let found: Tombstone | undefined;
  for (const row of rows) {
    const tombstone = tombstoneOf(row);
    if (tombstone === undefined) records.push(parse(store, row, { ...site, type: row["type"]?.S ?? "" }));
    else if (found?.state !== "erased") found = tombstone;
  }
  const active = records.find(({ type }) => type === activeType);
  const versions = records.flatMap(({ type, version, createTime }): readonly BranchKeyVersionDescription[] =>
    version === undefined || type === activeType ? [] : [{ branchKeyVersion: version, createTime, active: version === active?.version }],
  );
  const [first] = records;
  return Object.freeze({
    branchKeyId,
    state: found?.state ?? "active",
    stateSince: found?.since,
    activeVersion: active?.version,
    versions: versions.toSorted((one, other) => compareUtf16(sortableTime(one), sortableTime(other))),
    beaconKey: records.some(({ type }) => type === beaconType),
    kmsArns: [...new Set(records.map(({ kmsArn }) => kmsArn))],
    encryptionContext: customContextOf((active ?? first)?.context ?? {}),
  });
}

/** Old key stores spell their times in another way. */
function sortableTime({ createTime }: BranchKeyVersionDescription): string {
  return comparableTime(createTime) ?? createTime;
}

async function rowsOf({ storage }: KeyStoreContext, branchKeyId: string, call: KeyringCall): Promise<readonly AttributeMap[]> {
  const rows: AttributeMap[] = [];
  let start: AttributeMap | undefined;
  do {
    const command = new QueryCommand({
      TableName: storage.tableName,
      ConsistentRead: true,
      KeyConditionExpression: "#id = :id",
      ExpressionAttributeNames: { "#id": "branch-key-id" },
      ExpressionAttributeValues: { ":id": { S: branchKeyId } },
      ...(start !== undefined && { ExclusiveStartKey: { ...start } }),
    });
    const page = await storage.run("Query", call, (client, options) => client.send(storage.prepared(command), options));
    for (const row of page.Items ?? []) rows.push(attributeMap(Object.entries(row)));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
}
