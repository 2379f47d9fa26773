import type { AttributeMap } from "../../attributes/index.ts";
import type { Randomness } from "../../crypto/index.ts";
import { DynasealError, invalidArgument } from "../../errors/index.ts";
import { type BeaconKeyMaterials, type BranchKeyCaching, type BranchKeyStore, cachedBranchKeys } from "../../keystore/index.ts";
import type { KeyringCall } from "../../materials/index.ts";
import { BeaconKeys } from "./keys.ts";
import type { SearchableTable } from "./searchable-table.ts";

/** Where beacon keys come from. */
export interface BeaconKeyOptions extends BranchKeyCaching {
  readonly keyStore: BranchKeyStore;
  /** One beacon key for all items: that of this branch key. */
  readonly branchKeyId?: string | undefined;
  /** Several tenants: the attribute whose text is the identifier of the branch key. The schema's `beaconKey.from` may say it instead. */
  readonly fromAttribute?: string | undefined;
}

/** The beacon keys of one table. */
export interface BeaconKeySource {
  /** The attribute that names the beacon key; `undefined` where there is one key for all. */
  readonly fromAttribute: string | undefined;
  /**
   * The keys for a request. They are wiped some time after the call is done (`whenDone`), and never where it has no end.
   *
   * @param branchKeyId what `PreparedSearch.branchKeyId` or `branchKeyIdOfItem` says; ignored where there is one for all
   * @throws what the key store throws
   */
  keys(branchKeyId: string | undefined, call: KeyringCall): Promise<BeaconKeys>;
  /**
   * Whose beacon key an item is written under: the branch key in its header, with which the item's attribute has to agree.
   * The Java library does not compare them (vector "beacon key named by an attribute").
   *
   * @param item in plain
   * @param dataKeys of the item's header
   * @throws ERR_BEACON_KEY_NOT_HIERARCHICAL, ERR_BEACON_KEY_MISMATCH
   * @see specification/searchable-encryption/search-config.md "Get beacon key after encrypt"
   */
  branchKeyIdOfItem(item: AttributeMap, dataKeys: readonly { readonly branchKeyId?: string }[]): string;
}

/**
 * The sources of all tables of one client, with one cache.
 *
 * @throws ERR_INVALID_ARGUMENT; for a table ERR_BEACON_KEYS_NOT_CONFIGURED and ERR_INVALID_ARGUMENT
 * @see specification/searchable-encryption/search-config.md "Beacon Key Source"
 * @see specification/searchable-encryption/search-config.md "Single Key Store Initialization", "Multi Key Store Initialization"
 * @see specification/searchable-encryption/search-config.md "Keystore", "Partition ID", "Beacon Keys"
 * @see specification/searchable-encryption/search-config.md "Get beacon key id from Parsed Header", "Get Beacon Key Materials"
 */
export function beaconKeySources(options: BeaconKeyOptions, randomness: Randomness): (table: SearchableTable) => BeaconKeySource {
  const { keyStore, branchKeyId, fromAttribute, ...caching } = options;
  if (branchKeyId !== undefined && fromAttribute !== undefined)
    throw invalidArgument("beaconKeys", "branchKeyId or fromAttribute, not both");
  if (branchKeyId === "") throw invalidArgument("beaconKeys.branchKeyId", "a non-empty text");
  const cached = cachedBranchKeys(keyStore, caching, randomness);
  const derived = new WeakMap<BeaconKeyMaterials, BeaconKeys>();
  const keysUnder = async (id: string, call: KeyringCall): Promise<BeaconKeys> => {
    const lease = await cached.beaconKey(id, call);
    call.whenDone?.(() => lease.release());
    const { material } = lease;
    const keys = derived.get(material) ?? new BeaconKeys(material.beaconKey);
    derived.set(material, keys);
    return keys;
  };
  return (table) => {
    const from = attributeOf(table, options);
    const single = from === undefined ? (branchKeyId ?? notConfigured(table)) : undefined;
    return Object.freeze<BeaconKeySource>({
      fromAttribute: from,
      keys: (asked, call) => keysUnder(single ?? asked ?? notConfigured(table), call),
      branchKeyIdOfItem: (item, dataKeys) => single ?? idOfItem(table, from ?? "", item, dataKeys),
    });
  };
}

function attributeOf({ search, actions }: SearchableTable, { branchKeyId, fromAttribute }: BeaconKeyOptions): string | undefined {
  const { beaconKeyFrom } = search;
  const differs = fromAttribute !== undefined && fromAttribute !== beaconKeyFrom;
  if (beaconKeyFrom !== undefined && (branchKeyId !== undefined || differs)) {
    throw invalidArgument("beaconKeys", `without branchKeyId and fromAttribute: the schema's beaconKey.from names "${beaconKeyFrom}"`);
  }
  const from = beaconKeyFrom ?? fromAttribute;
  if (from === undefined) return undefined;
  if (actions.get(from) === "ENCRYPT_AND_SIGN" || search.beacons.has(from) || search.virtualFields.has(from)) {
    throw invalidArgument("beaconKeys.fromAttribute", "an attribute that stays readable, no beacon and no virtual field");
  }
  return from;
}

function idOfItem(
  { tableName }: SearchableTable,
  attribute: string,
  item: AttributeMap,
  dataKeys: readonly { readonly branchKeyId?: string }[],
): string {
  const [dataKey, ...more] = dataKeys;
  const branchKeyId = more.length > 0 ? undefined : dataKey?.branchKeyId;
  if (branchKeyId === undefined) {
    throw new DynasealError("ERR_BEACON_KEY_NOT_HIERARCHICAL", { details: { tableName, dataKeys: dataKeys.length } });
  }
  const value = Object.hasOwn(item, attribute) ? item[attribute] : undefined;
  if (value !== undefined && value.S !== branchKeyId) {
    throw new DynasealError("ERR_BEACON_KEY_MISMATCH", { details: { tableName, attribute, branchKeyId } });
  }
  return branchKeyId;
}

function notConfigured({ tableName }: SearchableTable): never {
  const reason = "beaconKeys says neither branchKeyId nor fromAttribute";
  throw new DynasealError("ERR_BEACON_KEYS_NOT_CONFIGURED", { details: { tableName, reason } });
}
