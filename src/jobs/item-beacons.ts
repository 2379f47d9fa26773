import { type AttributeMap, attributeMap } from "../attributes/index.ts";
import { valuesEqual } from "../expressions/index.ts";
import { describeItem, keyAttributes } from "../item/index.ts";
import { beaconAttributes, beaconPrefix, isSearchable, partitionOfItem, type SearchableTable, withSignedBeacons } from "../search/index.ts";
import type { OperationCall, ProtectedTable } from "../tables/index.ts";

/** An item as it is stored, and in plain. */
interface StoredItem {
  readonly row: AttributeMap;
  readonly item: AttributeMap;
}

/**
 * Whether an item has exactly the beacons that its table's schema would write: no other, none missing, each under the key
 * of now. Where the partition is random, any one of the schema's will do, as long as all beacons are under the same.
 *
 * @throws what `withSignedBeacons`, `beaconAttributes` and the key store throw
 */
export async function hasItsBeacons(table: ProtectedTable, stored: StoredItem, call: OperationCall): Promise<boolean> {
  const { plan, search, cryptography } = table;
  const found = attributeMap(Object.entries(stored.row).filter(([name]) => name.startsWith(beaconPrefix)));
  if (!isSearchable(plan) || search === undefined) return Object.keys(found).length === 0;
  const { source, selector } = search;
  const item = withSignedBeacons(plan, withoutSignedBeacons(plan, stored.item), source?.fromAttribute);
  for (const name of signedBeacons(plan)) if (!isSame(stored.item, item, name)) return false;
  if (source === undefined) return Object.keys(found).length === 0;
  const keys = await source.keys(source.branchKeyIdOfItem(stored.item, describeItem(stored.row).encryptedDataKeys), call.keyring);
  const chosen = selector && (await partitionOfItem(plan, stored.item, { selector, randomness: cryptography.randomness }));
  const partitions = chosen === undefined ? [...Array(plan.search.partitions).keys()] : [chosen];
  return partitions.some((partition) => areSame(found, beaconAttributes(plan, stored.item, keys, partition)));
}

/** Those that are attributes of the item, signed with it, and not its key. */
function signedBeacons(plan: SearchableTable): readonly string[] {
  const keys = keyAttributes(plan);
  return [...plan.search.beacons.values()].flatMap((beacon) =>
    beacon.kind === "compound" && !beacon.encrypted && !keys.includes(beacon.name) ? [beacon.name] : [],
  );
}

function withoutSignedBeacons(plan: SearchableTable, item: AttributeMap): AttributeMap {
  const made = new Set(signedBeacons(plan));
  return attributeMap(Object.entries(item).filter(([name]) => !made.has(name)));
}

function areSame(one: AttributeMap, other: AttributeMap): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => isSame(one, other, name));
}

function isSame(one: AttributeMap, other: AttributeMap, name: string): boolean {
  const [first, second] = [one, other].map((item) => (Object.hasOwn(item, name) ? item[name] : undefined));
  return first === undefined || second === undefined ? first === second : valuesEqual(first, second);
}
