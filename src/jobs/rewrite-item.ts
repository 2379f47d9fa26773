import type { AttributeMap } from "../attributes/index.ts";
import { toBase64 } from "../bytes/index.ts";
import { attributeExists, path } from "../expressions/index.ts";
import { describeItem, encryptItem, type HeaderDataKey, type ItemHeader, reservedPrefix } from "../item/index.ts";
import { footerName, headerName } from "../structure/index.ts";
import { conditionFailure, isConditionFailure, keyOf, type OperationCall, type ProtectedTable, toStored } from "../tables/index.ts";
import { type GuardedWrite, guardedUpdate, type PreparedWrite, type ReadItem, rewriteTable, runGuarded } from "../writing/index.ts";
import { decryptingWrite } from "./decrypting-write.ts";
import { hasItsBeacons } from "./item-beacons.ts";
import type { TableJobName } from "./job-counts.ts";

/** What became of one item. */
export type ItemOutcome = "written" | "current" | "elsewhere" | "vanished" | "too-wide";

/** A job that writes, over the table as the job has to see it. */
export interface Rewriting {
  readonly job: Exclude<TableJobName, "verify" | "count">;
  readonly table: ProtectedTable;
  /** Whether items that are too wide for a guard are rewritten under the absence of a header alone. */
  readonly unguardedWideItems: boolean;
  /** Whose items are written; all of them if `undefined`. */
  readonly home: HomeRegion | undefined;
  /** Looks at an item that would be written, in place of the write. */
  readonly dryRun?: DryRun | undefined;
}

/** What a dry run wants to know. */
export interface DryRun {
  /** What would be written, as it would be stored. `undefined`: only whether anything would be is asked. */
  readonly measure: ((after: AttributeMap, row: AttributeMap) => void) | undefined;
}

/** One Region's items, by the attribute that names the Region. */
export interface HomeRegion {
  readonly attribute: string;
  readonly region: string | undefined;
}

/** Whether an item, stored or decrypted, is written in this Region. The attribute is readable and signed, so that guards hold it. */
export function isAtHome(row: AttributeMap, home: HomeRegion | undefined): boolean {
  if (home === undefined) return true;
  const named = Object.hasOwn(row, home.attribute) ? row[home.attribute]?.S : undefined;
  return named !== undefined && named === home.region;
}

/** How an item stands in the table. */
export type StoredForm = "plain" | "encrypted" | "remnant";

/** Whether a row is an item in plain, an encrypted one, or what is left of one. */
export function formOf(row: AttributeMap): StoredForm {
  if (Object.hasOwn(row, headerName) && Object.hasOwn(row, footerName)) return "encrypted";
  return Object.keys(row).some((name) => name.startsWith(reservedPrefix)) ? "remnant" : "plain";
}

/**
 * Writes one item as the job wants it, if it is not so already. It is guarded on what was read and on the item's existence;
 * whoever else writes it in between wins, and what they wrote is read and rewritten in its turn.
 *
 * @param row as a scan returned it
 * @throws what `runGuarded` throws
 */
export async function rewriteItem(rewriting: Rewriting, row: AttributeMap, call: OperationCall): Promise<ItemOutcome> {
  const { job, table } = rewriting;
  const { plan, physicalName: TableName } = table;
  const key = { ...keyOf(plan, row) };
  let refused: ItemOutcome = "vanished";
  const stop = (outcome: ItemOutcome): never => {
    refused = outcome;
    throw conditionFailure({}, undefined);
  };
  const write =
    job === "decrypt"
      ? decryptingWrite({ table, key })
      : guardedUpdate(table, { TableName, Key: key }, { condition: attributeExists(path(plan.partitionKey)) });
  const guarded: GuardedWrite = {
    ...write,
    async prepare(read, itemCall, sentIn) {
      const isEncrypted = read.actions !== undefined;
      if (isEncrypted !== (job !== "encrypt")) return stop("current");
      if (read.row !== undefined && !isAtHome(read.row, rewriting.home)) return stop("elsewhere");
      if (await isAsWanted(rewriting, read, itemCall)) return stop("current");
      const { dryRun } = rewriting;
      if (dryRun !== undefined && dryRun.measure === undefined) return stop("written");
      const prepared = await write.prepare(read, itemCall, sentIn);
      if (prepared.takeover?.holdsRow === false && !rewriting.unguardedWideItems) return stop("too-wide");
      if (dryRun === undefined || read.row === undefined) return prepared;
      dryRun.measure?.(await storedAfter(rewriting, { read, row: read.row, prepared }, call), read.row);
      return stop("written");
    },
  };
  try {
    await runGuarded(
      { operation: "UpdateItem", write: guarded, input: { ReturnConsumedCapacity: "TOTAL" }, paths: [], known: { row } },
      call,
    );
    return "written";
  } catch (error) {
    if (isConditionFailure(error)) return refused;
    throw error;
  }
}

/** Whether a job would make of an encrypted item what it is already. */
async function isAsWanted({ job, table }: Rewriting, read: ReadItem, call: OperationCall): Promise<boolean> {
  const { item, row, actions } = read;
  if (item === undefined || row === undefined || actions === undefined) return false;
  const rewritten = rewriteTable(table, read, item);
  if (job === "update-beacons") return hasItsBeacons(rewritten, { item, row }, call);
  if (job !== "re-encrypt") return false;
  const { header } = await encryptItem(rewritten.cryptography, item, call.keyring);
  return header !== undefined && isCurrent(header, row, actions);
}

/** An item as it would be stored by a write that is not sent. */
async function storedAfter(
  { job, table }: Rewriting,
  { read, row, prepared }: { readonly read: ReadItem; readonly row: AttributeMap; readonly prepared: PreparedWrite },
  call: OperationCall,
): Promise<AttributeMap> {
  const item = prepared.item ?? row;
  if (job === "decrypt") return item;
  return prepared.takeover?.rowAfter(row) ?? toStored(rewriteTable(table, read, item), item, call);
}

/** Whether an item names the recipients, versions, suite and format that it would be written with now, and the same legend. */
function isCurrent(fresh: ItemHeader, row: AttributeMap, actions: ReadonlyMap<string, string>): boolean {
  const stored = describeItem(row);
  const freshActions = Object.entries(fresh.attributeActionsOnEncrypt);
  return (
    fresh.formatVersion === stored.formatVersion &&
    fresh.algorithmSuiteId === stored.algorithmSuiteId &&
    recipients(fresh.encryptedDataKeys) === recipients(stored.encryptedDataKeys) &&
    freshActions.length === actions.size &&
    freshActions.every(([name, action]) => actions.get(name) === action)
  );
}

function recipients(keys: readonly HeaderDataKey[]): string {
  return JSON.stringify(keys.map((key) => [key.keyProviderId, recipientOf(key), key.branchKeyVersion]));
}

/** The replicas of a multi-Region key are one key. */
function recipientOf({ keyArn, keyProviderInfo }: HeaderDataKey): string {
  if (keyArn?.includes(":key/mrk-") === true) return keyArn.split(":").toSpliced(3, 1).join(":");
  return toBase64(withoutNonce(keyProviderInfo));
}

/** Tag length in bits and length of the nonce, as a raw AES keyring writes them between its key's name and the nonce. */
const aesLengths: readonly number[] = [0, 0, 0, 128, 0, 0, 0, 12];
const nonceLength = 12;

/** What a raw AES keyring writes of a key, without what is new in each item. */
function withoutNonce(info: Uint8Array): Uint8Array {
  const end = info.length - nonceLength;
  const lengths = info.subarray(Math.max(0, end - aesLengths.length), Math.max(0, end));
  const isAes = lengths.length === aesLengths.length && aesLengths.every((byte, index) => lengths[index] === byte);
  return isAes ? info.subarray(0, end) : info;
}

/** What a report calls one of the recipients of an item. */
export function recipientName(key: HeaderDataKey): string {
  const { keyArn, branchKeyId, keyProviderId, keyProviderInfo } = key;
  if (keyArn !== undefined) return keyArn;
  if (branchKeyId !== undefined) return branchKeyId;
  const name = new TextDecoder().decode(withoutNonce(keyProviderInfo)).replace(/[^\x20-\x7e]/g, "");
  return `${keyProviderId}/${name}`;
}
