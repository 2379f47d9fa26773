import type { AttributeMap } from "../attributes/index.ts";
import { DynasealError, type ErrorDetails, invalidArgument, isDynasealError } from "../errors/index.ts";
import { checkValue } from "../expressions/index.ts";
import { decryptForRewrite, encryptItem, keyAttributes, type RewritableItem, requireKeys, terminalOf } from "../item/index.ts";
import { beaconAttributes, isSearchable, partitionOfItem, withSignedBeacons, withSignedKeys } from "../search/index.ts";
import type { OperationCall } from "./operation-call.ts";
import { type AskedItem, keyOf, requireAnswered } from "./primary-key.ts";
import type { ProtectedTable } from "./protected-tables.ts";
import { requireFresh, withRevision } from "./revision.ts";

/** A map that the SDK gives or takes; the SDK's own types are mutable. */
export type SdkItem = Record<string, AttributeMap[string]>;

/**
 * The `Item` of a request, with its key, of which signed beacons are computed, and without values that the service would refuse, which does not see those that
 * are encrypted.
 *
 * @throws ERR_INVALID_ARGUMENT, ERR_KEY_MISSING, ERR_ATTRIBUTE_NOT_SERIALIZABLE, ERR_NUMBER_INVALID, ERR_LIMIT_EXCEEDED,
 *   ERR_BEACON_VALUE_NOT_SUPPORTED
 */
export function requireItem({ plan }: ProtectedTable, given: AttributeMap | undefined): SdkItem {
  if (typeof given !== "object" || given === null) throw invalidArgument("Item", "a map of attributes");
  const item = isSearchable(plan) ? withSignedKeys(plan, given) : given;
  requireKeys(plan, item);
  for (const [attribute, value] of Object.entries(item)) if (value !== undefined) requireStorable(attribute, value);
  return { ...item };
}

/**
 * The SDK reads a stored attribute called `__proto__` as one without a value, so that the item could never be verified.
 *
 * @throws ERR_INVALID_ARGUMENT
 */
export function requireReadable(attribute: string): void {
  if (attribute === "__proto__")
    throw invalidArgument("an attribute's name", "any but __proto__, whose value the AWS SDK loses when it reads");
}

function requireStorable(attribute: string, value: AttributeMap[string]): void {
  requireReadable(attribute);
  try {
    checkValue(value);
  } catch (error) {
    // What has no form at all is refused for that. An empty set, for instance, has one, but the service stores none.
    terminalOf(attribute, value);
    if (!isDynasealError(error, "ERR_EXPRESSION_INVALID")) throw error;
    throw new DynasealError("ERR_ATTRIBUTE_NOT_SERIALIZABLE", { details: { attribute, reason: error.details.reason } });
  }
}

/**
 * An item with the revision that its schema asks for.
 *
 * @param old the item that the write is guarded on; `undefined` where nothing was read
 */
export function revised({ plan }: ProtectedTable, item: AttributeMap, old: AttributeMap | undefined, call: OperationCall): SdkItem {
  return { ...withRevision({ plan, item, old, clock: call.state.clock }) };
}

/**
 * The stored form of an item that the application writes, with its beacons.
 *
 * @throws whatever `encryptItem` throws, and what `withSignedBeacons` and `beaconAttributes` throw
 * @see specification/dynamodb-encryption-client/ddb-sdk-integration.md "Encrypt before PutItem"
 */
export function toStored(table: ProtectedTable, item: AttributeMap, call: OperationCall): Promise<SdkItem> {
  return call.work.run(() => encrypted(table, item, call));
}

async function encrypted(table: ProtectedTable, item: AttributeMap, call: OperationCall): Promise<SdkItem> {
  const { cryptography, search, plan } = table;
  if (search === undefined || !isSearchable(plan)) return { ...(await encryptItem(cryptography, item, call.keyring)).item };
  const { source, selector } = search;
  const { item: stored, header } = await encryptItem(cryptography, withSignedBeacons(plan, item, source?.fromAttribute), call.keyring);
  // A plaintext row is not searched by beacons, which would tell of values that are stored beside them.
  if (header === undefined || source === undefined) return { ...stored };
  const keys = await source.keys(source.branchKeyIdOfItem(item, header.encryptedDataKeys), call.keyring);
  const partition = await partitionOfItem(plan, item, { selector, randomness: cryptography.randomness });
  return { ...stored, ...beaconAttributes(plan, item, keys, partition) };
}

/**
 * An item as the application will read it: with its signed beacons, and without what is not stored.
 *
 * @throws what `withSignedBeacons` throws
 */
export function plainForm({ plan, search }: ProtectedTable, item: AttributeMap): AttributeMap {
  return isSearchable(plan) ? withSignedBeacons(plan, item, search?.source?.fromAttribute) : item;
}

/** How the service was asked: an eventually consistent read may well answer with an older item. */
export type Consistency = "consistent" | "eventual";

/** As `ConsistentRead` of a request says. */
export function consistencyOf({ ConsistentRead }: { readonly ConsistentRead?: boolean | undefined }): Consistency {
  return ConsistentRead === true ? "consistent" : "eventual";
}

/**
 * An item that the service returned, verified and decrypted, and, read consistently, held against the application's floor.
 * A failure names table and key attributes, and `error.revealKey()` gives the key's values, which no log or printed error
 * holds.
 *
 * @throws whatever `decryptItem` and `requireFresh` throw
 */
export async function readStored(
  table: ProtectedTable,
  row: AttributeMap,
  call: OperationCall,
  consistency: Consistency,
): Promise<RewritableItem> {
  try {
    const read = await call.work.run(() => decryptForRewrite(table.cryptography, row, call.keyring));
    if (consistency === "consistent") await requireFresh({ plan: table.plan, item: read.item, freshness: call.state.freshness });
    return read;
  } catch (error) {
    throw isDynasealError(error) ? namingItem(error, table, row) : error;
  }
}

/**
 * The application's form of an item that a write returned.
 *
 * @throws ERR_ANSWER_MISMATCH, and whatever `decryptItem` throws
 */
export async function fromStored(asked: AskedItem, item: AttributeMap, call: OperationCall): Promise<SdkItem> {
  requireAnswered(asked, item);
  return { ...(await readStored(asked.table, item, call, "eventual")).item };
}

/** Always a new error: the same one may have failed many items, for instance where KMS could not be reached. */
function namingItem(error: DynasealError, table: ProtectedTable, item: AttributeMap): DynasealError {
  const names = keyAttributes(table.plan);
  const { tableName } = table.plan;
  // Errors of the key store name its table, which is not the item's.
  const details = { tableName, ...error.details, keyAttributes: names } as ErrorDetails[typeof error.code];
  const named = new DynasealError(error.code, { details, cause: error.cause ?? error });
  named.message += ` It concerns an item of table "${tableName}" with the key ${names.map((name) => `"${name}"`).join(", ")}; revealKey() of this error gives its values.`;
  const key = keyOf(table.plan, item);
  return Object.defineProperty(named, "revealKey", { value: () => ({ ...key }), enumerable: false });
}
