import type { AttributeMap } from "../attributes/index.ts";
import type { EncryptionContext } from "../materials/index.ts";
import { isReplication, isSigned, type TablePlan, tablePlan } from "../schema/index.ts";
import { CanonicalPaths, compareCanonicalPaths, headerName, parseHeader, type SignedAction } from "../structure/index.ts";
import { reservedPrefix } from "./item-cryptography.ts";
import { byName, type HeaderDataKey, headerDataKey } from "./item-header.ts";
import { binaryOf, refuseDdbecItem, requireItem } from "./other-formats.ts";

/** What a header says without any key; nothing of it is authenticated. */
export interface ItemDescription {
  readonly formatVersion: 1 | 2;
  readonly algorithmSuiteId: "0x6700" | "0x6701";
  /** One action for each signed attribute, in the order of canonical paths: by length of the name, then by its bytes. */
  readonly actions: readonly SignedAction[];
  /**
   * The same by the attributes' names, which the header does not hold. `undefined` for a bare header, and where the item
   * has further, unsigned attributes that only its schema could tell apart. Has no prototype.
   */
  readonly legend: Readonly<Record<string, SignedAction>> | undefined;
  /** The part of the encryption context that the header stores; also called `storedEncryptionContext`. */
  readonly encryptionContext: EncryptionContext;
  readonly storedEncryptionContext: EncryptionContext;
  readonly encryptedDataKeys: readonly HeaderDataKey[];
}

export interface DescribeItemOptions {
  /** The table's schema: says which attributes are unsigned, so that `legend` can name the others. */
  readonly schema?: unknown;
}

/**
 * The header of a stored item, or a bare header, read without any key and therefore **not authenticated**: for finding
 * out which keys an item is under, and what is encrypted in it.
 *
 * @example
 * ```ts
 * import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
 * import { describeItem } from "dynaseal";
 *
 * const { Item = {} } = await new DynamoDBClient({}).send(new GetItemCommand({ TableName: "customers-prod-7", Key: { customerId: { S: "c1" } } }));
 * for (const dataKey of describeItem(Item).encryptedDataKeys) console.log(dataKey);
 * ```
 *
 * @param itemOrHeader an item with its header, or the bytes of `aws_dbe_head`
 * @throws ERR_HEADER_MALFORMED, ERR_ITEM_DDBEC, ERR_ITEM_IS_JSON, ERR_INVALID_ARGUMENT, ERR_SCHEMA_INVALID
 * @see specification/dynamodb-encryption-client/ddb-get-encrypted-data-key-description.md
 * @see specification/dynamodb-encryption-client/ddb-get-encrypted-data-key-description.md "Input", "Output", "Behavior"
 */
export function describeItem(itemOrHeader: AttributeMap | Uint8Array, options: DescribeItemOptions = {}): ItemDescription {
  const plan = options.schema === undefined ? undefined : tablePlan(options.schema, { acknowledgePlaintext: true });
  const header = parseHeader(headerBytes(itemOrHeader));
  const { formatVersion, algorithmSuite, legend, encryptionContext, encryptedDataKeys } = header;
  return {
    formatVersion,
    algorithmSuiteId: algorithmSuite.id,
    actions: legend,
    legend: itemOrHeader instanceof Uint8Array ? undefined : legendByName(itemOrHeader, legend, plan),
    encryptionContext,
    storedEncryptionContext: encryptionContext,
    encryptedDataKeys: encryptedDataKeys.map(headerDataKey),
  };
}

/** A copy, so that the description keeps what was described. */
function headerBytes(itemOrHeader: AttributeMap | Uint8Array): Uint8Array {
  if (itemOrHeader instanceof Uint8Array) return Uint8Array.from(itemOrHeader);
  requireItem(itemOrHeader);
  if (!Object.hasOwn(itemOrHeader, headerName)) refuseDdbecItem(itemOrHeader);
  return Uint8Array.from(binaryOf(itemOrHeader, headerName, "ERR_HEADER_MALFORMED"));
}

/** All paths of a table share what stands in front of the name, so that any table's are in the same order. */
function legendByName(item: AttributeMap, actions: readonly SignedAction[], plan: TablePlan | undefined): ItemDescription["legend"] {
  const signed = Object.entries(item).filter(([name, value]) => {
    if (name.startsWith(reservedPrefix) || value === undefined) return false;
    return plan === undefined ? !isReplication(name, value) : isSigned(plan, name, value);
  });
  if (signed.length !== actions.length) return undefined;
  const paths = new CanonicalPaths("");
  const names = signed.map(([name]) => ({ name, path: paths.of(name) })).sort((a, b) => compareCanonicalPaths(a.path, b.path));
  return byName(names.map(({ name }, index) => [name, actions[index] ?? "SIGN_ONLY"]));
}
