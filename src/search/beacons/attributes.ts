import { type AttributeMap, type AttributeValue, attributeMap, serializeAttributeValue } from "../../attributes/index.ts";
import { DynasealError } from "../../errors/index.ts";
import { valuesEqual } from "../../expressions/index.ts";
import type { BeaconPlan, StandardBeaconPlan } from "../../schema/index.ts";
import { compoundPieces, hashedCompound, pieceHash, plainCompound } from "./compound-value.ts";
import { beaconHash } from "./hash.ts";
import type { HmacKeys } from "./keys.ts";
import { type SearchableTable, storesBeaconKey } from "./searchable-table.ts";
import { type Found, sourceValue } from "./source-values.ts";

/** @see specification/searchable-encryption/beacons.md "Standard Beacon" */
export const beaconPrefix = "aws_dbe_b_";

/** The attribute that holds a beacon. */
export function beaconAttribute(beacon: BeaconPlan): string {
  return beacon.kind === "compound" && !beacon.encrypted ? beacon.name : beaconPrefix + beacon.name;
}

/**
 * What is stored beside the encrypted item so that it can be found: `aws_dbe_b_<name>` for each standard beacon that is
 * not partOnly and for each compound beacon with an encrypted part. All of them are under one partition.
 *
 * The specification also has `aws_dbe_v_1`; the published library never stores it (every vector of beacons.json).
 *
 * @param item in plain
 * @throws ERR_BEACON_VALUE_NOT_SUPPORTED
 * @see specification/dynamodb-encryption-client/ddb-support.md "GetEncryptedBeacons"
 * @see specification/searchable-encryption/beacons.md "value for a standard beacon", "value for a non-set standard beacon"
 * @see specification/searchable-encryption/beacons.md "value for a set standard beacon"
 */
export function beaconAttributes(table: SearchableTable, item: AttributeMap, keys: HmacKeys, partition = 0): AttributeMap {
  const attributes = attributeMap();
  for (const beacon of table.search.beacons.values()) {
    const value = beacon.kind === "standard" ? standardValue(table, beacon, item, keys, partition) : undefined;
    const text = beacon.kind === "compound" && beacon.encrypted ? compoundPieces(beacon, item) : undefined;
    const pieces = text === undefined ? undefined : foundOrThrow(table, beacon, text);
    if (value !== undefined) attributes[beaconAttribute(beacon)] = value;
    else if (pieces !== undefined && beacon.kind === "compound") {
      attributes[beaconAttribute(beacon)] = { S: hashedCompound(beacon, pieces, (piece) => pieceHash(piece, keys, partition)) };
    }
  }
  return attributes;
}

function standardValue(
  table: SearchableTable,
  beacon: StandardBeaconPlan,
  item: AttributeMap,
  keys: HmacKeys,
  partition: number,
): AttributeValue | undefined {
  if (beacon.partOnly) return undefined;
  const value = foundOrThrow(table, beacon, sourceValue(beacon.source, item));
  if (value === undefined) return undefined;
  const hash = (single: AttributeValue): string => beaconHash(beacon, serializeAttributeValue(single).value, keys, partition);
  if (!beacon.asSet) return { S: hash(value) };
  const members = setMembers(value);
  if (members === undefined) throw unsupported(table, beacon, "its style is asSet, and the value is no set");
  return { SS: [...new Set(members.map(hash))] };
}

/** The members of a set, each as a value of its own. */
export function setMembers(value: AttributeValue): readonly AttributeValue[] | undefined {
  return value.SS?.map((S) => ({ S })) ?? value.NS?.map((N) => ({ N })) ?? value.BS?.map((B) => ({ B }));
}

/**
 * The item with the keys that are signed beacons, where it has what they are made of and not the keys themselves.
 *
 * @throws ERR_BEACON_VALUE_NOT_SUPPORTED
 */
export function withSignedKeys(table: SearchableTable, item: AttributeMap): AttributeMap {
  let result = item;
  for (const key of [table.partitionKey, table.sortKey]) {
    const beacon = key === undefined ? undefined : table.search.beacons.get(key);
    if (beacon?.kind !== "compound" || (Object.hasOwn(item, beacon.name) && item[beacon.name] !== undefined)) continue;
    const pieces = foundOrThrow(table, beacon, compoundPieces(beacon, item));
    if (pieces === undefined) continue;
    result = attributeMap([...Object.entries(result), [beacon.name, { S: plainCompound(beacon, pieces) }]]);
  }
  return result;
}

/**
 * The item as it is to be encrypted: with its signed beacons, and without the attribute that names the beacon key where
 * it is not stored.
 *
 * @param beaconKeyAttribute the attribute that names the beacon key, where there are several tenants
 * @throws ERR_BEACON_NAME_WRITTEN, ERR_SIGNED_BEACON_MISMATCH, ERR_BEACON_VALUE_NOT_SUPPORTED
 * @see specification/dynamodb-encryption-client/ddb-support.md "AddSignedBeacons"
 * @see specification/dynamodb-encryption-client/ddb-support.md "HandleBeaconKeyFieldName"
 */
export function withSignedBeacons(table: SearchableTable, item: AttributeMap, beaconKeyAttribute: string | undefined): AttributeMap {
  const { tableName, search, actions } = table;
  const result = attributeMap(Object.entries(item));
  for (const attribute of [...search.beacons.keys(), ...search.virtualFields.keys()]) {
    if (Object.hasOwn(item, attribute) && !actions.has(attribute)) {
      throw new DynasealError("ERR_BEACON_NAME_WRITTEN", { details: { tableName, attribute } });
    }
  }
  for (const beacon of search.beacons.values()) {
    if (beacon.kind !== "compound" || beacon.encrypted) continue;
    const pieces = foundOrThrow(table, beacon, compoundPieces(beacon, item));
    if (pieces === undefined) continue;
    const value = { S: plainCompound(beacon, pieces) };
    const given = result[beacon.name];
    if (given !== undefined && !valuesEqual(given, value)) {
      throw new DynasealError("ERR_SIGNED_BEACON_MISMATCH", { details: { tableName, beacon: beacon.name } });
    }
    result[beacon.name] = value;
  }
  if (beaconKeyAttribute !== undefined && !storesBeaconKey(table, beaconKeyAttribute)) delete result[beaconKeyAttribute];
  return result;
}

function foundOrThrow<Value>(table: SearchableTable, beacon: BeaconPlan, found: Found<Value>): Value | undefined {
  if ("unsupported" in found) throw unsupported(table, beacon, found.unsupported);
  return found.value;
}

function unsupported({ tableName }: SearchableTable, { name }: BeaconPlan, reason: string): DynasealError {
  return new DynasealError("ERR_BEACON_VALUE_NOT_SUPPORTED", { details: { tableName, beacon: name, reason } });
}
